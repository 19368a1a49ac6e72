"""Optax's losses of classes, distributions and sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.losses.sequences import forward_probabilities
from ogive.peers.optax.rules import counted_in, of
from ogive.peers.values import check_shapes, floats, focal, mean, one_hot, rows, terms


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


def _of_rows(entry: str, logits: Any, labels: Array, axis: Any, where: Any, **options: float) -> Any:
    """Of rows; what does not count is an impossible class without a share."""
    scores = rows(floats("logits", logits), axis)
    check_shapes(logits=scores, labels=labels)
    counted = counted_in(where, scores, axis)
    masked = np.where(counted, scores, -math.inf)
    masked = np.where(counted.any(axis=-1, keepdims=True), masked, 0.0)
    values = terms(entry, masked, np.where(counted, labels, 0.0), given="logits", **options)
    return np.asarray(values, scores.dtype)[()]


@of("cross_entropy")
def softmax_cross_entropy(logits: Any, labels: Any, axis: Any = -1, where: Any = None) -> Any:
    """Cross-entropy of logits against shares, row by row. Optax gives NaN for a logit of -∞ whose share is 0; here it costs nothing."""
    return _of_rows("cross_entropy", logits, rows(labels, axis), axis, where)


@of("cross_entropy")
def safe_softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """Cross-entropy of logits against shares, row by row; a logit of -∞ whose share is 0 costs nothing."""
    return softmax_cross_entropy(logits, labels)


@of("cross_entropy")
def softmax_cross_entropy_with_integer_labels(logits: Any, labels: Any, axis: Any = -1, where: Any = None) -> Any:
    """Cross-entropy of logits against class numbers, row by row; several axes count as one of all their classes.

    A class that `where` leaves out costs as much as if its logit stood apart from the others: their logsumexp less that logit, which may
    be negative. Optax loses digits to the size of the logits (0.862 becomes 1.0 at 1e7 in float32), and here they are kept.
    """
    scores = rows(floats("logits", logits), axis)
    shares = one_hot("labels", labels, scores.shape)
    counted = counted_in(where, scores, axis)
    apart = counted.any(axis=-1) & ~np.any(counted & (shares == 1), axis=-1)
    own = np.sum(np.where(shares == 1, scores, 0.0), axis=-1, keepdims=True)
    others = catalogue.get("logsumexp")(np.where(counted, scores.astype(np.float64) - own, -math.inf))
    values = np.where(apart, others, _of_rows("cross_entropy", logits, shares, axis, where))
    return values.astype(scores.dtype)[()]


@of("ranking_softmax")
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


@of("poly_loss")
def poly_loss_cross_entropy(logits: Any, labels: Any, *, epsilon: Any = 2.0, axis: Any = -1, where: Any = None) -> Any:
    """Cross-entropy of logits against shares plus `epsilon` times Σ t (1 - p), row by row."""
    return _of_rows("poly_loss", logits, rows(labels, axis), axis, where, epsilon=epsilon)


@of("cross_entropy")
def smooth_labels(labels: Any, alpha: Any, *, axis: Any = -1, where: Any = None) -> Any:
    """Not a loss: the labels moved by `alpha` towards equal shares of the classes, or of those that count. The rule `label_smoothing`."""
    shares = floats("labels", labels)
    axes = tuple(range(shares.ndim)) if axis is None else axis
    count = np.sum(np.ones(shares.shape) if where is None else np.broadcast_to(where, shares.shape), axis=axes, keepdims=True)
    return ((1 - alpha) * shares + alpha / count).astype(shares.dtype)


@of("ctc")
def ctc_loss(logits: Any, logit_paddings: Any, labels: Any, label_paddings: Any, *, blank_id: int = 0, log_epsilon: Any = -100000.0) -> Any:
    """CTC of logits (sequences, frames, classes), a padding of 1 where a frame or a label at the end does not count.

    Optax's -∞ is `log_epsilon`, so that labels no alignment fits cost 100,000; here they cost ∞.
    """
    frames, count = (np.sum(np.asarray(padding) == 0, axis=-1) for padding in (logit_paddings, label_paddings))
    return catalogue.get("ctc")(logits, np.asarray(labels), frames, count, blank=blank_id, given="logits", reduction="none")


@of("ctc")
def ctc_loss_with_forward_probs(
    logits: Any, logit_paddings: Any, labels: Any, label_paddings: Any, *, blank_id: int = 0, log_epsilon: Any = -100000.0
) -> tuple[Any, Any, Any]:
    """CTC as in `ctc_loss`, and the logarithms of the forward probabilities after each frame, of shape (frames, sequences, labels + 1) for
    the paths that end in the blank before a label or after the last, and (frames, sequences, labels) for those that end in the label.

    Behind the last frame a path that ends in a label counts among those of the blank that follows too. Optax's -∞ is about `log_epsilon`.
    """
    loss = ctc_loss(logits, logit_paddings, labels, label_paddings, blank_id=blank_id)
    scores, numbers = floats("logits", logits), np.asarray(labels)
    with np.errstate(all="ignore"):
        chances = catalogue.get("log_softmax")(scores.astype(np.float64))
        blank, label = forward_probabilities(chances, numbers, np.sum(np.asarray(logit_paddings) == 0, axis=-1), blank_id, np)
        blank[-1, :, 1:] = np.logaddexp(blank[-1, :, 1:], label[-1])
    return loss, blank.astype(scores.dtype), label.astype(scores.dtype)
