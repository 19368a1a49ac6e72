"""Calls that cannot be honoured: each says what is wrong, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import samples
import torch

import ogive


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
        (lambda: ogive.elu(1.0, alpha=torch.ones(3, dtype=torch.bfloat16)), TypeError, "tensor that NumPy cannot read"),
        (lambda: ogive.relu(np.ones(3), out=torch.ones(3)), TypeError, r"relu: out must be a NumPy array, got Tensor; .*tensor\.numpy"),
        (lambda: ogive.elu.value_and_slope([1.0], out=(None, [1.0])), TypeError, "out must be a NumPy array, got list"),
        (lambda: ogive.softmax.vjp(Labelled([1.0, 2.0], "ab"), Labelled([1.0, 2.0], "ba")), ValueError, "x and cotangent have different"),
        (lambda: ogive.logsumexp(Labelled([1, 2], "ab"), weights=Labelled([1, 2], "ba")), ValueError, "x and weights have different"),
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
        (lambda: ogive.mean_squared_error(2**62 + 1, 2**62), "prediction must be integers .* found 4611686018427387905"),
        (lambda: ogive.huber([0.5], np.uint64([2**64 - 1])), "huber: target must be integers that float64 holds"),
        (lambda: ogive.softmax([-(2**53) - 1, 0]), "softmax: x must be integers that float64 holds"),
        (lambda: ogive.cumulative_logit([0.0], [1.0, 1.0], [0]), "thresholds must rise along the last axis, found 1.0 after 1.0"),
        (lambda: ogive.cumulative_logit([0.0], [1.0, 2.0], [3]), "target must lie between 0 and 2, found 3"),
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
