"""What a target asks of a network, found from its dtype, shape and values: classes, shares, counts, positive or any real numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from ogive.arrays import Array, any_array
from ogive.errors import InputError, InputTypeError

MOST_CLASSES = 20
"""As many different whole numbers are classes; more are taken for counts or measurements."""

ROWS_OF_A_CLASS = 5
"""Fewer rows for each different whole number, on average, and the numbers are taken for counts or measurements too."""

_ROUNDING = 1e-3  # how far the shares of a row, which may be halves, are from adding up to 1
_HEAVY = 5.0  # more than half a percent of a normal sample this many deviations out is no normal sample


@dataclass(frozen=True)
class Finding:
    """What a target was found to be.

    Attributes
    ----------
    kind : one of the names that `classified` looks for, such as "two classes".
    seen : what in the array says so, as the end of a sentence.
    units : how many numbers the output layer gives for a row.
    numbers : float64, the target as the loss takes it: class numbers, shares, or real numbers.
    classes : what the caller calls each class; none where there are none.
    """

    kind: str
    seen: str
    units: int
    numbers: Array
    classes: tuple[str, ...] = ()


def classified(target: Any) -> Finding:
    """What the target is. Raises InputError where it is empty, has missing values or one value only, or more than two dimensions."""
    array = _checked(target)
    if array.dtype.kind in "USO":
        return _named(array)
    if array.ndim == 2:
        return _rows(array.astype(np.float64))
    return _column(array)


def _checked(target: Any) -> Array:
    if isinstance(target, np.ma.MaskedArray):
        raise InputTypeError("target must have no mask; leave the masked rows out with target.compressed()")
    array = any_array("suggest", "target", target)
    if array.dtype.kind in "USO":
        array = _numbers(np.asarray(target, dtype=object))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or array.size == 0:
        raise InputError(f"suggest: target must have the shape (rows,) or (rows, outputs) and at least one element, got {array.shape}")
    if array.dtype.kind not in "USObiuf":
        raise InputTypeError(f"suggest: target must be real numbers, booleans or text, got dtype {array.dtype}")
    missing = sum(map(_is_missing, array.ravel())) if array.dtype == object else int((~np.isfinite(array)).sum())
    if missing:
        raise InputError(f"suggest: target has {missing} missing or infinite values; fill them in, or leave these rows out")
    return array


def _is_missing(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA is neither
        return True


def _numbers(array: Array) -> Array:
    """Objects that are all numbers, or missing, as numbers: what frames hold where a column was put together from others."""
    if all(value is None or (isinstance(value, Number) and not isinstance(value, complex | np.complexfloating)) for value in array.ravel()):
        whole = all(isinstance(value, int | np.integer) for value in array.ravel())
        return array.astype(np.int64 if whole else np.float64)
    return array


def _named(array: Array) -> Finding:
    if array.ndim != 1:
        raise InputError("suggest: text must have the shape (rows,), one class for each row")
    names, numbers = np.unique(array.astype(str), return_inverse=True)
    return _classes(names.tolist(), numbers, f"text, such as {str(names[0])!r}")


def _classes(names: list[Any], numbers: Array, seen: str) -> Finding:
    if len(names) < 2:
        raise InputError(f"suggest: all rows have the target {names[0]!r}; there must be at least two values to tell apart")
    kind, units = ("two classes", 1) if len(names) == 2 else ("classes", len(names))
    return Finding(kind, seen, units, numbers.astype(np.float64), tuple(str(name) for name in names))


def _rows(table: Array) -> Finding:
    columns = table.shape[1]
    inside = bool(((table >= 0) & (table <= 1)).all())
    ends = bool(np.isin(table, (0, 1)).all())
    if inside and np.allclose(table.sum(axis=1), 1, atol=_ROUNDING):
        if ends:
            return Finding(
                "classes",
                f"rows of {columns} with a single 1",
                columns,
                table.argmax(axis=1).astype(np.float64),
                tuple(map(str, range(columns))),
            )
        return Finding("shares", f"rows of {columns} shares that add up to 1", columns, table)
    if ends:
        return Finding("labels", f"rows of {columns} zeros and ones that do not add up to 1", columns, table)
    return Finding("real numbers", f"rows of {columns} real numbers", columns, table)


def _column(array: Array) -> Finding:
    different = np.unique(array)
    if array.dtype.kind == "b" or different.tolist() in ([0, 1], [-1, 1]):
        names = different.tolist()
        return _classes(names, np.searchsorted(different, array), f"the two values {names[0]} and {names[-1]}")
    numbers = array.astype(np.float64)
    count = len(different)
    if _whole(numbers) and count <= MOST_CLASSES and array.size >= ROWS_OF_A_CLASS * count:
        return _classes([int(value) for value in different], np.searchsorted(different, array), f"{count} different whole numbers")
    if count < 2:
        raise InputError(f"suggest: all rows have the target {different[0]}; there must be at least two values to tell apart")
    return next(finding for finding in (made(numbers) for made in _MEASURED) if finding is not None)


def _whole(numbers: Array) -> bool:
    return bool((numbers == np.floor(numbers)).all())


def _proportion(numbers: Array) -> Finding | None:
    if numbers.min() < 0 or numbers.max() > 1:
        return None
    return Finding("proportions", "numbers between 0 and 1", 1, numbers)


def _count(numbers: Array) -> Finding | None:
    if not _whole(numbers) or numbers.min() < 0:
        return None
    return Finding("counts", f"whole numbers from {numbers.min():g} to {numbers.max():g}", 1, numbers)


def _positive(numbers: Array) -> Finding | None:
    """Positive and spread over an order of magnitude, so that errors are likely to grow with the target."""
    if numbers.min() <= 0 or numbers.max() < 10 * np.median(numbers):
        return None
    return Finding("positive numbers", f"positive numbers from {numbers.min():g} to {numbers.max():g}", 1, numbers)


def _amount(numbers: Array) -> Finding | None:
    nothing = float(np.mean(numbers == 0))
    if numbers.min() < 0 or nothing < 0.05:
        return None
    return Finding("amounts", f"numbers of which {nothing:.0%} are 0 and the others positive", 1, numbers)


def _outlying(numbers: Array) -> Finding | None:
    centre = np.median(numbers)
    deviation = np.median(abs(numbers - centre)) / 0.6745  # of a normal sample, its standard deviation
    far = float(np.mean(abs(numbers - centre) > _HEAVY * deviation))
    if deviation == 0 or far < 0.005:
        return None
    return Finding("real numbers with outliers", f"real numbers of which {far:.1%} lie more than {_HEAVY:g} deviations out", 1, numbers)


def _real(numbers: Array) -> Finding | None:
    return Finding("real numbers", f"real numbers from {numbers.min():g} to {numbers.max():g}", 1, numbers)


_MEASURED: tuple[Callable[[Array], Finding | None], ...] = (_proportion, _count, _positive, _amount, _outlying, _real)
"""What a column of numbers that are no classes may be, the narrowest first."""
