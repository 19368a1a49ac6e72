"""Softmax and its kin: accuracy at easy and hard logits, every way of naming an axis, products with the Jacobian, limits."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import oracle
import points
import pytest
import samples
import scipy.special

import ogive
from ogive.axiswise import Axiswise

ENTRIES = [ogive.get(name) for name in ogive.names("axiswise")]
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
KERNELS = ogive.kernel.config()["kernels"]
BOUND = {"compiled": 2.0, "definitions": 4.0}[KERNELS]
INF = np.inf


def rows(dtype: Any) -> list[np.ndarray[Any, Any]]:
    """Logits of ordinary and extreme spread: sure, tied, tiny, huge, one alone."""
    rng = np.random.default_rng(5)
    spread = [rng.normal(size=n) * scale + shift for n in (1, 2, 3, 10) for scale in (1e-3, 1, 30, 1000) for shift in (0, 1e4)]
    hard = [[1e7, 1e7, 1e7 - 1], [0, -40], [0, -17, -17], [0, -90, -103], [3e38, 3e38], [-3e38, 3e38], [0, 0, 0], [1e-40, 0]]
    return [np.array(row, dtype) for row in (*spread, *hard)]


def results(entry: Axiswise, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.atleast_1d(entry(x))


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "maxout"])
def test_values_are_within_two_ulp(name: str, dtype: Any) -> None:
    """Where logsumexp crosses zero it is a difference of max and logarithm, and these set the scale of the error."""
    entry = ogive.get(name)
    for x in rows(dtype):
        for i, got in enumerate(results(entry, x)):
            true = oracle.value(entry.formula, x=x, i=i)
            scale = np.abs(x).max() if name == "logsumexp" else 0
            error = oracle.ulps(got, true, dtype, float(scale))
            assert error <= BOUND, f"{name}({x}) at {i}: {error:.3g} ulp"


@pytest.mark.parametrize("dtype", points.DTYPES)
@every_entry
def test_vjp_is_the_gradient_of_the_formula(entry: Axiswise, dtype: Any) -> None:
    """Measured against the largest term of the sum over outputs, for these cancel in general.

    The Jacobian of log_softmax is the identity less a projection; there the cotangent itself is such a term.
    """
    rng = np.random.default_rng(6)
    for x in rows(dtype):
        if entry.name == "maxout" and len(set(x)) < len(x):
            continue  # the tie rule has a test of its own
        count = len(results(entry, x))
        cotangent = rng.normal(size=count).astype(dtype)
        got = entry.vjp(x, cotangent if not entry.reduces else cotangent[0])
        for j in range(len(x)):
            defaults = {each.name: each.default for each in entry.parameters}
            terms = [float(g) * oracle.jacobian_column(entry.term.exact, "x", j, x=x, i=i, **defaults)[1] for i, g in enumerate(cotangent)]
            scale = max(map(abs, [*terms, float(cotangent[j]) if entry.name == "log_softmax" else 0]))
            error = oracle.ulps(got[j], mpmath.fsum(terms), dtype, float(scale))
            assert error <= 8, f"{entry.name}.vjp({x}) at {j}: {error:.3g} ulp"


@every_entry
def test_vjp_follows_the_parameters(entry: Axiswise) -> None:
    """Away from the defaults, against differences."""
    parameters = {each.name: samples.away(each) for each in entry.parameters}
    x, step = np.array([0.3, -0.2, 0.55, 0.4]), 1e-6
    cotangent = np.array([0.3, -1.0, 2.0, 0.7]) if not entry.reduces else np.float64(1.7)
    product = entry.vjp(x, cotangent, **parameters)
    for i, moved in enumerate(step * np.eye(4)):
        change = np.sum(cotangent * (entry(x + moved, **parameters) - entry(x - moved, **parameters)))
        assert product[i] == pytest.approx(change / (2 * step), rel=1e-6, abs=1e-8)


@every_entry
def test_axes(entry: Axiswise) -> None:
    x = np.random.default_rng(7).normal(size=(2, 3, 4))
    last = entry(x)
    np.testing.assert_array_equal(entry(np.moveaxis(x, -1, 0), axis=0), last if entry.reduces else np.moveaxis(last, -1, 0))
    np.testing.assert_array_equal(entry(x, axis=2), last)
    whole = entry(x.ravel())
    np.testing.assert_array_equal(np.ravel(entry(x, axis=None)), np.ravel(whole))
    two = entry(x.transpose(1, 0, 2).reshape(3, 8))
    got = entry(x, axis=(0, 2))
    np.testing.assert_array_equal(got if entry.reduces else got.transpose(1, 0, 2).reshape(3, 8), two)
    kept = entry(x, axis=1, keepdims=True)
    assert kept.shape == ((2, 1, 4) if entry.reduces else x.shape)
    out = np.empty_like(last)
    assert entry(x, out=out) is out
    np.testing.assert_array_equal(out, last)
    assert entry(x.astype(np.float32)).dtype == np.float32
    assert entry(x.astype(np.float16)).dtype == np.float16
    assert entry(np.arange(3)).dtype == np.float64
    assert entry(np.zeros((0, 3))).shape == ((0,) if entry.reduces else (0, 3))
    x.flags.writeable = False
    np.testing.assert_array_equal(entry(x[:, ::-1, :][:, ::-1, :]), last)


@every_entry
def test_shift_and_total(entry: Axiswise) -> None:
    x = np.random.default_rng(8).integers(-50, 50, (20, 5)) / 8
    moved = entry(x + 1024.0) - (1024.0 if entry.shift == "equivariant" else 0.0)
    np.testing.assert_allclose(moved, entry(x), rtol=1e-13, atol=1e-12)
    if entry.total is not None:
        np.testing.assert_allclose(entry(x).sum(axis=-1), entry.total, rtol=1e-14)
    elif not entry.reduces:
        assert np.ptp(entry(x).sum(axis=-1)) > 0
    low, high = entry.range
    assert entry(x).min() >= low
    assert entry(x).max() <= high


def test_infinities() -> None:
    np.testing.assert_array_equal(ogive.softmax([0, -INF, 0]), [0.5, 0, 0.5])
    np.testing.assert_array_equal(ogive.softmax([0, INF, 0]), [0, 1, 0])
    np.testing.assert_array_equal(ogive.softmax([-INF, -INF]), [np.nan, np.nan])
    np.testing.assert_array_equal(ogive.log_softmax([0, INF]), [-INF, 0])
    np.testing.assert_array_equal(ogive.log_softmax([0, -INF]), [0, -INF])
    assert ogive.logsumexp([-INF, -INF]) == -INF
    assert ogive.logsumexp([INF, 0]) == INF
    assert ogive.logsumexp(np.zeros((2, 0))).tolist() == [-INF, -INF]
    for entry in ENTRIES:
        assert np.isnan(entry([0.0, np.nan])).all()


@pytest.mark.parametrize("row", [[INF, 1], [1, -INF], [INF, INF, 1], [-INF, -INF], [0, np.nan]], ids=str)
def test_entmax_is_undefined_where_softmax_is(row: list[float]) -> None:
    for alpha in (1.0, 1.5, 3.0):
        np.testing.assert_array_equal(ogive.entmax(row, alpha=alpha), ogive.softmax(row))
        products = ogive.entmax.vjp(row, np.arange(len(row)), alpha=alpha)
        np.testing.assert_array_equal(products, ogive.softmax.vjp(row, np.arange(len(row))))


def bisected_entmax(x: list[float], alpha: float) -> list[Any]:
    """In so many digits that the 49th root of what is left between them is small yet."""
    with mpmath.workdps(200):
        beta, top = mpmath.mpf(alpha) - 1, max(x)
        distances = [mpmath.mpf(v) - top for v in x]
        if beta == 0:
            total = mpmath.fsum(map(mpmath.exp, distances))
            return [mpmath.exp(d) / total for d in distances]

        def probabilities(m: Any) -> list[Any]:
            return [max(m**beta + beta * d, mpmath.mpf(0)) ** (1 / beta) for d in distances]

        low, high = mpmath.mpf(1) / len(x), mpmath.mpf(1)
        for _ in range(600):
            middle = (low + high) / 2
            low, high = (low, middle) if mpmath.fsum(probabilities(middle)) > 1 else (middle, high)
        return probabilities(high)


@pytest.mark.parametrize("alpha", [1, 1 + 1e-12, 1.5, 2, 3, 5, 10, 50])
def test_entmax_keeps_its_digits_for_every_alpha(alpha: float) -> None:
    hard = [[0, -0.11], [0, -1e-3], [0, -1e-3, -1e-3], [0, 0, 0], [0, 0, -0.11, -0.11], [1e4, 1e4 - 0.11, 0], [0, -1e4], [0.3]]
    rng = np.random.default_rng(10)
    for x in (*hard, *((rng.normal(size=5) * scale).tolist() for scale in (0.01, 0.3, 3))):
        got, eps = ogive.entmax(x, alpha=alpha), np.finfo(float).eps
        assert max(abs(p - true) for p, true in zip(got.tolist(), bisected_entmax(x, alpha), strict=True)) <= 4 * eps, f"entmax({x})"
        assert abs(got.sum() - 1) <= 4 * eps
        product = ogive.entmax.vjp(x, rng.normal(size=len(x)), alpha=alpha)
        assert abs(product.sum()) <= 8 * eps * np.abs(product).max()


def test_weights() -> None:
    rng = np.random.default_rng(9)
    for scale in (1, 300):
        x, weights = rng.normal(size=(40, 6)) * scale, rng.uniform(-0.1, 2, (40, 6))
        expected = scipy.special.logsumexp(x, axis=-1, b=weights, return_sign=True)
        np.testing.assert_allclose(
            ogive.logsumexp(x, weights=weights), np.where(expected[1] > 0, expected[0], np.nan), rtol=1e-13, atol=1e-13
        )
    np.testing.assert_allclose(ogive.logsumexp([1000.0, 1001.0, 9e9], weights=[1, 2, 0]), 1001 + np.log(2 + np.exp(-1)))
    gradient = ogive.logsumexp.vjp([1.0, 2.0, 3.0], 1.0, weights=[0, 1, 1])
    np.testing.assert_allclose(gradient, [0, *ogive.softmax([2.0, 3.0])])


def test_maxout_gives_a_tied_gradient_to_the_first_piece() -> None:
    np.testing.assert_array_equal(ogive.maxout.vjp([[1.0, 2.0, 2.0], [3.0, 0.0, 3.0]], [10.0, 20.0]), [[0, 10, 0], [20, 0, 0]])
    z = np.random.default_rng(1).normal(size=(8, 5, 7))
    np.testing.assert_array_equal(ogive.maxout(z), z.max(axis=-1))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ogive.softmax([1.0, 2.0], axis=1), ValueError, r"softmax: axis must name axes.*shape \(2,\).*axis=1"),
        (lambda: ogive.softmax([[1.0]], axis=(0, 0)), ValueError, "at most once"),
        (lambda: ogive.softmax([1.0], axis="rows"), ValueError, "axis must name axes"),
        (lambda: ogive.softmax(["a"]), TypeError, "must be real numbers"),
        (lambda: ogive.softmax([[1.0], [1.0, 2.0]]), ValueError, "rectangular"),
        (lambda: ogive.softmax([1.0], weights=[1.0]), TypeError, "takes no weights"),
        (lambda: ogive.logsumexp([1.0, 2.0], weights=[1.0, 2.0, 3.0]), ValueError, "weights must broadcast"),
        (lambda: ogive.softmax.vjp([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, "cotangent must have the shape"),
    ],
)
def test_a_bad_call_says_what_is_wrong(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_empty_arrays() -> None:
    assert ogive.softmax(np.zeros((0, 3, 2)), axis=(1, 2)).shape == (0, 3, 2)
    assert ogive.logsumexp(np.zeros((0, 3, 2)), axis=(1, 2)).shape == (0,)
    assert ogive.softmax(np.zeros((4, 0))).shape == (4, 0)
    for entry in ENTRIES:
        assert entry.vjp(np.zeros((4, 0)), np.zeros(4) if entry.reduces else np.zeros((4, 0))).shape == (4, 0)
    with pytest.raises(ValueError, match="at least one piece"):
        ogive.maxout(np.zeros((4, 0)))


@every_entry
def test_bfloat16_comes_back_as_it_went_in(entry: Axiswise) -> None:
    x = np.array([[1.0, 2.0, 3.0]], ml_dtypes.bfloat16)
    assert entry(x).dtype == x.dtype
