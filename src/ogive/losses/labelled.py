"""Losses of metric learning over batches of labelled examples, from the cosines of all pairs.

A row that does not count costs nothing itself, and is still there for the others to be compared with; to be rid of it, leave it out of
the arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ogive.activations.axiswise import logsumexp, softmax
from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import loss
from ogive.losses.probabilistic import cross_entropy
from ogive.losses.sweeps import LABELLED
from ogive.losses.vectors import cosines, log_sum, products, unit
from ogive.parameter import Parameter
from ogive.term import Definition, Input

inf = math.inf

_of_scores = cross_entropy.forms["logits"]
_INPUTS = (
    Input("embeddings", "array of shape (…, n, d); their lengths do not matter", differentiated=True),
    Input("labels", "integers of shape (…, n), equal for examples of one class", role="labels"),
)

Pairs = Callable[..., tuple[Any, Any]]
"""From the cosines, of which pairs are of one class and which of two, parameters and xp: a number a row, and its slope by the cosines."""


def _compared(embeddings: Any, labels: Any, xp: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The cosines, the pairs of one class (none with itself) and of two, and the unit vectors with their way back."""
    directions, pull = unit(embeddings, xp)
    found = products(directions, directions, xp)
    equal = labels[..., :, None] == labels[..., None, :]
    itself = xp.eye(found.shape[-1], dtype=found.dtype) == 1
    return found, equal & ~itself, ~equal, directions, pull


def _value(pairs: Pairs, embeddings: Any, labels: Any, *rest: Any) -> Any:
    found, same, other, _, _ = _compared(embeddings, labels, rest[-1])
    return pairs(found, same, other, *rest)[0]


def _vjp(pairs: Pairs) -> Definition:
    def vjp(embeddings: Any, labels: Any, *rest: Any) -> tuple[Any]:
        *parameters, cotangent, xp = rest
        found, same, other, directions, pull = _compared(embeddings, labels, xp)
        counted = cotangent[..., None] != 0
        slopes = xp.where(counted, cotangent[..., None] * pairs(found, same, other, *parameters, xp)[1], 0.0)
        return (pull(xp.matmul(slopes + xp.swapaxes(slopes, -1, -2), directions)),)

    return vjp


def _cross_entropy(scores: Any, shares: Any, xp: Any) -> tuple[Any, Any]:
    value = _of_scores.value(scores, shares, xp)
    return value, _of_scores.pull(scores, shares, cotangent=xp.ones_like(value), xp=xp)[0]


def _partition(labels: Any, row: Any, i: int) -> tuple[list[Any], list[Any]]:
    """The numbers of a row that belong to examples of the class of i, and the others; for the references."""
    same = [v for k, v in enumerate(row) if labels[k] == labels[i] and k != i]
    return same, [v for k, v in enumerate(row) if labels[k] != labels[i]]


def _supcon_pairs(found: Any, same: Any, other: Any, temperature: Any, xp: Any) -> tuple[Any, Any]:
    one = xp.ones_like(found)
    count = xp.sum(xp.where(same, one, 0.0), axis=-1, keepdims=True)
    shares = xp.where(same, one, 0.0) / xp.where(count == 0, 1.0, count)
    temperature = temperature[..., None, None]
    scores = xp.where(count == 0, 0.0, xp.where(same | other, found / temperature, -inf))
    value, slope = _cross_entropy(scores, shares, xp)
    return value, slope / temperature


def _supcon_reference(functions: Any, embeddings: Any, labels: Any, temperature: Any, i: int) -> Any:
    same, other = _partition(labels, [v / temperature for v in cosines(functions, embeddings)[i]], i)
    return log_sum(functions, same + other) - sum(same) / len(same) if same else 0


@loss(
    reference=_supcon_reference,
    signature="(n,d),(n)->(n)",
    vjp=_vjp(_supcon_pairs),
    inputs=_INPUTS,
    parameters=(Parameter("temperature", "what the cosines are divided by", default=0.1, low=1e-30),),
    sweep=LABELLED,
    convex=False,
    robust=False,
    aliases=("supervised contrastive", "supcon loss", "supervised contrastive loss"),
    references=("P. Khosla et al., Supervised contrastive learning, NeurIPS 2020, equation 2, arXiv:2004.11362",),
)
def supcon(embeddings: Any, labels: Any, temperature: Any, xp: Any) -> Any:
    """Supervised contrastive loss: cross-entropy of finding the others of its class among all other examples of the batch.

    From cosines over the temperature; with two views of each example, as the paper has them, give both with the same label. An example
    without another of its class costs 0, and counts in the mean.

    Examples
    --------
    >>> ogive.supcon([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], [5, 5, 7], temperature=1.0, reduction="none")
    array([0.31326169, 0.31326169, 0.        ])
    """
    return _value(_supcon_pairs, embeddings, labels, temperature, xp)


def _log1p_sum(scores: Any, chosen: Any, xp: Any) -> tuple[Any, Any]:
    """log(1 + Σ e^score) of the chosen, and its slope: the cross-entropy of a score of 0 beside them."""
    nought = 0 * xp.where(chosen, scores, 0.0)[..., :1]
    beside = xp.concatenate([nought, xp.where(chosen, scores, -inf)], axis=-1)
    value, slope = _cross_entropy(beside, xp.concatenate([nought + 1, 0 * xp.where(chosen, scores, 0.0)], axis=-1), xp)
    return value, slope[..., 1:]


def _multi_similarity_pairs(found: Any, same: Any, other: Any, alpha: Any, beta: Any, base: Any, xp: Any) -> tuple[Any, Any]:
    over = found - base[..., None, None]
    near, by_near = _log1p_sum(-alpha[..., None, None] * over, same, xp)
    far, by_far = _log1p_sum(beta[..., None, None] * over, other, xp)
    return near / alpha[..., None] + far / beta[..., None], by_far - by_near


def _multi_similarity_reference(functions: Any, embeddings: Any, labels: Any, alpha: Any, beta: Any, base: Any, i: int) -> Any:
    same, other = _partition(labels, [v - base for v in cosines(functions, embeddings)[i]], i)
    near = functions.log1p(sum(functions.exp(-alpha * v) for v in same)) if same else 0
    far = functions.log1p(sum(functions.exp(beta * v) for v in other)) if other else 0
    return near / alpha + far / beta


@loss(
    reference=_multi_similarity_reference,
    signature="(n,d),(n)->(n)",
    vjp=_vjp(_multi_similarity_pairs),
    inputs=_INPUTS,
    parameters=(
        Parameter("alpha", "how sharply the least similar examples of one class count", default=2.0, low=1e-30),
        Parameter("beta", "how sharply the most similar examples of other classes count", default=50.0, low=1e-30),
        Parameter("base", "the cosine about which both are counted", default=1.0),
    ),
    sweep=LABELLED,
    convex=False,
    robust=False,
    aliases=("multi similarity loss", "ms loss"),
    references=(
        "X. Wang et al., Multi-similarity loss with general pair weighting for deep metric learning, CVPR 2019, eq. 15, arXiv:1904.06627",
    ),
)
def multi_similarity(embeddings: Any, labels: Any, alpha: Any, beta: Any, base: Any, xp: Any) -> Any:
    """Smooth maxima of how unlike an example is to those of its class, and how like to the others, from their cosines.

    All pairs count; which of them to leave out (the paper mines them) is for the one who makes the batch.

    Examples
    --------
    >>> ogive.multi_similarity([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], [5, 5, 7], reduction="none").round(8)
    array([0.34657359, 0.34657359, 0.        ])
    """
    return _value(_multi_similarity_pairs, embeddings, labels, alpha, beta, base, xp)


def _log_sum_exp(scores: Any, chosen: Any, xp: Any) -> tuple[Any, Any]:
    """log Σ e^score of the chosen, and its slope; 0 and 0 where none is."""
    none = xp.amax(xp.where(chosen, xp.ones_like(scores), 0.0), axis=-1, keepdims=True) == 0
    masked = xp.where(none, 0.0, xp.where(chosen, scores, -inf))
    return logsumexp.definition(masked, xp), xp.where(none, 0.0, softmax.definition(masked, xp))


def _circle_pairs(found: Any, same: Any, other: Any, gamma: Any, margin: Any, xp: Any) -> tuple[Any, Any]:
    gamma, margin = gamma[..., None, None], margin[..., None, None]
    near = gamma * ((1 - found) * (1 - found) - margin * margin)
    pushed = other & (found > -margin)
    far = xp.where(pushed, gamma * (found - margin) * (found + margin), 0.0)
    of_near, by_near = _log_sum_exp(near, same, xp)
    of_far, by_far = _log_sum_exp(far, other, xp)
    both = xp.amax(xp.where(same, xp.ones_like(found), 0.0), axis=-1) * xp.amax(xp.where(other, xp.ones_like(found), 0.0), axis=-1)
    total = xp.where(both == 0, -inf, of_near + of_far)
    slope = by_far * xp.where(pushed, 2 * gamma * found, 0.0) - by_near * 2 * gamma * (1 - found)
    return softplus.definition(total, xp), sigmoid.definition(total, xp)[..., None] * slope


def _circle_reference(functions: Any, embeddings: Any, labels: Any, gamma: Any, margin: Any, i: int) -> Any:
    same, other = _partition(labels, cosines(functions, embeddings)[i], i)
    near = sum(functions.exp(-gamma * max(0, 1 + margin - v) * (v - (1 - margin))) for v in same)
    far = sum(functions.exp(gamma * max(0, v + margin) * (v - margin)) for v in other)
    return functions.log1p(near * far) if same and other else 0


@loss(
    reference=_circle_reference,
    signature="(n,d),(n)->(n)",
    vjp=_vjp(_circle_pairs),
    inputs=_INPUTS,
    parameters=(
        Parameter("gamma", "the scale of the cosines", default=80.0, low=0.0),
        Parameter("margin", "how near to 1 and to 0 the cosines are to come; from 0 to 1", default=0.4, low=0.0, high=1.0),
    ),
    sweep=LABELLED,
    convex=False,
    robust=False,
    aliases=("circle loss",),
    references=(
        "Y. Sun et al., Circle loss: a unified perspective of pair similarity optimization, CVPR 2020, equation 6, arXiv:2002.10857",
    ),
)
def circle(embeddings: Any, labels: Any, gamma: Any, margin: Any, xp: Any) -> Any:
    """Circle loss: cosines within a class are drawn to 1 and those between classes to 0, the more the farther they are from it.

    The gradient is that of the value, as in Keras, the weights of the cosines included; where these are held constant, as some do, it
    is another. An example without another of its class, or without one of another class, costs 0.

    Examples
    --------
    >>> ogive.circle([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], [5, 5, 7], gamma=1.0, margin=0.0, reduction="none")
    array([0.69314718, 0.69314718, 0.        ])
    """
    return _value(_circle_pairs, embeddings, labels, gamma, margin, xp)
