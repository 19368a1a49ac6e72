"""Measures of how the labels of an example are ranked: steps, whose slope is 0."""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import loss
from ogive.term import Input

inf = math.inf

_SCORES = Input("prediction", "scores of the labels, along `axis`", differentiated=True)
_RELEVANT = Input("target", "1 for what is relevant and 0 for the rest, or shares between", low=0.0, high=1.0, role="binary")
_TSOUMAKAS = "G. Tsoumakas, I. Katakis, I. Vlahavas, Mining multi-label data, in: Data Mining and Knowledge Discovery Handbook, 2010"


def _flat(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (xp.where(prediction == prediction, 0 * cotangent[..., None], prediction),)


def _unless_nan(value: Any, prediction: Any, xp: Any) -> Any:
    largest = xp.amax(prediction, axis=-1)
    return xp.where(largest == largest, value, largest)


def _label_ranking_reference(functions: Any, prediction: Any, target: Any) -> Any:
    pairs = [
        (t * (1 - other), 1 if v >= s else 0)
        for i, (s, t) in enumerate(zip(prediction, target, strict=True))
        for k, (v, other) in enumerate(zip(prediction, target, strict=True))
        if i != k
    ]
    return sum(weight * wrong for weight, wrong in pairs) / sum(weight for weight, _ in pairs)


@loss(
    reference=_label_ranking_reference,
    signature="(c),(c)->()",
    vjp=_flat,
    inputs=(_SCORES, _RELEVANT),
    convex=False,
    robust=True,
    aliases=("label ranking loss", "ranking loss"),
    references=(_TSOUMAKAS,),
)
def label_ranking(prediction: Any, target: Any, xp: Any) -> Any:
    """The share of the pairs of a relevant and an irrelevant label in which the irrelevant one scores as high or higher.

    A measure, not to be trained by: its slope is 0 (and is given as 0 where it jumps). Without such pairs it is 0.

    Examples
    --------
    >>> ogive.label_ranking([0.75, 0.5, 1.0], [1, 0, 0])
    np.float64(0.5)
    """
    itself = xp.eye(prediction.shape[-1], dtype=prediction.dtype) == 1
    weight = xp.where(itself, 0.0, target[..., :, None] * (1 - target[..., None, :]))
    wrong = xp.where(prediction[..., None, :] >= prediction[..., :, None], weight, 0.0)
    total = xp.sum(xp.sum(weight, axis=-1), axis=-1)
    share = xp.sum(xp.sum(wrong, axis=-1), axis=-1) / xp.where(total == 0, 1.0, total)
    return _unless_nan(share, prediction, xp)


@loss(
    formula="sum(1 if v >= min(s for s, t in zip(prediction, target) if t >= 0.5) else 0 for v in prediction)"
    " if sum(1 for t in target if t >= 0.5) > 0 else 0",
    signature="(c),(c)->()",
    vjp=_flat,
    inputs=(_SCORES, _RELEVANT),
    convex=False,
    robust=True,
    aliases=("coverage",),
    references=(_TSOUMAKAS,),
)
def coverage_error(prediction: Any, target: Any, xp: Any) -> Any:
    """How far down the ranking of the labels one has to go to meet all relevant ones (targets of 1/2 and more), ties included.

    A measure, not to be trained by: its slope is 0 (and is given as 0 where it jumps). Without a relevant label it is 0.

    Examples
    --------
    >>> ogive.coverage_error([0.75, 0.5, 1.0], [1, 0, 0])
    np.float64(2.0)
    """
    last = xp.amin(xp.where(target >= 0.5, prediction, inf), axis=-1, keepdims=True)
    covered = xp.where((prediction >= last) & (last < inf), xp.ones_like(prediction), 0.0)
    return _unless_nan(xp.sum(covered, axis=-1), prediction + xp.where(target == target, 0.0, target), xp)
