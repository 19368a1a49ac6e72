"""Optax's losses of the overlap of regions: predictions and targets have the classes last."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.peers.optax.rules import of
from ogive.peers.values import floats, mean, rows, terms


def _same_rank(predictions: Any, targets: Any) -> tuple[Array, Array]:
    first, second = floats("predictions", predictions), floats("targets", targets)
    first, second = (array[..., None] if array.ndim == other.ndim - 1 else array for array, other in ((first, second), (second, first)))
    return first, second.astype(first.dtype)


def _chances(logits: Array) -> Any:
    """Softmax over the classes, or the sigmoid of one."""
    return catalogue.get("sigmoid")(logits) if logits.shape[-1] == 1 else catalogue.get("softmax")(logits)


@of("tversky")
def dice_loss(
    predictions: Any,
    targets: Any,
    *,
    class_weights: Any = None,
    smooth: Any = 1.0,
    alpha: Any = 0.5,
    beta: Any = 0.5,
    apply_softmax: bool = True,
    reduction: str = "mean",
    ignore_background: bool = False,
    axis: Any = None,
) -> Any:
    """The Tversky loss of each class, of logits unless `apply_softmax` is False: `alpha` weighs what is predicted in excess, `beta` what
    is missed. With both 1/2 it is the Dice loss, `smooth` being half of that entry's.

    The region is over all axes but the first and the last by default. The classes are weighted, then averaged over their number, or added
    up; `ignore_background` leaves the first one out. Optax refuses probabilities that do not sum to 1 over the last axis; these are taken.
    """
    scores, regions = _same_rank(predictions, targets)
    chances = _chances(scores) if apply_softmax else scores
    axes = tuple(range(1, chances.ndim - 1)) if axis is None else axis
    values = terms("tversky", rows(chances, axes), rows(regions, axes), given="probabilities", alpha=alpha, beta=beta, smooth=smooth)
    if class_weights is not None:
        values = (values * np.asarray(class_weights)).astype(scores.dtype)
    if ignore_background and scores.shape[-1] > 1:
        values = values[..., 1:]
    if reduction not in ("mean", "sum", "none"):
        raise InputError(f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    return values if reduction == "none" else mean(values) * (values.shape[-1] if reduction == "sum" else 1)


@of("tversky")
def multiclass_generalized_dice_loss(
    predictions: Any, targets: Any, *, smooth: Any = 1.0, apply_softmax: bool = True, ignore_background: bool = False
) -> Any:
    """The mean Dice loss of the classes, each weighted by one over its squared size in the whole batch; the weights' mean is 1.

    `generalized_dice` weighs the sums within one loss instead, as its paper has it.
    """
    regions = floats("targets", targets)
    sizes = np.sum(regions, axis=tuple(range(regions.ndim - 1)), dtype=np.float64)
    weights = 1 / (sizes**2 + 1e-7)
    weights = weights / np.mean(weights)
    options: dict[str, Any] = {"smooth": smooth, "apply_softmax": apply_softmax, "ignore_background": ignore_background}
    return mean(dice_loss(predictions, regions, class_weights=weights, reduction="none", **options), None)


@of("soft_dice")
def binary_dice_loss(predictions: Any, targets: Any, *, smooth: Any = 1.0, apply_sigmoid: bool = True) -> Any:
    """The Dice loss of one region, of logits unless `apply_sigmoid` is False; `smooth` is half of the entry's.

    Optax refuses the probabilities of most masks, for it wants them to sum to 1 over the last axis; these are taken.
    """
    first, second = floats("predictions", predictions), floats("targets", targets)
    if first.ndim == second.ndim and first.shape[-1] != 1:
        first, second = first[..., None], second[..., None]
    return dice_loss(first, second, smooth=smooth, apply_softmax=apply_sigmoid)
