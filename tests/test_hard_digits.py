"""Inputs at which ogive itself once lost digits, or a limit: nearly equal numbers, far weights, crossings of zero."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest

import ogive

INF = np.inf
KERNELS = ogive.kernel.config()["kernels"]


def close(got: Any, true: Any, dtype: Any, ulp: float) -> None:
    assert oracle.ulps(got, mpmath.mpf(true), dtype) <= ulp


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("gap", [17, 21, 40, 80])
def test_logsumexp_beside_zero_keeps_the_digits_of_the_others(gap: int, dtype: Any) -> None:
    close(ogive.logsumexp(np.array([0, -gap], dtype)), mpmath.log1p(mpmath.exp(-gap)), dtype, 2)
    weighted = ogive.logsumexp(np.array([0, -gap], dtype), weights=np.array([1, 3], dtype))
    close(weighted, mpmath.log1p(3 * mpmath.exp(-gap)), dtype, 2 if KERNELS == "compiled" else 8)


def test_the_divergence_of_nearly_equal_distributions() -> None:
    prediction, target = np.float32([0.707108, 0.292892]), np.float32([0.707105, 0.292895])
    true = oracle.value(
        ogive.kl_divergence.forms["probabilities"].formula, prediction=prediction.astype(float), target=target.astype(float)
    )
    got = ogive.kl_divergence(prediction, target, given="probabilities")
    close(got, true, np.float32, 2 if KERNELS == "compiled" else 64)


def test_the_gradient_of_a_mean_is_divided_before_it_is_rounded() -> None:
    one_large = np.zeros(1000, np.float16)
    one_large[3] = 40_000
    assert ogive.mean_squared_error.gradient(one_large, np.zeros_like(one_large))[3] == 80
    single = one_large.astype(np.float32)
    single[3] = 3e38
    assert ogive.mean_squared_error.gradient(single, np.zeros_like(single))[3] == np.float32(2 * float(np.float32(3e38)) / 1000)
    assert ogive.mean_squared_error(np.full(1000, 400, np.float16), np.full(1000, 200, np.float16)) == 40_000
    assert ogive.mean_squared_error(np.r_[np.full(999, 0), 400].astype(np.float16), np.zeros(1000, np.float16)) == 160


def test_the_root_of_a_mean_of_the_largest_errors() -> None:
    value, gradient = ogive.root_mean_squared_error.value_and_gradient([1e308, 0.0], [-1e308, 0.0])
    close(value, 2 * mpmath.mpf(1e308) / mpmath.sqrt(2), np.float64, 2)
    np.testing.assert_allclose(gradient, [np.sqrt(0.5), 0.0], rtol=1e-15)


def test_binary_cross_entropy_of_a_certain_class_against_the_other() -> None:
    """log p = 0 and target 0: certain, and wrong."""
    value, gradient = ogive.binary_cross_entropy.value_and_gradient([0.0], [0], given="log_probabilities", reduction="none")
    assert value == gradient == INF
    definitions = ogive.binary_cross_entropy.forms["log_probabilities"]
    with np.errstate(all="ignore"):
        assert definitions.slopes["prediction"](np.array([0.0]), np.array([0.0]), np) == INF


@pytest.mark.parametrize(
    ("score", "share"), [(709.5, 0.25), (710.0, 0.25), (-710.0, 0.25), (711.0, 0.75), (713.0, 1 - 2.0**-6), (1400.0, 1.0)]
)
def test_a_share_of_an_exponential_beyond_the_largest_number(score: float, share: float) -> None:
    """e^710 is no number, and a quarter of it is; so by definition and by the kernel."""
    term = ogive.exponential_loss.term
    prediction, target = np.array([score]), np.array([share])
    true = oracle.truth(term.formula, "prediction", order=2, prediction=score, target=share)
    value, slope, _ = ogive.kernel.elementwise(term)
    close(value(prediction, target)[0], true[0], np.float64, 2 if KERNELS == "compiled" else 8)
    close(slope(prediction, target)[0], true[1], np.float64, 4 if KERNELS == "compiled" else 16)
    for part, compute, ulp in ((0, term.value, 8), (1, term.slopes["prediction"], 16), (2, term.hessian, 16)):
        close(compute(prediction, target, np)[0], true[part], np.float64, ulp)


def slope_of_binary_cross_entropy(given: str, prediction: Any, target: Any, dtype: Any) -> Any:
    """What `given` says of each pair of numbers: the slope, and the truth."""
    term = ogive.binary_cross_entropy.forms[given]
    prediction, target = (np.array(numbers, dtype) for numbers in np.broadcast_arrays(prediction, target))
    true = [
        oracle.truth(term.formula, "prediction", prediction=p, target=t)[1]
        for p, t in zip(prediction.tolist(), target.tolist(), strict=True)
    ]
    return zip(ogive.kernel.elementwise(term)[1](prediction, target), true, strict=True)


@pytest.mark.parametrize("dtype", points.DTYPES)
def test_the_slope_of_binary_cross_entropy_keeps_its_digits_where_an_even_prediction_meets_an_even_target(dtype: Any) -> None:
    """No scale beside the slope itself: p - t is z/4."""
    tiny = np.logspace(-37, 0, 75)
    for got, true in slope_of_binary_cross_entropy("logits", np.r_[tiny, -tiny], 0.5, dtype):
        close(got, true, dtype, 4)


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions promise digits of the shares")
@pytest.mark.parametrize("target", [0.25, 0.75])
@pytest.mark.parametrize("given", ["logits", "log_probabilities"])
def test_the_slope_of_binary_cross_entropy_beside_its_zero_is_that_of_a_pair(given: str, target: float) -> None:
    """Within 4 ulp of the slope, or a quarter of an ulp of what cancels, p (1 - t) or p / (1 - p): p as a pair has no more digits."""
    zero = np.log(target / (1 - target)) if given == "logits" else np.log(target)
    beside = zero * (1 + np.r_[0, np.ldexp(1.0, -np.arange(1, 53)), -np.ldexp(1.0, -np.arange(1, 53))])
    size = target * (1 - target) if given == "logits" else target / (1 - target)
    for got, true in slope_of_binary_cross_entropy(given, beside, target, np.float64):
        assert oracle.ulps(got, true, np.float64, size / 16) <= 4


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions promise digits of the shares")
@pytest.mark.parametrize("dtype", points.DTYPES)
def test_the_slope_by_a_log_probability_keeps_its_digits_where_both_are_nearly_certain(dtype: Any) -> None:
    missing = np.ldexp(1.0, -np.arange(3, np.finfo(dtype).nmant + 2))
    for got, true in slope_of_binary_cross_entropy("log_probabilities", -missing, 1 - missing, dtype):
        close(got, true, dtype, 4)


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("weight", [5e-324, 1e-320, 1e-300, 1e-160, 1e160, 1e300])
def test_equal_weights_of_any_size_leave_the_gradient_as_it_is(weight: float, dtype: Any) -> None:
    """Neither weight * slope nor slope / Σ weight need be in range."""
    for prediction in ([1.0, 2.0], [1e10, 2.0], [2e-30, 1e30]):
        x = np.array(prediction, dtype)
        gradient = ogive.mean_squared_error.gradient(x, np.zeros_like(x), sample_weight=[weight, weight])
        np.testing.assert_allclose(gradient, x, rtol=4 * np.finfo(dtype).eps)


def test_a_weight_far_from_the_sum_of_weights() -> None:
    gradient = ogive.mean_squared_error.gradient([1e300, 1e-300, 0.0], [0.0] * 3, sample_weight=[1e-300, 1e300, 0.0], reduction="sum")
    np.testing.assert_allclose(gradient, [2.0, 2.0, 0.0], rtol=1e-15)


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions are given the quotient weight / divisor")
def test_a_weight_whose_share_of_the_sum_is_below_every_number() -> None:
    gradient = ogive.mean_squared_error.gradient([1e250, 1.0, np.nan], [0.0] * 3, sample_weight=[1e-320, 1e200, 0.0])
    np.testing.assert_allclose(gradient, [2 * (1e-320 * 1e250) / 1e200, 2.0, 0.0], rtol=1e-14)


def test_limits_at_infinity() -> None:
    options = {"alpha": 0.25, "reduction": "none"}
    focal = ogive.focal_loss.gradient([-INF, INF, -INF, INF], [1, 0, 0, 1], given="logits", **options)
    np.testing.assert_array_equal(focal, [-0.25, 0.75, 0, 0])
    np.testing.assert_array_equal(ogive.pinball([INF, -INF], [0.0, 0.0], quantile=1.0, reduction="none"), [0, INF])
    np.testing.assert_array_equal(ogive.pinball([INF, -INF], [0.0, 0.0], quantile=0.0, reduction="none"), [INF, 0])


def test_parameters_and_numbers_as_targets_are_not_rounded_to_the_prediction() -> None:
    half = np.ones(1, np.float16)
    assert ogive.pinball(half, 0 * half, quantile=0.999) == np.float16(0.001)
    assert ogive.pinball(half.astype(np.float32), [0.0], quantile=0.999999) == np.float32(1 - 0.999999)
    assert ogive.mean_absolute_error(np.float32([16777216]), 16777217.0) == 1
    true = oracle.value(ogive.binary_cross_entropy.forms["logits"].formula, prediction=30.0, target=1 - 1e-9)
    got = ogive.binary_cross_entropy(np.float32([30]), 1 - 1e-9, given="logits")
    assert got.dtype == np.float32
    close(got, true, np.float32, 2)


def test_rational_far_out_where_powers_of_x_overflow() -> None:
    rational, cube, one = ogive.rational, [0.0, 0.0, 0.0, 1.0], [1.0]
    np.testing.assert_allclose(rational.slope([1e100, -1e100, 1e200], cube, one), [2e100, 2e100, 2e200], rtol=1e-15)
    np.testing.assert_allclose(rational.slope([1e100, -1e100], one, one), [-1e-200, 1e-200], rtol=1e-15)
    subnormal = rational([2.0**515, 2.0**532], [0.0, 1.0], [0.0, 2.0**-1030])
    np.testing.assert_allclose(subnormal, [2.0**514, 2.0**532 / (1 + 2.0**34)], rtol=1e-15)
    np.testing.assert_array_equal(rational.slope([INF, -INF, 1e300]), 0.25)


@pytest.mark.parametrize("name", ["poisson", "poisson_nll_full", "negative_binomial"])
def test_a_count_of_one_beside_a_rate_of_one_keeps_the_digits_of_the_slope(name: str) -> None:
    """e^x - 1, over 1 + α e^x where there is an α."""
    for x in (1e-9, -1e-9, 1e-300, 0.01):
        growth = mpmath.expm1(mpmath.mpf(x))
        true = growth / (2 + growth) if name == "negative_binomial" else growth
        close(ogive.get(name).gradient([x], [1.0], given="log_rates" if "poisson" in name else "log_means")[0], true, np.float64, 4)


@pytest.mark.parametrize("x", [1.0, 5e-7, -30.0, 3.0])
def test_the_negative_binomial_of_a_faint_dispersion_keeps_its_digits(x: float) -> None:
    got = ogive.negative_binomial([x], [1.5], given="log_means", dispersion=1e-8)
    exact = ogive.negative_binomial.forms["log_means"].formula
    close(got, oracle.value(exact, prediction=x, target=1.5, dispersion=1e-8), np.float64, 8)


@pytest.mark.parametrize(("x", "y"), [(-800.0, 1e-300), (-760.0, 1e-322), (-1200.0, 5e-324), (-1e7, 1e-266), (-1e7, 1.0)])
def test_tiny_amounts_beside_far_log_means(x: float, y: float) -> None:
    """y e^-x, where e^-x alone is no float."""
    value, gradient = ogive.gamma_nll.value_and_gradient([x], [y], given="log_means")
    true = oracle.truth(ogive.gamma_nll.forms["log_means"].formula, "prediction", prediction=x, target=y)
    close(value, true[0], np.float64, 8)
    close(gradient[0], true[1], np.float64, 8)


@pytest.mark.parametrize(("x", "power", "slope"), [(-800.0, 3.0, -INF), (-1e30, 10.0, -INF), (1e4, 0.5, INF)])
def test_tweedie_far_from_its_target_costs_infinitely_much(x: float, power: float, slope: float) -> None:
    """Both of its parts are infinite there, of different signs."""
    value, gradient = ogive.tweedie.value_and_gradient([x], [1.0], power=power, given="log_means")
    assert value == INF
    assert gradient[0] == slope


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("loss", "given"), [(ogive.poisson, "log_rates"), (ogive.gamma_nll, "log_means")])
def test_slopes_of_logarithms_beside_a_mean_of_one_keep_their_digits(loss: Any, given: str, dtype: Any) -> None:
    assert loss.gradient([dtype(-2e-24)], np.ones(1, dtype), given=given)[0] == dtype(-2e-24)


@pytest.mark.skipif(KERNELS == "definitions", reason="NumPy's exp has no digits to spare")
def test_the_slope_of_binary_cross_entropy_keeps_its_digits_where_it_crosses_zero() -> None:
    """A kernel's exponential of 28 bits was 42,000 ulp off here, where the probability is the soft target to seven digits."""
    logit, target = np.float32(0.094790556), np.float32(0.52367985)
    slope = 1 / (1 + mpmath.exp(-mpmath.mpf(float(logit)))) - mpmath.mpf(float(target))
    close(ogive.binary_cross_entropy.gradient([logit], [target], given="logits")[0], slope, np.float32, 4)


def test_the_chance_of_one_of_several_classes_in_order_keeps_its_digits() -> None:
    """Between the thresholds, where the slope crosses zero, and far beyond them, where a threshold less the score is rounded."""
    thresholds, rng = np.array([-2.5, -0.3, 0.1, 4.0]), np.random.default_rng(8)
    score = np.r_[-1.4 + 1e-9 * rng.normal(size=5), rng.normal(size=40) * rng.choice([0.1, 1, 10, 100], 40)]
    target = np.r_[np.full(5, 1), rng.integers(0, 5, 40)]
    values = ogive.cumulative_logit(score, thresholds, target, reduction="none")
    slopes, _ = ogive.cumulative_logit.gradient(score, thresholds, target, reduction="sum")
    for x, y, value, slope in zip(score, target, values, slopes, strict=True):
        true = oracle.truth(
            ogive.cumulative_logit.term.exact, ("score", 0), score=[float(x)], thresholds=thresholds.tolist(), target=[int(y)], i=0
        )
        assert oracle.ulps(value, true[0], np.float64) <= 2
        assert oracle.ulps(slope, true[1], np.float64) <= 4


@pytest.mark.parametrize("size", [0.1, 1.0, 5.0, 30.0])
def test_a_smooth_rank_keeps_what_the_difference_over_the_temperature_rounds_off(size: float) -> None:
    """Of two items, where nothing cancels; in the hundreds the exponential multiplied what was lost."""
    entry, relevance = ogive.approx_ndcg, np.array([1.0, 0.0])
    for scores in np.random.default_rng(3).normal(size=(30, 2)) * size:
        value, gradient = entry.value_and_gradient(scores, relevance)
        for place in (0, 1):
            true = oracle.truth(entry.term.exact, ("prediction", place), prediction=scores.tolist(), target=[1.0, 0.0], temperature=0.1)
            close(value, true[0], np.float64, 4)
            close(gradient[place], true[1], np.float64, 6)


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions promise digits of the distances")
@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, 10.0])
@pytest.mark.parametrize("swap", [0, 1])
def test_a_triplet_keeps_its_digits_where_two_distances_cancel_and_two_pulls(p: float, swap: int, dtype: Any) -> None:
    entry, parameters = ogive.triplet_margin, {"margin": 1.0, "p": p, "swap": swap}
    for triplet in np.random.default_rng(5).normal(size=(3, 3, 24)).astype(dtype):
        if p > 1:  # no difference has no logarithm, and a kink where p is 1
            triplet[1, :2] = triplet[0, :2]
        value, gradients = entry.value_and_gradient(*triplet, **parameters)
        named = dict(zip(("anchor", "positive", "negative"), triplet.tolist(), strict=True))
        for name, gradient in zip(named, gradients, strict=True):
            for place in range(24):
                true = oracle.truth(entry.term.exact, (name, place), **named, **parameters)
                close(value, true[0], dtype, 1)
                close(gradient[place], true[1], dtype, 2)


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions promise digits of the inner products")
@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("length", [1.0, 10.0, 30.0])
def test_long_embeddings_keep_the_digits_that_the_exponentials_of_their_products_magnify(length: float, dtype: Any) -> None:
    rng, entry = np.random.default_rng(6), ogive.info_nce
    queries = rng.normal(size=(3, 16))
    keys = queries + 0.3 * rng.normal(size=(3, 16))
    pair = [(length * rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(dtype) for rows in (queries, keys)]
    values, gradients = entry.value_and_gradient(*pair, reduction="none")
    given = {"queries": pair[0].tolist(), "keys": pair[1].tolist(), "temperature": 0.1}
    for i, got in enumerate(values):
        close(got, oracle.value(entry.term.exact, **given, i=i), dtype, 2)
    for name, gradient in zip(("queries", "keys"), gradients, strict=True):
        slopes = [sum(oracle.truth(entry.term.exact, (name, 1, k), **given, i=i)[1] for i in range(3)) for k in range(16)]
        for got, true in zip(gradient[1], slopes, strict=True):
            assert oracle.ulps(got, true, dtype, max(map(abs, slopes))) <= 4


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions promise digits of the shares")
@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(
    "name", ["poly_loss", "categorical_focal", "generalized_cross_entropy", "multiclass_absolute_error", "symmetric_cross_entropy"]
)
def test_the_gradient_of_a_soft_target_keeps_its_digits_where_the_classes_pull_against_each_other(name: str, dtype: Any) -> None:
    rng, entry = np.random.default_rng(7), ogive.get(name)
    for _ in range(6):
        target = rng.dirichlet(np.full(5, 0.7)).astype(dtype)
        logits = (np.log(target) + 0.01 * rng.normal(size=5)).astype(dtype)
        value, gradient = entry.value_and_gradient(logits, target, given="logits")
        given = {"prediction": logits.tolist(), "target": target.tolist()} | {each.name: each.default for each in entry.parameters}
        found = [oracle.truth(entry.forms["logits"].formula, ("prediction", place), **given) for place in range(5)]
        close(value, found[0][0], dtype, 2)
        for got, (_, true) in zip(gradient, found, strict=True):
            assert oracle.ulps(got, true, dtype, max(abs(slope) for _, slope in found)) <= 2


@pytest.mark.skipif(KERNELS == "definitions", reason="a definition has no more digits of 1 - p than a number")
@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("gamma", [20.0, 60.0])
def test_a_large_power_of_being_wrong_keeps_its_digits(gamma: float, dtype: Any) -> None:
    entry = ogive.categorical_focal
    for logits in np.random.default_rng(8).normal(size=(10, 3)).astype(dtype) - np.array([2, 0, 0], dtype):
        value, gradient = entry.value_and_gradient(logits, 0, given="logits", gamma=gamma)
        for place in range(3):
            given = {"prediction": logits.tolist(), "target": [1.0, 0.0, 0.0], "gamma": gamma}
            true = oracle.truth(entry.forms["logits"].formula, ("prediction", place), **given)
            close(value, true[0], dtype, 4)
            close(gradient[place], true[1], dtype, 4)


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(
    ("name", "freedom"),
    [("laplace_nll", {}), ("student_t_nll", {"degrees_of_freedom": 4.0}), ("student_t_nll", {"degrees_of_freedom": 0.3})],
)
def test_the_slope_by_the_scale_keeps_its_digits_where_the_error_is_the_scale(name: str, freedom: dict[str, float], dtype: Any) -> None:
    entry = ogive.get(name)
    for missing in (0.0, 1e-300, 1e-12, 1e-6, 1e-3, 0.1):
        location, target, scale = dtype(1 / 3), dtype(1 / 7), dtype((1 - missing) * (dtype(1 / 3) - dtype(1 / 7)))
        _, (_, slope) = entry.value_and_gradient(*(np.array([each]) for each in (location, scale, target)), reduction="sum", **freedom)
        given = {"location": float(location), "scale": float(scale), "target": float(target)} | freedom
        close(slope[0], oracle.truth(entry.term.formula, "scale", **given)[1], dtype, 4)
