"""scikit-learn's metrics that are losses (1.9) over NumPy arrays: targets first, averages over the samples, then the outputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.errors import InputError
from ogive.peers.registry import Function, register
from ogive.peers.values import floats, mean, terms


def of(entry: str) -> Callable[[Function], Function]:
    """Register a function of sklearn.metrics."""

    def enter(function: Function) -> Function:
        register(f"sklearn.metrics.{function.__name__}", entry, function)
        return function

    return enter


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


@of("mean_squared_error")
def mean_squared_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean squared error."""
    return _over_outputs(_by_output("mean_squared_error", y_true, y_pred, sample_weight), multioutput)


@of("root_mean_squared_error")
def root_mean_squared_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The root mean squared error of each output, and of several the average."""
    return _over_outputs(np.sqrt(_by_output("mean_squared_error", y_true, y_pred, sample_weight)), multioutput)


@of("mean_absolute_error")
def mean_absolute_error(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average") -> Any:
    """The mean absolute error."""
    return _over_outputs(_by_output("mean_absolute_error", y_true, y_pred, sample_weight), multioutput)


@of("pinball")
def mean_pinball_loss(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, alpha: float = 0.5, multioutput: Any = "uniform_average"
) -> Any:
    """The mean pinball loss; `alpha` is the quantile."""
    return _over_outputs(_by_output("pinball", y_true, y_pred, sample_weight, quantile=alpha), multioutput)


def _classes(y_true: Any, labels: Any, count: int) -> Any:
    """The position of each label among the sorted labels, those that `labels` names or that occur."""
    known = np.unique(np.asarray(y_true if labels is None else labels))
    if len(known) != count:
        found = "labels names" if labels is not None else "y_true has"
        raise InputError(f"{found} {len(known)} classes and y_proba has {count}; name all of them with labels=")
    if unknown := set(np.unique(np.asarray(y_true)).tolist()) - set(known.tolist()):
        raise InputError(f"y_true holds {min(unknown)!r}, which labels does not name")
    return np.searchsorted(known, np.asarray(y_true))


@of("cross_entropy")
def log_loss(y_true: Any, y_proba: Any = None, *, normalize: bool = True, sample_weight: Any = None, labels: Any = None) -> Any:
    """Cross-entropy of probabilities clipped by the dtype's eps; columns are in the order of the sorted labels, one is class 1 of two.

    The average over the samples, or without `normalize` their sum. A confidently wrong prediction costs at most 36 (float32: 16).
    """
    chances = floats("y_proba", y_proba)
    chances = chances[:, None] if chances.ndim == 1 else chances
    chances = np.append(1 - chances, chances, axis=1) if chances.shape[1] == 1 else chances
    eps = np.finfo(chances.dtype).eps
    shares = np.eye(chances.shape[1])[_classes(y_true, labels, chances.shape[1])]
    values = terms("cross_entropy", np.clip(chances, eps, 1 - eps), shares, given="probabilities")
    if normalize:
        return mean(values, weight=sample_weight)
    return math.fsum(values if sample_weight is None else values * np.asarray(sample_weight))
