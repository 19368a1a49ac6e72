"""Large results lie in memory that earlier ones have left, and in none that is still in use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy._core.multiarray import get_handler_name

import ogive
from ogive import kernel

pytestmark = pytest.mark.skipif(kernel.config()["kernels"] != "compiled", reason="the definitions leave memory to NumPy")

LARGE = 1 << 19  # numbers of float32, 2 MiB
CALLS = {
    "a plain call": lambda x: ogive.gelu(x),
    "a slope": lambda x: ogive.gelu.slope(x),
    "an axis": lambda x: ogive.softmax(x.reshape(-1, 64)).reshape(-1),
    "a gradient": lambda x: ogive.huber.gradient(x, x + 1),
    "a weighted gradient": lambda x: ogive.huber.gradient(x, x + 1, sample_weight=np.full(len(x), 2.0)),
}


def points(count: int = LARGE) -> np.ndarray:
    return np.linspace(-9, 9, count, dtype=np.float32)


def place(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_memory_of_a_large_result_serves_the_next_of_its_size(call):
    x = points()
    call(x)  # fills the store
    first = place(call(x))
    assert place(call(x)) == first


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_result_that_is_in_use_keeps_its_memory(call):
    x = points()
    first = call(x)
    kept = first.copy()
    others = [call(-x) for _ in range(20)]
    assert len({place(each) for each in (first, *others)}) == 21
    np.testing.assert_array_equal(first, kept)


def test_a_view_keeps_the_memory_of_its_result():
    x = points()
    view = ogive.gelu(x)[::2]
    kept = view.copy()
    for _ in range(5):
        ogive.gelu(-x)
    np.testing.assert_array_equal(view, kept)


def test_small_results_and_arrays_of_others_are_left_to_numpy():
    assert get_handler_name(ogive.gelu(points(1000))) == get_handler_name(np.ones(4))
    ogive.gelu(points())
    with pytest.raises(TypeError):
        ogive.gelu(np.ones(LARGE, complex))
    with pytest.raises(ValueError, match="broadcast"):
        ogive.gelu(points(), out=np.empty(3, np.float32))
    assert get_handler_name(np.ones(LARGE)) == get_handler_name(np.ones(4))


def test_a_result_can_grow_and_shrink():
    y = ogive.relu(points())
    expected = y.copy()
    y.resize(3 * LARGE, refcheck=False)
    np.testing.assert_array_equal(y, np.concatenate([expected, np.zeros(2 * LARGE, np.float32)]))
    y.resize(LARGE, refcheck=False)
    np.testing.assert_array_equal(y, expected)


def resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def test_what_is_kept_is_bounded():
    try:
        before = resident()
    except OSError:
        pytest.skip("no /proc here")
    x = points(1 << 22)
    results = [ogive.relu(x + i) for i in range(24)]  # 16 MiB each
    assert resident() - before > 350 << 20
    del results
    assert resident() - before < 200 << 20  # 128 MiB, the argument, and what NumPy has left


def test_threads_never_share_a_result():
    x = points()

    def wrong(shift: int) -> int:
        expected = ogive.silu(x + np.float32(shift)).copy()
        return sum(not np.array_equal(ogive.silu(x + np.float32(shift)), expected) for _ in range(30))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(wrong, range(4))) == [0] * 4
