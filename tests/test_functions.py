"""What structs may be made of, in kernels/functions.hpp: erf, powers, sine and cosine within 2 ulp, through rows of their own."""

from __future__ import annotations

import math
import re
from typing import Any

import flint
import mpmath
import numpy as np
import oracle
import points
import pytest

import ogive
from ogive import special

Array = np.ndarray[Any, Any]
ROWS = ogive.kernel._compiled.elementwise if ogive.kernel.config()["kernels"] == "compiled" else {}
BOUNDS = {"value": 2.0, "slope": 4.0}
FARTHEST = 2.0**47  # that an angle may be
TRUE: dict[str, dict[str, Any]] = {
    "erf": {"value": lambda x: x.erf(), "slope": lambda x: 2 / flint.arb.pi().sqrt() * (-x * x).exp()},
    "sine": {"value": lambda x: x.sin(), "slope": lambda x: x.cos()},
    "cosine": {"value": lambda x: x.cos(), "slope": lambda x: -x.sin()},
    "power": {"value": lambda x, y: x**y},
}
pytestmark = pytest.mark.skipif(not ROWS, reason="no kernels in use")
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


def beside_quarters(dtype: Any) -> Array:
    """Angles as near to multiples of π/2 as few floats are: those of random multiples, and numerators of its convergents."""
    numerators = [1, 0]
    with mpmath.workprec(200):
        last = +mpmath.pi / 2
        while numerators[0] < FARTHEST:
            whole = int(mpmath.floor(last))
            numerators = [whole * numerators[0] + numerators[1], numerators[0], *numerators[1:]]
            last = 1 / (last - whole)
    near = [float(p) / 2**k for p in numerators for k in (0, 1, 2) if 0 < p <= FARTHEST]
    rng = np.random.default_rng(30)
    multiples = np.r_[np.arange(1, 200), rng.integers(1, int(FARTHEST / 2), 100)] * (math.pi / 2)
    return np.array([*near, *multiples], dtype)


def angles(dtype: Any) -> Array:
    x = np.r_[points.reals(dtype), points.thresholds(dtype), beside_quarters(dtype), -beside_quarters(dtype)]
    return np.unique(x[abs(x) <= FARTHEST])


def powers(dtype: Any) -> tuple[Array, Array]:
    """Bases of every size, with exponents up to where the power overflows or vanishes, and a little beyond."""
    rng, count = np.random.default_rng(31), 300 if points.FEW else 3000
    with np.errstate(all="ignore"):
        x = np.exp(rng.normal(size=count) * rng.choice([1e-8, 1e-3, 1, 10, 80 if dtype is np.float32 else 600], count)).astype(dtype)
        farthest = np.log(np.finfo(dtype).max) / abs(np.log(x.astype(np.float64)))
        y = np.where(rng.random(count) < 0.3, rng.normal(scale=3, size=count), rng.uniform(-1.1, 1.1, count) * farthest)
        y = np.where(rng.random(count) < 0.2, np.round(y), y).astype(dtype)
    usable = np.isfinite(x) & np.isfinite(y) & (x > 0)
    return x[usable], y[usable]


def exact(function: Any, *numbers: float) -> Any:
    with flint.ctx.workprec(300):
        ball = function(*map(flint.arb, numbers))
    assert ball.rel_accuracy_bits() > oracle.BITS or ball.abs_upper() < oracle.NEGLIGIBLE, numbers
    return mpmath.mpf(tuple(map(int, ball.mid().man_exp())))


def worst(name: str, part: str, *inputs: Array) -> tuple[float, tuple[float, ...]]:
    with np.errstate(all="ignore"):
        got = ROWS[name][part](*inputs)
    found = (0.0, ())
    for result, point in zip(got, zip(*(array.tolist() for array in inputs), strict=True), strict=True):
        found = max(found, (oracle.ulps(result, exact(TRUE[name][part], *point), inputs[0].dtype), point))
    return found


@every_dtype
@pytest.mark.parametrize("part", BOUNDS)
@pytest.mark.parametrize("name", ["erf", "sine", "cosine"])
def test_a_function_of_one_number_is_within_its_bound(name: str, part: str, dtype: Any) -> None:
    x = np.unique(np.r_[points.reals(dtype), points.thresholds(dtype)]) if name == "erf" else angles(dtype)
    error, at = worst(name, part, x)
    assert error <= BOUNDS[part], at


@every_dtype
def test_a_power_is_within_its_bound(dtype: Any) -> None:
    error, at = worst("power", "value", *powers(dtype))
    assert error <= BOUNDS["value"], at


@every_dtype
def test_powers_of_everything_special_are_those_of_numpy(dtype: Any) -> None:
    info = np.finfo(dtype)
    special = [0.0, 1.0, 2.0, 2.5, 3.0, 0.5, np.inf, np.nan, 2.0**52 + 1, 2.0**53, info.max, info.smallest_subnormal]
    x, y = np.meshgrid(*[np.array([*special, *np.negative(special)], dtype)] * 2)
    with np.errstate(all="ignore"):
        got, right = ROWS["power"]["value"](x, y), np.power(x, y)
    np.testing.assert_allclose(got, right, rtol=4 * info.eps)
    np.testing.assert_array_equal(np.signbit(got)[~np.isnan(right)], np.signbit(right)[~np.isnan(right)])


@every_dtype
def test_limits(dtype: Any) -> None:
    np.testing.assert_array_equal(ROWS["erf"]["value"](np.array([-np.inf, np.inf, np.nan], dtype)), [-1, 1, np.nan])
    for name in ("sine", "cosine"):
        beyond = np.array([np.nextafter(dtype(FARTHEST), dtype(np.inf)), 1e30, np.inf, -np.inf, np.nan], dtype)
        assert np.isnan(ROWS[name]["value"](beyond)).all()
    zeros = np.array([0.0, -0.0], dtype)
    for name in ("erf", "sine"):
        np.testing.assert_array_equal(np.signbit(ROWS[name]["value"](zeros)), [False, True])


def test_definitions_and_kernels_have_the_same_coefficients_of_the_normal_tail() -> None:
    source = (points.HERE.parent / "kernels" / "coefficients.hpp").read_text().partition("Coefficients<double>")[2]
    centre = re.search(r"mills_centre = ([^;]+);", source)
    coefficients = re.search(r"mills\[\] = \{([^}]+)\}", source)
    assert centre is not None
    assert coefficients is not None
    assert float(centre[1]) == special._TAIL_CENTRE
    assert tuple(float(text) for text in coefficients[1].split(",") if text.strip()) == special._TAIL
