"""Distillation: a student's logits against those of a teacher, softened by a temperature."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import log_softmax, softmax
from ogive.loss import loss
from ogive.losses.right_class import from_logits, prediction
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.term import Input


def _logarithms(prediction: Any, teacher: Any, temperature: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The student's probabilities, the teacher's, and the logarithm of the teacher's over the student's.

    Where the two are near, that is w - log Σ p e^w for the differences w of their logits, which cancels less.
    """
    warmth = temperature[..., None]
    ours, theirs = softmax.definition(prediction / warmth, xp), softmax.definition(teacher / warmth, xp)
    far = log_softmax.definition(teacher / warmth, xp)
    far = xp.where(theirs == 0, -math.inf, far - log_softmax.definition(prediction / warmth, xp))
    difference = xp.where(teacher == prediction, 0.0, teacher - prediction) / warmth
    near = xp.amax(abs(difference), axis=-1, keepdims=True) < 0.5
    small = xp.where(near, difference, 0.0)
    return ours, theirs, xp.where(near, small - xp.log1p(xp.sum(ours * xp.expm1(small), axis=-1, keepdims=True)), far)


def _gap(prediction: Any, teacher: Any, temperature: Any, xp: Any) -> Any:
    """p - q, as p (1 - e^r) from the logarithm r of q / p where the two are near."""
    ours, theirs, logarithm = _logarithms(prediction, teacher, temperature, xp)
    near = abs(logarithm) < 0.5
    return xp.where(near, -ours * xp.expm1(xp.where(near, logarithm, 0.0)), ours - theirs)


def _vjp(prediction: Any, teacher: Any, temperature: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return ((cotangent * temperature)[..., None] * _gap(prediction, teacher, temperature, xp),)


def _hessian(prediction: Any, teacher: Any, temperature: Any, xp: Any) -> Any:
    chance = from_logits(prediction / temperature[..., None], xp)
    return chance.p * chance.wrong


_SOFT = "exp({v} / temperature) / sum(exp(w / temperature) for w in {all})"


@loss(
    formula="temperature**2 * sum("
    f"{_SOFT.format(v='v', all='teacher')} * ((v - z) / temperature"
    " - log(sum(exp(w / temperature) for w in teacher)) + log(sum(exp(w / temperature) for w in prediction)))"
    " for v, z in zip(teacher, prediction))",
    signature="(c),(c)->()",
    inputs=(prediction(), Input("teacher", "the teacher's logits, in the shape of the prediction")),
    vjp=_vjp,
    hessian=_hessian,
    parameters=(Parameter("temperature", "what both logits are divided by; from 1e-6 to 1e100", default=2.0, low=1e-6, high=1e100),),
    convex=True,
    robust=True,
    aliases=("knowledge distillation", "logits distillation", "distillation loss"),
    references=("G. Hinton, O. Vinyals, J. Dean, Distilling the knowledge in a neural network, 2015, section 2, arXiv:1503.02531",),
)
def distillation(prediction: Any, teacher: Any, temperature: Any, xp: Any) -> Any:
    """The divergence of a student's softened probabilities from a teacher's, times the squared temperature.

    That factor keeps the size of the gradient when the temperature changes. The prediction is the student's logits.

    Examples
    --------
    >>> ogive.distillation([2.0, 0.0, 0.0], [0.0, 2.0, 0.0], temperature=1.0).round(12)
    np.float64(1.360958126485)
    """
    ours, theirs, logarithm = _logarithms(prediction, teacher, temperature, xp)
    near = abs(logarithm) < 0.5
    small = xp.where(near, logarithm, 0.0)
    series = 0.0 * small
    for k in range(20, 1, -1):  # r e^r - (e^r - 1) = Σ r^k / (k (k - 2)!)
        series = 1 / k + small / (k - 1) * series
    far = product(theirs, logarithm, xp) - theirs + ours
    return temperature * temperature * xp.sum(xp.where(near, ours * small * small * series, far), axis=-1)
