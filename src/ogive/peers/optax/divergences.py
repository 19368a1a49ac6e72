"""Optax's divergences of distributions along an axis, of log-probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.peers.optax.rules import counted_in, of
from ogive.peers.values import check_shapes, floats, rows, terms


def _divergence(entry: str, log_predictions: Any, targets: Any, axis: Any, where: Any, nothing: float = 0.0, **options: Any) -> Any:
    """Of rows; what does not count has the target that costs nothing beside a prediction of 0."""
    logs = rows(floats("log_predictions", log_predictions), axis)
    check_shapes(log_predictions=log_predictions, targets=targets)
    counted = counted_in(where, logs, axis)
    masked = np.where(counted, logs, -math.inf).astype(logs.dtype)
    return terms(entry, masked, np.where(counted, rows(targets, axis), nothing), **options)[()]


@of("kl_divergence")
def kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """Σ t (log t - log q) along the axis. A share of 0 costs nothing; optax gives NaN where -∞ is predicted."""
    return _divergence("kl_divergence", log_predictions, targets, axis, where, given="log_probabilities")


@of("kl_divergence_of_logs")
def kl_divergence_with_log_targets(log_predictions: Any, log_targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """Σ t (log t - log q) along the axis, the targets given as logarithms too. One of -∞ costs nothing; optax gives NaN."""
    return _divergence("kl_divergence_of_logs", log_predictions, log_targets, axis, where, nothing=-math.inf)


@of("generalized_kl_divergence")
def generalized_kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """Σ t (log t - log q) - t + q along the axis."""
    return _divergence("generalized_kl_divergence", log_predictions, targets, axis, where, given="log_values")


@of("generalized_kl_divergence")
def convex_kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Any:
    """`generalized_kl_divergence` under its former name."""
    return generalized_kl_divergence(log_predictions, targets, axis, where)
