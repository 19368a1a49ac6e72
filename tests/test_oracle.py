"""The oracle itself: its derivatives are those of mpmath's differences, and it says so where no digits settle an answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import oracle
import pytest

from ogive import formula

UNARY = ("exp", "expm1", "log", "log1p", "log2", "tanh", "sin", "cos", "erf", "erfc", "sqrt")
LOG_SUM_EXP = "log(sum(exp(v) for v in x)) - x[i]"
SCORE = "log(sum(exp(sum(a * b for a, b in zip(queries[i], key))) for key in keys)) - sum(a * b for a, b in zip(queries[i], keys[i]))"


def close(got: Any, expected: Any, digits: int = 25) -> bool:
    return bool(abs(got - expected) <= mpmath.mpf(10) ** -digits * abs(expected))


def difference(function: Any, x: float, order: int) -> Any:
    with mpmath.workdps(120):
        return mpmath.diff(function, mpmath.mpf(x), order)


@pytest.mark.parametrize("x", [0.3, 1.5, 4.0])
@pytest.mark.parametrize("name", UNARY)
def test_functions_and_their_derivatives(name: str, x: float) -> None:
    theirs = (lambda y: mpmath.log(y, 2)) if name == "log2" else getattr(mpmath, name)
    for order, got in enumerate(oracle.truth(f"{name}(x)", "x", order=3, x=x)):
        assert close(got, difference(theirs, x, order))


@pytest.mark.parametrize(
    ("written", "function"),
    [
        ("x**gamma", lambda x: x ** mpmath.mpf(2.5)),
        ("gamma**x", lambda x: mpmath.mpf(2.5) ** x),
        ("x**x / (x - 3)**2", lambda x: x**x / (x - 3) ** 2),
        ("abs(-x) * max(x, 1) - min(x, 1)", lambda x: x * x - 1),
        ("2 / 3 * x**3 - x**0.5 + pi", lambda x: mpmath.mpf(2) / 3 * x**3 - mpmath.sqrt(x) + mpmath.pi),
        ("number(1) / 3 if x < 1 else exp(x) / 3", lambda x: mpmath.exp(x) / 3),
    ],
)
def test_operators_and_their_derivatives(written: str, function: Any) -> None:
    for order, got in enumerate(oracle.truth(written, "x", order=2, x=1.75, gamma=2.5)):
        assert close(got, difference(function, 1.75, order))


def test_whole_powers_at_zero() -> None:
    assert oracle.truth("x**3 + x**2 + x", "x", order=2, x=0.0) == (0, 1, 2)
    assert oracle.truth("x**gamma", "x", x=0.0, gamma=2.0) == (0, 0)


def test_what_cancels_keeps_its_digits() -> None:
    """The true value is e^-1000 and a bit; at first all 50 digits cancel."""
    got = oracle.value(LOG_SUM_EXP, x=[1000.0, 0.0], i=0)
    with mpmath.workdps(1000):
        assert close(got, mpmath.log1p(mpmath.exp(-1000)), 45)
    assert oracle.value(LOG_SUM_EXP, x=[7.0], i=0) == 0
    assert oracle.value("exp(x) / exp(x)", x=1e308) == 1


def test_derivatives_by_elements_of_nested_inputs() -> None:
    queries, keys = np.random.default_rng(1).normal(size=(2, 3, 2))
    value, slope = oracle.jacobian_column(SCORE, "keys", (2, 1), queries=queries, keys=keys, i=0)

    def moved(by: Any) -> Any:
        q, k = ([[mpmath.mpf(float(v)) for v in row] for row in matrix] for matrix in (queries, keys))
        k[2][1] += by
        scores = [sum(a * b for a, b in zip(q[0], key, strict=True)) for key in k]
        return mpmath.log(sum(map(mpmath.exp, scores))) - scores[0]

    assert close(value, moved(0))
    assert close(slope, difference(moved, 0.0, 1))


def test_a_reference_algorithm() -> None:
    """Comparisons, sorting and whole numbers are Python's."""

    def largest(functions: SimpleNamespace, x: list[Any], count: int) -> Any:
        return sum(functions.exp(v) for v in sorted(x, reverse=True)[:count])

    value, slope = oracle.jacobian_column(largest, "x", 2, x=[1.0, -5.0, 2.0], count=2)
    assert close(value, mpmath.e + mpmath.e**2)
    assert close(slope, mpmath.e**2)
    assert oracle.jacobian_column(largest, "x", 1, x=[1.0, -5.0, 2.0], count=2)[1] == 0


@pytest.mark.parametrize("written", ["1 if exp(log(x)) > x else 0", "sqrt(x - 2)", "log(0 * x)"])
def test_what_cannot_be_settled_is_refused(written: str) -> None:
    with pytest.raises(ArithmeticError, match="bits settle"):
        oracle.truth(written, "x", x=2.0)


def test_the_oracle_has_every_function_of_the_language() -> None:
    assert set(formula.MATHEMATICS) <= {*oracle.FUNCTIONS, "pi", "inf"}


@pytest.mark.parametrize(
    ("got", "true", "dtype", "expected"),
    [
        (1.0, 1 + mpmath.mpf(2) ** -52, np.float64, 1),
        (1.0, 1 + mpmath.mpf(2) ** -23, np.float32, 1),
        (0.0, mpmath.mpf(2) ** -1074, np.float64, 1),
        (2.0, 2 - mpmath.mpf(2) ** -52, np.float64, 1),
        (np.inf, mpmath.mpf(10) ** 400, np.float64, 0),
        (-np.inf, mpmath.mpf(10) ** 400, np.float64, np.inf),
        (np.inf, mpmath.mpf(1), np.float64, np.inf),
        (np.nan, mpmath.mpf(1), np.float64, np.inf),
    ],
)
def test_errors_in_ulp(got: float, true: Any, dtype: Any, expected: float) -> None:
    assert oracle.ulps(got, true, dtype) == expected


def test_errors_beside_a_scale() -> None:
    assert oracle.ulps(0.0, mpmath.mpf(2) ** -60, np.float64, scale=1.0) == 2.0**-8
