"""Losses of classes along an axis: values and gradients against 50-digit arithmetic, at ordinary and at hard rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import points
import pytest
import samples

from ogive.loss import Loss

FORMS = [
    pytest.param(entry, given, id=entry.forms[given].name)
    for entry, given in samples.TERMS
    if entry.forms[given].cores[:2] == (("c",), ("c",)) and not entry.information and not entry.forms[given].whole
]
HARD = [[0, 0, 0], [17, 0, 1], [40, 0, 0], [-30, 2, 1.3], [1e7, 1e7 - 2, 1e7 - 5], [0.51, 0.23, -3], [-300, 300, 0], [1.1, 0.0, -1.0]]
SURE = [[1e-30, 1.0, 1e-9], [0.999999, 1e-6, 1e-12]]
VALUE, GRADIENT = 4.0, 8.0


def rows(low: float, high: float, dtype: Any) -> np.ndarray[Any, Any]:
    """Rows of three numbers in the domain."""
    rng = np.random.default_rng(3)
    if low < 0 < high:
        return np.r_[rng.normal(size=(12, 3)) * rng.choice([0.3, 1, 5], (12, 1)), HARD].astype(dtype)
    shares = np.r_[rng.dirichlet(np.full(3, 0.5), 18), SURE].astype(dtype)
    return shares if low == 0 else np.minimum(np.log(shares), 0)


def targets(low: float, high: float, dtype: Any) -> np.ndarray[Any, Any]:
    """Hard ones and soft ones in turn; or, where they are no shares, as the predictions."""
    if (low, high) != (0.0, 1.0):
        return rows(low, high, dtype)[::-1].copy()
    rng = np.random.default_rng(4)
    return np.where(np.arange(20)[:, None] % 3 < 2, np.eye(3)[rng.integers(0, 3, 20)], rng.dirichlet(np.ones(3), 20)).astype(dtype)


def truth(entry: Loss, given: str, prediction: Any, target: Any) -> list[Any]:
    """The value, and the slope by each number of the prediction."""
    term = entry.forms[given]
    variables = {term.inputs[0].name: prediction, term.inputs[1].name: target} | {each.name: each.default for each in term.parameters}
    columns = [oracle.jacobian_column(term.exact, term.inputs[0].name, i, **variables) for i in range(3)]
    return [columns[0][0], *(slope for _, slope in columns)]


def largest_of_one_class(entry: Loss, given: str, prediction: Any, target: Any) -> Any:
    """The largest share of a slope that one class of a soft target has, where the target is one of classes."""
    if entry.forms[given].target is None:
        return 0
    return max(
        abs(float(t) * slope) for t, one in zip(target, np.eye(3), strict=True) if t for slope in truth(entry, given, prediction, one)[1:]
    )


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("entry", "given"), FORMS)
def test_values_and_gradients_agree_with_the_formula(entry: Loss, given: str, dtype: Any) -> None:
    """Values in ulp; gradients in ulp of the largest slope of the row, or of one class of a soft target, where these cancel."""
    first, second = entry.forms[given].inputs
    predictions, every_target = rows(first.low, first.high, dtype), targets(second.low, second.high, dtype)
    named = {"given": given} if len(entry.forms) > 1 else {}
    values, gradients = entry.value_and_gradient(predictions, every_target, reduction="none", **named)
    assert values.dtype == gradients.dtype == dtype
    compared = 0
    for prediction, target, value, gradient in zip(predictions, every_target, values, gradients, strict=True):
        try:
            true, *slopes = truth(entry, given, prediction, target)
        except ArithmeticError:
            assert value == np.inf
            continue
        compared += 1
        assert oracle.ulps(value, true, dtype) <= VALUE, (prediction, target)
        errors = [oracle.ulps(got, slope, dtype, max(map(abs, slopes))) for got, slope in zip(gradient, slopes, strict=True)]
        if max(errors) > GRADIENT:
            scale = largest_of_one_class(entry, given, prediction, target)
            errors = [oracle.ulps(got, slope, dtype, scale) for got, slope in zip(gradient, slopes, strict=True)]
        assert max(errors) <= GRADIENT, (prediction, target)
    assert compared >= 6
