"""Matrix products whose every element is one chain of fused multiply-adds."""

from __future__ import annotations

import numpy as np
import pytest

from ogive import kernel

COMPILED = kernel.config()["kernels"] == "compiled"
FUSED = COMPILED and kernel.config()["instruction_set"] != "baseline"
SHAPES = [(1, 1, 1, 1), (3, 7, 13, 5), (2, 13, 300, 33), (4, 25, 129, 70), (2, 1, 40, 32), (3, 12, 1, 16), (2, 5, 0, 9), (0, 2, 3, 4)]


def stacks(count, rows, depth, columns, lefts=None):
    rng = np.random.default_rng(count + rows + depth)
    lefts = count if lefts is None else lefts
    return rng.standard_normal((lefts, rows, depth), np.float32), rng.standard_normal((count, depth, columns), np.float32)


def chain(left, right, start):
    """One term after the other: the product is exact in extended precision, and the sum is rounded once."""
    total = start
    for term in range(left.shape[2]):
        exact = left[:, :, term, None].astype(np.longdouble) * right[:, term, None, :].astype(np.longdouble)
        total = (exact + total).astype(np.float32) if FUSED else total + exact.astype(np.float32)
    return total


@pytest.mark.skipif(not COMPILED, reason="NumPy's products add in another order")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("start", ["nothing", "share", "bias"])
def test_every_element_is_one_chain(shape, start):
    left, right = stacks(*shape)
    count, rows, _, columns = shape
    rng = np.random.default_rng(9)
    before, bias = rng.standard_normal((count, rows, columns), np.float32), rng.standard_normal((count, 1, columns), np.float32)
    out = before.copy()
    options = {"nothing": {}, "share": {"keep": 0.9}, "bias": {"bias": bias}}[start]
    begun = {"nothing": 0 * before, "share": np.float32(0.9) * before, "bias": np.broadcast_to(bias, out.shape)}[start]
    kernel.product(left, right, out, **options)
    np.testing.assert_array_equal(out, chain(left, right, begun))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_product_is_the_product(shape):
    left, right = stacks(*shape)
    out = np.full((shape[0], shape[1], shape[3]), np.nan, np.float32)  # what was there does not matter
    kernel.product(left, right, out)
    np.testing.assert_allclose(out, left.astype(float) @ right.astype(float), rtol=1e-4, atol=1e-4)


def strided(array, order):
    """The same numbers with another layout in memory."""
    wide = np.zeros((*array.shape[:2], 2 * array.shape[2] + 3), np.float32)
    if order == "transposed":
        return np.ascontiguousarray(array.transpose(0, 2, 1)).transpose(0, 2, 1)
    if order == "padded":
        wide[..., : array.shape[2]] = array
        return wide[..., : array.shape[2]]
    if order == "reversed":
        return np.ascontiguousarray(array[::-1, ::-1, ::-1])[::-1, ::-1, ::-1]
    wide[..., : 2 * array.shape[2] : 2] = array
    return wide[..., : 2 * array.shape[2] : 2]


@pytest.mark.parametrize("order", ["transposed", "padded", "reversed", "apart"])
@pytest.mark.parametrize("shape", SHAPES)
def test_bits_do_not_depend_on_the_layout(shape, order):
    left, right = stacks(*shape)
    plain, other = np.zeros((2, shape[0], shape[1], shape[3]), np.float32)
    kernel.product(left, right, plain)
    kernel.product(strided(left, order), strided(right, order), other)
    if COMPILED:
        np.testing.assert_array_equal(plain, other)
    else:
        np.testing.assert_allclose(plain, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [*SHAPES, (2, 110, 30, 40), (1, 200, 140, 64)])
@pytest.mark.parametrize("spare", [0, 3])
def test_what_is_moved_loses_the_result_to_the_last_bit(shape, spare):
    left, right = stacks(*shape)
    count, rows, _, columns = shape
    rng = np.random.default_rng(7)
    before, weights = rng.standard_normal((2, count, rows, columns + spare), np.float32)[..., :columns]
    out, expected, moved, together = before.copy(), before.copy(), weights.copy(), np.zeros((2, count, rows, columns + spare), np.float32)
    kernel.product(left, right, expected, 0.9)
    kernel.product(left, right, out, 0.9, None, moved)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(moved, weights - expected)
    strided_out, strided_moved = together[..., :columns]
    strided_out[...], strided_moved[...] = before, weights
    kernel.product(left, right, strided_out, 0.9, None, strided_moved)
    np.testing.assert_array_equal(strided_moved, moved)
    assert (together[..., columns:] == 0).all(), "what lies between the rows stays"


def test_fewer_lefts_are_taken_in_turn():
    left, right = stacks(6, 5, 20, 9, lefts=2)
    out, whole = np.zeros((2, 6, 5, 9), np.float32)
    kernel.product(left, right, out)
    kernel.product(np.tile(left, (3, 1, 1)), right, whole)
    np.testing.assert_array_equal(out, whole)


@pytest.mark.skipif(not COMPILED, reason="NumPy has words of its own")
def test_what_does_not_fit_is_refused():
    left, right = stacks(4, 3, 5, 6)
    out = np.zeros((4, 3, 6), np.float32)
    frozen = out.copy()
    frozen.flags.writeable = False
    for bad in (
        (left[:3], right, out),
        (left, right[:2], out),
        (left[:0], right, out),
        (left, right, out[:, :2]),
        (left, right, frozen),
        (left, right, np.zeros((4, 3, 12), np.float32)[..., ::2]),
        (left, right, out, 0.0, np.zeros((4, 1, 5), np.float32)),
        (left, right, out, 0.0, None, frozen),
        (left, right, out, 0.0, None, np.zeros((4, 2, 6), np.float32)),
        (left, right, out, 0.0, None, np.zeros((4, 3, 12), np.float32)[..., ::2]),
    ):
        with pytest.raises(ValueError, match="expected left"):
            kernel.product(*bad)
    for wrong in (left.astype(float), left[0], left.astype(">f4"), left.tolist()):
        with pytest.raises(TypeError, match="left: expected an aligned native float32 array of three dimensions"):
            kernel.product(wrong, right, out)


@pytest.mark.skipif(not COMPILED, reason="NumPy has no such mode")
def test_subnormals_are_flushed_in_the_block_alone():
    tiny = np.full(64, 1e-39, np.float32)
    assert (tiny * np.float32(0.5) > 0).all()
    with kernel.subnormals_flushed():
        with kernel.subnormals_flushed():
            assert (tiny * np.float32(0.5) == 0).all()
        assert (tiny * np.float32(0.5) == 0).all(), "as it was before the inner block"
    assert (tiny * np.float32(0.5) > 0).all()
