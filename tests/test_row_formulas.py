"""Terms of rows, matrices and batches: values and gradients are those of their formulas, or reference algorithms, in 50 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest
import samples

from ogive.loss import Loss

TERMS = [(entry, given) for entry, given in samples.TERMS if not entry.forms[given].pointwise]
BOUNDS = {"value": 4.0, "gradient": 8.0}
every_row_term = pytest.mark.parametrize(("entry", "given"), TERMS, ids=lambda value: getattr(value, "name", value))


def truth(entry: Loss, given: str, arrays: list[Any], named: dict[str, float]) -> tuple[list[Any], list[Any], float]:
    """The terms; for each differentiated input the derivatives of their sum by its elements; and the condition of the worst term, by how
    much more than the inputs it moves when each of them moves by its own size.
    """
    term = entry.forms[given]
    shape = [arrays[0].shape[i] for i in range(len(term.core_out))]
    variables = {each.name: array if array.ndim else array.item() for each, array in zip(term.inputs, arrays, strict=True)} | named
    places = [{"i": i} for i in range(shape[0])] if shape else [{}]
    values = [oracle.value(term.exact, **variables, **place) for place in places]
    moves = [mpmath.mpf(0) for _ in places]
    gradients = []
    for each, array in zip(term.inputs, arrays, strict=True):
        if each.differentiated:
            columns = []
            for index in np.ndindex(array.shape):
                slopes = [oracle.truth(term.exact, (each.name, *index), **variables, **place)[1] for place in places]
                moves = [move + abs(slope * float(array[index])) for move, slope in zip(moves, slopes, strict=True)]
                columns.append(mpmath.fsum(slopes))
            gradients.append(columns)
    conditions = [float(move / abs(value)) for move, value in zip(moves, values, strict=True) if value]
    return values, gradients, max([1.0, *conditions])


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("scale", [1.0, 30.0])
@every_row_term
def test_values_and_gradients_are_those_of_the_formula(entry: Loss, given: str, scale: float, dtype: Any) -> None:
    """In ulp of the value, and of the largest derivative by the elements of an input: single ones are sums, and cross zero.

    All is computed in float64, where an inner product, or a sum, keeps as many digits as its condition leaves.
    """
    term = entry.forms[given]
    named = {key: value for key, value in samples.named(entry, given).items() if key != "given"}
    form = {"given": given} if len(entry.forms) > 1 else {}
    for seed in range(2):
        arrays = samples.arguments(term, (), dtype, seed)
        arrays = [
            array * dtype(scale) if each.differentiated and np.isinf([each.low, each.high]).all() else array
            for each, array in zip(term.inputs, arrays, strict=True)
        ]
        value, gradient = entry.value_and_gradient(*arrays, reduction="none", **named, **form)
        values, gradients, condition = truth(entry, given, arrays, named)
        room = max(1.0, condition * float(np.finfo(np.float64).eps / np.finfo(dtype).eps))
        for got, true in zip(np.ravel(value), values, strict=True):
            assert oracle.ulps(got, true, dtype) <= BOUNDS["value"] * room
        for got, columns in zip(gradient if isinstance(gradient, tuple) else (gradient,), gradients, strict=True):
            size = max(map(abs, columns))
            for one, exact in zip(got.ravel(), columns, strict=True):
                assert oracle.ulps(one, exact, dtype, size) <= BOUNDS["gradient"] * room
