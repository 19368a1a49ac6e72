"""Normalised losses: the cost of the right class over the costs of all classes, alone and beside a passive loss.

Dividing a loss by the sum of what every class would cost makes the costs of the classes add up to 1, which evenly spread label noise
cannot move. Classes with a logit of -inf are left out of the sum; where one class alone is left, it costs 0.
"""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import loss
from ogive.losses.pairs import lowered
from ogive.losses.right_class import TARGET, Chance, focal_pull, from_logits, prediction, pulled
from ogive.losses.shares import product
from ogive.parameter import Parameter

_REFERENCE = "X. Ma et al., Normalized loss functions for deep learning with noisy labels, ICML 2020, {where}, arXiv:2006.13554"
_GAMMA = Parameter("gamma", "how strongly easy examples are turned away from; 0 is normalised cross-entropy", default=0.5, low=0.0)
_SHARE = (
    "sum(t * (1 - exp(z) / sum(exp(v) for v in prediction))**{gamma} * (log(sum(exp(v) for v in prediction)) - z)"
    " for t, z in zip(target, prediction) if t != 0)"
    " / sum((1 - exp(z) / sum(exp(v) for v in prediction))**{gamma} * (log(sum(exp(v) for v in prediction)) - z) for z in prediction)"
)
_WRONG = "sum(t * (1 - exp(z) / sum(exp(v) for v in prediction)) for t, z in zip(target, prediction))"
_INPUTS = (prediction(), TARGET)


def _of_all(costs: Any, xp: Any) -> Any:
    """The sum over the classes that can be; 1 where that is only one, which costs nothing."""
    total = xp.sum(xp.where(costs == math.inf, 0.0, costs), axis=-1, keepdims=True)
    return xp.where(total == 0, 1.0, total)


def _costs(chance: Chance, logits: Any, gamma: Any, xp: Any) -> tuple[Any, Any]:
    """What the classes cost, over a power of two where differences of the logits might be beyond the largest number; and one over it."""
    scores, down = lowered(logits, xp)
    far = xp.amax(scores, axis=-1, keepdims=True) - scores  # beside which the logarithm of the sum is nothing
    costs = xp.where(chance.cost == math.inf, far, down * chance.cost)
    return product(chance.wrong ** gamma[..., None], costs, xp), down


def _value(logits: Any, target: Any, gamma: Any, xp: Any) -> Any:
    chance = from_logits(logits, xp)
    costs, _ = _costs(chance, logits, gamma, xp)
    total = _of_all(costs, xp)
    return xp.sum(product(target, costs / total, xp), axis=-1)


def _slope(logits: Any, target: Any, gamma: Any, xp: Any) -> Any:
    """What the shares of the target pull, less the loss times what all classes pull, over the sum of the costs."""
    chance = from_logits(logits, xp)
    costs, down = _costs(chance, logits, gamma, xp)
    possible = costs < math.inf
    total = _of_all(costs, xp)
    share = xp.sum(product(target, costs / total, xp), axis=-1, keepdims=True)
    pull = focal_pull(chance, gamma[..., None], xp)
    return (pulled(chance, product(target, pull, xp), xp) - share * pulled(chance, xp.where(possible, pull, 0.0), xp)) / total * down


def _vjp(logits: Any, target: Any, gamma: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * _slope(logits, target, gamma, xp),)


def _plain_vjp(logits: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * _slope(logits, target, 0 * cotangent, xp),)


@loss(
    formula=_SHARE.format(gamma="0"),
    signature="(c),(c)->()",
    inputs=_INPUTS,
    vjp=_plain_vjp,
    link="softmax",
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("normalised cross entropy", "nce loss for noisy labels"),
    references=(_REFERENCE.format(where="equation 4"),),
)
def normalized_cross_entropy(prediction: Any, target: Any, xp: Any) -> Any:
    """Cross-entropy over the sum of the cross-entropies of all classes: from 0 to 1, and label noise moves no minimum of it.

    The prediction is logits.

    Examples
    --------
    >>> ogive.normalized_cross_entropy([2.0, 0.0, 0.0], 0).round(12)
    np.float64(0.050765698518)
    """
    return _value(prediction, target, 0 * target[..., 0], xp)


@loss(
    formula=_SHARE.format(gamma="gamma"),
    signature="(c),(c)->()",
    inputs=_INPUTS,
    vjp=_vjp,
    parameters=(_GAMMA,),
    link="softmax",
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("normalised focal", "normalized focal loss", "nfl"),
    references=(_REFERENCE.format(where="equation 5"),),
)
def normalized_focal(prediction: Any, target: Any, gamma: Any, xp: Any) -> Any:
    """The focal loss over the sum of the focal losses of all classes: from 0 to 1, and label noise moves no minimum of it.

    The prediction is logits.

    Examples
    --------
    >>> ogive.normalized_focal([2.0, 0.0, 0.0], 0, gamma=0.0).round(12)
    np.float64(0.050765698518)
    """
    return _value(prediction, target, gamma, xp)


def _active_passive_vjp(logits: Any, target: Any, alpha: Any, beta: Any, gamma: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    chance = from_logits(logits, xp)
    active, passive = _slope(logits, target, gamma, xp), pulled(chance, -2 * target * chance.p, xp)
    return (cotangent[..., None] * (alpha[..., None] * active + beta[..., None] * passive),)


@loss(
    formula=f"alpha * {_SHARE.format(gamma='gamma')} + beta * 2 * {_WRONG}",
    signature="(c),(c)->()",
    inputs=_INPUTS,
    vjp=_active_passive_vjp,
    parameters=(
        Parameter("alpha", "the weight of the active part; 0 or more", default=1.0, low=0.0),
        Parameter("beta", "the weight of the passive part; 0 or more", default=1.0, low=0.0),
        Parameter("gamma", "of the normalised focal loss; 0 is normalised cross-entropy", default=0.0, low=0.0),
    ),
    link="softmax",
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("active passive loss", "apl", "nce and mae", "nfl and mae"),
    references=(_REFERENCE.format(where="section 3.3"),),
)
def active_passive(prediction: Any, target: Any, alpha: Any, beta: Any, gamma: Any, xp: Any) -> Any:
    """A normalised loss, which raises the right class, and an absolute error, which lowers the others: robust, and it learns.

    The prediction is logits. The passive part is `multiclass_absolute_error`; the reverse cross-entropy of `symmetric_cross_entropy`
    is as many times it as half of -log_zero, 2 for the usual -4.

    Examples
    --------
    >>> ogive.active_passive([2.0, 0.0, 0.0], 0).round(12)
    np.float64(0.476793614195)
    """
    wrong = xp.sum(target * from_logits(prediction, xp).wrong, axis=-1)
    return alpha * _value(prediction, target, gamma, xp) + beta * 2 * wrong
