"""Losses of a segmentation: the overlap of a predicted region with the true one."""

from __future__ import annotations

from typing import Any

from ogive.loss import loss
from ogive.parameter import Parameter
from ogive.term import Input


def _parts(prediction: Any, target: Any, smooth: Any, xp: Any) -> tuple[Any, Any]:
    """What lies outside the overlap, Σ p (1 - t) + t (1 - p), which adds up without cancelling, and the whole, Σ p + t + smooth."""
    outside = xp.sum(prediction * (1 - target) + target * (1 - prediction), axis=-1)
    return outside, xp.sum(prediction + target, axis=-1) + smooth


def _dice_vjp(prediction: Any, target: Any, smooth: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    outside, whole = (part[..., None] for part in _parts(prediction, target, smooth, xp))
    return (xp.where(whole == 0, 0.0, cotangent[..., None] * (((1 - 2 * target) - outside / whole) / whole)),)


@loss(
    formula="sum(p + t - 2 * p * t for p, t in zip(prediction, target)) / (sum(p + t for p, t in zip(prediction, target)) + smooth)",
    signature="(n),(n)->()",
    vjp=_dice_vjp,
    inputs=(
        Input("prediction", "probabilities of the pixels", differentiated=True, low=0.0, high=1.0),
        Input("target", "the true region in the same shape, 1 inside and 0 outside, or shares between", low=0.0, high=1.0),
    ),
    parameters=(Parameter("smooth", "added above and below, so that an empty region predicted empty costs 0", default=1.0, low=0.0),),
    convex=False,
    robust=True,
    aliases=("dice", "dice loss", "sorensen dice"),
    references=("F. Milletari, N. Navab, S.-A. Ahmadi, V-Net, 3DV 2016, section 3, arXiv:1606.04797 (here with p and t unsquared)",),
)
def soft_dice(prediction: Any, target: Any, smooth: Any, xp: Any) -> Any:
    """One minus the Dice coefficient (2 Σ p t + smooth) / (Σ p + Σ t + smooth) of the pixels along `axis`: 0 for a perfect overlap.

    Examples
    --------
    >>> ogive.soft_dice([1.0, 1.0, 0.0], [1, 0, 0], smooth=0.0).round(12)
    np.float64(0.333333333333)
    >>> ogive.soft_dice([0.0, 0.0], [0, 0])
    np.float64(0.0)
    """
    outside, whole = _parts(prediction, target, smooth, xp)
    return xp.where(whole == 0, 0.0, outside / xp.where(whole == 0, 1.0, whole))
