"""The straight way of a loss: plain arrays without rules go to the kernel at once, for a small batch costs less than laying it out.

Everything else goes through a batch, which gives the same bits, and finds and names every mistake.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ogive import domains, kernel
from ogive.arrays import Array
from ogive.term import Input, Term

_LARGEST = {np.dtype(kind): float(np.finfo(kind).max) for kind in (np.float32, np.float64)}
_UNSIGNED: dict[Any, np.dtype[Any]] = {np.dtype(np.float32): np.dtype(np.uint32), np.dtype(np.float64): np.dtype(np.uint64)}
_CLASSES = np.dtype(np.int64)
_ONE = np.ones(())
_PLAIN = 0x101  # NumPy's flags of what is C-contiguous and aligned
_REDUCTIONS = frozenset(("mean", "sum", "none"))


@dataclass(frozen=True, slots=True)
class _Way:
    """What is known of a term before a call.

    Terms ``of_elements`` are those of pointwise losses, or, of ``rows``, the means of some. ``kernels`` give the sum of the terms, without
    and with the gradient, and ``terms`` those of rows one by one; ``others`` says of the inputs after the first whether they have a core
    dimension, and their dtype if that is another; ``shares`` are the inputs that sum to 1, by their place, if no kernel looks at them,
    and ``bounded`` the others with bounds; ``parameters`` are the defaults, which float32 holds.
    """

    of_elements: bool
    rows: bool
    kernels: tuple[Any, Any]
    terms: tuple[Any, Any]
    others: tuple[tuple[int, bool, Any], ...]
    bounded: tuple[tuple[int, Input], ...]
    shares: tuple[tuple[int, Input], ...]
    parameters: tuple[float, ...]


@cache
def _way(term: Term, of_classes: bool) -> _Way | None:
    """The straight way of a term, with class numbers as the last input or without, if there is one."""
    checked = False
    defaults, cores = [parameter.default for parameter in term.parameters], term.cores[: len(term.inputs)]
    parameters = tuple(float(each) for each in defaults if isinstance(each, int | float) and float(np.float32(each)) == each)
    name, of_elements = f"{(term.elements or term).name}{'_indices' if of_classes else ''}", term.pointwise or term.elements is not None
    if of_elements:
        kernels, terms = _compiled(name, "sum_values", "sums"), (None, None)
    else:
        checked = kernel.compiled("rows", f"{name}_checked") is not None
        name = f"{name}_checked" if checked else name
        kernels, terms = _compiled(name, "row_sum_values", "row_sums"), _compiled(name, "row_values", "rows")
    several = of_elements and len(term.differentiated) > 1
    if None in kernels or several or term.whole or len(parameters) < len(defaults) or any(core not in ((), cores[0]) for core in cores):
        return None
    if term.of_pixels:  # of which a batch asks the axes
        return None
    last = len(cores) - 1 if of_classes else len(cores)
    others = tuple((i, core != () and i < last, None if i < last else _CLASSES) for i, core in enumerate(cores) if i > 0)
    looked_at = tuple(enumerate(term.inputs))[:last]
    sums = tuple((i, each) for i, each in looked_at if i in term.distributions)
    bounded = tuple((i, each) for i, each in looked_at if each.bounds != (-math.inf, math.inf) and (i, each) not in sums)
    shares = () if checked else sums
    return _Way(of_elements, cores[0] != (), kernels, terms, others, bounded, shares, parameters)


def _compiled(name: str, value: str, both: str) -> tuple[Any, Any]:
    return kernel.compiled(value, name), kernel.compiled(both, name)


def reduced(term: Term, arrays: tuple[Any, ...], reduction: Any, *, graded: bool) -> tuple[Any, Any] | None:
    """The terms, reduced, and the gradient (None if not `graded`, a tuple by several inputs); None where a batch is needed."""
    for array in arrays:
        if type(array) is not np.ndarray or array.flags.num & _PLAIN != _PLAIN:
            return None  # no array and nothing more, its elements one after the other
    if len(arrays) != len(term.inputs) or type(reduction) is not str or reduction not in _REDUCTIONS:
        return None
    first = arrays[0]
    way = _way(term, arrays[-1].dtype == _CLASSES)
    if way is None or first.dtype not in _LARGEST or not first.size:
        return None
    return (_of_elements if way.of_elements else _of_rows)(way, first, arrays, reduction, graded)


def _inside(way: _Way, arrays: tuple[Any, ...]) -> bool:
    """Whether every number is inside its bounds, and shares sum to 1 by far; a batch looks closer at the others."""
    for i, each in way.bounded:
        low, high = each.bounds
        if low == 0 and high < math.inf:  # one look for both: as an integer without a sign, what is negative or NaN is huge
            unsigned = _UNSIGNED[arrays[i].dtype]
            if arrays[i].view(unsigned).max() > _bits(high, arrays[i].dtype):
                return False
        elif (low > -math.inf and not arrays[i].min() >= low) or (high < math.inf and not arrays[i].max() <= high):
            return False
    return all(_sum_to_one(arrays[i], logarithms=each.high == 0.0) for i, each in way.shares)


@cache
def _bits(number: float, dtype: Any) -> int:
    return int(np.array(number, dtype).view(_UNSIGNED[dtype]))


def _sum_to_one(array: Array, *, logarithms: bool) -> bool:
    """Whether all rows do, and every number of them is inside its bounds, or else its sum is NaN."""
    name, rounded = ("sum_of_log_shares", domains.LOGARITHMS_ROUNDED) if logarithms else ("sum_of_shares", domains.SHARES_ROUNDED)
    sums = kernel.compiled("rows", name)(array)
    return bool(abs(sums.min() - 1) < 0.75 * rounded and abs(sums.max() - 1) < 0.75 * rounded)


def _of_elements(way: _Way, first: Array, arrays: tuple[Any, ...], reduction: str, graded: bool) -> tuple[Any, Any] | None:
    if reduction == "none" or not _fitting(way, first, arrays, first.shape) or not _inside(way, arrays):
        return None
    divisor = first.size if reduction == "mean" else first.shape[-1] if way.rows else 1
    return _summed(way, [array.reshape(-1) for array in arrays], first, float(divisor), graded)


def _fitting(way: _Way, first: Array, arrays: tuple[Any, ...], loop: tuple[int, ...]) -> bool:
    """Whether all have the shapes that belong to the first, and all but class numbers its dtype."""
    for i, row, dtype in way.others:
        array = arrays[i]
        if array.dtype is not (dtype or first.dtype) or array.shape != (first.shape if row else loop):
            return False
    return True


def _same(number: float, size: int, dtype: Any) -> Array:
    """One number for each term, not repeated in memory."""
    return np.ndarray((size,), dtype, np.array([number], dtype), strides=(0,))


def _of_rows(way: _Way, first: Array, arrays: tuple[Any, ...], reduction: str, graded: bool) -> tuple[Any, Any] | None:
    """With class numbers or without; where one is out of range, the kernel gives NaN."""
    loop = first.shape[:-1]
    if not first.ndim or not _fitting(way, first, arrays, loop) or ((way.bounded or way.shares) and not _inside(way, arrays)):
        return None
    if reduction == "none":
        found = way.terms[graded](*arrays, *map(first.dtype.type, way.parameters), _ONE, _ONE)
        terms, gradients = (found[0], found[1:]) if graded else (found, ())
        if terms.max() <= _LARGEST[first.dtype]:
            return terms.astype(first.dtype), _one_or_all(gradients)
        if not _are_classes(arrays[-1], first.shape[-1]):
            return None
        with np.errstate(over="ignore"):
            return terms.astype(first.dtype), _one_or_all(gradients)
    laid = arrays if len(loop) == 1 else [array.reshape((math.prod(loop), *array.shape[len(loop) :])) for array in arrays]
    return _summed(way, laid, first, float(len(laid[0])) if reduction == "mean" else 1.0, graded)


def _are_classes(target: Array, count: int) -> bool:
    """Whether they are class numbers, all in range: then a term that is no number comes from the prediction, and a batch can do no more."""
    return target.dtype is _CLASSES and target.min() >= 0 and target.max() < count


def _summed(way: _Way, laid: Sequence[Array], first: Array, divisor: float, graded: bool) -> tuple[Any, Any] | None:
    """The value in the dtype of the prediction, and the gradients in its shape; NaN, and what overflows, are for a batch."""
    dtype = first.dtype
    if way.parameters:
        laid = [*laid, *(_same(value, len(laid[0]), dtype) for value in way.parameters)]
    found = kernel.summed(way.kernels[graded], divisor, *laid)
    value = found[0] / divisor
    if not abs(value) <= _LARGEST[dtype]:
        return None
    if len(found) == 2 and found[1].shape == first.shape:
        return dtype.type(value), found[1]
    return dtype.type(value), _one_or_all([gradient.reshape(first.shape) for gradient in found[1:]])


def _one_or_all(gradients: Sequence[Array]) -> Any:
    """The gradient, or all of them where there are several; None where there is none."""
    return gradients[0] if len(gradients) == 1 else tuple(gradients) or None
