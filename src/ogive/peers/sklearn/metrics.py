"""scikit-learn's metrics that are losses: averages over the samples, then over the outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.errors import InputError
from ogive.peers.sklearn.rules import half_deviance, of
from ogive.peers.values import floats, mean

_MODULE = "sklearn.metrics"


def _by_output(entry: str, y_true: Any, y_pred: Any, sample_weight: Any, **options: Any) -> Any:
    """The weighted average over the samples, one for each output."""
    values = catalogue.get(entry)(floats("y_pred", y_pred), y_true, reduction="none", **options)
    return mean(values.reshape(len(values), -1), 0, sample_weight)


def _over_outputs(values: Any, multioutput: Any) -> Any:
    """The values as they are ("raw_values"), their mean ("uniform_average"), or their average with these weights."""
    if isinstance(multioutput, str):
        if multioutput not in ("raw_values", "uniform_average"):
            raise InputError(f"multioutput must be 'raw_values', 'uniform_average' or weights, got {multioutput!r}")
        return values if multioutput == "raw_values" else mean(values)
    return mean(values, weight=multioutput)


@of(_MODULE, "mean_squared_error")
def mean_squared_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean squared error."""
    return _over_outputs(_by_output("mean_squared_error", y_true, y_pred, sample_weight), multioutput)


@of(_MODULE, "root_mean_squared_error")
def root_mean_squared_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The root mean squared error of each output, and of several the average."""
    return _over_outputs(np.sqrt(_by_output("mean_squared_error", y_true, y_pred, sample_weight)), multioutput)


@of(_MODULE, "mean_absolute_error")
def mean_absolute_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean absolute error."""
    return _over_outputs(_by_output("mean_absolute_error", y_true, y_pred, sample_weight), multioutput)


@of(_MODULE, "pinball")
def mean_pinball_loss(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, alpha: float = 0.5, multioutput: Any = "uniform_average"
) -> Any:
    """The mean pinball loss; `alpha` is the quantile."""
    return _over_outputs(_by_output("pinball", y_true, y_pred, sample_weight, quantile=alpha), multioutput)


@of(_MODULE, "mean_absolute_percentage_error")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean of the absolute errors over the sizes of the targets, as a fraction; no size counts as less than 2.2e-16."""
    return _over_outputs(_by_output("mean_absolute_percentage_error", y_true, y_pred, sample_weight), multioutput)


@of(_MODULE, "mean_squared_logarithmic_error")
def mean_squared_log_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean squared difference of log(1 + y)."""
    return _over_outputs(_by_output("mean_squared_logarithmic_error", y_true, y_pred, sample_weight), multioutput)


@of(_MODULE, "root_mean_squared_logarithmic_error")
def root_mean_squared_log_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The root of `mean_squared_log_error` of each output, and of several the average."""
    return _over_outputs(np.sqrt(_by_output("mean_squared_logarithmic_error", y_true, y_pred, sample_weight)), multioutput)


def _weighted_median(values: Any, weight: Any) -> Any:
    """Where half the weight lies on either side, the mean of the two numbers there."""
    order = np.argsort(values, kind="stable")
    ordered, share = values[order], np.cumsum(weight[order])
    found = [ordered[np.searchsorted(share, share[-1] / 2, side)] for side in ("left", "right")]
    return (found[0] + found[1]) / 2


@of(_MODULE, "median_absolute_error")
def median_absolute_error(y_true: Any, y_pred: Any, *, multioutput: Any = "uniform_average", sample_weight: Any = None) -> Any:
    """The median of the absolute errors, of two in the middle the mean; by weight, what has half of it on either side."""
    prediction = floats("y_pred", y_pred)
    if sample_weight is None:
        values = catalogue.get("median_absolute_error")(prediction, y_true, axis=0, reduction="none")
        return _over_outputs(np.atleast_1d(values), multioutput)
    weight = np.asarray(sample_weight, np.float64)
    counted = weight > 0
    errors = catalogue.get("mean_absolute_error")(prediction, y_true, reduction="none").reshape(len(weight), -1)[counted]
    return _over_outputs(np.array([_weighted_median(column, weight[counted]) for column in errors.T]), multioutput)


@of(_MODULE, "max_error")
def max_error(y_true: Any, y_pred: Any) -> Any:
    """The largest absolute error."""
    return catalogue.get("max_error")(y_pred, y_true)


@of(_MODULE, "tweedie")
def mean_tweedie_deviance(y_true: Any, y_pred: Any, *, sample_weight: Any = None, power: float = 0) -> Any:
    """The mean Tweedie deviance of means; at 0 it is the mean squared error. The power is at most 0 or at least 1."""
    return 2 * mean(half_deviance(y_true, y_pred, power), weight=sample_weight)


@of(_MODULE, "poisson")
def mean_poisson_deviance(y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> Any:
    """The mean Poisson deviance of rates, 2 (y log(y / rate) - y + rate)."""
    return mean_tweedie_deviance(y_true, y_pred, sample_weight=sample_weight, power=1)


@of(_MODULE, "gamma_nll")
def mean_gamma_deviance(y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> Any:
    """The mean gamma deviance of means, 2 (log(mean / y) + y / mean - 1)."""
    return mean_tweedie_deviance(y_true, y_pred, sample_weight=sample_weight, power=2)
