"""Losses of metric learning: which examples lie near each other."""

from __future__ import annotations

from typing import Any

from ogive.activations.axiswise import log_softmax, softmax_parts
from ogive.loss import loss
from ogive.parameter import Parameter
from ogive.term import Input


def _direction(a: Any, b: Any, xp: Any) -> tuple[Any, Any]:
    """The Euclidean distance of a from b along the last axis, and the unit vector from b to a, 0 where they agree.

    Differences are scaled by the largest of them, so that no square overflows.
    """
    difference = a - b
    largest = xp.amax(abs(difference), axis=-1, keepdims=True)
    scale = xp.where(largest == 0, 1.0, largest)
    scaled = difference / scale
    length = xp.sqrt(xp.sum(scaled * scaled, axis=-1, keepdims=True))
    return (scale * length)[..., 0], scaled / xp.where(length == 0, 1.0, length)


def _triplet_vjp(anchor: Any, positive: Any, negative: Any, margin: Any, cotangent: Any, xp: Any) -> tuple[Any, Any, Any]:
    near, towards = _direction(anchor, positive, xp)
    far, away = _direction(anchor, negative, xp)
    active = xp.where(near - far + margin > 0, cotangent, 0.0)[..., None]
    return active * (towards - away), -active * towards, active * away


def _embedding(name: str, about: str) -> Input:
    return Input(name, f"embeddings of {about}, along `axis`", differentiated=True)


@loss(
    formula="max(0, sqrt(sum((a - p)**2 for a, p in zip(anchor, positive)))"
    " - sqrt(sum((a - n)**2 for a, n in zip(anchor, negative))) + margin)",
    signature="(d),(d),(d)->()",
    vjp=_triplet_vjp,
    inputs=(_embedding("anchor", "examples"), _embedding("positive", "others of their class"), _embedding("negative", "some of another")),
    parameters=(Parameter("margin", "how much farther than the positive the negative is to lie", default=1.0, low=0.0),),
    convex=False,
    robust=True,
    aliases=("triplet", "triplet loss", "triplet margin loss"),
    native={"torch": "nn.functional.triplet_margin_loss"},
    references=("V. Balntas et al., Learning local feature descriptors with triplets and shallow CNNs, BMVC 2016, equation 2",),
)
def triplet_margin(anchor: Any, positive: Any, negative: Any, margin: Any, xp: Any) -> Any:
    """What is missing for the negative to lie farther from the anchor than the positive by a margin; Euclidean distances, nothing added.

    The gradient is a triple; where two embeddings agree their distance has the gradient 0.

    Examples
    --------
    >>> ogive.triplet_margin([0.0, 0.0], [3.0, 4.0], [0.0, 5.5])
    np.float64(0.5)
    """
    near, _ = _direction(anchor, positive, xp)
    far, _ = _direction(anchor, negative, xp)
    gap = near - far + margin
    return xp.where(gap <= 0, 0.0, gap)


def _scores(queries: Any, keys: Any, temperature: Any, xp: Any) -> Any:
    return xp.matmul(queries, xp.swapaxes(keys, -1, -2)) / temperature[..., None, None]


def _info_nce_vjp(queries: Any, keys: Any, temperature: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    _, top, exponential, others = softmax_parts(_scores(queries, keys, temperature, xp), xp)
    total = 1 + others
    rest = xp.where(top, others, total - exponential)
    own = xp.eye(queries.shape[-2], dtype=exponential.dtype)
    counted = cotangent[..., None] != 0
    by_scores = cotangent[..., None] * ((1 - own) * exponential - own * rest) / (total * temperature[..., None, None])
    by_scores, asking = xp.where(counted, by_scores, 0.0), xp.where(counted, queries, 0.0)  # what does not count may hold anything
    return xp.matmul(by_scores, keys), xp.matmul(xp.swapaxes(by_scores, -1, -2), asking)


@loss(
    formula="log(sum(exp(sum(a * b for a, b in zip(queries[i], key)) / temperature) for key in keys))"
    " - sum(a * b for a, b in zip(queries[i], keys[i])) / temperature",
    signature="(n,d),(n,d)->(n)",
    vjp=_info_nce_vjp,
    inputs=(
        Input("queries", "embeddings of shape (…, n, d); scale them to length 1 where cosines are meant", differentiated=True),
        Input("keys", "embeddings of the same shape; key i belongs to query i, the others are its negatives", differentiated=True),
    ),
    parameters=(Parameter("temperature", "what the scores are divided by", default=0.1, low=1e-30),),
    convex=True,
    robust=True,
    aliases=("infonce", "contrastive loss of pairs", "n pair loss"),
    references=(
        "A. van den Oord, Y. Li, O. Vinyals, Representation learning with contrastive predictive coding, 2018, eq. 4, arXiv:1807.03748",
    ),
)
def info_nce(queries: Any, keys: Any, temperature: Any, xp: Any) -> Any:
    """Cross-entropy of finding each query's own key among all keys of the batch, from their inner products over the temperature.

    The terms are one for each query; the gradient is a pair, by the queries and by the keys. A query that does not count leaves its
    key among the negatives of the others: drop the pair to be rid of both.

    Examples
    --------
    >>> ogive.info_nce([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], temperature=1.0).round(12)
    np.float64(0.313261687518)
    """
    scores = log_softmax.definition(_scores(queries, keys, temperature, xp), xp)
    return -xp.sum(scores * xp.eye(queries.shape[-2], dtype=scores.dtype), axis=-1)
