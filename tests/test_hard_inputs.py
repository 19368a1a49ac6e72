"""Inputs at which ogive itself once gave wrong numbers, or lost something without a word."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import oracle
import pandas as pd
import points
import pytest
import samples
import torch

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


@pytest.mark.parametrize("name", ["focal_loss", "pinball", "mean_squared_error"])
def test_limits_are_none_for_nan(name: str) -> None:
    entry = ogive.get(name)
    given = {"given": "logits"} if len(entry.forms) > 1 else {}
    assert np.isnan(entry.value_and_gradient([np.nan], [0.0], reduction="none", **given)).all()


@pytest.mark.parametrize("entry", [ogive.mean_squared_error, ogive.half_mean_squared_error, ogive.mean_absolute_error, ogive.pinball])
def test_a_constant_curvature_is_constant_where_the_error_overflows(entry: Any) -> None:
    overflowing, ordinary, missing = entry.hessian([1.7e308, 1.0, np.nan], [-1.7e308, 0.0, 0.0], reduction="sum")
    assert overflowing == ordinary
    assert np.isnan(missing)


def test_what_does_not_count_may_hold_anything_whatever_the_other_rules() -> None:
    options = {"given": "logits", "mask": [True, False], "class_weight": [1.0, 1.0]}
    for poison in (np.nan, np.inf):
        assert ogive.binary_cross_entropy([0.0, poison], [1.0, poison], **options) == np.log(2)
    by_queries, by_keys = ogive.info_nce.gradient([[1.0, 0.0], [np.nan, np.nan]], np.eye(2), mask=[True, False])
    assert np.isfinite(by_queries).all()
    assert np.isfinite(by_keys).all()
    padded = ogive.ctc.gradient([[0.0, 0, 0], [0, 0, 0], [np.nan] * 3], [1], 2, 1, given="logits")
    assert not padded[2].any()
    assert np.isfinite(ogive.ctc([np.zeros((2, 3))] * 2, [[1], [99]], [2, 2], [1, 1], given="logits", mask=[True, False]))


def test_parameters_and_numbers_as_targets_are_not_rounded_to_the_prediction() -> None:
    half = np.ones(1, np.float16)
    assert ogive.pinball(half, 0 * half, quantile=0.999) == np.float16(0.001)
    assert ogive.pinball(half.astype(np.float32), [0.0], quantile=0.999999) == np.float32(1 - 0.999999)
    assert ogive.mean_absolute_error(np.float32([16777216]), 16777217.0) == 1
    true = oracle.value(ogive.binary_cross_entropy.forms["logits"].formula, prediction=30.0, target=1 - 1e-9)
    got = ogive.binary_cross_entropy(np.float32([30]), 1 - 1e-9, given="logits")
    assert got.dtype == np.float32
    close(got, true, np.float32, 2)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64, ">i4"])
def test_class_numbers_may_be_any_integers(dtype: Any) -> None:
    numbers = np.array([0, 1], dtype)
    for options in ({}, {"sample_weight": [1.0, 1.0]}):
        assert ogive.cross_entropy(np.zeros((2, 3)), numbers, given="logits", **options) == np.log(3)
    if numbers.dtype == np.uint64:
        with pytest.raises(ValueError, match="between 0 and 2"):
            ogive.cross_entropy(np.zeros((2, 3)), numbers + np.uint64(2**63), given="logits")


def test_class_weights_of_one_change_nothing_where_a_soft_target_is_rounded() -> None:
    target = [[0.333, 0.333, 0.333], [1, 0, 0]]
    plain = ogive.cross_entropy(np.zeros((2, 3)), target, given="logits")
    assert ogive.cross_entropy(np.zeros((2, 3)), target, given="logits", class_weight=[1, 1, 1]) == plain


def test_the_gradient_of_a_broadcast_gate_is_summed() -> None:
    by_x, by_gate = ogive.swiglu.vjp(np.ones(3), np.ones((2, 3)), cotangent=np.ones((2, 3)))
    np.testing.assert_array_equal(by_x, 2 * ogive.swiglu.slope(np.ones(3), np.ones(3)))
    np.testing.assert_array_equal(by_gate, np.full((2, 3), ogive.silu(1.0)))


def test_rational_far_out_where_powers_of_x_overflow() -> None:
    rational, cube, one = ogive.rational, [0.0, 0.0, 0.0, 1.0], [1.0]
    np.testing.assert_allclose(rational.slope([1e100, -1e100, 1e200], cube, one), [2e100, 2e100, 2e200], rtol=1e-15)
    np.testing.assert_allclose(rational.slope([1e100, -1e100], one, one), [-1e-200, 1e-200], rtol=1e-15)
    subnormal = rational([2.0**515, 2.0**532], [0.0, 1.0], [0.0, 2.0**-1030])
    np.testing.assert_allclose(subnormal, [2.0**514, 2.0**532 / (1 + 2.0**34)], rtol=1e-15)
    np.testing.assert_array_equal(rational.slope([INF, -INF, 1e300]), 0.25)


def test_a_byte_swapped_bfloat16_array_with_a_number_as_parameter() -> None:
    x = np.array([-1.0, -2.0, 3.0], ml_dtypes.bfloat16)
    np.testing.assert_array_equal(ogive.elu(x.astype(x.dtype.newbyteorder()), 0.5), ogive.elu(x, 0.5))


def test_outputs_may_overlap_inputs_and_lie_apart() -> None:
    for size in (100, 100_000):
        b = np.linspace(-4, 4, size + 1, dtype=np.float32)
        expected = ogive.silu.slope(b[1:].copy())
        ogive.silu.slope(b[1:], out=b[:-1])
        np.testing.assert_array_equal(b[:-1], expected)
        c = np.linspace(-4, 4, 2 * size, dtype=np.float32)
        expected = ogive.silu(c[::2].copy())
        ogive.silu(c[::2], out=c[:size])
        np.testing.assert_array_equal(c[:size], expected)
    columns = np.zeros((5, 3))
    ogive.relu(np.arange(5.0), out=columns[:, 1])
    np.testing.assert_array_equal(columns[:, 1], np.arange(5.0))


class Labelled:
    """What pandas' series are to ogive: numbers with an index."""

    def __init__(self, values: Any, index: Any) -> None:
        self.values, self.index = values, Index(index)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.values, dtype=dtype)


class Index(tuple):
    def equals(self, other: Any) -> bool:
        return self == other


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ogive.softmax(np.ma.masked_array([1.0, 2.0], [True, False])), TypeError, r"x is a masked array.*x\.filled"),
        (lambda: ogive.logsumexp(np.ma.masked_array([1.0, 2.0], [True, False])), TypeError, "mask would be lost"),
        (lambda: ogive.mean_squared_error([1.0], np.ma.masked_array([1.0], [True])), TypeError, "target is a masked array.*mask="),
        (lambda: ogive.mean_squared_error(Labelled([1.0, 2.0], "ab"), Labelled([1.0, 2.0], "ba")), ValueError, "different indexes; align"),
        (lambda: ogive.softmax(torch.ones(3, requires_grad=True)), TypeError, r"x is a tensor.*detach\(\)"),
        (lambda: ogive.softmax(torch.ones(3, dtype=torch.bfloat16)), TypeError, r"x is a tensor.*float\(\)\.numpy"),
        (lambda: ogive.cross_entropy(torch.ones(3, requires_grad=True), 0, given="logits"), TypeError, r"prediction is a tensor"),
        (lambda: ogive.gelu(torch.ones(3, requires_grad=True)), TypeError, r"tensor that NumPy cannot read.*ogive\.backends\.torch"),
        (lambda: ogive.gelu(torch.ones(3, dtype=torch.bfloat16)), TypeError, "tensor that NumPy cannot read"),
    ],
)
def test_what_cannot_be_honoured_is_refused_with_the_way_out(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_labels_that_agree_are_no_reason_to_refuse() -> None:
    assert ogive.mean_squared_error(Labelled([1.0, 2.0], "ab"), Labelled([1.0, 4.0], "ab")) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ogive.mean_squared_error([1.0, 2.0], [1.0, 2.0], sample_weight=[1.0] * 3), r"each term, shape \(2,\), got \(3,\)"),
        (lambda: ogive.mean_squared_error([1.0], [1.0], sample_weight=[-1.0]), "finite and not negative"),
        (lambda: ogive.mean_squared_error([1.0], [1.0], mask=[1]), "mask must be booleans, .* use mask != 0"),
        (lambda: ogive.cross_entropy(np.eye(3), [[0], [1], [2]], given="logits"), r"got shape \(3, 1\); take target\[\.\.\., 0\]"),
        (lambda: ogive.cross_entropy(np.eye(3), [0.0, 1.0, 2.0], given="logits"), r"got dtype float64; use target\.astype\(int\)"),
        (lambda: ogive.cross_entropy(np.eye(3), [0.0, 1.0, np.nan], given="logits"), "name it by ignore_index"),
        (lambda: ogive.poisson([-1.0], [1.0], given="rates"), "found -1.0; if these are log rates, say given='log_rates'"),
        (lambda: ogive.mean_squared_logarithmic_error([-2.0], [1.0]), "prediction must lie above -1, found -2.0"),
        (lambda: ogive.huber([1.0], [1.0], delta=-1), "delta must be finite and positive, got -1"),
        (lambda: ogive.brier.hessian([1.0], [1.0], given="logits"), "is defined, but given='probabilities' has one"),
        (lambda: ogive.hinge.hessian([1.0], [1.0]), "no Hessian diagonal is defined; use the gradient"),
        (lambda: ogive.mean_squared_error([1.0], [1.0], ignore_index=0), "needs a target of class numbers"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", class_weight=[1.0]), "each of the 2 classes"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", label_smoothing=2), "between 0 and 1, got 2"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", smoothing=0.1), "did you mean 'label_smoothing'"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [-100], given="logits", ignore_index=-1), "found -100"),
        (lambda: ogive.binary_cross_entropy([1 + 1e-7], [1], given="probabilities"), r"found 1\.0000001"),
        (lambda: ogive.pinball([1.0], [1.0], quantile=1.5), "pinball: quantile must be finite from 0 to 1"),
        (lambda: ogive.gaussian_nll([1.0], [0.0], [1.0]), "variance must be positive, found 0.0"),
        (lambda: ogive.gaussian_nll([1.0], [1.0]), "target is missing"),
        (lambda: ogive.triplet_margin([[1.0, 2.0]], [[1.0]], [[1.0, 2.0]]), "must have the same shape"),
        (lambda: ogive.info_nce([1.0, 2.0], [1.0, 2.0]), r"dimensions \(n, d\) last, got shape \(2,\)"),
        (lambda: ogive.info_nce(np.eye(2), np.eye(2), axis=0), "takes no axis"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1, 5], 3, 2, given="logits"), "labels must lie between 0 and 3, found 5"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1, 2], 4, 2, given="logits"), "input_lengths must lie between 0 and 3, found 4"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1.0, 2.0], 3, 2, given="logits"), "labels must be integers"),
        (lambda: ogive.ctc(np.zeros((2, 3, 4)), [1, 2], 3, 2, given="logits"), r"labels must have the shape \(2, l\), got \(2,\)"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1, 2], 3, 2, given="logits", blank=4), "blank must lie between 0 and 3, got 4"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1, 2], 3, 2, given="logits", blank=0.5), "blank must be one whole number, got 0.5"),
        (lambda: ogive.ctc(np.zeros((3, 4)), [1, 2], 3, 2, given="logits", blank=2), "labels must lie among the classes that are not"),
        (lambda: ogive.ctc(np.zeros((0, 4)), [1], 0, 1, given="logits"), "at least one element"),
        (lambda: ogive.soft_dice(np.ones((3, 2)), np.ones((2, 3)), given="probabilities", axis=0), "must have the same shape"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", class_weight={7: 2.0}), "names 7, which is none of the classes"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", ignore_index=[0, 1]), "ignore_index must be one class number"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], np.uint64([2**64 - 1]), given="logits", ignore_index=-1), "class numbers must lie"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [0], given="logits", reduction=None), "reduction must be one of"),
        (lambda: ogive.huber([1.0], [2.0], target=[2.0]), "huber: target was given twice; the order is prediction, target"),
        (lambda: ogive.huber(target=[2.0]), "huber: prediction is missing"),
        (lambda: ogive.gaussian_nll([1.0], target=[2.0]), "gaussian_nll: variance is missing"),
        (lambda: ogive.huber([1.0], y_true=[2.0]), "unknown argument 'y_true'; choose from prediction, target, delta"),
        (lambda: ogive.mean_squared_error([1.0], [1.0], given="logits"), "its prediction has one meaning"),
        (lambda: ogive.gaussian_nll(np.float32([1]), np.float32([0]), np.float32([2])), "variance must be positive"),
        (lambda: ogive.swiglu([1.0]), "swiglu: gate is missing"),
        (lambda: ogive.entmax([1.0], alpha=0.5), "entmax: alpha must be finite from 1"),
        (lambda: ogive.entmax([[1.0], [2.0]], alpha=[1.0, 2.0, 3.0]), r"entmax: alpha must be a number, or broadcast .* \(2,\)"),
        (lambda: ogive.relu.curvature([1.0]), "relu: has no curvature"),
        (lambda: ogive.info_nce.hessian(np.eye(2), np.eye(2)), "no Hessian diagonal"),
        (lambda: ogive.rational.claim("inf", [1.0, 2.0]), "those of the default coefficients"),
    ],
)  # fmt: skip
def test_a_bad_call_says_what_is_wrong(call: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        call()


@pytest.mark.skipif(KERNELS == "definitions", reason="no kernels in use")
def test_every_kernel_belongs_to_a_term() -> None:
    """A misspelt name would leave the definition in its place without a word."""
    compiled = ogive.kernel._compiled
    terms = {term.name for entry in ogive.catalogue.entries() for term in entry.terms.values()}
    assert set(compiled.elementwise) - {"erf", "sine", "cosine", "power"} <= terms  # what kernels may be made of
    assert set(compiled.sums) <= terms
    rows = {name.removesuffix("_vjp").removesuffix("_weighted").removesuffix("_indices") for name in compiled.rows}
    rows = {name.removesuffix("_smoothed").removesuffix("_hessian").removesuffix("_checked") for name in rows}
    assert rows - {"sum_of_shares", "sum_of_log_shares", "cross_entropy_products"} <= terms  # what checks and other losses call
    assert set(compiled.sequences) == set(compiled.sequence_values) <= terms


NAN_AT = {
    "listmle": ([1.0, 0.0, 2.0], [1.0, np.nan, 0.0]),
    "lovasz_hinge": ([1.0, np.nan, 2.0], [1.0, 0.0, 1.0]),
    "multiclass_perceptron": ([1.0, np.nan, 2.0], 0),
}


@pytest.mark.parametrize("name", NAN_AT)
def test_not_a_number_beside_others_has_no_gradient_that_looks_right(name: str) -> None:
    """An order or a maximum over NaN is none: a finite gradient beside a loss of NaN trains on without a word."""
    value, gradient = ogive.get(name).value_and_gradient(*NAN_AT[name])
    assert np.isnan(value)
    assert np.isnan(gradient).any()


@pytest.mark.parametrize("given", ["logits", "log_probabilities"])
def test_not_a_number_among_the_frames_has_no_gradient_of_zero(given: str) -> None:
    chances = np.log(np.full((2, 3, 4), 0.25))
    chances[0, 1, 2] = np.nan
    value, gradient = ogive.ctc.value_and_gradient(chances, [[2], [1]], [3, 3], [1, 1], given=given, reduction="none")
    assert np.isnan(value[0])
    assert np.isnan(gradient[0]).any()
    assert np.isfinite(gradient[1]).all()


def test_not_a_number_among_probabilities_of_pixels_has_no_finite_gradient() -> None:
    chances = np.array([[0.9, 0.1], [np.nan, 0.6], [0.2, 0.8]])
    value, gradient = ogive.lovasz_softmax.value_and_gradient(chances, [0, 0, 1], given="probabilities")
    assert np.isnan(value)
    assert np.isnan(gradient).any()


def test_a_triplet_with_an_embedding_that_is_no_number_pulls_at_none() -> None:
    anchor, positive, negative = np.zeros(2), np.array([np.nan, 1.0]), np.ones(2)
    value, gradients = ogive.triplet_margin.value_and_gradient(anchor, positive, negative)
    assert np.isnan(value)
    assert all(np.isnan(gradient).all() for gradient in gradients)


def test_coverage_of_targets_that_are_no_numbers_is_none() -> None:
    assert np.isnan(ogive.coverage_error([0.75, 0.5, 1.0], [1, np.nan, 0]))


@pytest.mark.parametrize("name", ["normalized_cross_entropy", "normalized_focal", "active_passive"])
def test_the_only_possible_class_costs_nothing(name: str) -> None:
    """0 / 0, and one such row would make the loss of its batch NaN."""
    for logits, right in ([-INF, -INF, 2.0], 2), ([5.0], 0):
        value, gradient = ogive.get(name).value_and_gradient(logits, right)
        assert value == 0
        assert not np.any(gradient)


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


@pytest.mark.parametrize("order", "<>")
def test_results_have_the_byte_order_of_the_machine(order: str) -> None:
    """As NumPy's own have; what computes further need not read swapped bytes."""
    prediction = np.ones(2, np.dtype(f"{order}f4"))
    value, gradient = ogive.huber.value_and_gradient(prediction, prediction, reduction="none")
    assert value.dtype.isnative
    assert gradient.dtype.isnative


def test_a_masked_first_class_leaves_the_normalised_cross_entropy_of_the_others() -> None:
    for logits in ([-INF, 1.0, 2.0], [1.0, -INF, 2.0], [1.0, 2.0, -INF]):
        value, gradient = ogive.normalized_cross_entropy.value_and_gradient(logits, int(np.argmax(logits)))
        few = ogive.normalized_cross_entropy.value_and_gradient([1.0, 2.0], 1)
        assert value == few[0]
        np.testing.assert_array_equal(gradient[np.isfinite(logits)], few[1])


BROADCAST = [
    (entry, given, parameter.name)
    for entry, given in samples.TERMS
    for parameter in entry.parameters
    if not (parameter.whole or parameter.switch or isinstance(parameter.default, tuple))
]


@pytest.mark.parametrize(("entry", "given", "parameter"), BROADCAST, ids=lambda value: getattr(value, "name", value))
def test_a_parameter_of_another_shape_is_refused_and_makes_no_more_terms(entry: Any, given: str, parameter: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], (1,)), samples.named(entry, given)
    with pytest.raises(ogive.errors.InputError, match=f"{parameter} must be one number, or broadcast"):
        entry(*arrays, **named | {parameter: np.full(3, named[parameter])})


@pytest.mark.parametrize("value", [1j, np.array([1 + 0j]), [[1.0], [1.0, 2.0]]], ids=repr)
def test_a_parameter_that_is_no_real_array_is_named(value: Any) -> None:
    with pytest.raises(ogive.errors.InputTypeError, match="huber: delta must be a real number or an array of them"):
        ogive.huber([1.0], [0.0], delta=value)


@pytest.mark.parametrize("reduction", [["mean"], np.array(["mean", "sum"]), None, 1], ids=repr)
def test_a_reduction_that_is_no_word_is_named(reduction: Any) -> None:
    for name in ("mean_squared_error", "huber", "multiclass_hinge"):
        with pytest.raises(ogive.errors.InputError, match=f"{name}: reduction must be one of 'mean'"):
            ogive.get(name)([1.0], [0.0] if name != "multiclass_hinge" else 0, reduction=reduction)


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


def test_columns_and_weights_are_not_paired_against_their_labels() -> None:
    prediction = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    with pytest.raises(ogive.errors.InputError, match=r"different columns; align them \(as with target\[prediction.columns\]\)"):
        ogive.mean_squared_error(prediction, prediction[["b", "a"]])
    assert ogive.mean_squared_error(prediction, prediction[["b", "a"]][prediction.columns]) == 0
    target = pd.Series([1.0, 2.0, 4.0])
    with pytest.raises(ogive.errors.InputError, match="target and sample_weight have different indexes"):
        ogive.mean_squared_error.best_constant(target, sample_weight=target[::-1])


def test_parameters_and_class_weights_are_not_paired_against_their_labels() -> None:
    series = pd.Series([1.0, 2.0, 4.0], index=list("abc"))
    ogive.huber(series, series, delta=series)
    with pytest.raises(ogive.errors.InputError, match=r"prediction and delta have different indexes; align them \(as with delta.reindex"):
        ogive.huber(series, series, delta=series[::-1])
    logits, target = (pd.DataFrame(np.full((2, 3), number), columns=list("abc")) for number in (0.0, 1.0))
    ogive.binary_cross_entropy(logits, target, given="logits", pos_weight=series)
    with pytest.raises(
        ogive.errors.InputError, match=r"prediction and pos_weight have different columns; .*pos_weight\[prediction.columns\]"
    ):
        ogive.binary_cross_entropy(logits, target, given="logits", pos_weight=series[::-1])


def test_padding_costs_nothing_where_a_linear_layer_stands_before_cross_entropy() -> None:
    features, weight = [[1.0, 2.0], [3.0, np.nan]], [[1.0, 0.0], [0.0, 1.0]]
    value, (by_features, by_weight) = ogive.linear_cross_entropy.value_and_gradient(features, weight, [1, -100], ignore_index=-100)
    alone, (by_first, by_weight_alone) = ogive.linear_cross_entropy.value_and_gradient(features[:1], weight, [1])
    assert value == alone
    np.testing.assert_array_equal(by_features, [*by_first, [0.0, 0.0]])
    np.testing.assert_array_equal(by_weight, by_weight_alone)
    with pytest.raises(ogive.errors.InputError, match="found -100"):
        ogive.linear_cross_entropy(features, weight, [1, -100], ignore_index=-1)


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
