"""Loops that are shared out among threads: by several callers at once, and in a forked child, where the threads are gone."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import ogive

X = np.linspace(-9, 9, 1_000_000, dtype=np.float32)
LOGITS = X.reshape(1000, 1000)


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def results() -> list[bytes]:
    return [ogive.gelu(X).tobytes(), ogive.log_softmax(LOGITS).tobytes(), ogive.huber.gradient(X, X[::-1]).tobytes()]


def test_callers_at_once_get_what_one_gets() -> None:
    expected = results()
    with ThreadPoolExecutor(4) as callers:
        assert all(found == expected for found in callers.map(lambda _: results(), range(12)))


FORKING = """
import os
import numpy as np
import ogive

x = np.linspace(-9, 9, 1_000_000, dtype=np.float32)
expected = ogive.gelu(x).tobytes()
child = os.fork()
if child == 0:
    os._exit(0 if ogive.gelu(x).tobytes() == expected else 1)
assert os.waitpid(child, 0)[1] == 0
assert ogive.gelu(x).tobytes() == expected
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_computes_alone() -> None:
    """In a process of its own: other libraries' threads take a fork amiss."""
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING], check=True, timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.skipif(ogive.kernel.config()["kernels"] == "definitions", reason="no kernels in use")
def test_no_more_threads_are_made_than_loops_use() -> None:
    results()
    before = threads()
    for _ in range(20):
        results()
    assert threads() == before
