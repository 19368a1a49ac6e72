"""The loss of classes in order, from one score and the thresholds between them."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import loss
from ogive.losses.residuals import exact_error
from ogive.losses.sweeps import ORDERED
from ogive.special import take_along, two_sum
from ogive.term import Input

# With a and b the upper and the lower threshold of the class less the score, the chance of the class is σ(a) - σ(b), which is
# σ(a) σ(-b) (1 - e^(b - a)): of a product every logarithm is positive, and nothing cancels. The thresholds end in -∞ and ∞.


def _share(x: Any, lost: Any, xp: Any) -> Any:
    """σ(x), and what the part of x that its rounding lost adds to it."""
    return sigmoid.definition(x, xp) * (1 + lost * sigmoid.definition(-x, xp))


class _Parts:
    def __init__(self, score: Any, thresholds: Any, target: Any, xp: Any) -> None:
        beyond = xp.sum(0 * thresholds, axis=-1, keepdims=True)
        ends = xp.concatenate([beyond - xp.inf, thresholds, beyond + xp.inf], axis=-1)
        self.score, self.upper, self.lower = score, take_along(ends, target + 1, xp), take_along(ends, target, xp)
        self.a, self.b = exact_error(self.upper, score, xp), exact_error(self.lower, score, xp)
        self.minus_a = -self.a[0], -self.a[1]
        self.minus_b = -self.b[0], -self.b[1]
        self.gap = self.upper - self.lower

    def slope(self, xp: Any) -> Any:
        """σ(-a) - σ(b), which is 0 in the middle between the thresholds: from twice the distance to it."""
        middle, lost = two_sum(self.upper, self.lower)
        inside = xp.isfinite(middle) & xp.isfinite(2 * self.score)
        apart, rest = two_sum(xp.where(inside, 2 * self.score, 0.0), -xp.where(inside, middle, 0.0))
        apart = apart + (rest - xp.where(inside, lost, 0.0))  # -a - b
        above, below = _share(*self.minus_a, xp), _share(*self.b, xp)
        larger = xp.where(apart > 0, above * _share(*self.minus_b, xp), below * _share(*self.a, xp))
        size = -xp.expm1(-abs(apart)) * larger
        return xp.where(inside, xp.where(apart > 0, size, -size), above - below)


def _cost(x: Any, lost: Any, xp: Any) -> Any:
    """log(1 + e^x), likewise."""
    return softplus.definition(x, xp) + lost * sigmoid.definition(x, xp)


def _vjp(score: Any, thresholds: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    counted = cotangent != 0  # what does not count may hold anything
    parts = _Parts(xp.where(counted, score, 0.0), thresholds, target, xp)
    push = 1 / xp.expm1(parts.gap)
    by_upper, by_lower = -cotangent * (_share(*parts.minus_a, xp) + push), cotangent * (_share(*parts.b, xp) + push)
    places = xp.cumsum(xp.ones_like(thresholds), axis=-1)[..., None, :]  # 1 ... k
    at_upper, at_lower = places == target[..., None] + 1, places == target[..., None]
    by_thresholds = xp.where(at_upper, by_upper[..., None], 0.0) + xp.where(at_lower, by_lower[..., None], 0.0)
    return cotangent * parts.slope(xp), xp.sum(by_thresholds, axis=-2)


def _hessian(score: Any, thresholds: Any, target: Any, xp: Any) -> Any:
    parts = _Parts(score, thresholds, target, xp)
    return _share(*parts.a, xp) * _share(*parts.minus_a, xp) + _share(*parts.b, xp) * _share(*parts.minus_b, xp)


def _reference(functions: Any, score: Any, thresholds: Any, target: Any, i: int) -> Any:
    """-log(σ(θ_y - score) - σ(θ_(y-1) - score))."""
    exp, y = functions.exp, target[i]
    below = 1 / (1 + exp(score[i] - thresholds[y])) if y < len(thresholds) else functions.number(1)
    return -functions.log(below - (1 / (1 + exp(score[i] - thresholds[y - 1])) if y > 0 else 0))


@loss(
    reference=_reference,
    signature="(n),(k),(n)->(n)",
    vjp=_vjp,
    hessian=_hessian,
    inputs=(
        Input("score", "array of real numbers of shape (…, n): the higher, the higher the class", differentiated=True),
        Input("thresholds", "where each class gives way to the next, of shape (…, k), rising", differentiated=True, role="rising"),
        Input("target", "class numbers of shape (…, n), from 0 to k", role="labels", of="k", beyond=1),
    ),
    information=True,
    sweep=ORDERED,
    convex=True,
    robust=True,
    aliases=("proportional odds", "ordinal logistic", "ordinal cross entropy", "ordered logit", "cumulative link"),
    references=("P. McCullagh, Regression models for ordinal data, Journal of the Royal Statistical Society B 42, 1980, section 2",),
)
def cumulative_logit(score: Any, thresholds: Any, target: Any, xp: Any) -> Any:
    """Cross-entropy of classes in order (grades, stages), from one score and the thresholds between the classes.

    The odds of a class above a threshold are e^(score - threshold), with the same score for all of them. The gradient is a pair, by the
    scores and by the thresholds, of which there is one fewer than classes. `ranked_probability_score` is for probabilities.

    Examples
    --------
    >>> ogive.cumulative_logit([0.0, 3.0], [-1.0, 1.0], [1, 2], reduction="none").round(8)
    array([0.77193683, 0.12692801])
    """
    parts = _Parts(score, thresholds, target, xp)
    return _cost(*parts.minus_a, xp) + _cost(*parts.b, xp) - xp.log(-xp.expm1(-parts.gap))
