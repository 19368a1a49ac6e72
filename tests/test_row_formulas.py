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
from ogive.term import Term

TERMS = [(entry, given) for entry, given in samples.TERMS if not entry.forms[given].pointwise]
BOUNDS = {"value": 4.0, "gradient": 8.0}
every_row_term = pytest.mark.parametrize(("entry", "given"), TERMS, ids=lambda value: getattr(value, "name", value))


def truth(entry: Loss, given: str, arrays: list[Any], named: dict[str, float]) -> tuple[list[Any], list[list[Any]]]:
    """The terms, and for each differentiated input the derivatives of their sum by its elements."""
    term = entry.forms[given]
    shape = [arrays[0].shape[i] for i in range(len(term.core_out))]
    variables = {each.name: array if array.ndim else array.item() for each, array in zip(term.inputs, arrays, strict=True)} | named
    places = [{"i": i} for i in range(shape[0])] if shape else [{}]
    values = [oracle.value(term.exact, **variables, **place) for place in places]
    gradients = [
        [
            mpmath.fsum(oracle.truth(term.exact, (each.name, *index), **variables, **place)[1] for place in places)
            for index in np.ndindex(array.shape)
        ]
        for each, array in zip(term.inputs, arrays, strict=True)
        if each.differentiated
    ]
    return values, gradients


def flat(value: Any, gradient: Any) -> list[Any]:
    """The terms and the gradients, each in one dimension."""
    return [np.ravel(each) for each in (value, *(gradient if isinstance(gradient, tuple) else (gradient,)))]


def moves(term: Term, compute: Any, arrays: list[Any]) -> list[Any]:
    """How far terms and gradients move when every prediction moves by its own size, from what a millionth of that towards 0 does."""
    rng = np.random.default_rng(1)
    wide = [array.astype(np.float64) if each.differentiated else array for each, array in zip(term.inputs, arrays, strict=True)]
    here, found = compute(wide), []
    for _ in range(8):
        moved = [
            np.clip(array * (1 - 1e-6 * rng.choice([0.0, 1.0], array.shape)), each.low, each.high) if each.differentiated else array
            for each, array in zip(term.inputs, wide, strict=True)
        ]
        found.append([abs(there - before) / 1e-6 for there, before in zip(compute(moved), here, strict=True)])
    return [np.max(each, axis=0) for each in zip(*found, strict=True)]


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("scale", [1.0, 30.0])
@every_row_term
def test_values_and_gradients_are_those_of_the_formula(entry: Loss, given: str, scale: float, dtype: Any) -> None:
    """In ulp of the value, and of the largest derivative by the elements of an input: single ones are sums, and cross zero.

    All is computed in float64, where sums and inner products leave as many digits as their condition does.
    """
    term = entry.forms[given]
    named = {key: value for key, value in samples.named(entry, given).items() if key not in ("given", "axis")}
    form = {"given": given} if len(entry.forms) > 1 else {}

    def compute(arrays: list[Any]) -> list[Any]:
        return flat(*entry.value_and_gradient(*arrays, reduction="none", **named, **form))

    for seed in range(2):
        arrays = samples.arguments(term, (), dtype, seed)
        arrays = [
            array * dtype(scale) if each.differentiated and np.isinf([each.low, each.high]).all() else array
            for each, array in zip(term.inputs, arrays, strict=True)
        ]
        values, gradients = truth(entry, given, arrays, named)
        (got, *slopes), (move, *shifts) = compute(arrays), moves(term, compute, arrays)
        for one, exact, shift in zip(got, values, move, strict=True):
            assert oracle.ulps(one, exact, dtype) <= BOUNDS["value"] * (1 + rounding(shift, exact, dtype))
        for got, columns, shift in zip(slopes, gradients, shifts, strict=True):
            size = max(map(abs, columns))
            for one, exact, move in zip(got, columns, shift, strict=True):
                assert oracle.ulps(one, exact, dtype, size) <= BOUNDS["gradient"] * (1 + rounding(move, size, dtype))


def rounding(move: float, size: Any, dtype: Any) -> float:
    """The movement by one rounding in float64, in ulp of that size."""
    return float(move * np.finfo(np.float64).eps / oracle.spacing(size, dtype))
