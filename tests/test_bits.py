"""Processors that fuse products and sums give the same bits: AVX2 and AVX-512 here, ARM by `make arm`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ogive

CONFIG = ogive.kernel.config()
FUSED = [name for name in CONFIG.get("supported_sets", ()) if name != "baseline"]


def digests(instruction_set: str) -> dict[str, str]:
    environment = os.environ | {"OGIVE_INSTRUCTION_SET": instruction_set}
    program = [sys.executable, str(Path(__file__).with_name("bits.py"))]
    run = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    result: dict[str, str] = json.loads(run.stdout)
    return result


@pytest.mark.skipif(CONFIG["kernels"] != "compiled" or len(FUSED) < 2, reason="needs kernels and two instruction sets that fuse")
def test_every_kernel_gives_the_same_bits_in_every_set_that_fuses() -> None:
    first, *others = map(digests, FUSED)
    assert first
    for name, other in zip(FUSED[1:], others, strict=True):
        assert {kernel for kernel in first if first[kernel] != other[kernel]} == set(), f"{FUSED[0]} against {name}"
