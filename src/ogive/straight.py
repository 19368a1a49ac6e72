"""The straight way of a loss: plain arrays without rules go to the kernel at once, for a small batch costs less than laying it out.

Everything else goes through a batch, which gives the same bits, and finds and names every mistake.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import domains, kernel
from ogive.arrays import Array
from ogive.term import Input, Term

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_CLASSES = np.dtype(np.int64)
_ONES = np.ones(1)


def reduced(term: Term, arrays: tuple[Any, ...], reduction: Any, *, graded: bool) -> tuple[Any, Any] | None:
    """The terms, reduced, and the gradient by the first input (None if not `graded`); None where a batch is needed."""
    count = len(arrays)
    if count != len(term.inputs) or term.parameters or len(term.differentiated) != 1 or reduction not in ("mean", "sum", "none"):
        return None
    first = arrays[0]
    if not (_plain(first) and first.dtype in _FLOATS and first.size and _inside(term.inputs[0], first)):
        return None
    if term.pointwise:
        return _of_elements(term, first, arrays, reduction, graded)
    if count == 2 and term.inputs[1].role == "distribution" and _are_classes(first, arrays[1]):
        return _of_rows(term, first, arrays[1], reduction, graded)
    return None


def _plain(array: Any) -> bool:
    """Whether it is an array and nothing more, its elements one after the other."""
    return type(array) is np.ndarray and array.flags.c_contiguous and array.flags.aligned


def _inside(each: Input, array: Array) -> bool:
    """Whether every number is inside its bounds; NaN is not."""
    return (each.low == -math.inf or array.min() >= each.low) and (each.high == math.inf or array.max() <= each.high)


def _of_elements(term: Term, first: Array, arrays: tuple[Any, ...], reduction: str, graded: bool) -> tuple[Any, Any] | None:
    kernels = kernel.compiled("sums" if graded else "sum_values", term.name) if reduction != "none" else None
    for each, array in zip(term.inputs[1:], arrays[1:], strict=True):
        if not (_plain(array) and array.dtype == first.dtype and array.shape == first.shape and _inside(each, array)):
            return None
    if kernels is None:
        return None
    divisor = float(first.size) if reduction == "mean" else 1.0
    ones = np.ndarray((first.size,), np.float64, _ONES, strides=(0,))
    total, gradient = _pair(kernels(*[array.reshape(-1) for array in arrays], ones, divisor), graded)
    return _rounded(total / divisor, first, gradient)


def _are_classes(first: Array, classes: Any) -> bool:
    """Whether these are numbers of the classes of each row."""
    fits = _plain(classes) and classes.dtype == _CLASSES and first.ndim > 0 and classes.shape == first.shape[:-1]
    return fits and bool(classes.view(np.uint64).max() < first.shape[-1])  # without its sign, a negative number is huge


def _adds_up(term: Term, first: Array) -> bool:
    """Whether every row of shares, or of their logarithms, sums to 1."""
    return 0 not in term.distributions or not domains.far_from_one(first, logarithms=term.inputs[0].high == 0.0).any()


def _of_rows(term: Term, first: Array, classes: Array, reduction: str, graded: bool) -> tuple[Any, Any] | None:
    kernels = kernel.compiled("rows" if graded else "row_values", f"{term.name}_indices")
    if kernels is None or not _adds_up(term, first):
        return None
    divisor = float(classes.size) if reduction == "mean" else 1.0
    terms, gradient = _pair(kernels(first, classes, 1.0, divisor), graded)
    if reduction == "none":
        return (terms.astype(first.dtype), gradient) if terms.max() <= np.finfo(first.dtype).max else None
    return _rounded(np.add.reduce(terms, axis=None) / divisor, first, gradient)


def _pair(results: Any, graded: bool) -> tuple[Any, Any]:
    return results if graded else (results, None)


def _rounded(value: Any, first: Array, gradient: Any) -> tuple[Any, Any] | None:
    """The value in the dtype of the prediction; a sum or a result that overflows is for a batch."""
    if not abs(value) <= np.finfo(first.dtype).max:
        return None
    return first.dtype.type(value), None if gradient is None else gradient.reshape(first.shape)
