"""Keras's losses of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.keras.rules import EPSILON, mean_of, of, pair
from ogive.peers.values import mean


@of("mean_squared_error", "MeanSquaredError", "reduction, name, dtype")
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean squared error over the last axis."""
    return mean_of("mean_squared_error", *pair(y_true, y_pred))


@of("mean_absolute_error", "MeanAbsoluteError", "reduction, name, dtype")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean absolute error over the last axis."""
    return mean_of("mean_absolute_error", *pair(y_true, y_pred))


@of("huber", "Huber", "delta, reduction, name, dtype", name="huber_loss")
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """The mean of Huber's loss over the last axis."""
    return mean_of("huber", *pair(y_true, y_pred), delta=delta)


@of("log_cosh", "LogCosh", "reduction, name, dtype")
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """The mean log-cosh of the errors over the last axis. Keras's has no digits for errors below 1e-3 (float32), and may be negative."""
    return mean_of("log_cosh", *pair(y_true, y_pred))


@of("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "reduction, name, dtype")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 times the mean of the absolute errors over the sizes of the targets, of which none counts as less than 1e-7."""
    return 100 * mean_of("mean_absolute_percentage_error", *pair(y_true, y_pred), floor=EPSILON)


@of("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "reduction, name, dtype")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """The mean squared difference of log(1 + y) over the last axis; what is below 1e-7 counts as that, and has no gradient."""
    target, prediction = (np.maximum(array, array.dtype.type(EPSILON)) for array in pair(y_true, y_pred))
    return mean_of("mean_squared_logarithmic_error", target, prediction)


@of("poisson", "Poisson", "reduction, name, dtype")
def poisson(y_true: Any, y_pred: Any) -> Any:
    """The mean over the last axis of rate - count log(rate + 1e-7), of rates."""
    target, rates = pair(y_true, y_pred)
    values = catalogue.get("poisson")(rates.astype(np.float64) + EPSILON, target, given="rates", reduction="none") - EPSILON
    return mean(values.astype(rates.dtype))
