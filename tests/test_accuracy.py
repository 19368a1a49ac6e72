"""Kernels within 2 ulp and their slopes within 4 of 50-digit arithmetic, definitions within 8 and 16, at every test point.

What the kernels achieve is stored in `ulp_bounds.json` and may only shrink (``python tests/record_bounds.py``): they call no
library, so it holds on every processor. Definitions lean on NumPy's exp and log, which every processor rounds in its own way.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import measure
import numpy as np
import points
import pytest

from ogive.loss import Loss

BOUNDS = json.loads((Path(__file__).parent / "ulp_bounds.json").read_text())
KERNELS = {"value": 2.0, "slope": 4.0}
DEFINITIONS = {"value": 8.0, "slope": 16.0}
every_activation = pytest.mark.parametrize("entry", points.activations(), ids=lambda entry: entry.name)
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


def check(measured: measure.Errors, name: str, dtype: Any, *, compiled: bool) -> None:
    """Every part within the stored bound of the kernel, or, where a definition computes it, within the promise."""
    stored = BOUNDS[name][np.dtype(dtype).name] if compiled else {}
    for part in [part for part in measured if f"{part} at" in measured]:
        bound = stored.get(part, DEFINITIONS[part.split()[0]])
        assert measured[part] <= bound, f"{name} {part}: {measured[part]:.3g} ulp at {measured[f'{part} at']!r}, at most {bound} allowed"


@every_dtype
@every_activation
def test_activation_and_slopes_are_within_their_bounds(entry: Any, dtype: Any) -> None:
    check(measure.activation(entry, dtype), entry.name, dtype, compiled=isinstance(entry.ufunc, np.ufunc))


@every_dtype
@every_activation
def test_the_definitions_keep_their_promise(entry: Any, dtype: Any) -> None:
    check(measure.activation(entry, dtype, measure.by_definition), entry.name, dtype, compiled=False)


@every_dtype
@pytest.mark.parametrize(("entry", "given"), measure.POINTWISE_LOSSES, ids=lambda value: getattr(value, "name", value))
def test_loss_and_gradient_are_within_their_bounds(entry: Loss, given: str, dtype: Any) -> None:
    compiled = measure.has_kernel(entry, given)
    check(measure.pointwise_loss(entry, given, dtype), f"{entry.name} {given}", dtype, compiled=compiled)


@pytest.mark.parametrize("part", KERNELS)
def test_the_bounds_of_the_kernels_are_no_wider_than_promised(part: str) -> None:
    assert max(by_dtype[part] for row in BOUNDS.values() for by_dtype in row.values()) <= KERNELS[part]


def test_every_bound_belongs_to_an_entry() -> None:
    assert set(BOUNDS) <= {entry.name for entry in points.activations()} | {
        f"{entry.name} {given}" for entry, given in measure.POINTWISE_LOSSES
    }


@pytest.mark.skipif(points.FEW, reason="only the hard points are in use")
@every_dtype
def test_the_points_span_the_domain(dtype: Any) -> None:
    info = np.finfo(dtype)
    for reals in (points.reals(dtype), -points.reals(dtype)):
        assert reals.max() == info.max
        assert reals[reals > 0].min() == info.smallest_subnormal
        gaps = np.diff(np.log2(reals[reals > 0].astype(np.float64)))
        assert gaps.max() <= 7
    inside = points.unit_interval(dtype)
    assert inside.min() == info.smallest_subnormal
    assert inside.max() == np.nextafter(dtype(1), dtype(0))


@every_dtype
@pytest.mark.parametrize("threshold", [0.5, -760.0, 15.0, 112.0, 1000.0, 1.5 * np.log(2), np.sqrt(0.5)])
def test_the_points_lie_on_both_sides_of_a_threshold(threshold: float, dtype: Any) -> None:
    """Those that stand in the sources, and where exp and log change their scale."""
    assert set(points.neighbours(threshold, dtype)) <= set(points.changes(dtype))
