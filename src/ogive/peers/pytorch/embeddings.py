"""PyTorch's losses of embeddings and scores that are compared in pairs and triplets. Targets are 1 and -1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.losses.vectors import distance
from ogive.peers.pytorch.rules import of, pointwise
from ogive.peers.values import check_shapes, floats, length


def _share(target: Any) -> Array:
    """1 for 1 and 0 for -1; the entries refuse what else it may be."""
    return (1 + np.asarray(target, np.float64)) / 2


@of("cosine_proximity")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine, of vectors of which none counts as shorter than `eps`; shapes are broadcast. The entry is its negative.

    PyTorch's is 0 for vectors whose squares overflow; no length is too large here.
    """
    first, second = np.broadcast_arrays(floats("x1", x1), floats("x2", x2))
    cosine = -catalogue.get("cosine_proximity")(first, second, axis=dim, reduction="none")
    short = np.minimum(1.0, length(first, dim) / eps) * np.minimum(1.0, length(second, dim) / eps)
    return np.asarray(cosine * short, first.dtype)[()]


@of("cosine_embedding", "CosineEmbeddingLoss", "margin, reduction")
def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = 0, *, reduction: str = "mean") -> Any:
    """1 - cos for a target of 1, max(0, cos - margin) for -1. PyTorch adds 1e-12 to squared lengths; nothing is added here."""
    return pointwise("cosine_embedding", input1, input2, _share(target), margin=margin, reduction=reduction)


@of("hinge_embedding", "HingeEmbeddingLoss", "margin, reduction")
def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean") -> Any:
    """The input for a target of 1, max(0, margin - input) for -1."""
    return pointwise("hinge_embedding", input, _share(target), margin=margin, reduction=reduction)


@of("margin_ranking", "MarginRankingLoss", "margin, reduction")
def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0, *, reduction: str = "mean") -> Any:
    """What the input that is to be higher, the first for a target of 1, lacks to exceed the other by the margin."""
    return pointwise("margin_ranking", input1, input2, _share(target), margin=margin, reduction=reduction)


Distance = Callable[[Any, Any], Any]


def _triplets(measure: Distance, anchor: Any, positive: Any, negative: Any, margin: float, swap: bool, reduction: str) -> Any:
    check_shapes(anchor=anchor, positive=positive, negative=negative)
    near, far = measure(anchor, positive), measure(anchor, negative)
    far = np.minimum(far, measure(positive, negative)) if swap else far
    return pointwise("margin_ranking", far, near, 1.0, margin=margin, reduction=reduction)


def _pairwise(p: float, eps: float) -> Distance:
    """The p-norm of the difference along the last axis, `eps` added to each number of it."""

    def measure(first: Any, second: Any) -> Any:
        one = floats("input", first)
        difference = one.astype(np.float64) - floats("input", second) + eps
        return distance(difference, np.zeros_like(difference), np, np.asarray(p))[0].astype(one.dtype)

    return measure


@of("triplet_margin", "TripletMarginLoss", "margin, p, eps, swap, reduction")
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Any:
    """What the negative lacks to lie farther than the positive by a margin; `eps` is added to every difference."""
    return _triplets(_pairwise(p, eps), anchor, positive, negative, margin, swap, reduction)


@of("triplet_margin", "TripletMarginWithDistanceLoss", "*, distance_function, margin, swap, reduction")
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Distance | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with any distance, a function of two arrays; Euclid's by default, 1e-6 added to every difference."""
    return _triplets(distance_function or _pairwise(2.0, 1e-6), anchor, positive, negative, margin, swap, reduction)
