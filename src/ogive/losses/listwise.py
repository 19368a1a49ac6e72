"""Losses of ranking whole lists, of the scores of items against their relevance."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import softmax
from ogive.activations.sigmoids import sigmoid
from ogive.loss import loss
from ogive.losses.pairs import lowered
from ogive.losses.probabilistic import cross_entropy
from ogive.losses.residuals import exact_error
from ogive.parameter import Parameter
from ogive.special import two_product
from ogive.term import Input

inf = math.inf

_of_scores = cross_entropy.forms["logits"]
_SCORES = Input("prediction", "scores of the items of a list, along `axis`", differentiated=True)
_RELEVANCE = Input("target", "how relevant each item is, 0 or more", low=0.0)
_CAO = "Z. Cao, T. Qin, T.-Y. Liu, M.-F. Tsai, H. Li, Learning to rank: from pairwise approach to listwise approach, ICML 2007"


def _ranking_softmax_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any, ...]:
    relevance, down = lowered(target, xp)
    (slopes,) = _of_scores.pull(prediction, relevance, cotangent=cotangent, xp=xp)
    return (slopes / down,)


@loss(
    formula="sum(t * (log(sum(exp(v) for v in prediction)) - s) for s, t in zip(prediction, target))",
    signature="(n),(n)->()",
    vjp=_ranking_softmax_vjp,
    inputs=(_SCORES, _RELEVANCE),
    convex=True,
    robust=True,
    aliases=("ranking softmax loss", "listwise softmax"),
    references=(_CAO, "S. Bruch et al., An analysis of the softmax cost function for learning to rank, ICTIR 2019"),
)
def ranking_softmax(prediction: Any, target: Any, xp: Any) -> Any:
    """Cross-entropy of the softmax of the scores against the relevance as it is, which need not sum to 1.

    Lists of different lengths are filled up with scores of -inf and the relevance 0.

    Examples
    --------
    >>> ogive.ranking_softmax([1.0, 0.0, -np.inf], [2.0, 0.0, 0.0]).round(12)
    np.float64(0.626523375036)
    """
    return _of_scores.value(prediction, target, xp)


def _listnet_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any, ...]:
    return _of_scores.pull(prediction, softmax.definition(target, xp), cotangent=cotangent, xp=xp)


@loss(
    formula="sum(exp(t) * (log(sum(exp(v) for v in prediction)) - s) for s, t in zip(prediction, target)) / sum(exp(t) for t in target)",
    signature="(n),(n)->()",
    vjp=_listnet_vjp,
    inputs=(_SCORES, Input("target", "scores of the true ranking, in the same shape")),
    convex=True,
    robust=True,
    aliases=("listnet loss",),
    references=(_CAO,),
)
def listnet(prediction: Any, target: Any, xp: Any) -> Any:
    """Cross-entropy of which item is first: the softmax of the scores against the softmax of the true ones.

    Examples
    --------
    >>> ogive.listnet([1.0, 0.0], [1.0, 0.0]).round(12)
    np.float64(0.582203108888)
    """
    return _of_scores.value(prediction, softmax.definition(target, xp), xp)


def _precedes(target: Any, xp: Any) -> Any:
    """Whether item k (last axis) is to stand before item i (the one before): it is more relevant, or as relevant and earlier."""
    place = xp.cumsum(xp.ones_like(target), axis=-1)
    mine, others = target[..., :, None], target[..., None, :]
    return (others > mine) | ((others == mine) & (place[..., None, :] < place[..., :, None]))


def _candidates(prediction: Any, target: Any, xp: Any) -> tuple[Any, Any]:
    """For each item the scores of those from which it is to be drawn, itself and what follows it, -∞ elsewhere; and which is it.

    A relevance that is NaN has no place in an order: all of the list becomes NaN.
    """
    ordered = xp.where(target == target, 0.0, target)
    scores = prediction[..., None, :] + 0 * xp.where(xp.isfinite(prediction), prediction, 0.0)[..., :, None] + ordered[..., :, None]
    return xp.where(_precedes(target, xp), -inf, scores), xp.eye(prediction.shape[-1], dtype=prediction.dtype)


def _listmle_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    scores, own = _candidates(prediction, target, xp)
    (slopes,) = _of_scores.pull(scores, own, cotangent=xp.ones_like(prediction), xp=xp)
    return (cotangent[..., None] * xp.sum(slopes, axis=-2),)


def _listmle_reference(functions: Any, prediction: Any, target: Any) -> Any:
    order = sorted(range(len(target)), key=lambda i: target[i], reverse=True)
    total = 0
    for place, i in enumerate(order):
        total = total + functions.log(sum(functions.exp(prediction[k]) for k in order[place:])) - prediction[i]
    return total


@loss(
    reference=_listmle_reference,
    signature="(n),(n)->()",
    vjp=_listmle_vjp,
    inputs=(_SCORES, Input("target", "how relevant each item is, in the same shape: its order alone counts")),
    convex=True,
    robust=True,
    aliases=("listmle loss", "list mle", "plackett luce"),
    references=("F. Xia, T.-Y. Liu, J. Wang, W. Zhang, H. Li, Listwise approach to learning to rank: theory and algorithm, ICML 2008",),
)
def listmle(prediction: Any, target: Any, xp: Any) -> Any:
    """Minus the log-likelihood of the true order, drawn item by item from those left, with the softmax of their scores (Plackett–Luce).

    Of items of equal relevance the first is to come first. A list of n items takes n² numbers.

    Examples
    --------
    >>> ogive.listmle([1.0, 0.0], [3.0, 2.0]).round(12)
    np.float64(0.313261687518)
    """
    scores, own = _candidates(prediction, target, xp)
    return xp.sum(_of_scores.value(scores, own, xp), axis=-1)


def _chances_ahead(prediction: Any, temperature: Any, xp: Any) -> tuple[Any, Any]:
    """σ((s_k - s_i) / T) for k along the last axis, and what it lacks to 1: with what difference and quotient round off."""
    warmth = temperature[..., None, None] + 0 * prediction[..., None]
    error, lost = exact_error(prediction[..., None, :], prediction[..., :, None], xp)
    ratio = error / warmth
    high, low = two_product(ratio, warmth)
    lost = ((error - high) - low + lost) / warmth
    lost = xp.where(abs(lost) < 1, lost, 0.0)  # where the product is beyond the largest number there is none
    one, other = sigmoid.definition(ratio, xp), sigmoid.definition(-ratio, xp)
    return one * (1 + lost * other), other * (1 - lost * one)


def _ndcg_parts(prediction: Any, target: Any, temperature: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """For each item its share of the ideal gain, its rank in the true order, by how much the approximate one exceeds that, and
    the slopes of σ((s_k - s_i) / T), for k along the last axis.
    """
    before = _precedes(target, xp)
    ahead, behind = _chances_ahead(prediction, temperature, xp)
    one = xp.ones_like(ahead)
    itself = xp.eye(prediction.shape[-1], dtype=prediction.dtype) == 1
    moved = xp.where(before, -behind, xp.where(itself, 0.0, ahead))
    rank = 1 + xp.sum(xp.where(before, one, 0.0), axis=-1)
    top, high = xp.round(xp.amax(target, axis=-1, keepdims=True)), target > 100  # gains over 2^top, for the largest may be no numbers
    gain = xp.where(high, 2 ** (target - top), xp.expm1(math.log(2) * xp.where(high, 0.0, target)) * 2**-top)
    most = xp.sum(gain / xp.log1p(rank), axis=-1, keepdims=True)
    return gain / xp.where(most == 0, 1.0, most), rank, xp.sum(moved, axis=-1), xp.where(itself, 0.0, ahead * behind)


def _approx_ndcg_vjp(prediction: Any, target: Any, temperature: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    share, rank, excess, steep = _ndcg_parts(prediction, target, temperature, xp)
    found = xp.log1p(rank + excess)
    by_rank = share / (found * found * (1 + rank + excess))
    slopes = (by_rank / temperature[..., None])[..., :, None] * steep
    return (cotangent[..., None] * (xp.sum(slopes, axis=-2) - xp.sum(slopes, axis=-1)),)


def _approx_ndcg_reference(functions: Any, prediction: Any, target: Any, temperature: Any) -> Any:
    gains = [functions.number(2) ** t - 1 for t in target]
    order = sorted(range(len(target)), key=lambda i: target[i], reverse=True)
    ideal = sum(gains[i] / functions.log(2 + place) for place, i in enumerate(order))
    found = 0
    for i, s in enumerate(prediction):
        rank = 1 + sum(1 / (1 + functions.exp((s - other) / temperature)) for k, other in enumerate(prediction) if k != i)
        found = found + gains[i] / functions.log(1 + rank)
    return 1 - found / ideal


@loss(
    reference=_approx_ndcg_reference,
    signature="(n),(n)->()",
    vjp=_approx_ndcg_vjp,
    inputs=(_SCORES, _RELEVANCE),
    parameters=(Parameter("temperature", "how smooth a rank is; towards 0 it is the true one", default=0.1, low=1e-30),),
    convex=False,
    robust=True,
    aliases=("approx ndcg loss", "approximate ndcg", "smooth ndcg"),
    references=(
        "T. Qin, T.-Y. Liu, H. Li, A general approximation framework for direct optimization of information retrieval measures,"
        " Information Retrieval 13, 2010",
        "S. Bruch et al., Revisiting approximate metric optimization in the age of deep neural networks, SIGIR 2019",
    ),
)
def approx_ndcg(prediction: Any, target: Any, temperature: Any, xp: Any) -> Any:
    """One minus the normalised discounted cumulative gain, with ranks made smooth: each item ahead counts by the logistic function.

    The gain of an item is 2^relevance - 1, its discount 1 / log2(1 + rank). A list without gain costs 0; one of n items takes n² numbers.

    Examples
    --------
    >>> ogive.approx_ndcg([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]).round(5)
    np.float64(3e-05)
    """
    share, rank, excess, _ = _ndcg_parts(prediction, target, temperature, xp)
    fall = xp.log1p(excess / (1 + rank)) / (xp.log1p(rank) * xp.log1p(rank + excess))  # of the discount, 1 / log(1 + rank)
    return xp.sum(share * fall, axis=-1)
