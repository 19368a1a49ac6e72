"""Keras's hinges: labels of 0 and 1, where there are no others, count as -1 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.keras.rules import of, same_dtype
from ogive.peers.values import mean


def _margins(y_true: Any, y_pred: Any) -> Any:
    labels, prediction = same_dtype(y_true, y_pred)
    signs = 2 * labels - 1 if np.all((labels == 0) | (labels == 1)) else labels
    return signs * prediction


@of("hinge", "Hinge", "reduction, name, dtype")
def hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(0, 1 - label · prediction) over the last axis."""
    return mean(catalogue.get("hinge")(_margins(y_true, y_pred), 1.0, reduction="none"))


@of("squared_hinge", "SquaredHinge", "reduction, name, dtype")
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(0, 1 - label · prediction)² over the last axis."""
    return mean(catalogue.get("squared_hinge")(_margins(y_true, y_pred), 1.0, reduction="none"))


@of("multiclass_hinge", "CategoricalHinge", "reduction, name, dtype")
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(0, 1 + the largest (1 - t) p - Σ t p) over the last axis: the right class is there a 0 among its rivals."""
    target, prediction = same_dtype(y_true, y_pred)
    right = np.sum(target * prediction, axis=-1, dtype=np.float64)
    rival = np.max((1 - target) * prediction, axis=-1)
    return catalogue.get("hinge")(right - rival, 1.0, reduction="none").astype(prediction.dtype)[()]
