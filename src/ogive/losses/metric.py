"""Losses of metric learning over pairs and triplets: which examples lie near each other."""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import loss
from ogive.losses.shares import product
from ogive.losses.sweeps import COSINE, DISTANCE, TRIPLET
from ogive.losses.vectors import distance, unit
from ogive.parameter import Parameter
from ogive.term import Input

_ROOM = 2.0**64  # for the sum of as many numbers


def _gap(anchor: Any, positive: Any, negative: Any, margin: Any, p: Any, swap: Any, xp: Any) -> tuple[Any, Any, Any, Any, Any]:
    """What is missing to the margin, whether the negative's distance is that from the positive, and the gradients of the three distances.

    Where a distance might be beyond the largest number, and their difference is not, all are made smaller by a power of two.
    """
    largest = xp.amax(abs(anchor) + abs(positive) + abs(negative), axis=-1, keepdims=True)
    shrink = xp.where(largest * _ROOM == math.inf, 1 / _ROOM, xp.ones_like(largest))
    anchor, positive, negative = shrink * anchor, shrink * positive, shrink * negative
    near, towards = distance(anchor, positive, xp, p)
    far, away = distance(anchor, negative, xp, p)
    across, beside = distance(positive, negative, xp, p)
    swapped = (swap > 0) & (across < far)
    return (near - xp.where(swapped, across, far)) / shrink[..., 0] + margin, swapped, towards, away, beside


def _triplet_vjp(
    anchor: Any, positive: Any, negative: Any, margin: Any, p: Any, swap: Any, cotangent: Any, xp: Any
) -> tuple[Any, Any, Any]:
    gap, swapped, towards, away, beside = _gap(anchor, positive, negative, margin, p, swap, xp)
    active = (cotangent * xp.where(gap > 0, 1.0, xp.where(gap == gap, 0.0, gap)))[..., None]
    swapped = swapped[..., None]
    from_positive = xp.where(swapped, beside, 0.0)
    return active * (towards - xp.where(swapped, 0.0, away)), -active * (towards + from_positive), active * xp.where(swapped, beside, away)


def _embedding(name: str, about: str) -> Input:
    return Input(name, f"embeddings of {about}, along `axis`", differentiated=True)


def _norm(a: str, b: str) -> str:
    return f"sum(abs(a - b)**p for a, b in zip({a}, {b}))**(1 / p)"


@loss(
    formula=f"max(0, {_norm('anchor', 'positive')} - (min({_norm('anchor', 'negative')}, {_norm('positive', 'negative')})"
    f" if swap > 0 else {_norm('anchor', 'negative')}) + margin)",
    signature="(d),(d),(d)->()",
    vjp=_triplet_vjp,
    inputs=(_embedding("anchor", "examples"), _embedding("positive", "others of their class"), _embedding("negative", "some of another")),
    parameters=(
        Parameter("margin", "how much farther than the positive the negative is to lie", default=1.0, low=0.0),
        Parameter("p", "the norm of the distance; 2 is Euclid's", default=2.0, low=1.0),
        Parameter("swap", "whether the negative's distance is that from the positive where that is smaller", default=0.0, switch=True),
    ),
    sweep=TRIPLET,
    convex=False,
    robust=True,
    aliases=("triplet", "triplet loss", "triplet margin loss", "triplet margin with distance", "triplet margin with distance loss"),
    native={"torch": "nn.functional.triplet_margin_loss"},
    references=("V. Balntas et al., Learning local feature descriptors with triplets and shallow CNNs, BMVC 2016, equation 2",),
)
def triplet_margin(anchor: Any, positive: Any, negative: Any, margin: Any, p: Any, swap: Any, xp: Any) -> Any:
    """What is missing for the negative to lie farther from the anchor than the positive by a margin.

    Distances are p-norms, to which nothing is added (PyTorch adds 1e-6 to each difference, optax to each sum). For any other distance give
    the two to `margin_ranking`: the negative's, the positive's, and 1. The gradient is a triple; where two embeddings agree their distance
    has the gradient 0.

    Examples
    --------
    >>> ogive.triplet_margin([0.0, 0.0], [3.0, 4.0], [0.0, 5.5])
    np.float64(0.5)
    >>> ogive.triplet_margin([0.0, 0.0], [3.0, 4.0], [0.0, 5.5], p=1, swap=True)  # 7 from the anchor, 4.5 between the others
    np.float64(3.5)
    """
    gap, *_ = _gap(anchor, positive, negative, margin, p, swap, xp)
    return xp.where(gap <= 0, 0.0, gap)


_SAME = Input("target", "1 for a pair of one class, 0 for one of two; or the share of those of one", low=0.0, high=1.0, role="binary")
_PAIR = (_embedding("first", "examples"), _embedding("second", "what each is compared with"), _SAME)
_DISTANCE = "sqrt(sum((a - b)**2 for a, b in zip(first, second)))"


def _within(length: Any, margin: Any, xp: Any) -> Any:
    """By how much a distance falls short of the margin."""
    return xp.where(length >= margin, 0.0, margin - length)


def _contrastive_vjp(first: Any, second: Any, target: Any, margin: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    length, apart = distance(first, second, xp)
    push = ((1 - target) * _within(length, margin, xp))[..., None] * apart
    pull = cotangent[..., None] * (product(target[..., None], first - second, xp) - push)
    return pull, -pull


@loss(
    formula=f"target * {_DISTANCE}**2 / 2 + (1 - target) * max(0, margin - {_DISTANCE})**2 / 2",
    signature="(d),(d),()->()",
    vjp=_contrastive_vjp,
    inputs=_PAIR,
    parameters=(
        Parameter("margin", "the distance from which pairs of two classes cost nothing; 0 to 1e150", default=1.0, low=0.0, high=1e150),
    ),
    sweep=DISTANCE,
    convex=False,
    robust=False,
    aliases=("contrastive loss",),
    references=("R. Hadsell, S. Chopra, Y. LeCun, Dimensionality reduction by learning an invariant mapping, CVPR 2006, equation 4",),
)
def contrastive(first: Any, second: Any, target: Any, margin: Any, xp: Any) -> Any:
    """Half the squared distance of a pair of one class; of a pair of two, half the square of what its distance lacks to the margin.

    Here 1 means the same class (in the paper, 0). The gradient is a pair; where two embeddings agree their distance has the gradient 0.

    Examples
    --------
    >>> ogive.contrastive([[0.0, 0.0]] * 2, [[3.0, 4.0]] * 2, [1, 0], margin=7.0, reduction="none")
    array([12.5,  2. ])
    """
    length, _ = distance(first, second, xp)
    lacking = _within(length, margin, xp)
    return product(target, length * length / 2, xp) + product(1 - target, lacking * lacking / 2, xp)


def _cosine_parts(first: Any, second: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The cosine, what it lacks to 1, and the difference of the unit vectors, of which neither cancels where they nearly agree."""
    (a, _), (b, _) = unit(first, xp), unit(second, xp)
    cosine = xp.sum(a * b, axis=-1)
    apart = a - b
    none = (xp.amax(abs(a), axis=-1) == 0) | (xp.amax(abs(b), axis=-1) == 0)
    return cosine, xp.where(none | (cosine < 0), 1 - cosine, xp.sum(apart * apart, axis=-1) / 2), apart


def _cosine_embedding_vjp(first: Any, second: Any, target: Any, margin: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    cosine, _, apart = _cosine_parts(first, second, xp)
    pull = (xp.where(cosine > margin, 1 - target, 0.0) - target)[..., None]
    by_first, by_second = unit(first, xp)[1](-pull * apart), unit(second, xp)[1](pull * apart)  # of a·b = 1 - |a - b|² / 2
    return cotangent[..., None] * by_first, cotangent[..., None] * by_second


_COSINE = "(sum(a * b for a, b in zip(first, second)) / sqrt(sum(a * a for a in first) * sum(b * b for b in second)))"


@loss(
    formula=f"target * (1 - {_COSINE}) + (1 - target) * max(0, {_COSINE} - margin)",
    signature="(d),(d),()->()",
    vjp=_cosine_embedding_vjp,
    inputs=_PAIR,
    parameters=(Parameter("margin", "the cosine up to which pairs of two classes cost nothing", default=0.0, low=-1.0, high=1.0),),
    sweep=COSINE,
    convex=False,
    robust=False,
    aliases=("cosine embedding loss",),
    native={"torch": "nn.functional.cosine_embedding_loss"},
    references=("A. Paszke et al., PyTorch, NeurIPS 2019 (CosineEmbeddingLoss in its documentation)",),
)
def cosine_embedding(first: Any, second: Any, target: Any, margin: Any, xp: Any) -> Any:
    """One minus the cosine of a pair of one class; of a pair of two, by how much the cosine exceeds the margin.

    The cosine with a vector of zeros is 0, and so is its gradient by that vector. The gradient is a pair.

    Examples
    --------
    >>> ogive.cosine_embedding([[3.0, 4.0]] * 2, [[4.0, 3.0]] * 2, [1, 0], margin=0.5, reduction="none").round(12)
    array([0.04, 0.46])
    """
    cosine, lacking, _ = _cosine_parts(first, second, xp)
    return target * lacking + (1 - target) * xp.where(cosine <= margin, 0.0, cosine - margin)


def _hinge_embedding_slope(prediction: Any, target: Any, margin: Any, xp: Any) -> Any:
    return xp.where(prediction == prediction, target - xp.where(prediction < margin, 1 - target, 0.0), prediction)


@loss(
    formula="target * prediction + (1 - target) * max(0, margin - prediction)",
    slope=_hinge_embedding_slope,
    inputs=(Input("prediction", "distances of pairs", differentiated=True), _SAME),
    parameters=(Parameter("margin", "the distance from which pairs of two classes cost nothing", default=1.0),),
    convex=True,
    robust=True,
    aliases=("hinge embedding loss",),
    native={"torch": "nn.functional.hinge_embedding_loss"},
    references=("A. Paszke et al., PyTorch, NeurIPS 2019 (HingeEmbeddingLoss in its documentation)",),
)
def hinge_embedding(prediction: Any, target: Any, margin: Any, xp: Any) -> Any:
    """The distance of a pair of one class; of a pair of two, what its distance lacks to the margin.

    Examples
    --------
    >>> ogive.hinge_embedding([0.25, 0.25], [1, 0], reduction="none")
    array([0.25, 0.75])
    """
    return product(target, prediction, xp) + product(1 - target, xp.where(prediction >= margin, 0.0, margin - prediction), xp)
