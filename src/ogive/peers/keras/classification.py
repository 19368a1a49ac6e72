"""Keras's losses of classes and distributions, and of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.peers.keras.rules import EPSILON, of, same_dtype
from ogive.peers.values import check_axis, floats, focal, mean, one_hot, terms


@of("kl_divergence", "KLDivergence", "reduction, name, dtype")
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Σ t log(t / q) over the last axis, of probabilities both clipped to [1e-7, 1]; they need not sum to 1."""
    target, prediction = (np.clip(array, EPSILON, 1) for array in same_dtype(y_true, y_pred))
    return terms("kl_divergence", prediction, target, given="probabilities")[()]


def _two_classes(target: Array, prediction: Array, from_logits: bool) -> Any:
    if from_logits:
        return catalogue.get("binary_cross_entropy")(prediction, target, given="logits", reduction="none")
    clipped = np.clip(prediction, EPSILON, 1 - EPSILON)
    return catalogue.get("binary_cross_entropy")(clipped, target, given="probabilities", reduction="none")


@of("binary_cross_entropy", "BinaryCrossentropy", "from_logits, label_smoothing, axis, reduction, name, dtype")
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """The mean binary cross-entropy along an axis, of probabilities clipped to [1e-7, 1 - 1e-7], or of logits, where nothing is clipped."""
    target, prediction = same_dtype(y_true, y_pred)
    check_axis(axis, prediction)
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
    target, prediction = same_dtype(y_true, y_pred)
    check_axis(axis, prediction)
    target = target * (1 - label_smoothing) + label_smoothing / 2
    sigmoid = catalogue.get("sigmoid")
    chance, rest = (sigmoid(prediction), sigmoid(-prediction)) if from_logits else (prediction, 1 - prediction)
    values = focal(_two_classes(target, prediction, from_logits), chance, rest, target, gamma)
    return mean(values * (target * alpha + (1 - target) * (1 - alpha)) if apply_class_balancing else values, axis)


def _normalised(prediction: Array, axis: int) -> Array:
    shares: Array = prediction / np.sum(prediction, axis=axis, keepdims=True)
    return np.clip(shares, EPSILON, 1 - EPSILON)


def _of_classes(entry: str, target: Array, prediction: Array, from_logits: bool, axis: int, **options: float) -> Any:
    check_axis(axis, prediction)
    given = "logits" if from_logits else "probabilities"
    scores = prediction if from_logits else _normalised(prediction, axis)
    return terms(entry, np.moveaxis(scores, axis, -1), np.moveaxis(target, axis, -1), given=given, **options)[()]


@of("cross_entropy", "CategoricalCrossentropy", "from_logits, label_smoothing, axis, reduction, name, dtype")
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """Cross-entropy along an axis against shares; probabilities are divided by their sum, then clipped to [1e-7, 1 - 1e-7]."""
    target, prediction = same_dtype(y_true, y_pred)
    if target.shape != prediction.shape:
        raise InputError(
            f"categorical_crossentropy: y_true and y_pred must have the same shape, got {target.shape} and {prediction.shape}; "
            "class numbers belong in sparse_categorical_crossentropy"
        )
    smooth = target * (1 - label_smoothing) + label_smoothing / target.shape[-1]
    return _of_classes("cross_entropy", smooth, prediction, from_logits, axis)


def _not_ignored(values: Array, y_true: Any, ignore_class: int | None, **_: Any) -> Array | None:
    return None if ignore_class is None else np.reshape(np.asarray(y_true) != ignore_class, values.shape)


@of("cross_entropy", "SparseCategoricalCrossentropy", "from_logits, ignore_class, reduction, axis, name, dtype", mask=_not_ignored)
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Cross-entropy along an axis against class numbers, 0 for the ignored class; probabilities are divided by their sum, then clipped."""
    prediction, numbers = floats("y_pred", y_pred), np.asarray(y_true)
    check_axis(axis, prediction)
    if numbers.ndim == prediction.ndim and numbers.shape[axis] == 1:
        numbers = np.squeeze(numbers, axis)
    shares = one_hot("y_true", numbers, np.moveaxis(prediction, axis, -1).shape, ignore_class)
    return _of_classes("cross_entropy", np.moveaxis(shares, -1, axis), prediction, from_logits, axis)


@of("ctc", "CTC", "reduction, name, dtype")
def ctc(y_true: Any, y_pred: Any) -> Any:
    """CTC of logits of shape (sequences, frames, classes) against labels (sequences, length), padded with 0, which is the blank too."""
    logits, labels = floats("y_pred", y_pred), np.asarray(y_true).astype(np.int64)
    frames = np.full(len(logits), logits.shape[1])
    return catalogue.get("ctc")(logits, labels, frames, np.sum(labels != 0, axis=-1), given="logits", reduction="none")


@of(
    "categorical_focal",
    "CategoricalFocalCrossentropy",
    "alpha, gamma, from_logits, label_smoothing, axis, reduction, name, dtype",
)
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Σ alpha t (1 - p)^gamma (-log p) along an axis; probabilities are divided by their sum, then clipped to [1e-7, 1 - 1e-7].

    Keras clips what it makes of logits too, so that the worst predictions cost 16.1 · alpha and have no gradient; here they keep both.
    """
    target, prediction = same_dtype(y_true, y_pred)
    smooth = (target * (1 - label_smoothing) + label_smoothing / target.shape[-1]) * np.asarray(alpha)
    return _of_classes("categorical_focal", smooth, prediction, from_logits, axis, gamma=gamma)


@of("generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy", "q, reduction, name, dtype", q=0.5)
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """(1 - p^q) / q, p the probability of the class whose number is given; probabilities are taken as they are."""
    prediction = floats("y_pred", y_pred)
    shares = one_hot("y_true", y_true, prediction.shape)
    return terms("generalized_cross_entropy", prediction, shares, given="probabilities", q=q)[()]
