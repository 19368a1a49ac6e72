"""What every loss shares, once, over an array namespace: smoothing, weights and masks, the denominator, the reduction.

Label smoothing maps targets to targets. Sample weights, class weights, masks and ignored classes become one weight w for each term,
and the reduction one denominator D. The loss is Σ w · term / D, and its gradient the vector–Jacobian product of the terms with
cotangent w / D. What has no weight does not count, whatever it holds: 0 · ∞ = 0.
"""

from __future__ import annotations

from typing import Any

REDUCTIONS = ("mean", "mean_over_all", "sum", "none")
"""The weighted mean Σ w · term / Σ w; the same sum over the number of all terms; the sum; w · term, one by one."""


def smoothed_binary(target: Any, smoothing: float) -> Any:
    """The share of class 1 of two, moved towards one half (Szegedy et al. 2016, section 7, arXiv:1512.00567)."""
    return (1 - smoothing) * target + smoothing / 2


def smoothed_distribution(target: Any, smoothing: float, possible: Any, xp: Any) -> Any:
    """Shares of classes along the last axis, moved towards equal shares of the possible ones (Szegedy et al. 2016, section 7)."""
    counted = xp.where(possible, 1.0, 0.0)
    return (1 - smoothing) * target + smoothing * counted / xp.sum(counted, axis=-1, keepdims=True)


def weight_of_classes(target: Any, class_weight: Any, role: str, xp: Any) -> Any:
    """The weight of each term from its target: that of its class, or the mean over the shares of a soft target."""
    if role == "binary":
        return class_weight[0] * (1 - target) + class_weight[1] * target
    total = xp.sum(target, axis=-1)
    return xp.sum(class_weight * target, axis=-1) / xp.where(total == 0, 1.0, total)


def class_totals(target: Any, weight: Any, role: str, xp: Any) -> Any:
    """How much of each class counts: the shares times the weights of their terms."""
    if role == "binary":
        return xp.stack([xp.sum(weighted(weight, 1 - target, xp)), xp.sum(weighted(weight, target, xp))])
    return xp.sum(xp.reshape(weighted(weight[..., None], target, xp), (-1, target.shape[-1])), axis=0)


def balanced(totals: Any, xp: Any) -> Any:
    """The class weights that make classes count the same: all over their number, over each (G. King, L. Zeng, Logistic regression in rare
    events data, Political Analysis 9, 2001); 1 for a class that is not there.
    """
    present = totals > 0
    return xp.where(present, xp.sum(totals) / xp.sum(present) / xp.where(present, totals, 1.0), 1.0)


def denominator(reduction: str, weight: Any, terms: int, xp: Any) -> Any:
    """What the sum is divided by, 0 where nothing counts; `weight` is that of the mean."""
    if reduction in ("sum", "none"):
        return 1.0
    return float(terms) if reduction == "mean_over_all" or weight is None else xp.sum(weight)


def weighted(weight: Any, term: Any, xp: Any) -> Any:
    """weight · term, with 0 · ∞ = 0."""
    return xp.where(weight == 0, 0.0, weight * xp.where(weight == 0, 0.0, term))
