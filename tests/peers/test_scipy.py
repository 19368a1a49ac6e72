"""Our functions under SciPy's and JAX's names agree with the installed ones in float64."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from agreement import RNG

import ogive

special = pytest.importorskip("scipy.special")
jax_special = pytest.importorskip("jax.scipy.special")
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("scipy.")]
INF, NAN = np.inf, np.nan
POSITIVE = np.r_[RNG.exponential(size=20), 0, 0, 1, 2]
OTHERS = np.r_[RNG.exponential(size=20), 0, 1, 0, 2]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "pair", [(POSITIVE, OTHERS), (-POSITIVE, OTHERS), (POSITIVE, -OTHERS), (np.array([NAN, 1.0]), np.array([1.0, NAN]))]
)
def test_values_agree(name: str, pair: Any) -> None:
    function = getattr(special, name.rpartition(".")[2])
    arrays = pair[: function.nin]
    np.testing.assert_allclose(ogive.peer(name)(*arrays), function(*arrays), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", ["huber", "pseudo_huber"])
def test_widths(name: str) -> None:
    """Negative ones, 0 and NaN too."""
    widths, residuals = np.array([[0.5], [1.0], [0.0], [-1.0], [NAN]]), np.array([-2.0, -0.5, 0.1, 0.7, 3.0])
    np.testing.assert_allclose(
        ogive.peer(f"scipy.special.{name}")(widths, residuals), getattr(special, name)(widths, residuals), rtol=1e-12
    )


def test_arrays_are_broadcast() -> None:
    np.testing.assert_allclose(
        ogive.peer("scipy.special.rel_entr")(POSITIVE[:, None], OTHERS), special.rel_entr(POSITIVE[:, None], OTHERS), rtol=1e-13
    )


@pytest.mark.parametrize("name", [f"jax.{name}" for name in NAMES if f"jax.{name}" in ogive.get("kl_divergence").peers])
def test_signatures(name: str) -> None:
    assert list(inspect.signature(ogive.peer(name)).parameters) == list(
        inspect.signature(getattr(jax_special, name.rpartition(".")[2])).parameters
    )
