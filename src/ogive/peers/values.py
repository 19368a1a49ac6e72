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


def check_shapes(**arrays: Any) -> None:
    """Refuse arrays of different shapes: libraries broadcast some of them, and (n, 1) against (n,) would give n·n terms."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InputError(f"arrays must have the same shape, got {found}; reshape them, they are not broadcast")


def check_axis(axis: int, array: Array) -> None:
    """Refuse an axis that the array has not."""
    if not -array.ndim <= axis < array.ndim:
        raise InputError(f"axis must be one of the {array.ndim} of y_pred, from {-array.ndim} to {array.ndim - 1}; got {axis}")


def one_hot(name: str, numbers: Any, shape: tuple[int, ...], ignored: int | None = None) -> Array:
    """Class numbers as shares along a last axis, without any for the ignored number; `shape` is that of the shares."""
    array = np.asarray(numbers)
    if array.shape != shape[:-1]:
        raise InputError(f"{name} must be class numbers of shape {shape[:-1]}, got shape {array.shape}")
    counted = np.broadcast_to(ignored is None, array.shape) | (array != ignored)
    shares: Array = ((array[..., None] == np.arange(shape[-1])) & counted[..., None]).astype(np.float64)
    wrong = counted & (np.sum(shares, axis=-1) != 1)
    if np.any(wrong):
        raise InputError(f"{name}: class numbers must lie between 0 and {shape[-1] - 1}, found {array[wrong][0]}")
    return shares


def terms(entry: str, *arrays: Any, given: str | None = None, **parameters: Any) -> Array:
    """The terms of an entry by its definition, in float64, for what its rules would refuse: shares that a library clips or leaves as
    they are need not sum to 1. The dtype is that of the first array.
    """
    found = catalogue.get(entry)
    numbers = found.bind((), parameters)
    names = [each.name for each in found.term.inputs]
    first = floats(names[0], arrays[0])
    check_shapes(**dict(zip(names, arrays, strict=True)))
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
    """The mean along an axis, summed in float64, in the dtype of the values; 0 where no weight is left."""
    array = np.asarray(values)
    shares = np.ones(array.shape) if weight is None else weights_of(array, weight, axis)
    total = np.sum(shares, axis=axis)
    found = np.sum(np.where(shares == 0, 0.0, shares * array), axis=axis) / np.where(total == 0, 1.0, total)
    return np.asarray(found).astype(array.dtype)[()]


def weights_of(values: Array, weight: Any, axis: Any = None) -> Array:
    """The weights in the shape of the values: broadcast, or where an axis is named one for each place along it."""
    found = np.asarray(weight, np.float64)
    if isinstance(axis, int) and found.ndim == 1:
        found = np.expand_dims(found, tuple(i for i in range(values.ndim) if i != axis % values.ndim))
    try:
        return np.broadcast_to(found, values.shape)
    except ValueError:
        raise InputError(f"weights must be in the shape of the terms, {values.shape}, got {np.shape(weight)}") from None


def reduced(values: Any, reduction: str, weight: Any = None, divisor: Any = None) -> Any:
    """PyTorch's reductions of weighted values: "none", "sum", or "mean" over their number, or the `divisor` where that is another."""
    array = np.asarray(values)
    if reduction not in ("none", "mean", "sum"):
        raise InputError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")
    shares = np.ones(()) if weight is None else weights_of(array, weight)
    weighted = np.where(shares == 0, 0.0, shares * array)
    if reduction == "none":
        return weighted.astype(array.dtype)[()]
    total = np.sum(weighted)
    if reduction == "mean":
        total = total / (weighted.size if divisor is None else divisor)
    return total.astype(array.dtype)[()]


def focal(cross_entropy: Any, chance: Any, rest: Any, target: Any, gamma: float) -> Any:
    """Binary cross-entropy times (1 - p)^γ, p the probability of what is so: `chance` is that of class 1 and `rest` of class 0."""
    return (target * rest + (1 - target) * chance) ** gamma * cross_entropy
