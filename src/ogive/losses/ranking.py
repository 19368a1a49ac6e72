"""Losses of ranking by pairs: which of two scores is to be the higher. Differences of scores keep what their rounding leaves off."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import loss
from ogive.losses.classification import binary_cross_entropy
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.special import two_sum
from ogive.term import Definition, Input

_of_logits = binary_cross_entropy.forms["logits"]


def _score(name: str, about: str) -> Input:
    return Input(name, f"scores of {about}", differentiated=True)


_ORDER = Input("target", "1 where the first is to rank higher, 0 where the second is, or a share between", low=0.0, high=1.0, role="binary")
_SCORES = (_score("first", "some items, of any shape"), _score("second", "other items, of the same shape"), _ORDER)


def _difference(first: Any, second: Any, xp: Any) -> tuple[Any, Any]:
    """first - second as it is rounded, and the rest."""
    total, rest = two_sum(first, -second)
    return total, xp.where(xp.isfinite(total), rest, 0.0)


def _both_ways(slope: Definition, first: str = "first", second: str = "second") -> dict[str, Any]:
    """Of a term of the difference of two scores, and its slope by the first."""
    return {"slopes": {first: slope, second: lambda *arguments: -slope(*arguments)}, "of_difference": True}


def _lacking(first: Any, second: Any, margin: Any, xp: Any) -> tuple[Any, Any]:
    """What each of the two lacks to exceed the other by the margin."""
    total, rest = _difference(first, second, xp)
    by_first, by_second = (margin - total) - rest, (margin + total) + rest
    return xp.where(by_first <= 0, 0.0, by_first), xp.where(by_second <= 0, 0.0, by_second)


def _margin_slope(first: Any, second: Any, target: Any, margin: Any, xp: Any) -> Any:
    by_first, by_second = _lacking(first, second, margin, xp)
    slope = xp.where(by_second > 0, 1 - target, 0.0) - xp.where(by_first > 0, target, 0.0)
    return xp.where(by_first == by_first, slope, by_first)


@loss(
    formula="target * max(0, margin - (first - second)) + (1 - target) * max(0, margin + (first - second))",
    signature="(),(),()->()",
    **_both_ways(_margin_slope),
    inputs=_SCORES,
    parameters=(Parameter("margin", "by how much the higher is to exceed the other", default=0.0, low=0.0),),
    convex=True,
    robust=True,
    aliases=("margin ranking loss", "pairwise hinge", "pairwise hinge loss"),
    native={"torch": "nn.functional.margin_ranking_loss"},
    references=("R. Herbrich, T. Graepel, K. Obermayer, Support vector learning for ordinal regression, ICANN 1999",),
)
def margin_ranking(first: Any, second: Any, target: Any, margin: Any, xp: Any) -> Any:
    """What the score that is to be higher lacks to exceed the other by a margin.

    The gradient is a pair. Where the margin is just met, the slope is 0.

    Examples
    --------
    >>> ogive.margin_ranking([3.0, 3.0], [2.5, 2.5], [1, 0], margin=1.0, reduction="none")
    array([0.5, 1.5])
    """
    by_first, by_second = _lacking(first, second, margin, xp)
    return product(target, by_first, xp) + product(1 - target, by_second, xp)


def _ranknet_slope(first: Any, second: Any, target: Any, xp: Any) -> Any:
    total, rest = _difference(first, second, xp)
    return _of_logits.slopes["prediction"](total, target, xp) + sigmoid.slope_definition(total, xp) * rest


def _ranknet_hessian(first: Any, second: Any, target: Any, xp: Any) -> Any:
    total, rest = _difference(first, second, xp)
    return sigmoid.slope_definition(total, xp) * (1 - xp.tanh(total / 2) * rest) + 0 * target


@loss(
    formula="target * (max(0, second - first) + log1p(exp(-abs(first - second))))"
    " + (1 - target) * (max(first - second, 0) + log1p(exp(-abs(first - second))))",
    signature="(),(),()->()",
    **_both_ways(_ranknet_slope),
    hessian=_ranknet_hessian,
    inputs=_SCORES,
    convex=True,
    robust=True,
    aliases=("pairwise logistic", "pairwise logistic loss", "ranknet loss", "rank:pairwise"),
    references=("C. Burges et al., Learning to rank using gradient descent, ICML 2005, section 3",),
)
def ranknet(first: Any, second: Any, target: Any, xp: Any) -> Any:
    """Binary cross-entropy of which of two items ranks higher, from the difference of their scores; 1/2 is a tie.

    The gradient is a pair. XGBoost's rank:ndcg and rank:map and LightGBM's lambdarank weigh each pair by what swapping the two would change
    in the measure (LambdaRank): here that is a ``sample_weight``.

    Examples
    --------
    >>> ogive.ranknet([2.0, 2.0], [1.0, 1.0], [1, 0], reduction="none")
    array([0.31326169, 1.31326169])
    """
    total, rest = _difference(first, second, xp)
    return _of_logits.value(total, target, xp) + _of_logits.slopes["prediction"](total, target, xp) * rest


def _bpr_slope(positive: Any, negative: Any, xp: Any) -> Any:
    total, rest = _difference(positive, negative, xp)
    return sigmoid.definition(-total, xp) * (sigmoid.definition(total, xp) * rest - 1)


@loss(
    formula="max(0, negative - positive) + log1p(exp(-abs(positive - negative)))",
    signature="(),()->()",
    **_both_ways(_bpr_slope, "positive", "negative"),
    inputs=(_score("positive", "items that were chosen"), _score("negative", "items that were not, of the same shape")),
    convex=True,
    robust=True,
    aliases=("bayesian personalized ranking", "bpr loss"),
    references=("S. Rendle et al., BPR: Bayesian personalized ranking from implicit feedback, UAI 2009, section 4.1, arXiv:1205.2618",),
)
def bpr(positive: Any, negative: Any, xp: Any) -> Any:
    """Minus the log-probability that a chosen item is preferred to another, the logistic function of the difference of their scores.

    The gradient is a pair.

    Examples
    --------
    >>> ogive.bpr([2.0], [1.0]).round(12)
    np.float64(0.313261687518)
    """
    total, rest = _difference(positive, negative, xp)
    return softplus.definition(-total, xp) - sigmoid.definition(-total, xp) * rest
