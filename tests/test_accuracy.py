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

BOUNDS = json.loads((Path(__file__).parent / "ulp_bounds.json").read_text())
KERNELS = {"value": 2.0, "slope": 4.0, "curvature": 4.0}
DEFINITIONS = {"value": 8.0, "slope": 16.0, "curvature": 16.0}
every_term = pytest.mark.parametrize(
    ("entry", "term"),  # the tests of one term run in one process, which remembers the truth
    [pytest.param(entry, term, id=term.name, marks=pytest.mark.xdist_group(term.name)) for entry, term in measure.terms()],
)
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


def check(measured: measure.Errors, name: str, bounds: dict[str, float]) -> None:
    """Every part within its bound, or, where it has none, within the promise of the definitions."""
    for part in [part for part in measured if f"{part} at" in measured]:
        bound = bounds.get(part, DEFINITIONS[part.split()[0]])
        assert measured[part] <= bound, f"{name} {part}: {measured[part]:.3g} ulp at {measured[f'{part} at']!r}, at most {bound} allowed"


def promised(entry: Any, term: Any) -> dict[str, float]:
    return {part: KERNELS[part] for part in measure.compiled_parts(entry, term)}


@every_dtype
@every_term
def test_every_part_is_within_its_bound(entry: Any, term: Any, dtype: Any) -> None:
    stored = {part: BOUNDS[term.name][np.dtype(dtype).name][part] for part in measure.compiled_parts(entry, term)}
    check(measure.errors(entry, term, dtype), term.name, stored)


@every_dtype
@every_term
def test_both_sides_of_every_threshold_are_as_promised(entry: Any, term: Any, dtype: Any) -> None:
    check(measure.errors(entry, term, dtype, inputs=points.beside_thresholds(entry, term, dtype)), term.name, promised(entry, term))


@every_dtype
@every_term
def test_the_definitions_keep_their_promise(entry: Any, term: Any, dtype: Any) -> None:
    for inputs in (points.for_term(entry, term, dtype), points.beside_thresholds(entry, term, dtype)):
        check(measure.errors(entry, term, dtype, measure.by_definition, inputs), term.name, {})


@pytest.mark.parametrize("part", KERNELS)
def test_the_bounds_of_the_kernels_are_no_wider_than_promised(part: str) -> None:
    assert max(by_dtype.get(part, 0) for row in BOUNDS.values() for by_dtype in row.values()) <= KERNELS[part]


def test_every_bound_belongs_to_a_term() -> None:
    assert set(BOUNDS) <= {term.name for _, term in measure.terms()}


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
@pytest.mark.parametrize("threshold", [0.5, -1060.0, 15.0, 112.0, 1000.0])
def test_the_thresholds_are_found_in_the_code(threshold: float, dtype: Any) -> None:
    assert set(points.neighbours(threshold, dtype)) <= set(points.thresholds(dtype))
