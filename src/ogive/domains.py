"""What the numbers of a term may be: inside their bounds, shares that sum to 1, lengths inside their dimension, classes that exist."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.errors import InputError
from ogive.term import Input, Term

_CACHED = 2**15  # how many numbers a processor's nearest caches hold
SHARES_ROUNDED = 0.01
"""How far from 1 the sum of honest shares may be: softmax over 50,000 classes is off by .002 in float16, for what its subnormals lose,
and in bfloat16, and shares written with two digits by as much as this. Logits, percent and rows along the wrong axis are off by more.
"""
LOGARITHMS_ROUNDED = 0.05  # of shares of 1/50,000, -10.8 is rounded by .03 in bfloat16


def check_bounds(entry: str, each: Input, array: Array, bounds: tuple[float, float], counted: Array | None, hint: str) -> None:
    """Refuse counted values outside these bounds of an input, with all their digits; NaN goes through, and comes out."""
    lowest, highest = bounds
    if lowest == -math.inf and highest == math.inf:
        return
    array = array if counted is None else array[counted]
    if array.size == 0:
        return
    low, high = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    if (low >= lowest and high <= highest) or math.isnan(low):
        return
    if not hint and each.role == "distribution":
        hint = "; class numbers belong in an integer array without the class axis"
    if not hint and each.role == "binary":
        hint = "; labels=… says which numbers stand for class 0 and class 1, as in labels=(-1, 1)"
    found = array.dtype.type(low if low < lowest else high)
    raise InputError(f"{entry}: {each.name} must {_inside(lowest, highest)}, found {found!s}{hint}")


def sums(array: Array, *, logarithms: bool) -> Array:
    """The sum of the shares, or of the exponentials of their logarithms, along the last axis."""
    wide = np.promote_types(array.dtype, np.float32 if array.flags.c_contiguous else np.float64)  # along strides NumPy sums one by one
    if not logarithms:
        return np.asarray(np.add.reduce(array, axis=-1, dtype=wide))
    rows = array.reshape(-1, array.shape[-1])
    step = max(1, _CACHED // rows.shape[-1])
    parts = [np.exp(rows[i : i + step], dtype=wide).sum(axis=-1) for i in range(0, len(rows), step)]
    return np.concatenate([*parts, np.zeros(0, wide)]).reshape(array.shape[:-1])


def far_from_one(array: Array, *, logarithms: bool) -> Array:
    """Which rows of shares, or of logarithms of shares, have a sum that no rounding explains; NaN goes through."""
    return _far(sums(array, logarithms=logarithms), logarithms)


def _far(totals: Array, logarithms: bool) -> Array:
    return np.asarray(np.absolute(totals - 1) > (LOGARITHMS_ROUNDED if logarithms else SHARES_ROUNDED))


def check_sums(entry: str, each: Input, array: Array, counted: Array | None, axes: tuple[int, ...], hint: str) -> None:
    """Refuse counted rows of shares, or of logarithms of shares, that do not sum to 1; `axes` are the caller's other ones."""
    logarithms = each.high == 0.0
    totals = sums(array, logarithms=logarithms)
    wrong = _far(totals, logarithms)
    if not (wrong.any() and (wrong := _among(counted, wrong)).any()):
        return
    place = np.unravel_index(np.argmax(np.where(wrong, abs(totals - 1), -1.0)), totals.shape)
    others = (axis for i, axis in enumerate(axes) if not far_from_one(np.moveaxis(array, i, -1), logarithms=logarithms).any())
    if (axis := next(others, None)) is not None:
        hint = f"; did you mean axis={axis}?"
    elif each.differentiated:
        hint = hint or "; divide by the sums"
    else:
        independent = "; divide by the sums, or, for classes that do not exclude each other, use binary_cross_entropy"
        hint = "; leave out what has no target with mask=" if totals[place] == 0 else independent
    where = f" in row {place[0] if len(place) == 1 else tuple(map(int, place))}" if place else ""
    what = "exponentials that sum" if logarithms else "shares that sum"
    raise InputError(f"{entry}: {each.name} must have {what} to 1 along the classes, found {totals[place]!s}{where}{hint}")


def check_rising(entry: str, each: Input, array: Array, counted: Array | None) -> None:
    """Refuse counted numbers one of which is not larger than the one before it; NaN goes through."""
    falls = _among(counted, array[..., 1:] <= array[..., :-1])
    if falls.any():
        before, after = array[..., :-1][falls][0], array[..., 1:][falls][0]
        raise InputError(f"{entry}: {each.name} must rise along the last axis, found {after!s} after {before!s}")


def outside(classes: Array, count: int) -> Array:
    """Which numbers are those of no class."""
    return np.asarray(classes.view(np.uint64) >= count)  # without its sign, a negative number is huge


def check_classes(entry: str, classes: Array, wrong: Array, weight: Array | None, count: int, mend: str = "") -> None:
    """Refuse counted numbers of no class; `mend` says what to do about a negative one."""
    counted = wrong if weight is None else wrong & (weight != 0)
    if counted.any():
        found = classes[counted][0]
        mend = mend.format(found) if found < 0 else ""
        raise InputError(f"{entry}: class numbers must lie between 0 and {count - 1}, found {found}; number the classes from 0{mend}")


def check_smoothing(entry: str, argument: str, smoothing: Any) -> None:
    """Refuse what is no number from 0 to 1."""
    if isinstance(smoothing, bool) or not isinstance(smoothing, (int, float, np.number)) or not 0 <= smoothing <= 1:
        raise InputError(f"{entry}: {argument} must lie between 0 and 1, got {smoothing!r}")


def check_integers(
    entry: str, term: Term, arrays: Sequence[Array], sizes: Mapping[str, int], parameters: Sequence[Array], counted: Array | None
) -> None:
    """Refuse lengths beyond their dimension, and counted labels that are no class numbers, or one that a parameter keeps for itself.

    Labels that do not count, but are read all the same, become 0.
    """
    lengths = {}
    for each, array in zip(term.inputs, arrays, strict=True):
        if each.role == "length":
            lengths[each.of] = array
            _refuse(entry, each, array, (array < 0) | (array > sizes[each.of]), counted, f"between 0 and {sizes[each.of]}")
    for each, core, array in zip(term.inputs, term.cores, arrays, strict=False):
        if each.role != "labels" or not each.of:
            continue
        last = sizes[each.of] - 1 + each.beyond
        read = np.arange(array.shape[-1]) < lengths[core[0]][..., None] if core[0] in lengths else True
        outside = (array < 0) | (array > last)
        _refuse(entry, each, array, outside & read, counted, f"between 0 and {last}")
        for parameter, number in zip(term.parameters, parameters, strict=True):
            if parameter.whole and number > last:
                raise InputError(f"{entry}: {parameter.name} must lie between 0 and {last}, got {number:g}")
            if parameter.whole:
                _refuse(entry, each, array, (array == number) & read, counted, f"among the classes that are not the {parameter.name}")
        array[outside] = 0


def check_parameters(entry: str, term: Term, parameters: Sequence[Array], loop: tuple[int, ...], sizes: Mapping[str, int]) -> None:
    """Refuse a vector parameter that has not one number for each element of the dimension that it shares with an input, and any other
    that does not broadcast to the loop: the terms never become more than the inputs have.
    """
    for parameter, core, value in zip(term.parameters, term.cores[len(term.inputs) :], parameters, strict=True):
        if core and value.shape != tuple(sizes.get(name, 1) for name in core):
            raise InputError(
                f"{entry}: {parameter.name} must hold one number for each of the {sizes[core[0]]} along the axis of {term.inputs[0].name}, "
                f"got {' × '.join(map(str, value.shape)) or 'one number'}"
            )
        sides = zip(reversed(value.shape), reversed(loop), strict=False)
        if not core and (value.ndim > len(loop) or any(size not in (1, length) for size, length in sides)):
            raise InputError(f"{entry}: {parameter.name} must be one number, or broadcast to the shape {loop}, got shape {value.shape}")


def _refuse(entry: str, each: Input, array: Array, wrong: Array, counted: Array | None, place: str) -> None:
    wrong = _among(counted, wrong)
    if wrong.any():
        raise InputError(f"{entry}: {each.name} must lie {place}, found {array[wrong][0]}")


def _among(counted: Array | None, wrong: Array) -> Array:
    """Which are wrong and count; those that count have the first dimensions only."""
    return wrong if counted is None else wrong & counted.reshape((*counted.shape, *(1,) * (wrong.ndim - counted.ndim)))


def _inside(lowest: float, highest: float) -> str:
    """What a number must do to be between these bounds; the float next to a whole number says that this is none of them."""
    end = math.inf if math.isinf(lowest) else round(lowest)
    if highest == math.inf and lowest == math.nextafter(end, math.inf):
        return "be positive" if end == 0 else f"lie above {end}"
    return f"lie between {_written(lowest)} and {_written(highest)}"


def _written(bound: float) -> str:
    """The number in as few characters as say all of it."""
    return min((f"{bound:g}", repr(bound)), key=len) if float(f"{bound:g}") == bound else repr(bound)
