"""The losses of scikit-learn's multilayer perceptrons: averages over the samples, then over the outputs or their sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.sklearn.rules import half_deviance, of
from ogive.peers.values import floats, mean, terms

_MODULE = "sklearn.neural_network._base"


@of(_MODULE, "half_mean_squared_error", "squared_loss")
def squared_loss(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """Half the squared error: its weighted average over the samples, then the mean over the outputs."""
    values = catalogue.get("half_mean_squared_error")(y_pred, y_true, reduction="none")
    return mean(mean(values, 0, sample_weight), None)


def _clipped(y_prob: Any) -> Any:
    chances = floats("y_prob", y_prob)
    eps = np.finfo(chances.dtype).eps
    return np.clip(chances, eps, 1 - eps)


@of(_MODULE, "binary_cross_entropy", "binary_log_loss")
def binary_log_loss(y_true: Any, y_prob: Any, sample_weight: Any = None) -> Any:
    """Binary cross-entropy of probabilities clipped by the dtype's eps: the average over the samples, the sum over the outputs."""
    values = catalogue.get("binary_cross_entropy")(_clipped(y_prob), y_true, given="probabilities", reduction="none")
    return np.sum(mean(values, 0, sample_weight))


@of(_MODULE, "cross_entropy", "log_loss")
def log_loss(y_true: Any, y_prob: Any, sample_weight: Any = None) -> Any:
    """Cross-entropy of probabilities of shape (samples, classes), clipped by the dtype's eps; one column is class 1 of two."""
    chances, shares = _clipped(y_prob), np.asarray(y_true)
    chances, shares = (np.append(1 - array, array, axis=1) if array.shape[1] == 1 else array for array in (chances, shares))
    return mean(terms("cross_entropy", chances, shares, given="probabilities"), weight=sample_weight)


@of(_MODULE, "poisson")
def poisson_loss(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """Half the Poisson deviance of rates: the average over the samples, the sum over the outputs."""
    return np.sum(mean(half_deviance(y_true, y_pred, 1), 0, sample_weight))
