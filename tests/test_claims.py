"""What an entry claims of itself holds: limits, kinks, range, monotonicity, symmetry, smoothness, steepness, native names."""

from __future__ import annotations

import ast
import functools
import importlib
import math
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import oracle
import points
import pytest
import samples
import scipy.special  # noqa: F401 - which makes it an attribute of scipy
import torch

import ogive
from ogive.activation import Activation

every_activation = pytest.mark.parametrize("entry", points.activations(), ids=lambda entry: entry.name)


@every_activation
def test_limits_and_their_slopes(entry: Activation) -> None:
    ends = np.array(entry.domain)
    for dtype in (np.float16, *points.DTYPES):
        value, slope = entry.value_and_slope(ends.astype(dtype))
        np.testing.assert_array_equal(value, np.array([entry.claim(limit) for limit in entry.limits], dtype))
        np.testing.assert_array_equal(slope, np.array([entry.claim(limit) for limit in entry.slope_limits], dtype))


@every_activation
def test_range_monotonicity_and_symmetry(entry: Activation) -> None:
    x = points.for_activation(entry, np.float32).astype(np.float64)  # neighbours in float64 may round either way
    value = entry(x)
    low, high = (entry.claim(end) for end in entry.range)
    assert value.min() >= low - np.spacing(abs(low) if math.isfinite(low) else 1)
    assert value.max() <= high
    dense = entry(np.linspace(-6, 6, 24001)) if math.isinf(entry.domain[0]) else value
    reached = max(value.max(), entry.claim(entry.limits[1])), min(dense.min(), *(entry.claim(limit) for limit in entry.limits))
    assert reached == pytest.approx((high, low), rel=1e-6, abs=1e-12)
    assert entry.monotone == bool((value[1:] >= value[:-1]).all())
    assert entry.zero_centred == (math.isinf(entry.domain[0]) and bool((entry(-x) == -value).all()))


@every_activation
def test_the_lipschitz_constant_is_the_largest_slope(entry: Activation) -> None:
    x = points.for_activation(entry, np.float64) if math.isfinite(entry.domain[0]) else np.linspace(-6, 6, 240001)
    steepest = np.abs(entry.slope(np.r_[x, entry.domain])).max()
    assert steepest == pytest.approx(entry.claim(entry.lipschitz), rel=1e-8)


def one_sided(entry: Activation, at: float, side: int) -> tuple[Any, ...]:
    """Value, slope and curvature just left or right of a point."""
    defaults = {parameter.name: parameter.default for parameter in entry.parameters}
    return oracle.truth(entry.formula, "x", order=2, x=mpmath.mpf(at) + side * mpmath.mpf("1e-20"), **defaults)


def jumps(entry: Activation, at: float) -> list[bool]:
    """Whether value, slope and curvature jump there."""
    return [abs(left - right) > 1e-10 for left, right in zip(one_sided(entry, at, -1), one_sided(entry, at, 1), strict=True)]


@every_activation
def test_smoothness_and_kinks(entry: Activation) -> None:
    """At a kink the first derivative that jumps is the one after the claimed smoothness; elsewhere none does."""
    for kink in entry.kinks:
        assert jumps(entry, kink.at).index(True) == entry.smoothness + 1
        assert entry.slope(kink.at) == entry.claim(kink.slope)
    if not entry.kinks:
        assert entry.smoothness == math.inf
    smooth = [x for x in np.linspace(-4.9, 4.9, 29) if all(abs(x - kink.at) > 1e-3 for kink in entry.kinks)]
    for x in smooth if math.isinf(entry.domain[0]) else np.linspace(0.1, 0.9, 9):
        assert not any(jumps(entry, x))


@every_activation
def test_slope_and_curvature_follow_the_parameters(entry: Activation) -> None:
    """Away from the defaults, and from the kinks."""
    parameters = {each.name: samples.away(each) for each in entry.parameters}
    x = np.linspace(0.05, 0.95, 19) if math.isfinite(entry.domain[0]) else np.linspace(-3.05, 3.15, 32)
    step = 1e-5
    slope = (entry(x + step, **parameters) - entry(x - step, **parameters)) / (2 * step)
    np.testing.assert_allclose(entry.slope(x, **parameters), slope, rtol=1e-7, atol=1e-8)
    if entry.term.curvature:
        curvature = (entry.slope(x + step, **parameters) - entry.slope(x - step, **parameters)) / (2 * step)
        np.testing.assert_allclose(entry.curvature(x, **parameters), curvature, rtol=1e-6, atol=1e-7)


CONVERT: dict[str, Callable[[Any], Any]] = {"torch": torch.from_numpy, "jax": jnp.asarray, "scipy": np.asarray}


def native_agrees(entry: Activation, framework: str, tolerance: float) -> None:
    """Called as the entry says; what it says to give has to be given, because the default is another."""
    path, _, arguments = entry.native[framework].rstrip(")").partition("(")
    function = functools.reduce(getattr, path.split("."), importlib.import_module(framework))
    function = function() if isinstance(function, type) else function
    given = {key.strip(): ast.literal_eval(value) for key, _, value in (each.partition("=") for each in arguments.split(",") if each)}
    x = np.linspace(0.05, 0.95, 19) if math.isfinite(entry.domain[0]) else np.linspace(-4, 4, 33)
    for named in (given, {}) if given else ({},):
        with warnings.catch_warnings(), jax.enable_x64(True):
            warnings.simplefilter("ignore")
            theirs = np.asarray(function(CONVERT.get(framework, np.asarray)(x), **named))
        assert np.allclose(theirs, entry(x), rtol=tolerance, atol=tolerance) == (named == given), named


@every_activation
def test_native_functions_of_the_frameworks_agree(entry: Activation) -> None:
    for framework in entry.native.keys() & CONVERT.keys():
        native_agrees(entry, framework, 1e-7)


def test_native_functions_of_keras_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Keras is installed, which computes in float32."""
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")
    for entry in points.activations():
        if "keras" in entry.native:
            native_agrees(entry, "keras", 1e-6)


@every_activation
def test_recommended_initialisers_exist(entry: Activation) -> None:
    if entry.trainable and entry.lipschitz != math.inf and not entry.variant_of:
        assert ogive.initializers.get(entry.initializer).name == entry.initializer


def test_what_can_be_a_hidden_activation() -> None:
    hidden = {entry.name for entry in points.activations() if entry.hidden}
    everything = {entry.name for entry in points.activations()}
    assert everything - hidden == {"identity", "step", "logit", "prelu", "rrelu", "rational", "gelu_tanh", "exponential"}


@pytest.mark.parametrize(
    ("name", "side"), [("sigmoid", "both"), ("relu", "left"), ("leaky_relu", "none"), ("selu", "left"), ("identity", "none")]
)
def test_the_saturating_side(name: str, side: str) -> None:
    assert ogive.get(name).saturates == side


@pytest.mark.parametrize(("name", "expected"), [("he_normal", 2 / 50), ("glorot_normal", 1 / 30), ("lecun_normal", 1 / 50)])
def test_initialisers_have_the_variance_of_their_papers(name: str, expected: float) -> None:
    initializer = ogive.initializers.get(name)
    assert initializer.std(50, 10) ** 2 == pytest.approx(expected)
    drawn = initializer(np.random.default_rng(0), (500, 400), fan_in=50, fan_out=10, dtype=np.float32)
    assert drawn.dtype == np.float32
    assert drawn.var(dtype=float) == pytest.approx(expected, rel=5 * math.sqrt(2 / drawn.size))
    with pytest.raises(ValueError, match="did you mean 'he_normal'"):
        ogive.initializers.get("he_norml")
