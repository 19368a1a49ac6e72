"""The straight way of a loss: plain arrays without rules go to the kernel at once, for a small batch costs less than laying it out.

Everything else goes through a batch, which gives the same bits, and finds and names every mistake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ogive import domains, kernel
from ogive.arrays import Array
from ogive.term import Input, Term

_LARGEST = {np.dtype(kind): float(np.finfo(kind).max) for kind in (np.float32, np.float64)}
_CLASSES = np.dtype(np.int64)
_ONE = np.ones(())
_REDUCTIONS = frozenset(("mean", "sum", "none"))


@dataclass(frozen=True, slots=True)
class _Way:
    """What is known of a term before a call.

    ``kernels`` give the sum of the terms, without and with the gradient, and ``terms`` those of rows one by one; ``bounded`` are the
    inputs with bounds, by their place; ``parameters`` are the defaults, which float32 holds.
    """

    pointwise: bool
    inputs: int
    kernels: tuple[Any, Any]
    terms: tuple[Any, Any]
    bounded: tuple[tuple[int, Input], ...]
    parameters: tuple[float, ...]
    distribution: bool
    logarithms: bool


@cache
def _way(term: Term) -> _Way | None:
    """The straight way of a term, if there is one."""
    inputs, defaults = term.inputs, [parameter.default for parameter in term.parameters]
    if term.pointwise:
        kernels, terms = _compiled(term.name, "sum_values", "sums"), (None, None)
    elif len(inputs) == 2 and inputs[1].role == "distribution" and not defaults:
        name = f"{term.name}_indices"
        kernels, terms = _compiled(name, "row_sum_values", "row_sums"), _compiled(name, "row_values", "rows")
    else:
        return None
    parameters = tuple(float(each) for each in defaults if isinstance(each, int | float) and float(np.float32(each)) == each)
    if None in kernels or len(term.differentiated) != 1 or term.whole or len(parameters) < len(defaults):
        return None
    looked_at = enumerate(inputs if term.pointwise else inputs[:1])
    bounded = tuple((i, each) for i, each in looked_at if each.bounds != (-math.inf, math.inf))
    return _Way(term.pointwise, len(inputs), kernels, terms, bounded, parameters, 0 in term.distributions, inputs[0].high == 0.0)


def _compiled(name: str, value: str, both: str) -> tuple[Any, Any]:
    return kernel.compiled(value, name), kernel.compiled(both, name)


def reduced(term: Term, arrays: tuple[Any, ...], reduction: Any, *, graded: bool) -> tuple[Any, Any] | None:
    """The terms, reduced, and the gradient by the first input (None if not `graded`); None where a batch is needed."""
    way = _way(term)
    if way is None or len(arrays) != way.inputs or type(reduction) is not str or reduction not in _REDUCTIONS:
        return None
    first = arrays[0]
    if not (_plain(first) and first.dtype in _LARGEST and first.size):
        return None
    return (_of_elements if way.pointwise else _of_rows)(way, first, arrays, reduction, graded)


def _plain(array: Any) -> bool:
    """Whether it is an array and nothing more, its elements one after the other."""
    return type(array) is np.ndarray and (flags := array.flags).c_contiguous and flags.aligned


def _inside(way: _Way, arrays: tuple[Any, ...]) -> bool:
    """Whether every number is inside its bounds; NaN is not."""
    return all(arrays[i].min() >= each.low and arrays[i].max() <= each.high for i, each in way.bounded)


def _of_elements(way: _Way, first: Array, arrays: tuple[Any, ...], reduction: str, graded: bool) -> tuple[Any, Any] | None:
    alike = all(_plain(array) and array.dtype == first.dtype and array.shape == first.shape for array in arrays[1:])
    if reduction == "none" or not alike or not _inside(way, arrays):
        return None
    divisor = float(first.size) if reduction == "mean" else 1.0
    numbers = [_same(value, first.size, first.dtype) for value in way.parameters]
    found = way.kernels[graded](*[array.reshape(-1) for array in arrays], *numbers, _ones(first.size), divisor)
    return _rounded(found if graded else (found, None), divisor, first)


@lru_cache(64)
def _ones(count: int) -> Array:
    return _same(1.0, count, np.float64)


def _same(number: float, size: int, dtype: Any) -> Array:
    """One number for each term, not repeated in memory."""
    return np.ndarray((size,), dtype, np.array([number], dtype), strides=(0,))


def _of_rows(way: _Way, first: Array, arrays: tuple[Any, ...], reduction: str, graded: bool) -> tuple[Any, Any] | None:
    """With class numbers; where one is out of range, the kernel gives NaN."""
    classes = arrays[1]
    fits = _plain(classes) and classes.dtype == _CLASSES and first.ndim > 0 and classes.shape == first.shape[:-1]
    if not fits or not _inside(way, arrays) or (way.distribution and domains.far_from_one(first, logarithms=way.logarithms).any()):
        return None
    if reduction == "none":
        found = way.terms[graded](first, classes, _ONE, _ONE)
        terms, gradient = found if graded else (found, None)
        return (terms.astype(first.dtype), gradient) if terms.max() <= _LARGEST[first.dtype] else None
    rows, divisor = classes.size, float(classes.size) if reduction == "mean" else 1.0
    logits = first if first.ndim == 2 else first.reshape(rows, -1)
    found = way.kernels[graded](logits, classes.reshape(rows), _ones(rows), divisor)
    return _rounded(found if graded else (found, None), divisor, first)


def _rounded(found: tuple[Any, Any], divisor: float, first: Array) -> tuple[Any, Any] | None:
    """The value in the dtype of the prediction, and the gradient in its shape; NaN, and what overflows, is for a batch."""
    total, gradient = found
    value = total / divisor
    if not abs(value) <= _LARGEST[first.dtype]:
        return None
    return first.dtype.type(value), None if gradient is None else gradient.reshape(first.shape)
