"""What holds on this processor holds on older ones: the accuracy and interface tests once more, with instruction sets switched off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core import _multiarray_umath as numpy_core

import ogive

HERE = Path(__file__).parent
INTERFACE = ["test_interface.py", "test_axiswise.py"]
TESTS = {
    "compiled": ["test_accuracy.py", "test_functions.py", *INTERFACE],
    "definitions": INTERFACE,
}  # accuracy is measured of both at once
CONFIG = ogive.kernel.config()
AVX512 = [name for name in numpy_core.__cpu_dispatch__ if name.startswith("AVX512") or name == "X86_V4"]
AVX2 = [name for name in numpy_core.__cpu_dispatch__ if name in ("AVX2", "FMA3", "X86_V3")]
NEWER = {"avx512": [], "avx2": AVX512, "baseline": AVX512 + AVX2}  # what NumPy must not use on a processor of that set


def older_processors() -> list[str]:
    """The instruction sets that can be had here by leaving out what is newer."""
    return [name for name in CONFIG.get("supported_sets", ()) if name != CONFIG["instruction_set"]]


@pytest.mark.skipif(CONFIG["kernels"] == "definitions", reason="no kernels in use")
@pytest.mark.parametrize("kernels", ["compiled", "definitions"])
@pytest.mark.parametrize("instruction_set", older_processors())
def test_an_older_processor(instruction_set: str, kernels: str) -> None:
    switched_off = [name for name in NEWER[instruction_set] if numpy_core.__cpu_features__.get(name)]
    environment = os.environ | {
        "OGIVE_INSTRUCTION_SET": instruction_set,
        "OGIVE_KERNELS": "1" if kernels == "compiled" else "0",
        "OGIVE_TEST_POINTS": "hard",
        "OMP_NUM_THREADS": "1",  # idle threads wait in a loop
        "NPY_DISABLE_CPU_FEATURES": " ".join(switched_off),
    }
    chosen = ["-k", "not bad_call and not pickling", *TESTS[kernels]]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses", "0", *chosen]
    finished = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]
    assert " passed" in finished.stdout


@pytest.mark.skipif(not older_processors(), reason="there is nothing to switch off")
def test_every_set_that_numpy_uses_here_can_be_switched_off() -> None:
    """NumPy has renamed its features before; a name that this file does not know would be left on."""
    in_use = {name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)}
    assert in_use <= set(NEWER["baseline"])
