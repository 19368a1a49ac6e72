"""The rules that every loss shares: reductions, weights, masks, smoothing, and the gradient and Hessian of what they give."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import samples

import ogive
from ogive.losses.regression import RootLoss

every_loss = pytest.mark.parametrize(("entry", "given"), samples.TERMS, ids=lambda value: getattr(value, "name", value))
SUMS = [(entry, given) for entry, given in samples.TERMS if not isinstance(entry, RootLoss)]
every_sum = pytest.mark.parametrize(("entry", "given"), SUMS, ids=lambda value: getattr(value, "name", value))
CLASSIFIERS = [(entry, given) for entry, given in SUMS if entry.forms[given].inputs[-1].role == "distribution"]
LOOP = (6,)
LONG = {"c": 129, "n": 40, "pixels": 133, "d": 131, "t": 40, "l": 9, "q": 3, "k": 30}
LAYOUTS: list[Callable[[Any], Any]] = [
    np.asfortranarray,
    lambda a: np.repeat(a, 2, axis=0)[::2],
    lambda a: a[::-1].copy()[::-1],
    lambda a: a.astype(a.dtype.newbyteorder()),
]


def first(gradient: Any) -> Any:
    return gradient[0] if isinstance(gradient, tuple) else gradient


def all_of(gradient: Any) -> tuple[Any, ...]:
    return gradient if isinstance(gradient, tuple) else (gradient,)


def of_terms(entry: Any, given: str, per_row: Any) -> Any:
    """Numbers for each row of the loop, shaped for the terms."""
    return np.reshape(per_row, (-1, *(1,) * len(entry.forms[given].core_out)))


@every_sum
def test_reductions(entry: Any, given: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    each, each_gradient = entry.value_and_gradient(*arrays, reduction="none", **named)
    assert each.shape == LOOP + tuple(arrays[0].shape[1 : 1 + len(entry.forms[given].core_out)])
    for reduction, count in (("sum", 1), ("mean", each.size), ("mean_over_all", each.size)):
        total, gradient = entry.value_and_gradient(*arrays, reduction=reduction, **named)
        assert isinstance(total, np.float64)
        np.testing.assert_allclose(total, each.sum() / count, rtol=1e-14)
        for got, unreduced in zip(all_of(gradient), all_of(each_gradient), strict=True):
            crossing = 1e-15 * np.abs(got).max() if entry.forms[given].core_out else 1e-300  # sums over a batch, which cross zero
            np.testing.assert_allclose(got, unreduced / count, rtol=1e-13, atol=crossing)
        np.testing.assert_array_equal(entry(*arrays, reduction=reduction, **named), total)
        np.testing.assert_array_equal(first(entry.gradient(*arrays, reduction=reduction, **named)), first(gradient))
    assert entry(*arrays, **named) == entry(*arrays, reduction=entry.default_reduction, **named)


@pytest.mark.parametrize(
    ("entry", "given", "classes"),
    [*[(*each, False) for each in SUMS], *[(*each, True) for each in CLASSIFIERS]],
    ids=lambda value: getattr(value, "name", value),
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_plain_arrays_give_the_bits_of_a_batch(entry: Any, given: str, reduction: str, dtype: Any, classes: bool) -> None:
    term, named = entry.forms[given], samples.named(entry, given) | {"reduction": reduction}
    arrays = samples.arguments(term, LOOP, dtype)
    if classes:
        arrays[-1] = arrays[-1].argmax(axis=-1)
    value, gradient = entry.value_and_gradient(*arrays, **named)
    spread = [np.repeat(array, 2, axis=0)[::2] for array in arrays]
    expected, expected_gradient = entry.value_and_gradient(*spread, **named)
    for other in (entry(*arrays, **named), expected, entry(*spread, **named)):
        np.testing.assert_array_equal(value, other)
    assert value.dtype == expected.dtype == dtype
    for got, right in zip(all_of(gradient), all_of(expected_gradient), strict=True):
        assert got.dtype == right.dtype == dtype
        np.testing.assert_array_equal(got, right)


@every_loss
def test_arrays_may_be_given_by_name_in_any_order(entry: Any, given: str) -> None:
    term, named = entry.forms[given], samples.named(entry, given)
    arrays = samples.arguments(term, LOOP)
    by_name = dict(reversed([*zip((each.name for each in term.inputs), arrays, strict=True)]))
    np.testing.assert_array_equal(entry(**by_name, **named), entry(*arrays, **named))
    del by_name[term.inputs[0].name]
    for ours, positional in zip(
        all_of(entry.gradient(arrays[0], **by_name, **named)), all_of(entry.gradient(*arrays, **named)), strict=True
    ):
        np.testing.assert_array_equal(ours, positional)


@pytest.mark.skipif(ogive.kernel.config()["kernels"] == "definitions", reason="no kernels in use")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_commonest_calls_make_no_batch(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ogive.called.Batch", None)
    x = np.linspace(-1, 1, 12, dtype=dtype).reshape(4, 3)
    assert np.isfinite(ogive.mean_squared_error(x, -x))
    assert np.isfinite(ogive.binary_cross_entropy.gradient(x, abs(x), given="logits")).all()
    for reduction in ("mean", "none"):
        assert np.isfinite(ogive.cross_entropy.gradient(x, np.array([0, 1, 2, 0]), given="logits", reduction=reduction)).all()
    for unusual in (
        (x, np.array([0, 1, 3, 0])),
        (x, np.array([0, 1, -1, 0])),
        (x * np.nan, np.zeros(4, int)),
        (x[0, 0], np.zeros((), int)),
    ):
        with pytest.raises(TypeError, match="not callable"):
            ogive.cross_entropy(*unusual, given="logits")


@every_loss
def test_what_is_masked_is_as_if_dropped_whatever_it_holds(entry: Any, given: str) -> None:
    term, named = entry.forms[given], samples.named(entry, given)
    arrays = samples.arguments(term, LOOP)
    counted = np.array([True, False, True, True, False, True])
    for each, array in zip(term.inputs, arrays, strict=True):
        if not each.whole:
            array[~counted] = np.nan if each.role == "number" else 7.0
    value, gradient = entry.value_and_gradient(*arrays, mask=of_terms(entry, given, counted), **named)
    weighted = entry(*arrays, sample_weight=of_terms(entry, given, counted.astype(float)), **named)
    dropped, dropped_gradient = entry.value_and_gradient(*(array[counted] for array in arrays), **named)
    np.testing.assert_allclose([value, weighted], dropped, rtol=1e-14)
    for got, expected in zip(all_of(gradient), all_of(dropped_gradient), strict=True):
        np.testing.assert_allclose(got[counted], expected, rtol=1e-13)
        assert not np.any(got[~counted])


@every_loss
def test_a_weight_of_two_is_a_row_twice(entry: Any, given: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    weights = np.array([1.0, 2.0, 1.0, 0.0, 3.0, 1.0])
    repeated = [np.repeat(array, weights.astype(int), axis=0) for array in arrays]
    value = entry(*arrays, sample_weight=of_terms(entry, given, weights), **named)
    np.testing.assert_allclose(value, entry(*repeated, **named), rtol=1e-13)


@every_loss
def test_a_batch_where_nothing_counts_costs_nothing(entry: Any, given: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    value, gradient = entry.value_and_gradient(*arrays, mask=np.zeros((1,) * (1 + len(entry.forms[given].core_out)), bool), **named)
    assert value == 0
    assert not any(np.any(each) for each in all_of(gradient))


@every_loss
@pytest.mark.parametrize("reduction", ["mean", "mean_over_all"])
@pytest.mark.parametrize("sizes", [(2, 3, 1), (6, 0), (1, 5)])
def test_micro_batches_add_up(entry: Any, given: str, reduction: str, sizes: tuple[int, ...]) -> None:
    """Sums over weights give the mean, and the gradients of the sums over the same weight that of the mean."""
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    weights = of_terms(entry, given, [1.0, 0.0, 2.0, 1.0, 0.5, 0.0])
    expected, gradient = entry.value_and_gradient(*arrays, sample_weight=weights, reduction=reduction, **named)
    sums, totals, slopes = [], [], []
    for part in (slice(end - size, end) for size, end in zip(sizes, np.cumsum(sizes), strict=True)):
        micro = [array[part] for array in arrays]
        total, weight = entry.sum_and_weight(*micro, sample_weight=weights[part], reduction=reduction, **named)
        assert isinstance(total, np.float64)
        assert isinstance(weight, np.float64)
        sums.append(total)
        totals.append(weight)
        if not isinstance(entry, RootLoss):
            slopes.append(all_of(entry.gradient(*micro, sample_weight=weights[part], reduction="sum", **named)))
    mean = sum(sums) / sum(totals)
    np.testing.assert_allclose(np.sqrt(mean) if isinstance(entry, RootLoss) else mean, expected, rtol=1e-13)
    for got, *parts in zip(all_of(gradient), *slopes, strict=True) if slopes else ():
        np.testing.assert_allclose(np.concatenate(parts) / sum(totals), got, rtol=1e-13, atol=1e-15 * np.abs(got).max())


@every_loss
def test_the_parts_of_a_mean_say_where_nothing_counts(entry: Any, given: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    nothing = np.zeros((1,) * (1 + len(entry.forms[given].core_out)), bool)
    assert entry.sum_and_weight(*arrays, mask=nothing, **named) == (0, 0)
    assert entry.sum_and_weight(*(array[:0] for array in arrays), **named) == (0, 0)
    with pytest.raises(ValueError, match="reduction must be 'mean' or 'mean_over_all', whose parts these are, got 'sum'"):
        entry.sum_and_weight(*arrays, reduction="sum", **named)


@every_sum
def test_the_mean_over_all_counts_what_has_no_weight(entry: Any, given: str) -> None:
    arrays, named = samples.arguments(entry.forms[given], LOOP), samples.named(entry, given)
    weights = of_terms(entry, given, [1.0, 0.0, 2.0, 1.0, 0.5, 1.0])
    weighted = entry(*arrays, sample_weight=weights, reduction="none", **named)
    np.testing.assert_allclose(entry(*arrays, sample_weight=weights, reduction="mean_over_all", **named), weighted.mean(), rtol=1e-13)
    np.testing.assert_allclose(
        entry(*arrays, sample_weight=weights, **named | {"reduction": "mean"}),
        weighted.sum() / np.broadcast_to(weights, weighted.shape).sum(),
        rtol=1e-13,
    )


@every_loss
def test_gradients_and_hessians_agree_with_finite_differences(entry: Any, given: str) -> None:
    """Of the weighted, reduced loss, by every element of every differentiated input."""
    term, named = entry.forms[given], samples.named(entry, given)
    arrays = samples.arguments(term, (3,), seed=5)
    if term.inputs[0].high in (0.0, 1.0):
        arrays[0] = np.clip(arrays[0], 0.05, 0.9) if term.inputs[0].high == 1.0 else np.clip(arrays[0], -3.0, -0.05)
        arrays[0] = samples.inside(term, arrays[0])
    options = named | {"sample_weight": of_terms(entry, given, [1.0, 0.5, 2.0])}
    gradients = all_of(entry.gradient(*arrays, **options))
    diagonal = entry.hessian(*arrays, **options) if term.hessian or isinstance(entry, RootLoss) else None
    positions = [i for i, each in enumerate(term.inputs) if each.differentiated]
    assert len(gradients) == len(positions)
    step = 1e-5
    for gradient, position in zip(gradients, positions, strict=True):
        assert gradient.shape == arrays[position].shape
        for index in np.ndindex(arrays[position].shape):
            values, slopes = [], []
            for sign in (1, -1):
                moved = [array.copy() for array in arrays]
                moved[position][index] += sign * step
                values.append(entry(*moved, **options))
                slopes.append(first(entry.gradient(*moved, **options))[index] if position == positions[0] else 0.0)
            assert gradient[index] == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-6, abs=1e-8)
            if position == positions[0] and diagonal is not None:
                assert diagonal[index] == pytest.approx((slopes[0] - slopes[1]) / (2 * step), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@every_loss
def test_results_have_the_dtype_of_the_prediction(entry: Any, given: str, dtype: Any) -> None:
    """Targets of float64 or of whole numbers never widen them."""
    term, named = entry.forms[given], samples.named(entry, given)
    for companion in (dtype, np.float64):
        arrays = samples.arguments(term, LOOP)
        arrays = [
            array if each.whole else array.astype(dtype if each.differentiated else companion)
            for each, array in zip(term.inputs, arrays, strict=True)
        ]
        value, gradient = entry.value_and_gradient(*arrays, **named)
        assert value.dtype == dtype
        assert all(each.dtype == dtype for each in all_of(gradient))


@every_loss
def test_the_layout_of_the_arrays_changes_no_bit(entry: Any, given: str) -> None:
    """Of many short rows, and of rows so long that the order of a sum shows."""
    term, named = entry.forms[given], samples.named(entry, given)
    for dtype, (loop, sizes) in itertools.product((np.float32, np.float64), (((40, 30), None), ((5,), LONG))):
        arrays = samples.arguments(term, samples.loop(term, loop), dtype, sizes=sizes)
        value, gradient = entry.value_and_gradient(*arrays, **named)
        diagonal = entry.hessian(*arrays, **named) if term.hessian else 0.0
        for lay in LAYOUTS:
            laid = list(map(lay, arrays))
            other, other_gradient = entry.value_and_gradient(*laid, **named)
            assert other == value
            for got, expected in zip(all_of(other_gradient), all_of(gradient), strict=True):
                np.testing.assert_array_equal(got, expected)
            if term.hessian:
                np.testing.assert_array_equal(entry.hessian(*laid, **named), diagonal)


@every_loss
def test_a_link_leads_from_this_form_to_probabilities(entry: Any, given: str) -> None:
    term = entry.forms[given]
    if term.link is None:
        assert given != "logits"
        return
    if "probabilities" in entry.forms:
        arrays = samples.arguments(term, LOOP)
        linked, named = ogive.get(term.link)(arrays[0]), samples.named(entry, given)
        linked_cost = entry(linked, *arrays[1:], **named | {"given": "probabilities"})
        np.testing.assert_allclose(linked_cost, entry(*arrays, **named), rtol=1e-12)


@every_loss
def test_the_signature_names_every_argument(entry: Any, given: str) -> None:
    names = list(inspect.signature(entry).parameters)
    assert names[: len(entry.forms[given].inputs)] == [each.name for each in entry.forms[given].inputs]
    assert {"reduction", "sample_weight", "mask", *(p.name for p in entry.parameters)} <= set(names)
    assert ("label_smoothing" in names) == (entry.forms[given].target is not None)
    assert ("class_weight" in names) == entry.forms[given].weighs_classes
    assert ("labels" in names[len(entry.forms[given].inputs) :]) == entry.forms[given].binary
    assert ("pos_weight" in names) <= ("class_weight" in names)
    lines = re.findall(r"^(\w+) : ", inspect.getdoc(entry) or "", re.MULTILINE)
    assert sorted(lines) == sorted(names)


@every_loss
def test_the_docstring_says_whether_the_hessian_is_exact(entry: Any, given: str) -> None:
    text = next((line for line in (inspect.getdoc(entry) or "").splitlines() if line.startswith("hessian(")), "")
    having = [form for form, term in entry.forms.items() if term.hessian]
    assert bool(text) == bool(having)
    if len(having) < len(entry.forms):
        assert (f"'{given}'" in text) == (given in having)


def test_a_prediction_that_is_no_number_leaves_the_others_bits_and_class_numbers_checked():
    rng = np.random.default_rng(5)
    logits, classes = rng.standard_normal((6, 4, 3), np.float32), rng.integers(0, 3, (6, 4))
    logits[2], logits[4, 1, 0] = np.nan, np.inf
    terms, gradients = ogive.cross_entropy.value_and_gradient(logits, classes, given="logits", reduction="none")
    for place in range(6):
        own = ogive.cross_entropy.value_and_gradient(
            logits[place], classes[place], given="logits", reduction="none", sample_weight=np.ones(4)
        )
        np.testing.assert_array_equal(terms[place], own[0])
        np.testing.assert_array_equal(gradients[place], own[1])
    with pytest.raises(ogive.errors.InputError, match="class numbers must lie between 0 and 2"):
        ogive.cross_entropy(logits, classes + 1, given="logits", reduction="none")
