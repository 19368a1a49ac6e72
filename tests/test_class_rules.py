"""The rules for targets of classes: labels, the weight of class 1, smoothing, class weights."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import pytest
import samples
import torch

import ogive

Array = np.ndarray[Any, Any]
LOOP = (6,)

every_loss = pytest.mark.parametrize(("entry", "given"), samples.TERMS, ids=lambda value: getattr(value, "name", value))
BINARY = [(entry, given) for entry, given in samples.TERMS if entry.forms[given].binary]
every_binary = pytest.mark.parametrize(("entry", "given"), BINARY, ids=lambda value: getattr(value, "name", value))
WEIGHED = [(entry, given) for entry, given in BINARY if entry.forms[given].weighs_classes]
every_weighed = pytest.mark.parametrize(("entry", "given"), WEIGHED, ids=lambda value: getattr(value, "name", value))


def drawn(entry: Any, given: str, loop: tuple[int, ...] = LOOP, dtype: Any = np.float64) -> tuple[list[Array], int, dict[str, Any]]:
    """Arrays for the inputs, where the target is among them, and how the form is named."""
    term = entry.forms[given]
    return samples.arguments(term, loop, dtype), term.target, samples.named(entry, given)


def results(entry: Any, arrays: list[Array], **options: Any) -> list[Any]:
    """Value, gradients and, where it has one, the Hessian diagonal."""
    value, gradient = entry.value_and_gradient(*arrays, **options)
    found = [value, *(gradient if isinstance(gradient, tuple) else (gradient,))]
    return [*found, entry.hessian(*arrays, **options)] if entry.forms[options.get("given", next(iter(entry.forms)))].hessian else found


# --- labels -----------------------------------------------------------------------------------------------------------


@every_binary
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labels_say_which_numbers_stand_for_the_classes(entry: Any, given: str, dtype: Any) -> None:
    arrays, target, named = drawn(entry, given, dtype=dtype)
    arrays[target] = np.random.default_rng(2).choice(np.array([0, 1, 0.25], dtype), arrays[target].shape)
    plain = results(entry, arrays, **named)
    for zero, one in ((-1, 1), (1, 0), (2.0, 6.0)):
        relabelled = [*arrays]
        relabelled[target] = (arrays[target].astype(np.float64) * (one - zero) + zero).astype(np.float64)
        for got, expected in zip(results(entry, relabelled, labels=(zero, one), **named), plain, strict=True):
            assert got.dtype == dtype
            np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("whole", [np.int8, np.int64, float, np.float16])
def test_hard_labels_change_no_bit(whole: Any) -> None:
    logits = np.linspace(-3, 3, 7, dtype=np.float32)
    hard = np.array([0, 1, 1, 0, 1, 0, 0])
    got = ogive.binary_cross_entropy.value_and_gradient(logits, (2 * hard - 1).astype(whole), given="logits", labels=(-1, 1))
    for each, expected in zip(got, ogive.binary_cross_entropy.value_and_gradient(logits, hard, given="logits"), strict=True):
        np.testing.assert_array_equal(each, expected)


@every_binary
def test_a_target_of_minus_one_names_the_labels(entry: Any, given: str) -> None:
    arrays, target, named = drawn(entry, given)
    arrays[target] = np.random.default_rng(2).choice([-1.0, 1.0], arrays[target].shape)
    with pytest.raises(ValueError, match=r"target must lie between 0 and 1, found -1\.0; .* labels=\(-1, 1\)"):
        entry(*arrays, **named)
    with pytest.raises(ValueError, match=r"target must lie between -1 and 0\.5, found 1\.0"):
        entry(*arrays, labels=(-1, 0.5), **named)


@pytest.mark.parametrize("labels", [1, (1, 1), (0, 1, 2), (0, np.inf), (-1.7e308, 1.7e308), [], (0, np.nan)])
def test_labels_are_two_different_numbers(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels must be two different numbers"):
        ogive.binary_cross_entropy([1.0], [1], given="logits", labels=labels)


# --- the weight of class 1 --------------------------------------------------------------------------------------------


@every_weighed
def test_linear_says_whether_a_soft_target_costs_the_mean_of_both_classes(entry: Any, given: str) -> None:
    arrays, target, named = drawn(entry, given, (50,))

    def cost(share: float) -> Any:
        arrays[target] = np.full(50, share)
        return entry(*arrays, reduction="none", **named)

    soft, mean = cost(0.3), 0.7 * cost(0.0) + 0.3 * cost(1.0)
    assert entry.forms[given].linear == bool(np.allclose(soft, mean, rtol=1e-12, atol=1e-14))


@every_weighed
@pytest.mark.parametrize("hard", [True, False])
def test_pos_weight_multiplies_what_class_1_costs_and_not_the_denominator(entry: Any, given: str, hard: bool) -> None:
    arrays, target, named = drawn(entry, given, (6, 3))
    positive = np.array([3.0, 0.0, 0.5])
    if not entry.forms[given].linear:
        with pytest.raises(TypeError, match="pos_weight needs a loss that is linear in the target"):
            entry(*arrays, pos_weight=positive, **named)
        return
    share = np.round(arrays[target]) if hard else arrays[target]
    named = named | {"sample_weight": np.linspace(0, 2, 18).reshape(6, 3), "class_weight": [0.5, 2.0]}
    arrays[target] = share
    counted = named["sample_weight"] * (0.5 * (1 - share) + 2 * share)
    parts = []
    for number in (1.0, 0.0):
        one_sided = [*arrays]
        one_sided[target] = np.full((6, 3), number)
        weight = counted * (positive * share if number else 1 - share)
        parts.append(results(entry, one_sided, **named | {"sample_weight": weight, "class_weight": None, "reduction": "sum"}))
    for got, *both in zip(results(entry, arrays, pos_weight=positive, **named | {"reduction": "mean"}), *parts, strict=True):
        np.testing.assert_allclose(got, sum(both) / counted.sum(), rtol=1e-13, atol=1e-16)
    for scalar in (3, 3.0, np.float32(3), np.full((6, 3), 3.0)):
        np.testing.assert_array_equal(entry(*arrays, pos_weight=scalar, **named), entry(*arrays, pos_weight=[3, 3, 3], **named))


@pytest.mark.parametrize("pos_weight", [2.5, [0.5, 3.0, 20.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_pos_weight_means_what_it_does_in_pytorch(pos_weight: Any, smoothing: float, reduction: str) -> None:
    """Values, gradients and second derivatives of BCEWithLogitsLoss; there the target is smoothed by hand."""
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(50, 3)) * 3, rng.choice([0.0, 1.0, 0.3], (50, 3))
    x = torch.tensor(logits, requires_grad=True)
    smoothed = torch.tensor(target * (1 - smoothing) + smoothing / 2)
    weight = torch.tensor(pos_weight, dtype=torch.float64)
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(x, smoothed, pos_weight=weight, reduction=reduction)
    (gradient,) = torch.autograd.grad(theirs.sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(gradient.sum(), x)
    ours = results(
        ogive.binary_cross_entropy,
        [logits, target],
        given="logits",
        pos_weight=pos_weight,
        label_smoothing=smoothing,
        reduction=reduction,
    )
    for got, expected in zip(ours, (theirs, gradient, curvature), strict=True):
        np.testing.assert_allclose(got, expected.detach().numpy(), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("positive", [0.3, 10.0, 1e6])
def test_a_weighted_soft_target_keeps_every_digit(positive: float, dtype: Any) -> None:
    """Where it is near 1 and the prediction sure of class 1, what is left is 1 - t times the cost of class 0."""
    for share in (0.3, 0.95, 0.999, 1.0, 0.0):
        x, t = np.array([-30.0, -1.0, 0.01, 5.0, 60.0], dtype), dtype(share)
        values, gradients = ogive.binary_cross_entropy.value_and_gradient(
            x, np.full(5, t), given="logits", reduction="none", pos_weight=positive
        )
        exact_t, exact_p = mpmath.mpf(float(t)), mpmath.mpf(positive)
        for value, gradient, logit in zip(values, gradients, x, strict=True):
            z = mpmath.mpf(float(logit))
            up, down = exact_p * exact_t / (1 + mpmath.exp(z)), (1 - exact_t) / (1 + mpmath.exp(-z))
            cost = exact_p * exact_t * mpmath.log1p(mpmath.exp(-z)) + (1 - exact_t) * mpmath.log1p(mpmath.exp(z))
            assert oracle.ulps(value, cost, dtype) <= 4
            assert oracle.ulps(gradient, down - up, dtype, float(max(up, down))) <= 4


@every_loss
def test_pos_weight_and_labels_need_two_classes(entry: Any, given: str) -> None:
    term = entry.forms[given]
    arrays, _, named = drawn(entry, given)
    if not (term.binary and term.weighs_classes):
        with pytest.raises(TypeError, match="pos_weight needs a target of two classes"):
            entry(*arrays, pos_weight=2.0, **named)
    if not term.binary:
        with pytest.raises(TypeError, match=r"labels (needs a target of two classes|is passed by position)"):
            entry(*arrays, labels=(-1, 1), **named)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pos_weight": -1.0}, "pos_weight must be finite and not negative"),
        ({"pos_weight": [1.0, np.nan]}, "pos_weight must be finite"),
        ({"pos_weight": [1.0, 2.0, 3.0]}, r"one for each class along the last axis, shape \(2,\); got shape \(3,\)"),
        ({"pos_weight": np.ones((2, 2, 2))}, r"got shape \(2, 2, 2\)"),
        ({"pos_weight": 1e300, "sample_weight": 1e300}, "more than the largest float"),
        ({"pos_weight": "a"}, "pos_weight must be real numbers"),
    ],
)
def test_a_bad_weight_of_class_1_says_what_is_wrong(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        ogive.binary_cross_entropy(np.zeros((3, 2)), np.ones((3, 2)), given="logits", **options)


def test_a_missing_target_is_missing_in_the_result() -> None:
    found = ogive.binary_cross_entropy(
        [1.0, 2.0, 3.0], [np.nan, 1.0, 0.5], given="logits", pos_weight=2.0, class_weight=[1.0, 3.0], reduction="none"
    )
    np.testing.assert_array_equal(np.isnan(found), [True, False, False])


# --- smoothing and class weights --------------------------------------------------------------------------------------


@every_loss
def test_smoothing_is_the_explicit_soft_target(entry: Any, given: str) -> None:
    term, named = entry.forms[given], samples.named(entry, given)
    arrays = samples.arguments(term, LOOP)
    target = term.target
    if target is None:
        with pytest.raises(TypeError, match="label_smoothing needs a target of classes"):
            entry(*arrays, label_smoothing=0.1, **named)
        return
    soft = list(arrays)
    soft[target] = 0.9 * arrays[target] + 0.1 / (2 if term.binary else arrays[0].shape[-1])
    for options in ({}, {"class_weight": np.arange(1.0, 3 if term.binary else 5)} if term.weighs_classes else {}):
        smoothed = entry.value_and_gradient(*arrays, label_smoothing=0.1, **options, **named)
        explicit = entry.value_and_gradient(*soft, **options, **named)
        for got, expected in zip(smoothed, explicit, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-12)


@every_loss
def test_class_weights_are_the_weights_of_the_rows_of_a_class(entry: Any, given: str) -> None:
    term, named = entry.forms[given], samples.named(entry, given)
    arrays = samples.arguments(term, LOOP)
    target = term.target
    count = 2 if term.binary else 4
    if target is None or not term.weighs_classes:
        with pytest.raises(TypeError, match="class_weight needs a target of classes"):
            entry(*arrays, class_weight=[1.0, 2.0], **named)
        return
    classes = np.random.default_rng(3).integers(0, count, LOOP)
    arrays[target] = classes.astype(float) if term.binary else np.eye(count)[classes]
    weights = np.array([0.5, 2.0, 3.0, 0.0])[:count]
    expected = entry.value_and_gradient(*arrays, sample_weight=weights[classes], **named)
    as_dict = {number: weight for number, weight in enumerate(weights) if weight != 1}
    for class_weight in (weights, list(weights), as_dict):
        for got, right in zip(entry.value_and_gradient(*arrays, class_weight=class_weight, **named), expected, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-13)


@pytest.mark.parametrize("given", ["logits", "log_probabilities"])
@pytest.mark.parametrize("smoothing", [0.1, 1.0])
def test_smoothing_never_leaks_to_masked_classes(given: str, smoothing: float) -> None:
    """As if the classes whose logit is -∞ were not there, and every row has others."""
    rng = np.random.default_rng(4)
    possible = rng.random((20, 6)) < 0.7
    possible[:, 0] = True
    logits = np.where(possible, rng.normal(size=(20, 6)), -np.inf)
    classes = np.array([rng.choice(np.flatnonzero(row)) for row in possible])
    prediction = logits if given == "logits" else ogive.log_softmax(logits)
    values, gradients = ogive.cross_entropy.value_and_gradient(
        prediction, classes, given=given, label_smoothing=smoothing, reduction="none"
    )
    for row in range(20):
        kept = possible[row]
        few, number = prediction[row, kept], int(kept[: classes[row]].sum())
        value, gradient = ogive.cross_entropy.value_and_gradient(few, number, given=given, label_smoothing=smoothing)
        np.testing.assert_allclose(values[row], value, rtol=1e-14)
        np.testing.assert_allclose(gradients[row, kept], gradient, rtol=1e-13)
        assert not gradients[row, ~kept].any()
    soft = ogive.smooth_labels(classes, smoothing, classes=6, possible=possible)
    assert not soft[~possible].any()
    np.testing.assert_allclose(ogive.cross_entropy(prediction, soft, given=given, reduction="none"), values, rtol=1e-14)


@pytest.mark.parametrize("axis", [0, 1, -1, -3])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_smooth_labels_is_what_a_loss_does(axis: int, dtype: Any) -> None:
    rng = np.random.default_rng(5)
    logits, classes = rng.normal(size=(4, 5, 3)), rng.integers(0, 3, (4, 5))
    inside = ogive.cross_entropy(logits, classes, given="logits", label_smoothing=0.3)
    shares = np.moveaxis(np.eye(3, dtype=dtype)[classes], -1, axis)
    for soft in (ogive.smooth_labels(classes, 0.3, classes=3, axis=axis), ogive.smooth_labels(shares, 0.3, axis=axis)):
        assert soft.shape == shares.shape
        np.testing.assert_allclose(ogive.cross_entropy(logits, np.moveaxis(soft, axis, -1), given="logits"), inside, rtol=1e-3)
    assert ogive.smooth_labels(shares, 0.3, axis=axis).dtype == dtype
    assert soft.sum() == pytest.approx(20, rel=1e-3)
    np.testing.assert_array_equal(ogive.smooth_labels(shares, 0, axis=axis), shares)
    binary = ogive.smooth_labels(np.array([0, 1, 0.5], dtype), 0.2, axis=None)
    np.testing.assert_array_equal(binary, np.array([0.1, 0.9, 0.5], dtype))


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ([0, 1, 2], {"smoothing": 0.1}, "target must lie between 0 and 1, found 2"),
        ([0, 1, 0], {"smoothing": 1.5}, "smoothing must lie between 0 and 1, got 1.5"),
        ([0, 1, 0], {"smoothing": True}, "smoothing must lie between 0 and 1, got True"),
        ([1, 1, 0], {"smoothing": 0.1}, "shares that sum to 1 along the classes, found 2.0"),
        ([0, 3], {"smoothing": 0.1, "classes": 3}, "class numbers must lie between 0 and 2, found 3"),
        ([0, -1], {"smoothing": 0.1, "classes": 3}, "class numbers must lie between 0 and 2, found -1$"),
        ([0.0, 1.0], {"smoothing": 0.1, "classes": 3}, "class numbers must be integers, got dtype float64"),
        ([0, 1], {"smoothing": 0.1, "classes": 2.0}, "classes must be a whole number from 1, got 2.0"),
        ([0, 1], {"smoothing": 0.1, "classes": 2, "axis": None}, "need an axis of classes"),
        ([0, 1], {"smoothing": 0.1, "axis": 3}, "axis must name axes of the input"),
        ([0, 1], {"smoothing": 0.1, "possible": [False, False]}, "possible must leave at least one class in every row"),
        ([0, 1], {"smoothing": 0.1, "possible": [0, 1]}, r"possible must be booleans of shape \(2,\), got dtype int64"),
        (["a", "b"], {"smoothing": 0.1}, "target must be real numbers"),
    ],
)
def test_what_cannot_be_smoothed_says_so(target: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        ogive.smooth_labels(target, **options)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64, np.uint64, ">i4"])
def test_class_numbers_may_be_of_any_integer_dtype(kind: Any) -> None:
    logits, classes = np.random.default_rng(6).normal(size=(3, 4)), np.array([3, 0, 1])
    assert ogive.cross_entropy(logits, classes.astype(kind), given="logits") == ogive.cross_entropy(logits, classes, given="logits")
