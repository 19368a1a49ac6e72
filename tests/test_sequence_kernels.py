"""The compiled kernels of sequences, called as they are: against the definitions, in every layout, and where nothing fits."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest

import ogive

if ogive.kernel.config()["kernels"] == "definitions":
    pytest.skip("no kernels are in use", allow_module_level=True)

import ogive._kernels

KERNELS = ogive._kernels.sequences
INF = np.inf
every_kernel = pytest.mark.parametrize("name", KERNELS)
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


def inputs(dtype: Any, count: int = 9, frames: int = 12, classes: int = 6, labels: int = 5, seed: int = 0) -> list[Any]:
    """Log-probabilities, which are logits too, labels with equal neighbours, all lengths, blank, switch, weights and divisors."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3, size=(count, frames, classes))
    logs = np.minimum(logits - np.log(np.exp(logits).sum(-1, keepdims=True)), 0).astype(dtype)
    numbers = rng.integers(0, classes - 1, (count, labels))
    numbers[: count // 2, 1::2] = numbers[: count // 2, ::2][:, : labels // 2]
    lengths = rng.integers(0, frames + 1, count), rng.integers(0, labels + 1, count)
    return [logs, numbers, *lengths, np.full(count, classes - 1.0), rng.integers(0, 2, count) * 1.0, *rng.uniform(0.5, 2, (2, count))]


def exactly(got: Any, expected: Any) -> None:
    """Equal to the last bit, in every output."""
    for one, other in zip(got, expected, strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


@every_dtype
@every_kernel
def test_a_kernel_gives_what_the_definition_does(name: str, dtype: Any) -> None:
    """In float64 within what rounding the many steps of both allows; labels that nothing fits among the cases."""
    term = ogive.ctc.forms[name.removeprefix("ctc_")]
    data = inputs(dtype, count=60)
    *given, weight, divisor = [array.astype(np.float64) if array.dtype == dtype else array for array in data]
    given[4] = given[4][0]
    with np.errstate(all="ignore"):
        values = term.value(*given, np)
        (gradients,) = term.pull(*given, cotangent=weight / divisor, xp=np)
    got, by_frames = KERNELS[name](*data)
    assert np.isinf(values).any()
    assert (values[np.isfinite(values)] > 0).any()
    np.testing.assert_allclose(got, values, rtol=1e-13 if dtype == np.float64 else 1e-8)
    np.testing.assert_allclose(by_frames, gradients, rtol=0, atol=4 * np.finfo(dtype).eps)
    exactly((ogive._kernels.sequence_values[name](*data),), (got,))


@pytest.mark.parametrize("dtype", [np.float16, *points.DTYPES])
@every_kernel
def test_a_layout_never_changes_a_bit(name: str, dtype: Any) -> None:
    given = inputs(dtype, count=40)
    expected = KERNELS[name](*given)
    for row in range(0, 40, 7):
        exactly(KERNELS[name](*(array[row] for array in given)), tuple(np.asarray(part[row])[()] for part in expected))
    strided = [np.repeat(array, 2, axis=-1)[..., ::2] for array in given]
    backwards = [np.flip(np.flip(array).copy()) for array in given]
    moved = [np.asfortranarray(array) for array in given]
    swapped = [array.astype(array.dtype.newbyteorder()) for array in given]
    for arguments in (strided, backwards, moved, swapped):
        exactly(KERNELS[name](*arguments), expected)
    out = np.zeros((6, 12, 40), dtype).T
    exactly(KERNELS[name](*given, out=(None, out)), expected)
    assert not np.shares_memory(out, expected[1])


@every_dtype
@every_kernel
def test_the_gradient_may_lie_over_the_frames(name: str, dtype: Any) -> None:
    given = inputs(dtype)
    expected = KERNELS[name](*given)
    memory = np.zeros((11, 12, 6), dtype)
    for target in (memory[1:-1], memory[:-2], memory[2:], memory[-2:0:-1]):
        memory[1:-1] = given[0]
        exactly(KERNELS[name](memory[1:-1], *given[1:], out=(None, target)), expected)


@every_dtype
@every_kernel
def test_what_lies_in_one_sequence_is_nothing_to_the_others(name: str, dtype: Any) -> None:
    given = inputs(dtype)
    for row, value in ((2, np.nan), (3, -INF), (5, -300.0)):
        given[0][row, 1] = value
    given[6][4] = 0.0
    together = KERNELS[name](*given)
    for row in range(len(given[0])):
        exactly(KERNELS[name](*(array[row] for array in given)), tuple(np.asarray(part[row])[()] for part in together))
    assert together[0][4] == 0
    assert not together[1][4].any()


@every_kernel
@pytest.mark.parametrize(("position", "wrong"), [(1, 6), (1, -1), (2, 13), (2, -1), (3, 6), (3, -1), (4, 6.0), (4, -1.0), (4, np.nan)])
def test_what_is_out_of_range_gives_nan(name: str, position: int, wrong: float) -> None:
    given = inputs(np.float64, count=1)
    given[2][:], given[3][:] = 12, 5
    given[position][...] = wrong
    value, gradient = KERNELS[name](*given)
    assert np.isnan(value).all()
    assert np.isnan(gradient).all()


@every_kernel
def test_no_sequences_no_frames_no_labels(name: str) -> None:
    given = inputs(np.float64)
    none = KERNELS[name](*(array[:0] for array in given))
    assert [part.shape for part in none] == [(0,), (0, 12, 6)]
    for frames, labels, cost in ((0, 0, 0.0), (0, 1, INF), (2, 3, INF)):
        value, gradient = KERNELS[name](given[0][0], given[1][0], frames, labels, 5.0, 0.0, 1.0, 1.0)
        assert value == cost
        assert not gradient.any()
    value, _ = KERNELS[name](given[0][0, :, :1], np.zeros(0, int), 12, 0, 0.0, 0.0, 1.0, 1.0)  # nothing but the blank
    assert value == pytest.approx(-given[0][0, :, 0].sum() if name == "ctc_log_probabilities" else 0.0)


@every_dtype
def test_sure_frames_keep_the_digits_of_what_they_lack(dtype: Any) -> None:
    """A thousand frames of which each is all but sure: the cost is a sum of small numbers, not 1 less nearly 1."""
    frames, gap = 1000, 30.0 if dtype == np.float64 else 20.0
    logits = np.zeros((frames, 2), dtype)
    logits[:500, 1], logits[500:, 0] = gap, gap
    value = ogive.ctc(logits, [1], frames, 1, given="logits")
    with mpmath.workdps(60):
        wrong = 1 / (1 + mpmath.exp(mpmath.mpf(gap)))
        ratio = wrong / (1 - wrong)
        # The label from some frame to another pays for each frame that is sure of the other: it begins late, and ends late or early.
        late = mpmath.fsum(ratio**k for k in range(500))
        early = mpmath.fsum(ratio ** (500 - end) * mpmath.fsum(ratio**k for k in range(min(end, 9))) for end in range(490, 500))
        inside = (1 - wrong) ** frames * (late * mpmath.fsum(ratio**k for k in range(501)) + early)
        true = -mpmath.log(inside)
    assert oracle.ulps(value, true, dtype) <= 16


def test_threads_give_the_same_bits() -> None:
    program = """
import hashlib
import numpy as np
import ogive
rng = np.random.default_rng(0)
logits = rng.normal(scale=3, size=(64, 80, 12)).astype(np.float32)
value, gradient = ogive.ctc.value_and_gradient(
    logits, rng.integers(1, 12, (64, 20)), np.full(64, 80), rng.integers(1, 21, 64), given="logits"
)
print(value, hashlib.sha256(gradient.tobytes()).hexdigest())
"""
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"OMP_NUM_THREADS": count}, capture_output=True, text=True, check=True
        ).stdout
        for count in ("1", "2")
    }
    assert len(printed) == 1
