"""Losses of a segmentation into several classes."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import softmax
from ogive.loss import Loss
from ogive.losses.shares import complementary_softmax
from ogive.losses.sweeps import SHARED_PIXELS
from ogive.parameter import Parameter
from ogive.term import Input, Term


def _parts(p: Any, q: Any, target: Any, power: Any, xp: Any) -> tuple[Any, Any]:
    """Σ w Σ p (1 - t) + (1 - p) t over Σ w Σ p + t, and its slope by each p; the smallest class that is there weighs 1, and so does
    one that is not.
    """
    volume = xp.sum(target, axis=-2, keepdims=True)
    smallest = xp.amin(xp.where(volume > 0, volume, math.inf), axis=-1, keepdims=True)
    weight = xp.where(volume > 0, smallest / xp.where(volume > 0, volume, 1.0), 1.0) ** power[..., None, None]
    wrong = xp.sum(xp.sum(weight * (p * (1 - target) + q * target), axis=-2, keepdims=True), axis=-1, keepdims=True)
    right = 2 * xp.sum(xp.sum(weight * p * target, axis=-2, keepdims=True), axis=-1, keepdims=True)
    whole = xp.where(wrong + right == 0, 1.0, wrong + right)
    slope = weight * ((1 - target) * (right / whole) - target * (1 + wrong / whole)) / whole
    return (wrong / whole)[..., 0, 0], slope


def _vjp(p: Any, target: Any, power: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None, None] * _parts(p, 1 - p, target, power, xp)[1],)


def _logits_vjp(x: Any, target: Any, power: Any, cotangent: Any, xp: Any) -> tuple[Any, ...]:
    slope = cotangent[..., None, None] * _parts(*complementary_softmax(x, xp), target, power, xp)[1]
    return softmax.term.pull(x, cotangent=slope, xp=xp)


def _reference(functions: Any, prediction: Any, target: Any, power: Any) -> Any:
    volumes = [sum(column) for column in zip(*target, strict=True)]
    weights = [(min(v for v in volumes if v > 0) / volume) ** power if volume > 0 else 1 for volume in volumes]
    pixels = [(w, p, t) for row in zip(prediction, target, strict=True) for w, p, t in zip(weights, *row, strict=True)]
    return 1 - 2 * sum(w * p * t for w, p, t in pixels) / sum(w * (p + t) for w, p, t in pixels)


def _softmax_reference(functions: Any, rows: Any) -> Any:
    return [[functions.exp(v) / sum(map(functions.exp, row)) for v in row] for row in rows]


_POWER = (Parameter("power", "the power of a class's volume that divides its weight; 0 gives every class the same", default=2.0, low=0.0),)
_CLASS_TARGET = Input("target", "the true shares of the classes in the same shape, as one-hot rows", low=0.0, high=1.0, role="shares")

generalized_dice = Loss(
    name="generalized_dice",
    description="""The Dice loss of pixels × classes, each class weighing one over its squared volume, so that small ones count too.

    Shapes are (pixels, classes) or (batch, pixels, classes), and images have to be laid so. A class that is nowhere in the target weighs
    as much as the smallest one that is.
    optax's function of this name means something else: the Dice losses of the classes, weighted and added.

    Examples
    --------
    >>> shares = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    >>> ogive.generalized_dice(shares, np.eye(2)[[0, 0, 1, 0]], given="probabilities").round(12)
    np.float64(0.178571428571)
    """,
    terms={
        "probabilities": Term(
            name="generalized_dice_probabilities",
            signature="(pixels,c),(pixels,c),()->()",
            inputs=(Input("prediction", "probabilities of shape (…, pixels, c)", differentiated=True, low=0.0, high=1.0), _CLASS_TARGET),
            parameters=_POWER,
            reference=_reference,
            value=lambda p, target, power, xp: _parts(p, 1 - p, target, power, xp)[0],
            vjp=_vjp,
            link="identity",
        ),
        "logits": Term(
            name="generalized_dice_logits",
            signature="(pixels,c),(pixels,c),()->()",
            inputs=(Input("prediction", "logits of shape (…, pixels, c)", differentiated=True), _CLASS_TARGET),
            parameters=_POWER,
            reference=lambda functions, prediction, **others: _reference(functions, _softmax_reference(functions, prediction), **others),
            value=lambda x, target, power, xp: _parts(*complementary_softmax(x, xp), target, power, xp)[0],
            vjp=_logits_vjp,
            link="softmax",
        ),
    },
    sweep=SHARED_PIXELS,
    convex=False,
    robust=True,
    aliases=("generalised dice", "generalized dice loss", "generalised dice loss", "multiclass generalized dice loss", "gdl"),
    references=(
        "C. H. Sudre et al., Generalised Dice overlap as a deep learning loss function, DLMIA 2017, section 2.1, arXiv:1707.03237",
    ),
)
