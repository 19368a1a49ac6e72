"""Optax's losses of margins: of targets of -1 and 1 for two classes, of class numbers for several. Nothing is reduced."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.optax.rules import of
from ogive.peers.registry import Function
from ogive.peers.values import check_shapes, floats


def _by_margin(entry: str, predictor_outputs: Any, targets: Any) -> Any:
    check_shapes(predictor_outputs=predictor_outputs, targets=targets)
    return catalogue.get(entry)(floats("predictor_outputs", predictor_outputs) * np.asarray(targets), 1.0, reduction="none")


@of("hinge")
def hinge_loss(predictor_outputs: Any, targets: Any) -> Any:
    """max(0, 1 - target · prediction); a target of 0 costs 1."""
    return _by_margin("hinge", predictor_outputs, targets)


@of("perceptron")
def perceptron_loss(predictor_outputs: Any, targets: Any) -> Any:
    """max(0, -target · prediction)."""
    return _by_margin("perceptron", predictor_outputs, targets)


@of("binary_sparsemax")
def sparsemax_loss(logits: Any, labels: Any) -> Any:
    """The binary sparsemax loss of scores, against labels of 0 and 1."""
    return catalogue.get("binary_sparsemax")(logits, np.asarray(labels) != 0, reduction="none")


def _of_numbers(entry: str, scores: Any, labels: Any) -> Any:
    return catalogue.get(entry)(scores, np.asarray(labels), reduction="none")


@of("multiclass_hinge")
def multiclass_hinge_loss(scores: Any, labels: Any) -> Any:
    """What the class of the label lacks to lie above the best of the others by 1."""
    return _of_numbers("multiclass_hinge", scores, labels)


@of("multiclass_perceptron")
def multiclass_perceptron_loss(scores: Any, labels: Any) -> Any:
    """How far the class of the label lies below the best."""
    return _of_numbers("multiclass_perceptron", scores, labels)


@of("sparsemax_loss")
def multiclass_sparsemax_loss(scores: Any, labels: Any) -> Any:
    """The sparsemax loss of scores of shape (rows, classes) against class numbers."""
    return _of_numbers("sparsemax_loss", scores, labels)


@of("cross_entropy")
def make_fenchel_young_loss(max_fun: Function) -> Function:
    """The loss max_fun(scores) - Σ target · score along the last axis; `max_fun` takes one row. With logsumexp it is cross-entropy."""
    largest = np.vectorize(max_fun, signature="(n)->()", otypes=[np.float64])

    def fenchel_young_loss(scores: Any, targets: Any, *args: Any, **kwargs: Any) -> Any:
        numbers = floats("scores", scores)
        values = largest(numbers, *args, **kwargs) - np.sum(np.asarray(targets) * numbers.astype(np.float64), axis=-1)
        return np.asarray(values, numbers.dtype)[()]

    return fenchel_young_loss
