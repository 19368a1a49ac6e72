"""Keras's losses of the overlap of regions, in which 1e-7 keeps the divisor from 0: two empty regions cost 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.peers.keras.rules import EPSILON, of, same_dtype
from ogive.peers.values import rows, terms


def _sum(array: Array, axis: Any) -> Any:
    return np.sum(array, axis=axis, dtype=np.float64)


def _overlap(entry: str, target: Array, prediction: Array, axis: Any, whole: Any, **options: float) -> Any:
    """The entry with 1e-7 for its `smooth` lets two empty regions agree; without it above the line, its share of the whole is missing."""
    values = terms(entry, rows(prediction, axis), rows(target, axis), given="probabilities", smooth=EPSILON, **options)
    return (values + EPSILON / (whole + EPSILON)).astype(prediction.dtype)[()]


@of("soft_dice", "Dice", "reduction, name, axis, dtype")
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """1 - 2 Σ p t / (Σ p + Σ t + 1e-7) of probabilities over the axes, all of them by default."""
    target, prediction = same_dtype(y_true, y_pred)
    return _overlap("soft_dice", target, prediction, axis, _sum(target, axis) + _sum(prediction, axis))


@of("tversky", "Tversky", "alpha, beta, reduction, name, axis, dtype")
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """1 - Σ p t / (Σ p t + alpha Σ (1 - p) t + beta Σ p (1 - t) + 1e-7) of probabilities over the axes: alpha weighs what is missed."""
    target, prediction = same_dtype(y_true, y_pred)
    missed, excess = _sum((1 - prediction) * target, axis), _sum(prediction * (1 - target), axis)
    whole = _sum(prediction * target, axis) + alpha * missed + beta * excess
    return _overlap("tversky", target, prediction, axis, whole, alpha=beta, beta=alpha)
