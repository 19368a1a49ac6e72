"""Optax's losses (optax 0.2.8) over NumPy arrays: one number for each element or row, and nothing reduced.

`where` says what counts. Targets of rows need not sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.peers.registry import Function, register
from ogive.peers.values import floats, focal, mean, terms


def of(entry: str) -> Callable[[Function], Function]:
    """Register a function of optax.losses."""

    def enter(function: Function) -> Function:
        register(f"optax.losses.{function.__name__}", entry, function)
        return function

    return enter


def _errors(entry: str, predictions: Any, targets: Any, **options: Any) -> Any:
    """The terms of an entry; without targets, those of the errors themselves."""
    return catalogue.get(entry)(predictions, 0.0 if targets is None else targets, reduction="none", **options)


@of("mean_squared_error")
def squared_error(predictions: Any, targets: Any = None) -> Any:
    """The squared errors, one by one; without targets the predictions are the errors."""
    return _errors("mean_squared_error", predictions, targets)


@of("half_mean_squared_error")
def l2_loss(predictions: Any, targets: Any = None) -> Any:
    """Half the squared errors, one by one; without targets the predictions are the errors."""
    return _errors("half_mean_squared_error", predictions, targets)


@of("binary_cross_entropy")
def sigmoid_binary_cross_entropy(logits: Any, labels: Any) -> Any:
    """Binary cross-entropy of logits, one by one."""
    return catalogue.get("binary_cross_entropy")(logits, labels, given="logits", reduction="none")


@of("focal_loss")
def sigmoid_focal_loss(logits: Any, labels: Any, *, alpha: Any = None, gamma: Any = 2.0) -> Any:
    """The focal loss of logits, one by one; with an `alpha`, class 1 weighs that and class 0 the rest to 1."""
    prediction, target, sigmoid = floats("logits", logits), floats("labels", labels), catalogue.get("sigmoid")
    values = focal(sigmoid_binary_cross_entropy(prediction, target), sigmoid(prediction), sigmoid(-prediction), target, gamma)
    weighted = values if alpha is None else (alpha * target + (1 - alpha) * (1 - target)) * values
    return np.asarray(weighted, prediction.dtype)[()]


def _rows(array: Any, axis: Any) -> Array:
    """The axes as one, the last."""
    found = np.asarray(array)
    axes = tuple(range(found.ndim)) if axis is None else tuple(int(i) % found.ndim for i in np.atleast_1d(axis))
    kept = tuple(i for i in range(found.ndim) if i not in axes)
    return np.transpose(found, kept + axes).reshape(*(found.shape[i] for i in kept), -1)


def _counted(where: Any, scores: Array, axis: Any) -> Array:
    """What counts, in the shape of the rows; a `where` that lacks the axis speaks for whole rows."""
    if where is None:
        return np.ones(scores.shape, np.bool_)
    asked = np.asarray(where)
    return np.broadcast_to(asked[..., None] if asked.ndim < scores.ndim else _rows(asked, axis), scores.shape)


def _cross_entropy(logits: Any, labels: Array, axis: Any, where: Any) -> Any:
    """Of rows; what does not count is an impossible class without a share."""
    scores = _rows(floats("logits", logits), axis)
    counted = _counted(where, scores, axis)
    masked = np.where(counted, scores, -math.inf)
    values = terms(
        "cross_entropy", np.where(counted.any(axis=-1, keepdims=True), masked, 0.0), np.where(counted, labels, 0.0), given="logits"
    )
    return np.asarray(values, scores.dtype)[()]


@of("cross_entropy")
def softmax_cross_entropy(logits: Any, labels: Any, axis: Any = -1, where: Any = None) -> Any:
    """Cross-entropy of logits against shares, row by row. Optax gives NaN for a logit of -∞ whose share is 0; here it costs nothing."""
    return _cross_entropy(logits, _rows(labels, axis), axis, where)


@of("cross_entropy")
def safe_softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """Cross-entropy of logits against shares, row by row; a logit of -∞ whose share is 0 costs nothing."""
    return softmax_cross_entropy(logits, labels)


@of("cross_entropy")
def softmax_cross_entropy_with_integer_labels(logits: Any, labels: Any, axis: Any = -1, where: Any = None) -> Any:
    """Cross-entropy of logits against class numbers, row by row; several axes count as one of all their classes.

    Optax loses digits to the size of the logits (0.862 becomes 1.0 at 1e7 in float32), and here they are kept.
    """
    numbers = np.asarray(labels)
    count = _rows(logits, axis).shape[-1]
    return _cross_entropy(logits, (numbers[..., None] == np.arange(count)).astype(np.float64), axis, where)


@of("cross_entropy")
def ranking_softmax_loss(logits: Any, labels: Any, *, where: Any = None, weights: Any = None, reduce_fn: Any = np.mean) -> Any:
    """Cross-entropy of each list's scores against its relevances, which may sum to anything; the mean over lists with anything to count.

    `reduce_fn` is called with the losses of the lists and `where`; None keeps them apart.
    """
    relevance = np.asarray(labels, np.float64) * (1.0 if weights is None else np.asarray(weights))
    values = softmax_cross_entropy(logits, relevance, where=where)
    lists = None if where is None else np.any(where, axis=-1)
    if reduce_fn is None:
        return values
    if reduce_fn is np.mean:
        return mean(values, None) if lists is None else mean(values, None, lists) if np.any(lists) else np.zeros_like(values)[..., 0]
    return reduce_fn(values) if lists is None else reduce_fn(values, where=lists)


@of("kl_divergence")
def kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """Σ t (log t - log q) along the axis, of log-probabilities. A share of 0 costs nothing; optax gives NaN where -∞ is predicted."""
    logs, shares = _rows(floats("log_predictions", log_predictions), axis), _rows(targets, axis)
    counted = _counted(where, logs, axis)
    return terms(
        "kl_divergence", np.where(counted, logs, 0.0).astype(logs.dtype), np.where(counted, shares, 0.0), given="log_probabilities"
    )[()]


@of("kl_divergence")
def kl_divergence_with_log_targets(log_predictions: Any, log_targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """Σ t (log t - log q) along the axis, both given as logarithms. A target of -∞ costs nothing; optax gives NaN."""
    logs, targets = _rows(floats("log_predictions", log_predictions), axis), _rows(floats("log_targets", log_targets), axis)
    counted = _counted(where, logs, axis) & (targets > -math.inf)
    values = np.exp(targets) * (np.where(counted, targets, 0.0) - np.where(counted, logs, 0.0))
    return np.sum(values, axis=-1, dtype=np.float64).astype(logs.dtype)[()]


@of("ctc")
def ctc_loss(logits: Any, logit_paddings: Any, labels: Any, label_paddings: Any, *, blank_id: int = 0, log_epsilon: Any = -100000.0) -> Any:
    """CTC of logits (sequences, frames, classes), a padding of 1 where a frame or a label at the end does not count.

    Optax's -∞ is `log_epsilon`, so that labels no alignment fits cost 100,000; here they cost ∞.
    """
    frames, count = (np.sum(np.asarray(padding) == 0, axis=-1) for padding in (logit_paddings, label_paddings))
    return catalogue.get("ctc")(logits, np.asarray(labels), frames, count, blank=blank_id, given="logits", reduction="none")
