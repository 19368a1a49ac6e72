"""The digits of the compiled row kernels, called as they are, at hard rows: small differences, subnormal shares, extremes."""

from __future__ import annotations

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

KERNELS = ogive._kernels.rows
INF = np.inf
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


@every_dtype
def test_no_gradient_overflows_before_it_is_divided(dtype: Any) -> None:
    """The slope of -log(q) at the smallest q is out of range; over a count it is not."""
    tiny = np.finfo(dtype).smallest_subnormal
    for name in ("cross_entropy_probabilities", "kl_divergence_probabilities"):
        for weight, divisor in ((1.0, 1e20), (1e-20, 1.0), (1e-200, 1e-180), (1e200, 1e220)):
            _, gradient = KERNELS[name](np.array([tiny, 1], dtype), np.array([1, 0], dtype), weight, divisor)
            true = -mpmath.mpf(weight) / (mpmath.mpf(divisor) * mpmath.mpf(float(tiny)))
            assert oracle.ulps(gradient[0], true, dtype) <= 4


@every_dtype
@pytest.mark.parametrize(("weight", "divisor"), [(1e6, 1.0), (1.0, 1e6), (1e250, 1e245), (1e-250, 1e-245), (1e-300, 1.0)])
def test_a_share_keeps_the_digits_of_what_is_subnormal(dtype: Any, weight: float, divisor: float) -> None:
    distance = {np.float32: 95, np.float64: 715}[dtype]
    x = np.array([0, -distance], dtype)
    _, gradient = KERNELS["cross_entropy_logits_indices"](x, 0, weight, divisor)
    true = mpmath.mpf(weight) / mpmath.mpf(divisor) / (1 + mpmath.exp(distance))
    assert oracle.ulps(gradient[1], true, dtype) <= 4
    assert oracle.ulps(gradient[0], -true, dtype) <= 4


# The distances around which something changes: where 1 + e rounds to 1, where e is subnormal, vanishes, or is cut off.
EDGES = {
    np.float32: [16, 17, 21, 40, 87, 88, 103, 104, 131, 132, 149, 150, 199, 200, 201],
    np.float64: [36, 37, 40, 708, 709, 744, 746, 759, 760, 761],
}


@every_dtype
def test_the_others_keep_their_digits_at_every_distance(dtype: Any) -> None:
    """float32 logsumexp([0, -40]) was 0."""
    for distance in EDGES[dtype]:
        for count in (1, 20):
            x = np.array([0, *[-distance] * count], dtype)
            others = mpmath.log1p(count * mpmath.exp(-distance))
            for got in (
                KERNELS["logsumexp"](x),
                KERNELS["logsumexp_weighted"](x, np.ones_like(x)),
                -KERNELS["log_softmax"](x)[0],
                dtype(KERNELS["cross_entropy_logits_indices"](x, 0, 1.0, 1.0)[0]),
                dtype(KERNELS["cross_entropy_logits"](x, (x == 0).astype(dtype), 1.0, 1.0)[0]),
            ):
                assert oracle.ulps(got, others, dtype) <= 2


@every_dtype
@pytest.mark.parametrize(
    ("x", "weights"),
    [
        ([0, -1], [2, -1]),
        ([0, 0], [0.25, 0.75]),
        ([1000, 0], ["tiny", "max"]),
        ([0, 1000], ["max", "tiny"]),
        ([5, 4, 3], ["max", "max", "max"]),
        ([5, 4, 3], ["tiny", "tiny", "tiny"]),
        ([3, "nan", 2], [1, 0, 1]),
        (["max", 0, "max"], ["tiny", "max", "max"]),
        (["-inf", 2], [3, 4]),
        ([1e7, 1e7 - 1], [1, 2]),
        ([-3, 2], [1e-20, 1e20]),
        ([0, 60], [2.0**40, 2.0**-26]),
        ([0, 60], [2.0**40, 2.0**-24]),
    ],
)
def test_weighted_logsumexp_of_weights_of_any_size_and_sign(x: list[Any], weights: list[Any], dtype: Any) -> None:
    """Against 60 digits; weights of 0 count for nothing, and the 64 powers of two that weights may differ by are straddled."""
    info = np.finfo(dtype)
    named = {"tiny": info.smallest_subnormal, "max": info.max, "nan": np.nan, "-inf": -INF}
    row, factors = (np.array([named.get(value, value) for value in values], dtype) for values in (x, weights))
    with mpmath.workdps(60):
        counted = [(mpmath.mpf(float(a)), mpmath.mpf(float(w))) for a, w in zip(row, factors, strict=True) if w != 0 and a != -INF]
        top = max(a for a, _ in counted)
        total = mpmath.fsum(w * (mpmath.exp(a - top) if a - top > -1e5 else 0) for a, w in counted)
        true = top + mpmath.log(total)
        assert oracle.ulps(KERNELS["logsumexp_weighted"](row, factors), true, dtype, abs(top)) <= 2
        gradient = KERNELS["logsumexp_weighted_vjp"](row, dtype(1), factors)
        for i, (a, w) in enumerate(zip(row, factors, strict=True)):
            share = mpmath.mpf(float(w)) * mpmath.exp(mpmath.mpf(float(a)) - top) / total if w != 0 and a - top > -1e5 else 0
            assert oracle.ulps(gradient[i], share, dtype) <= 4


def test_weighted_logsumexp_at_infinity_and_zero() -> None:
    kernel = KERNELS["logsumexp_weighted"]
    assert kernel([INF, 0.0], [2.0, 1.0]) == INF
    assert np.isnan(kernel([INF, 0.0], [-2.0, 1.0]))
    assert np.isnan(kernel([INF, INF], [-2.0, 1.0]))
    assert kernel([INF, 0.0], [0.0, 1.0]) == 0.0
    assert kernel([0.0, 1.0], [INF, 1.0]) == INF
    assert np.isnan(kernel([0.0, 1.0], [1.0, np.nan]))
    assert np.isnan(kernel([0.0, np.nan], [1.0, 1.0]))
    assert kernel([0.0, 1.0], [0.0, 0.0]) == -INF
    assert kernel([-INF, -INF], [1.0, 1.0]) == -INF
    assert kernel([0.0, 0.0], [1.0, -1.0]) == -INF
    assert np.isnan(kernel([0.0, 0.0], [1.0, -2.0]))
    np.testing.assert_array_equal(KERNELS["logsumexp_weighted_vjp"]([INF, 0.0], 3.0, [2.0, 1.0]), [3.0, 0.0])


@every_dtype
def test_divergence_of_nearly_equal_distributions(dtype: Any) -> None:
    """Around the square roots of powers of two, where logarithms change their scale; the float32 one was ten times too big."""
    eps = float(np.finfo(dtype).eps)
    for centre in (2**-0.5, 2**-1.5, 0.5, 0.25, 0.3):
        for gap in (0.0, eps, 64 * eps, 4e-6, 1e-3, 0.1, 0.24, 0.26):
            prediction = np.array([centre * (1 + gap), 1 - centre * (1 + gap)], dtype)
            target = np.array([centre, 1 - centre], dtype)
            for q, t in ((prediction, target), (target, prediction)):
                with mpmath.workdps(60):
                    pairs = [(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in zip(q, t, strict=True)]
                    true = mpmath.fsum(b * mpmath.log(b / a) for a, b in pairs)
                    slopes = [mpmath.log(b / a) + 1 for a, b in pairs]
                term, _ = KERNELS["kl_divergence_probabilities"](q, t, 1.0, 1.0)
                reverse, gradient = KERNELS["reverse_kl_divergence"](t, q, 1.0, 1.0)
                assert max(oracle.ulps(dtype(each), true, dtype) for each in (term, reverse)) <= 2
                assert max(oracle.ulps(*each, dtype) for each in zip(gradient, slopes, strict=True)) <= 2


@every_dtype
@pytest.mark.parametrize("length", [2, 10, 17, 200])
def test_divergence_from_logarithms_is_exact_beside_its_largest_part(length: int, dtype: Any) -> None:
    """Of unlike distributions, of nearly equal ones, where the parts cancel, with classes that have no share, and subnormal ones.

    In float32 also beside the parts themselves, which are what logarithms leave of each other: it was 50,000 ulp off.
    """
    rng = np.random.default_rng(length)
    tiny = float(np.finfo(dtype).smallest_subnormal)
    for gap in (3.0, 0.1, 1e-4, 0.0):
        target = rng.dirichlet(np.ones(length)).astype(dtype)
        target[-1] = tiny
        prediction = (np.log(np.maximum(target, 1e-30)) + gap * rng.normal(size=length)).astype(dtype)
        if gap == 3.0:
            target[0], prediction[0] = 0, -INF
        with mpmath.workdps(60):
            pairs = [(mpmath.mpf(float(t)), mpmath.mpf(float(v))) for t, v in zip(target, prediction, strict=True) if t]
            parts = [t * (mpmath.log(t) - v) for t, v in pairs]
            size = max(map(abs, parts)) if dtype == np.float32 else max(t * abs(mpmath.log(t)) for t, _ in pairs)
        term, gradient = KERNELS["kl_divergence_log_probabilities"](prediction, target, 3.0, 2.0)
        error = abs(mpmath.mpf(float(term)) - mpmath.fsum(parts))
        assert error <= max(abs(mpmath.fsum(parts)), size * 2**-6) * float(np.finfo(dtype).eps) + tiny
        np.testing.assert_allclose(gradient, -1.5 * target, rtol=2 * np.finfo(dtype).eps, atol=tiny)


@every_dtype
@pytest.mark.parametrize("length", [2, 17, 200])
def test_divergence_of_logarithms_keeps_its_digits(length: int, dtype: Any) -> None:
    rng = np.random.default_rng(length)
    for gap in (3.0, 0.1, 1e-3, 1e-5):
        target = np.log(rng.dirichlet(np.ones(length))).astype(dtype)
        moved = target + gap * rng.normal(size=length)
        prediction = (moved - np.log(np.exp(moved).sum())).astype(dtype)  # of distributions: the parts cancel to the square of the gap
        if gap == 3.0:
            target[0] = -INF
        term, gradient = KERNELS["kl_divergence_of_logs"](prediction, target, 3.0, 2.0)
        with mpmath.workdps(60):
            pairs = [(mpmath.mpf(float(t)), mpmath.mpf(float(v))) for t, v in zip(target, prediction, strict=True) if t != -INF]
            parts = [mpmath.exp(t) * (t - v) for t, v in pairs]
        error = abs(mpmath.mpf(float(term)) - mpmath.fsum(parts))
        room = 2**-20 if dtype == np.float32 else 2**-6
        assert error <= max(abs(mpmath.fsum(parts)), mpmath.fsum(map(abs, parts)) * room) * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(gradient, -1.5 * np.exp(target.astype(np.float64)), rtol=2 * np.finfo(dtype).eps)


@every_dtype
@pytest.mark.parametrize("form", ["values", "log_values"])
def test_divergence_of_any_numbers_keeps_its_digits(form: str, dtype: Any) -> None:
    """Of numbers near each other and far apart, large and small: the terms cancel. Logarithms say less of nearer ones."""
    rng = np.random.default_rng(8)
    nearest = {"values": np.finfo(dtype).eps, "log_values": 0.03}[form]
    apart = np.concatenate([np.exp(rng.uniform(np.log(nearest), 0, 60)) * rng.choice([-0.9, 1.0], 60), np.exp(rng.uniform(-3, 9, 60))])
    targets = np.append(np.exp(rng.uniform(-9, 9, 120)), 0).astype(dtype)
    values = np.append(targets[:-1].astype(np.float64) * (1 + apart), 0.5)
    predictions = (values if form == "values" else np.log(values)).astype(dtype)
    for prediction, target in zip(predictions, targets, strict=True):
        term, (slope,) = KERNELS[f"generalized_kl_divergence_{form}"](np.array([prediction]), np.array([target]), 1.0, 1.0)
        t, given = mpmath.mpf(float(target)), mpmath.mpf(float(prediction))
        value, logarithm = (given, mpmath.log(given)) if form == "values" else (mpmath.exp(given), given)
        assert oracle.ulps(dtype(term), (t * (mpmath.log(t) - logarithm) if t else 0) - t + value, dtype) <= 4
        assert oracle.ulps(slope, (value - t) / value if form == "values" else value - t, dtype) <= 4


@every_dtype
def test_the_slope_of_a_normal_likelihood_by_the_variance_where_it_vanishes(dtype: Any) -> None:
    rng = np.random.default_rng(9)
    for size in 10.0 ** np.linspace(-18, 18, 40):
        error = dtype(size)
        for variance in (dtype(size) ** 2 * (1 + np.exp(rng.uniform(-16, 1, 5)))).astype(dtype):
            arrays = np.array([error]), np.array([variance]), np.array([0], dtype)
            _, (by_mean, by_variance) = ogive.gaussian_nll.value_and_gradient(*arrays, reduction="sum")
            e, v = mpmath.mpf(float(error)), mpmath.mpf(float(variance))
            assert oracle.ulps(by_mean[0], e / v, dtype) <= 2
            assert oracle.ulps(by_variance[0], (1 - e * e / v) / (2 * v), dtype) <= 4


@every_dtype
@pytest.mark.parametrize("length", [1, 10, 130, 1000])
def test_the_hessian_of_cross_entropy_is_p_times_the_others(length: int, dtype: Any) -> None:
    rng = np.random.default_rng(length)
    x = rng.normal(scale=5, size=(6, length)).astype(dtype)
    x[1, 0], x[2, length // 2] = 300, -INF if length > 1 else 0
    weight = np.array([1, 2, 0.5, 0, 3, 1e-30])
    got = KERNELS["cross_entropy_logits_hessian"](x, weight, 4.0)
    with np.errstate(under="ignore"):
        wide = np.exp(x.astype(np.longdouble) - x.max(-1, keepdims=True))
    others = np.stack([np.delete(wide, i, axis=-1).sum(-1) for i in range(length)], axis=-1)
    true = wide * others / wide.sum(-1, keepdims=True) ** 2 * weight[:, None] / 4
    np.testing.assert_allclose(got, true.astype(np.float64), rtol=4 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).smallest_subnormal)


@every_dtype
@pytest.mark.parametrize("length", [1, 10, 130, 1000])
def test_sums_of_shares_name_what_is_none(length: int, dtype: Any) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(length), 40).astype(dtype)
    logs = np.minimum(np.log(shares), 0)
    for name, array, wrongs in (("sum_of_shares", shares, (-1e-3, 1.001, np.nan, INF)), ("sum_of_log_shares", logs, (1e-3, np.nan, INF))):
        np.testing.assert_allclose(KERNELS[name](array), 1, rtol=1e-3)  # the digits that a check needs
        for row, wrong in enumerate(wrongs):
            array[row, length // 2] = wrong
        np.testing.assert_array_equal(np.isnan(KERNELS[name](array)), np.arange(40) < len(wrongs))
    with_none = np.where(np.arange(length) == 0, 0.0, -INF).astype(dtype)
    assert KERNELS["sum_of_log_shares"](with_none) == pytest.approx(1)


def test_a_soft_target_of_logits_further_apart_than_the_largest_float() -> None:
    largest = np.finfo(np.float64).max
    for share in (0.25, 0.5):
        term, _ = KERNELS["cross_entropy_logits"](np.array([largest, -largest]), np.array([1 - share, share]), 1.0, 1.0)
        assert term == 2 * share * largest
    assert KERNELS["cross_entropy_logits"](np.array([largest, -largest]), np.array([0.0, 1.0]), 1.0, 1.0)[0] == INF
    single = np.finfo(np.float32).max
    term, _ = KERNELS["cross_entropy_logits"](np.array([single, -single]), np.array([0, 1], np.float32), 1.0, 1.0)
    assert term == 2 * float(single)


@every_dtype
def test_the_smaller_targets_keep_their_digits(dtype: Any) -> None:
    """At a class that has nearly all of both, the gradient is the small difference of what the others have."""
    tiny = 1e-20 if dtype == np.float32 else 1e-40
    x, target = np.array([0, -300], dtype), np.array([1, tiny], dtype)
    _, gradient = KERNELS["cross_entropy_logits"](x, target, 1.0, 1.0)
    np.testing.assert_allclose(gradient, [target[1], -target[1]], rtol=1e-6)
    product = KERNELS["log_softmax_vjp"](x, target)
    np.testing.assert_allclose(product, [-target[1], target[1]], rtol=1e-6)


def test_a_class_outside_the_row_gives_nan() -> None:
    for length in (3, 16, 20, 300):
        for wrong in (-1, length, length + 1, 2**40):
            term, gradient = KERNELS["cross_entropy_logits_indices"](np.zeros(length), wrong, 1.0, 1.0)
            assert np.isnan(term)
            assert np.isnan(gradient).all()


def test_cotangents_near_the_largest_float_do_not_overflow() -> None:
    x, cotangent = np.array([0.0, 0.0, -1.0]), np.array([1.2e308, -1.2e308, 1.2e308])
    for name in ("softmax_vjp", "log_softmax_vjp"):
        np.testing.assert_allclose(KERNELS[name](x, cotangent) / 2.0**60, KERNELS[name](x, cotangent / 2.0**60), rtol=1e-15)
    np.testing.assert_allclose(KERNELS["logsumexp_vjp"](x, 1.7e308), 1.7e308 * KERNELS["softmax"](x), rtol=1e-15)
