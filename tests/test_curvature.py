"""The second derivative as a user calls it: within 16 ulp of the formula's, in the dtype of the input, or refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import points
import pytest
from test_namespaces import cancelling, parameters, some_points, truths

from ogive.activation import Activation

CURVED = [entry for entry in points.activations() if entry.term.curvature]
FLAT = [entry for entry in points.activations() if not entry.term.curvature]
each_curved = pytest.mark.parametrize("entry", CURVED, ids=lambda entry: entry.name)


@pytest.mark.parametrize("dtype", points.DTYPES)
@each_curved
def test_curvature_is_the_second_derivative_of_the_formula(entry: Activation, dtype: Any) -> None:
    """Where it crosses zero, the error is measured against the terms that cancel."""
    found = entry.curvature(some_points(entry, dtype), *parameters(entry, dtype))
    assert found.dtype == dtype
    for got, (at, true) in zip(found, truths(entry, dtype), strict=True):
        if "curvature" in true:
            error = oracle.ulps(got, true["curvature"], dtype, cancelling(entry, at, true).get("curvature", 0))
            assert error <= 16, f"{entry.name} at {at!r}: {error:.3g} ulp"


@each_curved
def test_curvature_at_a_kink_lies_between_its_sides(entry: Activation) -> None:
    for kink in entry.kinks:
        left, right = entry.curvature(np.nextafter(kink.at, [-np.inf, np.inf]))
        assert min(left, right) <= entry.curvature(kink.at) <= max(left, right)
        assert left != right


@pytest.mark.parametrize("entry", FLAT, ids=lambda entry: entry.name)
def test_what_has_no_curvature_says_so(entry: Activation) -> None:
    with pytest.raises(TypeError, match=f"{entry.name}: has no curvature"):
        entry.curvature(1.0)
