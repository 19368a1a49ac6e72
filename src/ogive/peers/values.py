"""What the functions of other libraries share: terms of an entry, and means of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array, real_array
from ogive.errors import InputError
from ogive.losses.vectors import distance


def floats(name: str, value: Any) -> Array:
    """The argument as an array of floats; integers become float64."""
    array = real_array("peer", name, value)
    return array.astype(np.float64) if np.asarray(value).dtype.kind in "biu" else array


def terms(entry: str, *arrays: Any, given: str | None = None, **parameters: Any) -> Array:
    """The terms of an entry by its definition, in float64, for what its rules would refuse: shares that a library clips or leaves as
    they are need not sum to 1. The dtype is that of the first array.
    """
    found = catalogue.get(entry)
    numbers = found.bind((), parameters)
    first = floats(found.term.inputs[0].name, arrays[0])
    wide = [np.asarray(array, np.float64) for array in (first, *arrays[1:], *numbers)]
    with np.errstate(all="ignore"):
        return np.asarray(found.form(given)[1].value(*wide, np)).astype(first.dtype)


def rows(array: Any, axis: Any) -> Array:
    """The array with some axes, or all for None, as one, the last."""
    found = np.asarray(array)
    axes = tuple(range(found.ndim)) if axis is None else tuple(int(i) % found.ndim for i in np.atleast_1d(axis))
    kept = tuple(i for i in range(found.ndim) if i not in axes)
    return np.transpose(found, kept + axes).reshape(*(found.shape[i] for i in kept), -1)


def length(array: Any, axis: int = -1) -> Any:
    """That of the vectors along an axis, in float64, without a square that overflows or vanishes."""
    rows = np.moveaxis(np.asarray(array, np.float64), axis, -1)
    return distance(rows, np.zeros_like(rows), np)[0]


def mean(values: Any, axis: Any = -1, weight: Any = None) -> Any:
    """The mean along an axis, summed in float64, in the dtype of the values."""
    array = np.asarray(values)
    wide = array.astype(np.float64)
    found = np.mean(wide, axis=axis) if weight is None else np.average(wide, axis=axis, weights=weight)
    return np.asarray(found).astype(array.dtype)[()]


def reduced(values: Any, reduction: str, weight: Any = None, divisor: Any = None) -> Any:
    """PyTorch's reductions of weighted values: "none", "sum", or "mean" over their number, or the `divisor` where that is another."""
    array = np.asarray(values)
    if reduction not in ("none", "mean", "sum"):
        raise InputError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")
    weighted = (
        array.astype(np.float64) if weight is None else np.where(np.asarray(weight) == 0, 0.0, array * np.asarray(weight, np.float64))
    )
    if reduction == "none":
        return weighted.astype(array.dtype)[()]
    total = np.sum(weighted)
    if reduction == "mean":
        total = total / (weighted.size if divisor is None else divisor)
    return total.astype(array.dtype)[()]


def focal(cross_entropy: Any, chance: Any, rest: Any, target: Any, gamma: float) -> Any:
    """Binary cross-entropy times (1 - p)^γ, p the probability of what is so: `chance` is that of class 1 and `rest` of class 0."""
    return (target * rest + (1 - target) * chance) ** gamma * cross_entropy
