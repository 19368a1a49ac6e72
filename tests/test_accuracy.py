"""Values within 2 ulp and slopes within 4 of 50-digit arithmetic, at every test point; the achieved errors are stored and may only shrink.

`ulp_bounds.json` holds what was achieved, for the kernels and for the NumPy definitions; ``python tests/record_bounds.py``
measures again and lowers what can be lowered.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import measure
import numpy as np
import points
import pytest

import ogive
from ogive.loss import PointwiseLoss

HERE = Path(__file__).parent
BOUNDS = json.loads((HERE / "ulp_bounds.json").read_text())
CAPS = {"value": 2.0, "slope": 4.0}
KERNELS = ogive.kernel.config()["kernels"]
LOSSES = [(name, given) for name in ogive.names("loss") if type(ogive.get(name)) is PointwiseLoss for given in ogive.get(name).forms]


def check(measured: dict[str, float], name: str, dtype: Any, bounds: dict[str, Any]) -> None:
    for part in ("value", "slope"):
        bound = bounds[name][np.dtype(dtype).name][part]
        assert measured[part] <= bound, f"{name} {part}: {measured[part]:.3g} ulp at {measured[f'{part} at']!r}, stored {bound}"


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("entry", points.activations(), ids=lambda entry: entry.name)
def test_activation_and_slope_are_within_their_bounds(entry: Any, dtype: Any) -> None:
    check(measure.activation(entry, dtype), entry.name, dtype, BOUNDS[KERNELS])


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("name", "given"), LOSSES)
def test_loss_and_gradient_are_within_their_bounds(name: str, given: str, dtype: Any) -> None:
    check(measure.pointwise_loss(ogive.get(name), given, dtype), f"{name} {given}", dtype, BOUNDS[KERNELS])


@pytest.mark.parametrize("part", CAPS)
def test_the_bounds_of_the_kernels_are_no_wider_than_promised(part: str) -> None:
    assert max(by_dtype[part] for row in BOUNDS["compiled"].values() for by_dtype in row.values()) <= CAPS[part]


@pytest.mark.parametrize("dtype", points.DTYPES)
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


@pytest.mark.skipif(KERNELS == "definitions", reason="no kernels in use")
def test_every_other_compiled_instruction_set_is_within_the_bounds() -> None:
    facts = ogive.kernel.config()
    for instruction_set in facts["supported_sets"]:
        if instruction_set == facts["instruction_set"]:
            continue
        environment = os.environ | {"OGIVE_INSTRUCTION_SET": instruction_set}
        finished = subprocess.run(
            [sys.executable, HERE / "measure.py"], env=environment, capture_output=True, text=True, check=True, cwd=HERE
        )
        for name, by_dtype in json.loads(finished.stdout).items():
            for dtype, measured in by_dtype.items():
                check(measured, name, dtype, BOUNDS["compiled"])
