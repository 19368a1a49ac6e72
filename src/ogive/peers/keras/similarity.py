"""Keras's losses of directions and embeddings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.peers.keras.rules import of, pair
from ogive.peers.values import check_shapes, floats


@of("cosine_proximity", "CosineSimilarity", "axis, reduction, name, dtype")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine along an axis, 0 for a vector of zeros. Keras's is 0 where squares overflow; here none does."""
    target, prediction = pair(y_true, y_pred)
    return catalogue.get("cosine_proximity")(prediction, target, axis=axis, reduction="none")


def _positive(values: Array, *_: Any, **__: Any) -> Array:
    return values > 0


def _log_sum(scores: Array, chosen: Array) -> Any:
    return catalogue.get("logsumexp")(np.where(chosen, scores, -math.inf), axis=1)


@of("circle", "Circle", "gamma, margin, remove_diagonal, reduction, name, dtype", mask=_positive, gamma=80.0)
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """The circle loss of each example, compared with the references or else with the batch; embeddings are to have length 1 already.

    `remove_diagonal` keeps an example from being compared with itself. The class's mean is over what costs anything.
    """
    embeddings, labels = floats("y_pred", y_pred), np.asarray(y_true).reshape(-1)
    others = embeddings if ref_embeddings is None else floats("ref_embeddings", ref_embeddings)
    other_labels = labels if ref_labels is None else np.asarray(ref_labels).reshape(-1)
    gap = np.maximum(1 - embeddings.astype(np.float64) @ others.T.astype(np.float64), 0.0)
    check_shapes(y_true=labels, embeddings=embeddings[:, 0])
    check_shapes(ref_labels=other_labels, ref_embeddings=others[:, 0])
    same = labels[:, None] == other_labels
    itself = np.eye(*gap.shape, dtype=np.bool_) & remove_diagonal
    near = gamma * (margin + gap) * (gap - margin)
    far = gamma * np.maximum(1 + margin - gap, 0.0) * (1 - margin - gap)
    total = _log_sum(near, same & ~itself) + _log_sum(far, ~same)
    return catalogue.get("softplus")(total).astype(embeddings.dtype)
