"""Inputs at which ogive itself once gave wrong numbers, or lost something without a word: NaN, masks, dtypes, overlapping arrays."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import oracle
import pytest
import samples

import ogive

INF = np.inf
KERNELS = ogive.kernel.config()["kernels"]


@pytest.mark.parametrize(("entry", "given"), samples.TERMS, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_overflows_or_is_infinite_gives_no_warning(entry: Any, given: str, dtype: Any) -> None:
    """Of plain arrays, which go to the kernels at once; warnings are errors here."""
    term, named = entry.forms[given], samples.named(entry, given)
    for number in (np.finfo(dtype).max, INF):
        arrays = samples.arguments(term, (6,), dtype)
        for each, array in zip(term.inputs, arrays, strict=True):
            if each.role == "number" and each.high == INF:
                array.reshape(-1)[::2] = number if each.low > -INF else number * (-1) ** np.arange(array.reshape(-1)[::2].size)
        entry.value_and_gradient(*arrays, **named)
        entry(*arrays, **named)


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


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64, ">i4"])
def test_class_numbers_may_be_any_integers(dtype: Any) -> None:
    numbers = np.array([0, 1], dtype)
    for options in ({}, {"sample_weight": [1.0, 1.0]}):
        assert ogive.cross_entropy(np.zeros((2, 3)), numbers, given="logits", **options) == np.log(3)
    if numbers.dtype == np.uint64:
        with pytest.raises(ValueError, match="between 0 and 2"):
            ogive.cross_entropy(np.zeros((2, 3)), numbers + np.uint64(2**63), given="logits")


def test_integers_of_any_size_that_float64_holds_are_exact() -> None:
    assert ogive.mean_absolute_error(2**62 + 2**20, 2**62) == 2**20
    assert ogive.mean_absolute_error(np.array([-(2**63)]), np.uint64([2**63])) == 2.0**64
    assert ogive.mean_absolute_error([0.5], [2**53]) == 2**53 - 0.5


def test_no_class_number_is_another_one_without_its_sign() -> None:
    labels = np.array([[2**64 - 1]], np.uint64)
    with pytest.raises(ValueError, match="labels must lie between 0 and 2"):
        ogive.ctc(np.zeros((1, 3, 3)), labels, [3], [1], given="logits")
    with pytest.raises(ValueError, match="target must lie between 0 and 1"):
        ogive.linear_cross_entropy(np.eye(2)[:1], np.eye(2), labels[0], ignore_index=-1)


def test_the_definition_of_ctc_takes_a_blank_for_each_sequence() -> None:
    logits = np.random.default_rng(0).normal(size=(2, 4, 3))
    labels, lengths, blanks = np.array([[1], [1]]), (np.array([4, 4]), np.array([1, 1])), np.array([0.0, 2.0])
    both = ogive.ctc.forms["logits"].value(logits, labels, *lengths, blanks, np.zeros(2), np)
    alone = [ogive.ctc(logits[i], labels[i], 4, 1, given="logits", blank=int(blanks[i])) for i in (0, 1)]
    np.testing.assert_allclose(both, alone, rtol=1e-14)


def test_class_weights_of_one_change_nothing_where_a_soft_target_is_rounded() -> None:
    target = [[0.333, 0.333, 0.333], [1, 0, 0]]
    plain = ogive.cross_entropy(np.zeros((2, 3)), target, given="logits")
    assert ogive.cross_entropy(np.zeros((2, 3)), target, given="logits", class_weight=[1, 1, 1]) == plain


def test_the_gradient_of_a_broadcast_gate_is_summed() -> None:
    by_x, by_gate = ogive.swiglu.vjp(np.ones(3), np.ones((2, 3)), cotangent=np.ones((2, 3)))
    np.testing.assert_array_equal(by_x, 2 * ogive.swiglu.slope(np.ones(3), np.ones(3)))
    np.testing.assert_array_equal(by_gate, np.full((2, 3), ogive.silu(1.0)))


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


@pytest.mark.skipif(KERNELS == "definitions", reason="no kernels in use")
def test_every_kernel_belongs_to_a_term() -> None:
    """A misspelt name would leave the definition in its place without a word."""
    compiled = ogive.kernel._compiled
    all_terms = [term for entry in ogive.catalogue.entries() for term in entry.terms.values()]
    terms = {term.name for term in all_terms}
    slopes = {f"{term.name}_by_{each.name}" for term in all_terms for each in term.differentiated[1:]}
    assert set(compiled.elementwise) - {"erf", "sine", "cosine", "power"} <= terms | slopes  # what kernels may be made of
    assert set(compiled.sums) <= terms | slopes
    rows = {name.removesuffix("_vjp").removesuffix("_weighted").removesuffix("_checked") for name in compiled.rows}
    rows = {name.removesuffix("_smoothed").removesuffix("_hessian").removesuffix("_indices") for name in rows}
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


def test_padding_costs_nothing_where_a_linear_layer_stands_before_cross_entropy() -> None:
    features, weight = [[1.0, 2.0], [3.0, np.nan]], [[1.0, 0.0], [0.0, 1.0]]
    value, (by_features, by_weight) = ogive.linear_cross_entropy.value_and_gradient(features, weight, [1, -100], ignore_index=-100)
    alone, (by_first, by_weight_alone) = ogive.linear_cross_entropy.value_and_gradient(features[:1], weight, [1])
    assert value == alone
    np.testing.assert_array_equal(by_features, [*by_first, [0.0, 0.0]])
    np.testing.assert_array_equal(by_weight, by_weight_alone)
    with pytest.raises(ogive.errors.InputError, match="found -100"):
        ogive.linear_cross_entropy(features, weight, [1, -100], ignore_index=-1)


HALVES = ["pinball", "arctan_pinball", "huber", "pseudo_huber", "fair", "cauchy", "mean_absolute_percentage_error"]


@pytest.mark.parametrize("name", HALVES)
@pytest.mark.parametrize(("above", "below"), [(1.0, 1.0), (0.7, 0.6)])
def test_a_small_share_of_an_error_beyond_the_largest_number_is_a_number(name: str, above: float, below: float) -> None:
    """By definition, and by what computes a call where that is the definition."""
    entry, largest = ogive.get(name), float(np.finfo(np.float64).max)
    small = {each.name: 0.1 for each in entry.parameters}
    compiled = ogive.kernel.compiled("elementwise", entry.term.name) is not None
    for prediction, target in ((above * largest, -below * largest), (-above * largest, below * largest)):
        true = oracle.truth(entry.term.formula, "prediction", prediction=prediction, target=target, **small)
        arrays = np.array([prediction]), np.array([target])
        with np.errstate(all="ignore"):
            defined = [compute(*arrays, *small.values(), np)[0] for compute in (entry.term.value, entry.term.slopes["prediction"])]
        called = defined if compiled else [each[0] for each in entry.value_and_gradient(*arrays, reduction="none", **small)]
        for got in (defined, called):
            assert oracle.ulps(got[0], true[0], np.float64) <= 4
            assert oracle.ulps(got[1], true[1], np.float64) <= 4


SIZES = {"max_error": {}, "median_absolute_error": {}, "triplet_margin": {"margin": 1.0}, "contrastive": {"margin": 1.0}}


@pytest.mark.parametrize("name", SIZES)
def test_the_gradient_of_a_distance_beyond_the_largest_number_is_a_direction(name: str) -> None:
    """That of all numbers a billionth of the size."""
    term, rng = ogive.get(name).term, np.random.default_rng(6)
    shapes = [(40, 5) if core else (40,) for core in term.cores[: len(term.inputs)]]
    huge = [rng.choice([-1.7e308, 1.2e308, 0.0, 3.0], shape) if len(shape) == 2 else rng.integers(0, 2, shape) * 1.0 for shape in shapes]
    moderate = [2.0**-30 * array if array.ndim == 2 else array for array in huge]
    parameters = [np.full(40, float(each.default)) for each in term.parameters]
    with np.errstate(all="ignore"):
        found, expected = (term.pull(*arrays, *parameters, cotangent=np.ones(40), xp=np) for arrays in (huge, moderate))
        assert not np.isnan(term.value(*huge, *parameters, np)).any()
        expected = tuple((2.0**30 if name == "contrastive" else 1.0) * each for each in expected)  # of squares
    for got, true in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, true, rtol=1e-14, atol=1e-8)


def test_relevances_whose_gains_are_no_numbers_rank_as_those_that_are() -> None:
    scores = np.array([0.3, 0.1, 0.2, 0.25])
    for least in (0.0, 50.5):  # a gain of 2^1000 hides the 1 that every gain lacks
        small = ogive.approx_ndcg.value_and_gradient(scores, np.array([1000.0, 1001.0, 999.0, least]))
        large = ogive.approx_ndcg.value_and_gradient(scores, np.array([5000.0, 5001.0, 4999.0, least]))
        np.testing.assert_allclose(large[0], small[0], rtol=1e-15)
        np.testing.assert_allclose(large[1], small[1], rtol=1e-14, atol=1e-16)


def test_finite_numbers_of_any_size_give_a_number_or_infinity() -> None:
    big = 1.6e308
    assert ogive.interval_score([6e307], [-big], [0.5]) == INF
    assert ogive.poisson_nll_full([1.1 * big, 0.5 * big], [0.5 * big, 1.1 * big], given="rates", reduction="none").max() < INF
    assert ogive.distillation([-big, 0.0, 1.0], [-big, 1.0, 0.0]) < 1
    by_score, by_thresholds = ogive.cumulative_logit.gradient([big, -big, 1.0], [-big, 1.0], [1, 1, 1], reduction="sum")
    np.testing.assert_array_equal(by_score, [1.0, -0.5, 0.5])
    assert np.isfinite(by_thresholds).all()
