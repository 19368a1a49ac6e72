"""Losses: every way of giving predictions and targets, reductions, gradients against the formulas, shapes at the door."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest

import ogive
from ogive.loss import Loss

LOSSES = [ogive.get(name) for name in ogive.names("loss")]
ROW_FORMS = [(entry, given) for entry in LOSSES for given, term in entry.forms.items() if entry.information and term.along_axis]
KERNELS = ogive.kernel.config()["kernels"]
BOUNDS = {"compiled": (2.0, 4.0), "definitions": (4.0, 6.0)}[KERNELS]


def distributions(dtype: Any, count: int, hard: bool = False) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(11)
    drawn = rng.dirichlet(np.full(4, 0.5), count)
    drawn[: count // 4] = np.eye(4)[rng.integers(0, 4, count // 4)] if hard else drawn[: count // 4]
    return drawn.astype(dtype)


def predictions(given: str, dtype: Any, count: int) -> np.ndarray[Any, Any]:
    if given == "logits":
        rng = np.random.default_rng(12)
        return (rng.normal(size=(count, 4)) * rng.choice([0.1, 1, 10, 100], (count, 1)) + rng.choice([0, 1e4], (count, 1))).astype(dtype)
    probabilities = np.maximum(distributions(dtype, count), np.finfo(dtype).tiny)[::-1]
    return probabilities if given != "log_probabilities" else np.log(probabilities)


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("entry", "given"), ROW_FORMS, ids=lambda value: getattr(value, "name", value))
def test_row_losses_and_gradients_agree_with_the_formulas(entry: Loss, given: str, dtype: Any) -> None:
    """Values and gradients in ulp. A gradient against a soft target crosses zero: there the size of its terms sets the scale, and
    in the definitions, which have no digits to spare, so it is with the signed terms of a divergence.
    """
    count = 80
    prediction, target = predictions(given, dtype, count), distributions(dtype, count, hard=True)
    named = {"given": given} if len(entry.forms) > 1 else {}
    arguments = (prediction, target) if len(entry.term.inputs) > 1 else (prediction,)
    values, gradients = entry.value_and_gradient(*arguments, reduction="none", **named)
    assert values.dtype == gradients.dtype == dtype
    for row in range(count):
        variables = {"prediction": prediction[row]} | ({"target": target[row]} if len(entry.term.inputs) > 1 else {})
        for column in range(4):
            value, slope = oracle.jacobian_column(entry.forms[given].formula, "prediction", column, **variables)
            scale = 1.0 if entry.name == "kl_divergence" and KERNELS == "definitions" else 0.0
            assert oracle.ulps(values[row], value, dtype, scale) <= BOUNDS[0]
            size = 1.0 if entry.name == "entropy" else float(target[row, column] % 1)
            assert oracle.ulps(gradients[row, column], slope, dtype, size) <= BOUNDS[1]


@pytest.mark.skipif(KERNELS == "definitions", reason="the definitions sum in plain floats")
@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("entry", "given"), ROW_FORMS, ids=lambda value: getattr(value, "name", value))
def test_a_long_row_costs_no_digits(entry: Loss, given: str, dtype: Any) -> None:
    """Two thousand classes, and a target that the prediction all but equals. Then the divergence from logarithms is what is
    left of their differences: the size of its terms sets the scale.
    """
    rng = np.random.default_rng(14)
    target = rng.dirichlet(np.full(2000, 0.5)).astype(dtype)
    near = (target * (1 + 1e-4 * rng.normal(size=2000))).astype(dtype)
    for row in (near, rng.dirichlet(np.full(2000, 0.5)).astype(dtype)):
        prediction = np.maximum(row, np.finfo(dtype).tiny)
        prediction = prediction if given in ("probabilities", "prediction") else np.log(prediction)
        named = {"given": given} if len(entry.forms) > 1 else {}
        value = entry(*([prediction, target] if len(entry.term.inputs) > 1 else [prediction]), **named)
        variables = {"prediction": prediction} | ({"target": target} if len(entry.term.inputs) > 1 else {})
        true, _ = oracle.jacobian_column(entry.forms[given].formula, "prediction", 0, **variables)
        cancelling = entry.name == "kl_divergence" and given == "log_probabilities"
        assert oracle.ulps(value, true, dtype, -target @ np.log(target) if cancelling else 0) <= BOUNDS[0]


@pytest.mark.parametrize("given", ["logits", "probabilities", "log_probabilities"])
def test_indices_one_hot_and_axis_agree(given: str) -> None:
    prediction = predictions(given, np.float64, 30)
    labels = np.random.default_rng(2).integers(0, 4, 30)
    one_hot = np.eye(4)[labels]
    by_index = ogive.cross_entropy.value_and_gradient(prediction, labels, given=given)
    by_row = ogive.cross_entropy.value_and_gradient(prediction, one_hot, given=given)
    channels_first = ogive.cross_entropy.value_and_gradient(prediction.T, one_hot.T, given=given, axis=0)
    for got in (by_row, (channels_first[0], channels_first[1].T)):
        np.testing.assert_allclose(got[0], by_index[0], rtol=1e-14)
        np.testing.assert_allclose(got[1], by_index[1], rtol=1e-14)
    images = prediction.reshape(5, 6, 4).transpose(0, 2, 1)
    np.testing.assert_allclose(ogive.cross_entropy(images, labels.reshape(5, 6), given=given, axis=1), by_index[0], rtol=1e-14)


def test_the_root_of_a_mean_has_no_terms() -> None:
    with pytest.raises(ValueError, match="reduction must be 'mean'"):
        ogive.root_mean_squared_error([1.0], [2.0], reduction="sum")


def test_a_mean_keeps_float64_precision() -> None:
    rng = np.random.default_rng(4)
    prediction, target = rng.normal(size=(2, 100_003))
    exact = mpmath.fsum((mpmath.mpf(p) - mpmath.mpf(t)) ** 2 for p, t in zip(prediction, target, strict=True)) / prediction.size
    assert oracle.ulps(ogive.mean_squared_error(prediction, target), exact, np.float64) <= 2
    halves = (prediction.astype(np.float32), target.astype(np.float32))
    exact = mpmath.fsum((mpmath.mpf(float(p)) - mpmath.mpf(float(t))) ** 2 for p, t in zip(*halves, strict=True)) / prediction.size
    assert oracle.ulps(ogive.mean_squared_error(*halves), exact, np.float32) <= 2


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize("size", [0.0, 1e-30, 1.0, 1e30])
def test_root_mean_squared_error_neither_overflows_nor_underflows(dtype: Any, size: float) -> None:
    big = size**4 if dtype is np.float64 else size
    errors = np.array([3.0, -4.0, 0.0, 12.0], dtype) * dtype(big)
    value, gradient = ogive.root_mean_squared_error.value_and_gradient(errors, np.zeros(4, dtype))
    assert oracle.ulps(value, mpmath.sqrt(mpmath.fsum(mpmath.mpf(float(e)) ** 2 for e in errors) / 4), dtype) <= 2
    expected = np.array([3.0, -4.0, 0.0, 12.0]) / (4 * 6.5) if big else np.zeros(4)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_kinks_of_the_absolute_error() -> None:
    np.testing.assert_array_equal(ogive.mean_absolute_error.gradient([1.0, 2.0, 3.0], [1.0, 1.0, 4.0], reduction="sum"), [0, 1, -1])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ogive.cross_entropy([1.0, 2.0], 0), TypeError, "say what the prediction is: given='logits'"),
        (lambda: ogive.cross_entropy([1.0, 2.0], 0, given="scores"), ValueError, "unknown given='scores'"),
        (lambda: ogive.cross_entropy([1.0, 2.0], given="logits"), TypeError, "target is missing"),
        (lambda: ogive.cross_entropy([1.0, 2.0], 2, given="logits"), ValueError, "between 0 and 1, found 2"),
        (lambda: ogive.cross_entropy([1.0, 2.0], -100, given="logits"), ValueError, "found -100"),
        (lambda: ogive.cross_entropy([[1.0, 2.0]], [[0]], given="logits"), ValueError, r"class numbers of shape \(1,\)"),
        (lambda: ogive.cross_entropy([1.0, 2.0], 0.0, given="logits"), TypeError, "class numbers must be integers"),
        (lambda: ogive.cross_entropy([1.0, 2.0], [1.0, 2.0], given="logits"), ValueError, "target must lie between 0 and 1"),
        (lambda: ogive.cross_entropy([3.0, -1.0], 0, given="probabilities"), ValueError, "say given='logits'"),
        (lambda: ogive.cross_entropy([0.5, 0.5], 0, given="log_probabilities"), ValueError, "between -inf and 0"),
        (lambda: ogive.cross_entropy([0.5], 0, given="logits", unit="bytes"), ValueError, "unit must be 'nats' or 'bits'"),
        (lambda: ogive.binary_cross_entropy([0.5], [2], given="logits"), ValueError, "target must lie between 0 and 1, found 2"),
        (lambda: ogive.binary_cross_entropy([1.5], [1], given="probabilities"), ValueError, "if these are logits"),
        (lambda: ogive.mean_squared_error([1.0, 2.0], [[1.0], [2.0]]), ValueError, "same shape"),
        (lambda: ogive.mean_squared_error([], []), ValueError, "mean of no elements"),
        (lambda: ogive.mean_squared_error([1.0], [1.0], reduction="average"), ValueError, "reduction must be one of"),
        (lambda: ogive.mean_squared_error(["a"], [1.0]), TypeError, "prediction must be real numbers"),
        (lambda: ogive.entropy([0.5, 0.5], [1.0, 0.0]), TypeError, "takes no target"),
        (lambda: ogive.kl_divergence([0.5, 0.5], 1, given="probabilities"), ValueError, "a distribution of shape"),
    ],
)
def test_a_bad_call_says_what_is_wrong(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("target", [1, [0, 1]])
def test_a_masked_class_that_is_right_costs_infinity(target: Any, dtype: Any) -> None:
    assert ogive.cross_entropy(np.array([0, -np.inf], dtype), target, given="logits") == np.inf


def test_a_float16_gradient_has_room_for_many_elements() -> None:
    gradient = ogive.mean_squared_error.gradient(np.full(70_000, 100, np.float16), np.zeros(70_000, np.float16))
    assert gradient.dtype == np.float16
    assert gradient[0] == np.float16(200 / 70_000)


def test_python_numbers_do_not_widen_and_small_integers_do_not_overflow() -> None:
    single = np.ones(3, np.float32)
    assert ogive.mean_squared_error(single, 0.5).dtype == np.float32
    assert ogive.binary_cross_entropy.gradient(single, 0.5, given="logits").dtype == np.float32
    assert ogive.mean_squared_error(np.array([100, 2], np.int8), np.array([1_000_000, 2])) == 999_900**2 / 2


def test_a_mean_does_not_overflow_before_its_time() -> None:
    assert ogive.mean_absolute_error([1.7e308, 1.7e308], [0.0, 0.0]) == 1.7e308


def test_a_nan_does_not_hide_what_is_out_of_bounds() -> None:
    with pytest.raises(ValueError, match="found"):
        ogive.cross_entropy([[np.nan, 0.5], [5.0, -3.0]], [1, 0], given="probabilities")


def test_no_classes() -> None:
    with pytest.raises(ValueError, match="at least one element"):
        ogive.cross_entropy(np.zeros((4, 0)), np.zeros(4, int), given="logits")
