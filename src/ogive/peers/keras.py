"""Keras's losses (keras 3.15) over NumPy arrays: targets first, the mean over the last axis, probabilities clipped at 1e-7.

A class takes sample weights beside the arrays, and divides the weighted sum by the number of values ("sum_over_batch_size"), or of those
that its mask leaves. Its `name` changes nothing; a `dtype` of None is that of the prediction here, where Keras computes in float32.
What is clipped has no gradient there: a probability below 1e-7 of the true class teaches nothing. From logits nothing is clipped here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.peers.registry import Function, constructor, register
from ogive.peers.values import floats, focal, mean, terms

EPSILON = 1e-7
REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


def of(entry: str, name: str, order: str, mask: Function | None = None, **defaults: Any) -> Callable[[Function], Function]:
    """Register a function of keras.losses, and the class there that takes its options in that order, with a mask of what counts."""

    def enter(function: Function) -> Function:
        def build(function: Function, name: str, reduction: str | None, dtype: Any, **options: Any) -> Function:
            if reduction not in REDUCTIONS:
                raise InputError(f"reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")

            def call(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
                prediction = floats("y_pred", y_pred).astype(dtype) if dtype else floats("y_pred", y_pred)
                values = np.asarray(function(y_true, prediction, **options))
                return _reduced(values, sample_weight, mask and mask(values, y_true, **options), reduction)

            return call

        shared = {"reduction": "sum_over_batch_size", "name": function.__name__, "dtype": None}
        register(f"keras.losses.{function.__name__}", entry, function)
        register(f"keras.losses.{name}", entry, constructor(function, order, build, **(shared | defaults)))
        return function

    return enter


def _reduced(values: Array, sample_weight: Any, mask: Array | None, reduction: str | None) -> Any:
    weight = np.ones(()) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = np.squeeze(weight, -1)
    elif values.ndim == weight.ndim + 1 and weight.ndim:
        weight = np.expand_dims(weight, -1)
    counted = np.ones(values.shape) if mask is None else mask.astype(np.float64)
    weighted = values.astype(np.float64) * weight * counted
    if reduction in (None, "none") or values.ndim == 0:
        return weighted.astype(values.dtype)[()]
    total = float(np.sum(weighted))
    if reduction != "sum":
        weighs = reduction == "mean_with_sample_weight" and sample_weight is not None
        divisor = np.sum(weight * counted) if weighs else np.sum(counted)
        total = total / divisor if divisor != 0 else 0.0
    return np.asarray(total).astype(values.dtype)[()]


def _pair(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Both in the dtype of the prediction; where one of them has one axis more, of size 1, it is taken off or the other's added."""
    prediction = floats("y_pred", y_pred)
    target = np.asarray(y_true).astype(prediction.dtype)
    for longer, shorter in ((target, prediction), (prediction, target)):
        if longer.ndim == shorter.ndim + 1 and longer.shape[-1] == 1:
            if shorter.ndim == 1:
                return target.reshape(len(target), -1), prediction.reshape(len(prediction), -1)
            return target.reshape(shorter.shape), prediction.reshape(shorter.shape)
    return target, prediction


def _mean(entry: str, y_true: Any, y_pred: Any, axis: int = -1, **options: Any) -> Any:
    """The mean of the terms of an entry over the last axis."""
    return mean(catalogue.get(entry)(y_pred, y_true, reduction="none", **options), axis)


@of("mean_squared_error", "MeanSquaredError", "reduction, name, dtype")
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean squared error over the last axis."""
    return _mean("mean_squared_error", *_pair(y_true, y_pred))


@of("mean_absolute_error", "MeanAbsoluteError", "reduction, name, dtype")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean absolute error over the last axis."""
    return _mean("mean_absolute_error", *_pair(y_true, y_pred))


@of("kl_divergence", "KLDivergence", "reduction, name, dtype")
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Σ t log(t / q) over the last axis, of probabilities both clipped to [1e-7, 1]; they need not sum to 1."""
    target, prediction = (np.clip(array, EPSILON, 1) for array in _same_dtype(y_true, y_pred))
    return terms("kl_divergence", prediction, target, given="probabilities")[()]


def _same_dtype(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    prediction = floats("y_pred", y_pred)
    return np.asarray(y_true).astype(prediction.dtype), prediction


def _two_classes(target: Array, prediction: Array, from_logits: bool) -> Any:
    if from_logits:
        return catalogue.get("binary_cross_entropy")(prediction, target, given="logits", reduction="none")
    clipped = np.clip(prediction, EPSILON, 1 - EPSILON)
    return catalogue.get("binary_cross_entropy")(clipped, target, given="probabilities", reduction="none")


@of("binary_cross_entropy", "BinaryCrossentropy", "from_logits, label_smoothing, axis, reduction, name, dtype")
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """The mean binary cross-entropy along an axis, of probabilities clipped to [1e-7, 1 - 1e-7], or of logits, where nothing is clipped."""
    target, prediction = _same_dtype(y_true, y_pred)
    return mean(_two_classes(target * (1 - label_smoothing) + label_smoothing / 2, prediction, from_logits), axis)


@of(
    "focal_loss",
    "BinaryFocalCrossentropy",
    "apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis, reduction, name, dtype",
)
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """The mean focal loss along an axis, of probabilities clipped to [1e-7, 1 - 1e-7], or of logits; `alpha` counts only where asked for.

    Keras clips what it makes of logits too, so that the worst predictions cost 16.1 and have no gradient; here they keep both.
    """
    target, prediction = _same_dtype(y_true, y_pred)
    target = target * (1 - label_smoothing) + label_smoothing / 2
    sigmoid = catalogue.get("sigmoid")
    chance, rest = (sigmoid(prediction), sigmoid(-prediction)) if from_logits else (prediction, 1 - prediction)
    values = focal(_two_classes(target, prediction, from_logits), chance, rest, target, gamma)
    return mean(values * (target * alpha + (1 - target) * (1 - alpha)) if apply_class_balancing else values, axis)


def _normalised(prediction: Array, axis: int) -> Array:
    shares: Array = prediction / np.sum(prediction, axis=axis, keepdims=True)
    return np.clip(shares, EPSILON, 1 - EPSILON)


def _of_classes(target: Array, prediction: Array, from_logits: bool, axis: int) -> Any:
    given = "logits" if from_logits else "probabilities"
    scores = prediction if from_logits else _normalised(prediction, axis)
    return terms("cross_entropy", np.moveaxis(scores, axis, -1), np.moveaxis(target, axis, -1), given=given)[()]


@of("cross_entropy", "CategoricalCrossentropy", "from_logits, label_smoothing, axis, reduction, name, dtype")
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """Cross-entropy along an axis against shares; probabilities are divided by their sum, then clipped to [1e-7, 1 - 1e-7]."""
    target, prediction = _same_dtype(y_true, y_pred)
    smooth = target * (1 - label_smoothing) + label_smoothing / target.shape[-1]
    return _of_classes(smooth, prediction, from_logits, axis)


def _not_ignored(values: Array, y_true: Any, ignore_class: int | None, **_: Any) -> Array | None:
    return None if ignore_class is None else np.reshape(np.asarray(y_true) != ignore_class, values.shape)


@of("cross_entropy", "SparseCategoricalCrossentropy", "from_logits, ignore_class, reduction, axis, name, dtype", mask=_not_ignored)
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Cross-entropy along an axis against class numbers, 0 for the ignored class; probabilities are divided by their sum, then clipped."""
    prediction, numbers = floats("y_pred", y_pred), np.asarray(y_true).astype(np.int64)
    if numbers.ndim == prediction.ndim and numbers.shape[axis] == 1:
        numbers = np.squeeze(numbers, axis)
    counted = np.True_ if ignore_class is None else numbers != ignore_class
    count = prediction.shape[axis]
    if np.any(counted & ((numbers < 0) | (numbers >= count))):
        raise InputError(f"y_true: class numbers must lie between 0 and {count - 1}, or be ignore_class={ignore_class}")
    shares = np.where(counted, numbers, -1)[..., None] == np.arange(count)
    return _of_classes(np.moveaxis(shares, -1, axis).astype(prediction.dtype), prediction, from_logits, axis)


@of("ctc", "CTC", "reduction, name, dtype")
def ctc(y_true: Any, y_pred: Any) -> Any:
    """CTC of logits of shape (sequences, frames, classes) against labels (sequences, length), padded with 0, which is the blank too."""
    logits, labels = floats("y_pred", y_pred), np.asarray(y_true).astype(np.int64)
    frames = np.full(len(logits), logits.shape[1])
    return catalogue.get("ctc")(logits, labels, frames, np.sum(labels != 0, axis=-1), given="logits", reduction="none")
