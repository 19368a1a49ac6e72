"""A kernel's result depends on its numbers alone: not on how they lie in memory, on what lies over what, or on the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ogive

kernels = pytest.importorskip("ogive._kernels") if ogive.kernel.config()["kernels"] == "compiled" else None
pytestmark = pytest.mark.skipif(kernels is None, reason="no compiled kernels")
SETS = kernels.config()["supported_sets"] if kernels else []
UFUNCS = [ufunc for row in kernels.elementwise.values() for ufunc in row.values()] if kernels else []
TRIALS = {"elementwise": 5, "sums": 20, "rows": 20}
every_ufunc = pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
every_fold = pytest.mark.parametrize(
    "ufunc", [ufunc for ufunc in UFUNCS if (ufunc.nin, ufunc.nout) == (2, 1)], ids=lambda ufunc: ufunc.__name__
)


def digest(kind: str, instruction_set: str, threads: int, trials: int) -> str:
    """What `layouts.py` prints; it stops with the first layout that gives something else, or that writes beside its output."""
    environment = os.environ | {
        "OGIVE_INSTRUCTION_SET": instruction_set,
        "OMP_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "passive",  # other tests may be running on the same cores
    }
    program = [sys.executable, str(Path(__file__).with_name("layouts.py")), kind, "1", str(trials)]
    run = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, f"{kind} on {instruction_set}: exit {run.returncode}\n{run.stderr[-2000:]}"
    return run.stdout


@pytest.mark.parametrize("instruction_set", SETS)
@pytest.mark.parametrize("kind", TRIALS)
def test_random_layouts_give_what_contiguous_copies_give(kind: str, instruction_set: str) -> None:
    assert digest(kind, instruction_set, threads=2, trials=TRIALS[kind]) == digest(kind, instruction_set, threads=1, trials=0)


@every_ufunc
@pytest.mark.parametrize("size", [100, 3000, 200_000])
def test_an_output_may_lie_over_its_input(ufunc: Any, size: int) -> None:
    shifts = [(np.s_[1:], np.s_[:-1]), (np.s_[:-1], np.s_[1:]), (np.s_[::2], np.s_[: size // 2]), (np.s_[::-1], np.s_[:])]
    numbers = np.random.default_rng(4).uniform(0, 1, (ufunc.nin, size)).astype(np.float32)
    for source, target in shifts:
        x, *rest = numbers.copy()
        rest = [other[source] for other in rest]
        outputs = [np.empty_like(x) for _ in range(1, ufunc.nout)]
        expected = ufunc(x[source], *rest)
        ufunc(x[source], *rest, out=(x[target], *(output[target] for output in outputs)))
        for got, right in zip((x, *outputs), expected if ufunc.nout > 1 else (expected,), strict=True):
            np.testing.assert_array_equal(got[target], right)


@every_fold
def test_reduce_and_accumulate_go_from_one_element_to_the_next(ufunc: Any) -> None:
    x = np.random.default_rng(5).uniform(0.1, 0.9, (40, 1500))
    folded = [x[0]]
    for row in x[1:]:
        folded.append(ufunc(folded[-1], row))
    np.testing.assert_array_equal(ufunc.accumulate(x), folded)
    np.testing.assert_array_equal(ufunc.accumulate(x.T.copy(), axis=1), np.transpose(folded))
    np.testing.assert_array_equal(ufunc.reduce(x), folded[-1])
    np.testing.assert_array_equal(ufunc.reduce(x.T.copy(), axis=1), folded[-1])
    np.testing.assert_array_equal(ufunc.reduceat(x.T.copy(), [0, 20], axis=1)[:, 0], folded[19])


@pytest.mark.parametrize("name", kernels.elementwise if kernels else [])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_one_pass_gives_the_bits_of_two(name: str, dtype: Any) -> None:
    row = kernels.elementwise[name]
    rng = np.random.default_rng(6)
    inputs = [(rng.normal(size=20_000) * 2.0 ** rng.integers(-20, 6, 20_000)).astype(dtype) for _ in range(row["value"].nin)]
    value, slope = row["value_and_slope"](*inputs)
    np.testing.assert_array_equal(value, row["value"](*inputs))
    np.testing.assert_array_equal(slope, row["slope"](*inputs))
