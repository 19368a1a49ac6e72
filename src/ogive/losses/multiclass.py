"""Losses by the scores of several classes: hinges of their margins, the perceptron, the error rate.

A soft target costs the mean of what each class would cost, were it the right one.
"""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import first_largest
from ogive.loss import loss
from ogive.losses.pairs import TARGETS, beyond, lowered, margins_of_pairs, pull_of_pairs
from ogive.losses.right_class import TARGET
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.term import Input

PREDICTION = Input("prediction", "scores of the classes", differentiated=True)
_MARGIN = Parameter("margin", "by how much the right class is to lie above the others; 0 or more", default=1.0, low=0.0)
_POWER = Parameter("p", "the power that what is missing is raised to, 1 or 2 or between", default=1.0, low=1.0, high=2.0)
_RIVALS = "max(v for k, v in zip(range(len(prediction)), prediction) if k != j)"


def _rivals(scores: Any, xp: Any) -> tuple[Any, Any, Any]:
    """For each class the largest score of the others; which class is the largest, and which is so beside it."""
    largest, top = first_largest(scores, xp)
    second, next_top = first_largest(xp.where(top, -math.inf, scores), xp)
    return xp.where(top, second, largest), top, next_top & ~top


def _hinge_vjp(prediction: Any, target: Any, margin: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    """A class that lacks something pulls itself up by its share, and its largest rival down."""
    scores, down = lowered(prediction, xp)
    rival, top, second = _rivals(scores, xp)
    missing = beyond(margin[..., None] * down, rival, scores, xp)
    active = product(target, xp.where(missing > 0, 1.0, xp.where(missing == missing, 0.0, missing)), xp)
    of_top = xp.sum(xp.where(top, active, 0.0), axis=-1, keepdims=True)
    of_others = xp.sum(xp.where(top, 0.0, active), axis=-1, keepdims=True)
    return (cotangent[..., None] * (xp.where(top, of_others, xp.where(second, of_top, 0.0)) - active),)


@loss(
    formula=f"sum(t * max(0, margin + {_RIVALS} - z) for j, t, z in zip(range(len(prediction)), target, prediction) if t != 0)",
    signature="(c),(c)->()",
    inputs=(PREDICTION, TARGET),
    vjp=_hinge_vjp,
    parameters=(_MARGIN,),
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("categorical hinge", "multiclass hinge loss", "crammer singer loss"),
    references=(
        "K. Crammer, Y. Singer, On the algorithmic implementation of multiclass kernel-based vector machines, JMLR 2, 2001, eq. 3",
    ),
)
def multiclass_hinge(prediction: Any, target: Any, margin: Any, xp: Any) -> Any:
    """What is missing for the right class to lie above the best of the others by a margin.

    Keras's categorical hinge takes the score of the right class itself for a 0 among the others, which costs where all are negative.

    Examples
    --------
    >>> ogive.multiclass_hinge([2.0, 1.5, 0.0], 0)
    np.float64(0.5)
    """
    scores, down = lowered(prediction, xp)
    rival, _, _ = _rivals(scores, xp)
    missing = beyond(margin[..., None] * down, rival, scores, xp)
    return xp.sum(product(target, xp.where(missing <= 0, 0.0, missing), xp), axis=-1) / down[..., 0]


def _perceptron_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    largest, top = first_largest(prediction, xp)
    of_others = xp.sum(xp.where(top, 0.0, target), axis=-1, keepdims=True)
    return (cotangent[..., None] * xp.where(largest == largest, xp.where(top, of_others, -target), largest),)


@loss(
    formula="sum(t * (max(prediction) - z) for t, z in zip(target, prediction) if t != 0)",
    signature="(c),(c)->()",
    inputs=(PREDICTION, TARGET),
    vjp=_perceptron_vjp,
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("multiclass perceptron loss",),
    references=("M. Collins, Discriminative training methods for hidden Markov models, EMNLP 2002, section 2",),
)
def multiclass_perceptron(prediction: Any, target: Any, xp: Any) -> Any:
    """How far the right class lies below the best; where classes tie, the first counts as the best.

    Examples
    --------
    >>> ogive.multiclass_perceptron([2.0, 1.5, 0.0], 1)
    np.float64(0.5)
    """
    scores, down = lowered(prediction, xp)
    largest = xp.amax(scores, axis=-1, keepdims=True)
    return xp.sum(product(target, xp.where(scores == largest, 0.0, largest - scores), xp), axis=-1) / down[..., 0]


@loss(
    formula="sum(target) - target[min(j for j in range(len(prediction)) if prediction[j] >= max(prediction))]",
    signature="(c),(c)->()",
    inputs=(PREDICTION, TARGET),
    vjp=lambda prediction, target, cotangent, xp: (0.0 * cotangent[..., None] * xp.where(prediction == prediction, 0.0, prediction),),
    convex=False,
    robust=True,
    symmetric=True,
    elicits="mode",
    aliases=("classification error", "top 1 error"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 1.5.1",),
)
def multiclass_zero_one(prediction: Any, target: Any, xp: Any) -> Any:
    """1 where another class than the right one has the largest score; its mean is the error rate, and its slope 0 everywhere.

    Where classes tie, the first counts as the largest.

    Examples
    --------
    >>> ogive.multiclass_zero_one([[2.0, 1.5, 0.0], [0.0, 1.0, 0.0]], [0, 0], reduction="none")
    array([0., 1.])
    """
    largest, top = first_largest(prediction, xp)
    missed = xp.sum(xp.where(top, 0.0, target), axis=-1)
    return xp.where(largest[..., 0] == largest[..., 0], missed, largest[..., 0])


def _others(target: Any) -> Any:
    return 0 * target + 1


def _multi_margin_vjp(prediction: Any, target: Any, margin: Any, p: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * pull_of_pairs(prediction, target, _others(target), margin, p, xp),)


@loss(
    formula="sum(t * max(0, margin + v - z)**p for j, t, z in zip(range(len(prediction)), target, prediction) if t != 0"
    " for k, v in zip(range(len(prediction)), prediction) if k != j) / len(prediction)",
    signature="(c),(c)->()",
    inputs=(PREDICTION, TARGET),
    vjp=_multi_margin_vjp,
    parameters=(_MARGIN, _POWER),
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("multi margin loss", "weston watkins loss"),
    native={"torch": "nn.functional.multi_margin_loss"},
    references=("J. Weston, C. Watkins, Support vector machines for multi-class pattern recognition, ESANN 1999, section 3",),
)
def multi_margin(prediction: Any, target: Any, margin: Any, p: Any, xp: Any) -> Any:
    """What is missing for the right class to lie above each other class by a margin, over the number of all classes.

    Pairs of classes are compared some at a time, so many classes take long, not much memory.

    Examples
    --------
    >>> ogive.multi_margin([2.0, 1.5, 1.25], 0)
    np.float64(0.25)
    """
    return margins_of_pairs(prediction, target, _others(target), margin, p, xp)


def _multilabel_vjp(prediction: Any, target: Any, margin: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * pull_of_pairs(prediction, target, 1 - target, margin, _others(margin), xp),)


@loss(
    formula="sum(t * (1 - s) * max(0, margin + v - z) for j, t, z in zip(range(len(prediction)), target, prediction)"
    " for k, s, v in zip(range(len(prediction)), target, prediction) if k != j) / len(prediction)",
    signature="(c),(c)->()",
    inputs=(PREDICTION, TARGETS),
    vjp=_multilabel_vjp,
    linear=False,
    parameters=(_MARGIN,),
    convex=True,
    robust=True,
    aliases=("multilabel margin loss",),
    references=("K. Crammer, Y. Singer, A family of additive online algorithms for category ranking, JMLR 3, 2003, section 2",),
)
def multilabel_margin(prediction: Any, target: Any, margin: Any, xp: Any) -> Any:
    """What is missing for each label that holds to lie above each that does not by a margin, over the number of all labels.

    The target is 1 for every label that holds and 0 for the others; PyTorch wants their numbers in the first places, then -1.

    Examples
    --------
    >>> ogive.multilabel_margin([0.1, 0.2, 0.4, 0.8], [1, 0, 0, 1]).round(12)
    np.float64(0.85)
    """
    return margins_of_pairs(prediction, target, 1 - target, margin, _others(margin), xp)
