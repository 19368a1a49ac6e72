"""Optax's losses of directions and embeddings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.peers.optax.rules import counted_in, of
from ogive.peers.values import check_shapes, floats, length, rows, terms


def _directions(predictions: Any, targets: Any, epsilon: Any, axis: Any, where: Any) -> tuple[Array, Array, Any]:
    """The rows, 0 where they do not count, and by how much `epsilon`, the least of a squared length, shortens the cosine."""
    first, second = (rows(floats(name, array), axis) for name, array in (("predictions", predictions), ("targets", targets)))
    check_shapes(predictions=predictions, targets=targets)
    counted = counted_in(where, first, axis)
    first, second = (np.where(counted, array, 0).astype(array.dtype) for array in (first, second))
    short = 1.0
    for array in (first, second) if epsilon else ():
        short = short * np.minimum(1.0, length(array) / np.sqrt(epsilon))
    return first, second, short


@of("cosine_proximity")
def cosine_similarity(predictions: Any, targets: Any, *, epsilon: Any = 0.0, axis: Any = -1, where: Any = None) -> Any:
    """The cosine along the axis, no squared length counting as less than `epsilon`. The entry is its negative.

    Optax gives NaN for a vector of zeros, ∞ for short ones and 0 for long ones; here the cosine with zeros is 0 and lengths do not matter.
    """
    first, second, short = _directions(predictions, targets, epsilon, axis, where)
    cosine = -catalogue.get("cosine_proximity")(first, second, reduction="none")
    return np.asarray(cosine * short, first.dtype)[()]


@of("cosine_distance")
def cosine_distance(predictions: Any, targets: Any, *, epsilon: Any = 0.0, axis: Any = -1, where: Any = None) -> Any:
    """1 - cos along the axis, no squared length counting as less than `epsilon`; 1 for a vector of zeros, where optax gives NaN."""
    first, second, short = _directions(predictions, targets, epsilon, axis, where)
    gap = catalogue.get("cosine_distance")(first, second, reduction="none")
    return np.asarray(gap * short + (1 - short), first.dtype)[()]


@of("triplet_margin")
def triplet_margin_loss(
    anchors: Any, positives: Any, negatives: Any, axis: int = -1, norm_degree: Any = 2, margin: Any = 1.0, eps: Any = 1e-6
) -> Any:
    """What the negative lacks to lie farther than the positive by a margin; `eps` is added to the sum of powers under the root.

    For odd degrees optax adds up signed powers; here distances are norms.
    """
    names = ("anchors", "positives", "negatives")
    anchor, positive, negative = (
        np.moveaxis(floats(name, x), axis, -1) for name, x in zip(names, (anchors, positives, negatives), strict=True)
    )
    check_shapes(anchors=anchor, positives=positive, negatives=negative)
    beside = np.full_like(anchor[..., :1], eps ** (1 / norm_degree))
    shifted = np.concatenate([anchor, beside], axis=-1)
    others = (np.concatenate([array, np.zeros_like(beside)], axis=-1) for array in (positive, negative))
    return catalogue.get("triplet_margin")(shifted, *others, p=norm_degree, margin=margin, reduction="none")


@of("nt_xent")
def ntxent(embeddings: Any, labels: Any, temperature: Any = 0.07) -> Any:
    """Of every ordered pair of one class the cross-entropy of finding it among the examples of other classes, from cosines; their mean.

    The entry pairs two views and lets all others be found. Without a pair of one class it is 0 here, NaN in optax.
    """
    vectors, numbers = floats("embeddings", embeddings), np.asarray(labels)
    check_shapes(labels=numbers, embeddings=vectors[:, 0])
    n, wide = len(vectors), vectors.astype(np.float64)
    first, second = np.repeat(wide, n, axis=0), np.tile(wide, (n, 1))
    cosines = cosine_similarity(first, second, epsilon=np.finfo(vectors.dtype).eps).reshape(n, n) / temperature
    same = numbers[:, None] == numbers
    i, j = np.nonzero(same & ~np.eye(n, dtype=np.bool_))
    if len(i) == 0:
        return vectors.dtype.type(0)
    scores = np.concatenate([cosines[i, j][:, None], np.where(same[i], -math.inf, cosines[i])], axis=1)
    found = np.zeros_like(scores)
    found[:, 0] = 1
    return vectors.dtype.type(np.mean(terms("cross_entropy", scores, found, given="logits")))
