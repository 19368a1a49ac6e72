"""The terms of a batch and the gradients of their weighted sum: by a compiled kernel where there is one, else by the definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import kernel, rules
from ogive.arrays import Array
from ogive.batch import Batch
from ogive.term import Definition

Gradients = tuple[Any, ...]


def value(batch: Batch) -> Any:
    """The reduced value (w · term, one by one, where nothing is reduced), without the gradient: the same bits."""
    found = _summing_kernels(batch, graded=False)
    if found is None:
        return _reduced(batch, _terms(batch))
    (sums, *_), arrays, weight = found
    return _summed(batch, sums, arrays, weight)[0]


def value_and_gradients(batch: Batch) -> tuple[Any, Gradients]:
    """The reduced value (w · term, one by one, where nothing is reduced), and Σ w · term / D differentiated by each input that can be."""
    found = _summing_kernels(batch, graded=True)
    if found is not None:
        (sums, *others), arrays, weight = found
        value, *gradients = _summed(batch, sums, arrays, weight)
        if batch.term.pointwise:
            gradients += [_summed(batch, each, arrays, weight)[1] for each in others]
            return value, _by_inputs(batch, [gradient.reshape(batch.arrays[0].shape) for gradient in gradients])
        return value, tuple(gradient.reshape(array.shape) for gradient, array in zip(gradients, batch.differentiated, strict=True))
    terms, gradients = _terms_and_gradients(batch)
    return _reduced(batch, terms), gradients


def _reduced(batch: Batch, terms: Any) -> Any:
    """Σ w · term / D, or w · term / D one by one."""
    if not batch.reduced:
        return _weigh(batch.weight, terms) / batch.divisor
    total = _sum(_weigh(batch.weight, terms)) / batch.divisor
    if math.isfinite(total):
        return total
    return _sum(_weigh(batch.weight, terms / np.float64(batch.divisor)))  # a sum may overflow where the quotient does not


def diagonal(batch: Batch, definition: Definition) -> Any:
    """That of the second derivative of Σ w · term / D by the first input, or of what majorises it, from the term's definition of it."""
    compiled = kernel.compiled("rows", f"{batch.term.name}_hessian") if definition is batch.term.hessian else None
    if compiled is not None and batch.term.target is not None:  # that of class numbers; a soft target has so many in all
        target, weight = batch.arrays[batch.term.target], _weight(batch)
        weight = weight if batch.classes is not None else _weigh(batch.weight, target.sum(axis=-1, dtype=np.float64))
        return compiled(batch.arrays[0].astype(batch.computed, copy=False), weight, batch.divisor)
    batch.one_hot()
    arguments = _defining(batch)
    diagonal = np.broadcast_to(definition(*arguments, np), batch.arrays[0].shape)
    return _weigh(batch.beside(batch.term.cores[0]), diagonal) / batch.divisor


def _summing_kernels(batch: Batch, *, graded: bool) -> tuple[list[Any], list[Array], Array] | None:
    """The kernel that gives the weighted sum of all terms, and those of further slopes, their arrays and weights; None without kernels."""
    if not batch.reduced:
        return None
    if batch.term.pointwise or batch.term.elements:
        kernels = _pointwise_kernels(batch, "sums" if graded else "sum_values")
        return None if kernels is None else (kernels, *_flattened(batch))
    sums = _rows_kernel(batch, "row_sums" if graded else "row_sum_values")
    if sums is None or batch.computed.kind != "f":
        return None
    rows, loop, inputs = math.prod(batch.shape), len(batch.shape), len(batch.arrays)
    arrays = _computed(batch)
    laid = [array.reshape((rows, *array.shape[loop:])) for array in arrays[:inputs]]
    laid += [_flat(array, batch.shape, array.dtype) for array in arrays[inputs:]]
    return [sums], laid, _flat(_weight(batch), batch.shape, np.float64)


def _summed(batch: Batch, sums: Any, arrays: list[Array], weight: Array) -> Any:
    """The value, and with it whatever else the kernel gives."""
    divisor = batch.divisor * (batch.arrays[0].shape[-1] if batch.term.elements else 1)
    found = kernel.run(sums, *arrays, weight, divisor)
    total, *rest = found if isinstance(found, tuple) else (found,)
    if not math.isfinite(total):  # a sum may overflow where the quotient does not
        again = sums(*arrays, weight / divisor, 1.0)
        return (again[0] if isinstance(again, tuple) else again), *rest
    return total / divisor, *rest


def _flattened(batch: Batch) -> tuple[list[Array], Array]:
    """Inputs and parameters, and the weights, in one dimension: a number for each element of the first input."""
    shape, weight = batch.arrays[0].shape, batch.beside(batch.term.cores[0])
    flat = [_flat(array, shape, batch.computed) for array in (*batch.arrays, *batch.parameters)]
    return flat, _flat(1.0 if weight is None else weight, shape, np.float64)


def _flat(array: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """One number for each term, in one dimension; a single number is not repeated in memory."""
    numbers: Array = np.asarray(array, dtype)
    if numbers.size == 1 and numbers.shape != shape:
        return np.ndarray((math.prod(shape),), numbers.dtype, numbers.reshape(1).copy(), strides=(0,))
    return np.broadcast_to(numbers, shape).reshape(-1) if numbers.shape != shape else numbers.reshape(-1)


def _terms(batch: Batch) -> Any:
    """The terms, without their weights."""
    elementwise = _pointwise_kernels(batch, "elementwise") if batch.term.pointwise else None
    if elementwise is not None:
        return elementwise[0]["value"](*_computed(batch))
    values = _rows_kernel(batch, "row_values")
    if values is not None:
        return values(*_computed(batch), _weight(batch), batch.divisor)
    if _is_together(batch):
        return _together(batch, graded=False)[0]
    batch.one_hot()
    return np.broadcast_to(batch.term.value(*_defining(batch), np), batch.shape)


def _terms_and_gradients(batch: Batch) -> tuple[Any, Gradients]:
    """The terms, without their weights, and the gradients, with them."""
    elementwise = _pointwise_kernels(batch, "elementwise") if batch.term.pointwise else None
    if elementwise is not None:
        computed = _computed(batch)
        terms, slope = kernel.run(elementwise[0]["value_and_slope"], *computed)
        slopes = [slope, *(kernel.run(each["slope"], *computed) for each in elementwise[1:])]
        return terms, _by_inputs(batch, [_weigh(batch.weight, each) / batch.divisor for each in slopes])
    both = _rows_kernel(batch, "rows")
    if both is not None:
        terms, *gradients = kernel.run(both, *_computed(batch), _weight(batch), batch.divisor)
        return terms, tuple(gradients)
    return _together(batch, graded=True) if _is_together(batch) else _defined(batch)


def _is_together(batch: Batch) -> bool:
    return batch.term.together is not None and kernel.config()["kernels"] == "compiled" and batch.computed.kind == "f"


def _together(batch: Batch, *, graded: bool) -> tuple[Any, Gradients]:
    share = np.broadcast_to(_weight(batch), batch.shape) / batch.divisor
    narrow = batch.dtype.itemsize < 8
    terms, *gradients = batch.term.together(*_computed(batch), share=share, graded=graded, narrow=narrow)  # type: ignore[misc]
    return terms, tuple(gradients)


def _pointwise_kernels(batch: Batch, kind: str) -> list[Any] | None:
    """The kernel of a pointwise term, or of the elements of a row, with the slope by its first input, and those of slopes by others."""
    term = batch.term.elements or batch.term
    others = [] if term.of_difference else term.differentiated[1:]
    found = [kernel.compiled(kind, name) for name in (term.name, *(f"{term.name}_by_{each.name}" for each in others))]
    return None if None in found else found


def _by_inputs(batch: Batch, gradients: list[Any]) -> Gradients:
    return (gradients[0], -gradients[0]) if batch.term.of_difference else tuple(gradients)


def _rows_kernel(batch: Batch, kind: str) -> Any:
    """The kernel of that kind for the rows of a batch, or for its sequences."""
    ending = "" if batch.classes is None else "_smoothed" if batch.smoothing else "_indices"
    return kernel.compiled(kind, batch.term.name + ending) or kernel.compiled(kind.replace("row", "sequence"), batch.term.name)


def _computed(batch: Batch) -> list[Any]:
    """Inputs and parameters in the dtype that is computed in; class numbers as they are, and the smoothing where there is some."""
    given = [array if array.dtype.kind == "i" else array.astype(batch.computed, copy=False) for array in (*batch.arrays, *batch.parameters)]
    return [*given, np.asarray(batch.smoothing)] if batch.smoothing else given


def _weight(batch: Batch) -> Any:
    return 1.0 if batch.weight is None else batch.weight


def _defining(batch: Batch) -> list[Array]:
    """Inputs and parameters for the definitions."""
    return [_wide(array) for array in (*batch.arrays, *batch.parameters)]


def _defined(batch: Batch) -> tuple[Any, Gradients]:
    """By the definitions, in float64."""
    batch.one_hot()
    arguments = _defining(batch)
    terms = np.broadcast_to(batch.term.value(*arguments, np), batch.shape)
    share = np.broadcast_to(_weight(batch), batch.shape) / batch.divisor
    gradients = batch.term.pull(*arguments, cotangent=share, xp=np)
    counted = batch.counted
    if counted is None:
        return terms, gradients
    cores = (len(core) for each, core in zip(batch.term.inputs, batch.term.cores, strict=False) if each.differentiated)
    beside = (counted.reshape((*batch.loop, *(1,) * core)) for core in cores)
    return terms, tuple(np.where(counts, gradient, 0.0) for counts, gradient in zip(beside, gradients, strict=True))


def _sum(terms: Any) -> Any:
    """Pairwise in float64, in the order of the elements: NumPy's own order is that of the memory."""
    return np.add.reduce(np.asarray(terms, dtype=np.float64, order="C"), axis=None)


def _weigh(weight: Array | None, array: Any) -> Any:
    return array if weight is None else rules.weighted(weight, array, np)


def _wide(array: Array) -> Array:
    """As float64, and contiguous: NumPy's own functions round differently along strides."""
    return np.asarray(array, dtype=None if array.dtype.kind == "i" else np.float64, order="C")
