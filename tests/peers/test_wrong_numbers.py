"""Inputs at which PyTorch, Keras, JAX, optax, SciPy or scikit-learn give wrong activations; ogive must not.

Each case was measured on the peers; the comments say who fails there and how. True values are of 50 digits.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import pytest

import ogive

F32, F64 = np.float32, np.float64
INF = np.inf


def close(got: Any, true: Any, dtype: Any, ulp: float = 4) -> None:
    assert np.asarray(got).dtype == dtype
    assert oracle.ulps(got, mpmath.mpf(true), dtype) <= ulp


# --- along an axis ----------------------------------------------------------------------------------------------------


def test_logsumexp_next_to_zero() -> None:
    """PyTorch, JAX and Keras give 0."""
    close(ogive.logsumexp([0.0, -40.0]), mpmath.log1p(mpmath.exp(-40)), F64, 2)


@pytest.mark.parametrize("dtype", [F32, F64])
def test_softmax_of_spread_logits(dtype: Any) -> None:
    """All peers lose 64 ulp at a spread of 30 (float32), hundreds at 1000 (float64), to the rounding of x - max."""
    logits = (np.random.default_rng(2).normal(size=(20, 8)) * 30).astype(dtype)
    got = ogive.softmax(logits)
    bound = 2 if ogive.kernel.config()["kernels"] == "compiled" else 4
    for row, shares in zip(logits, got, strict=True):
        exponentials = [mpmath.exp(mpmath.mpf(float(v))) for v in row]
        for share, exponential in zip(shares, exponentials, strict=True):
            close(share, exponential / mpmath.fsum(exponentials), dtype, bound)


# --- elementwise ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [F32, np.float16])
def test_gelu_does_not_depend_on_the_shape(dtype: Any) -> None:
    """PyTorch's contiguous path gives NaN at infinity, and 17 % off at -5; its strided path does not."""
    x = np.array([INF, -3, -4, -5, 1, 2, 3, 4] * 4, dtype)
    whole = ogive.gelu(x)
    assert whole[0] == INF
    np.testing.assert_array_equal(whole, [ogive.gelu(one) for one in x])
    np.testing.assert_array_equal(whole[::2], ogive.gelu(x[::2]))
    if dtype is F32:
        close(whole[3], mpmath.mpf(-5) * mpmath.ncdf(-5), F32, 2)


@pytest.mark.parametrize(("x", "dtype"), [(-5.5, F32), (-13, F32), (-13.9, F32), (-8, F64), (-8.38, F64), (-20, F64), (-37, F64)])
def test_the_tail_of_gelu(x: float, dtype: Any) -> None:
    """x·(1 + erf)/2 is 0 from -5.5 (float32) and -8.38 (float64); erfc loses 380 ulp there."""
    exact = mpmath.mpf(float(dtype(x)))
    tolerance = 2 if ogive.kernel.config()["kernels"] == "compiled" else 5
    close(ogive.gelu(dtype(x)), exact * mpmath.erfc(-exact / mpmath.sqrt(2)) / 2, dtype, tolerance)


@pytest.mark.parametrize(("x", "dtype"), [(-5.07, F32), (-4.87, F32), (-9, F32), (-7.15, F64), (-7.34, F64), (-20, F64)])
def test_the_tail_of_gelu_tanh(x: float, dtype: Any) -> None:
    """Every peer gives exactly 0 there, or 86 times the value."""
    value, slope = ogive.gelu_tanh.value_and_slope(dtype(x))
    exact_value, exact_slope = oracle.truth(ogive.gelu_tanh.formula, "x", x=float(dtype(x)))
    close(value, exact_value, dtype)
    close(slope, exact_slope, dtype)


@pytest.mark.parametrize(("x", "dtype"), [(1e20, F32), (3e38, F32), (1e155, F64), (1.7e308, F64)])
def test_gelu_tanh_has_a_slope_far_out(x: float, dtype: Any) -> None:
    """PyTorch, JAX and Keras give NaN: 0 times the overflow of x³."""
    np.testing.assert_array_equal(ogive.gelu_tanh.slope(np.array([x, -x], dtype)), [1, 0])


@pytest.mark.parametrize("name", ["silu", "gelu", "gelu_tanh", "mish"])
def test_gated_functions_are_0_at_minus_infinity(name: str) -> None:
    """NaN in PyTorch, JAX and Keras, and so are the slopes at both ends."""
    for dtype in (np.float16, F32, F64):
        value, slope = ogive.get(name).value_and_slope(np.array([-INF, INF], dtype))
        np.testing.assert_array_equal(value, [0, INF])
        np.testing.assert_array_equal(slope, [0, 1])


def test_w19_softplus_has_no_threshold() -> None:
    """PyTorch and Keras return x above 20, 5.8e5 ulp off in float64."""
    value, slope = ogive.softplus.value_and_slope(20.0000001)
    exact = mpmath.mpf(20.0000001)
    close(value, mpmath.log1p(mpmath.exp(exact)), F64, 2)
    close(slope, 1 / (1 + mpmath.exp(-exact)), F64)


@pytest.mark.parametrize(
    ("name", "x", "dtype"),
    [
        ("sigmoid", 16.6, F32), ("sigmoid", 36.7, F64), ("sigmoid", 30.0, F64), ("tanh", 8.3, F32), ("tanh", 9.0, F32),
        ("tanh", 19.1, F64), ("tanh", 20.0, F64), ("elu", -17.3, F32), ("elu", -37.4, F64), ("selu", -17.3, F32), ("selu", -37.4, F64),
    ],
)  # fmt: skip
def test_slopes_do_not_die_before_their_time(name: str, x: float, dtype: Any) -> None:
    """Slopes computed from the output (s·(1 - s), 1 - t²) are exactly 0 here in PyTorch or JAX."""
    entry = ogive.get(name)
    defaults = {parameter.name: parameter.default for parameter in entry.parameters}
    _, true = oracle.truth(entry.formula, "x", x=float(dtype(x)), **defaults)
    close(entry.slope(dtype(x)), true, dtype)
    assert entry.slope(dtype(x)) > 0


@pytest.mark.parametrize(("name", "x"), [("sigmoid", 8.3), ("tanh", 5.2), ("silu", -11.45), ("gelu_tanh", -3.88)])
def test_half_precision_slopes(name: str, x: float) -> None:
    """0 in PyTorch or JAX."""
    entry, half = ogive.get(name), np.float16(x)
    _, true = oracle.truth(entry.formula, "x", x=float(half))
    close(entry.slope(half), true, np.float16, 0.51)
    assert entry.slope(half) != 0


def test_subnormals_are_not_flushed() -> None:
    """JAX flushes them on the CPU; sigmoid(-90.3) is 0 in float32 in PyTorch, JAX and SciPy."""
    assert ogive.relu(F32(1.4e-45)) == F32(1.4e-45)
    assert ogive.leaky_relu(F32(-1.2e-38)) < 0
    assert ogive.silu(F32(1.2e-38)) > 0
    close(ogive.sigmoid(F32(-90.3)), 1 / (1 + mpmath.exp(-mpmath.mpf(float(F32(-90.3))))), F32, 2)


@pytest.mark.parametrize("name", ogive.names("activation"))
def test_the_slope_at_nan_is_nan(name: str) -> None:
    """The piecewise functions of the peers give 0, 1 or 0.01."""
    for dtype in (F32, F64):
        assert np.isnan(ogive.get(name).slope(dtype(np.nan)))
