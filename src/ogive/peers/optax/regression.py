"""Optax's losses of numbers; without targets the predictions are the errors."""

from __future__ import annotations

from typing import Any

from ogive import catalogue
from ogive.peers.optax.rules import of


def _errors(entry: str, predictions: Any, targets: Any, **options: Any) -> Any:
    """The terms of an entry; without targets, those of the errors themselves."""
    return catalogue.get(entry)(predictions, 0.0 if targets is None else targets, reduction="none", **options)


@of("mean_squared_error")
def squared_error(predictions: Any, targets: Any = None) -> Any:
    """The squared errors, one by one."""
    return _errors("mean_squared_error", predictions, targets)


@of("half_mean_squared_error")
def l2_loss(predictions: Any, targets: Any = None) -> Any:
    """Half the squared errors, one by one."""
    return _errors("half_mean_squared_error", predictions, targets)


@of("huber")
def huber_loss(predictions: Any, targets: Any = None, *, delta: Any = 1.0) -> Any:
    """Huber's loss of the errors, one by one."""
    return _errors("huber", predictions, targets, delta=delta)


@of("log_cosh")
def log_cosh(predictions: Any, targets: Any = None) -> Any:
    """The log-cosh of the errors, one by one. Optax's has no digits for errors below 1e-3 (float32), and may be negative."""
    return _errors("log_cosh", predictions, targets)
