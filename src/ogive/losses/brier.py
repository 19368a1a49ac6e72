"""Squared errors of probabilities: the Brier score of two classes, and of several."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.loss import Loss
from ogive.losses.right_class import TARGET, from_logits, pulled
from ogive.losses.right_class import prediction as predicted
from ogive.term import Input, Term

_SHARE = Input("target", "the share of class 1; of the shape of the prediction, or one number", low=0.0, high=1.0, role="binary")


def _gap(logit: Any, target: Any, xp: Any) -> Any:
    """p - t, from the smaller of p and 1 - p."""
    return (1 - target) * sigmoid.definition(logit, xp) - target * sigmoid.definition(-logit, xp)


brier = Loss(
    name="brier",
    description="""The squared error of the probability of class 1 of two: as honest as cross-entropy, milder on a sure mistake.

    Over both classes, as Brier had it and as `multiclass_brier` has it, it is twice as much.

    Examples
    --------
    >>> ogive.brier([0.9, 0.2, 0.5], [1, 0, 1], given="probabilities").round(12)
    np.float64(0.1)
    """,
    terms={
        "probabilities": Term(
            name="brier_probabilities",
            signature="(),()->()",
            inputs=(predicted(0.0, 1.0), _SHARE),
            linear=False,
            formula="(prediction - target)**2",
            value=lambda prediction, target, xp: (prediction - target) ** 2,
            slopes={"prediction": lambda prediction, target, xp: 2 * (prediction - target)},
            hessian=lambda prediction, target, xp: xp.where(prediction + target == prediction + target, 2.0, prediction + target),
            link="identity",
        ),
        "logits": Term(
            name="brier_logits",
            signature="(),()->()",
            inputs=(predicted(), _SHARE),
            linear=False,
            formula="((1 - target) / (1 + exp(-prediction)) - target / (1 + exp(prediction)))**2",
            value=lambda prediction, target, xp: _gap(prediction, target, xp) ** 2,
            slopes={
                "prediction": lambda prediction, target, xp: 2 * _gap(prediction, target, xp) * sigmoid.slope_definition(prediction, xp)
            },
            link="sigmoid",
        ),
    },
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("brier score", "brier score loss", "brier loss"),
    references=("G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950, equation 2",),
)


def _gaps(logits: Any, target: Any, xp: Any) -> tuple[Any, Any]:
    """The chances, and p - t as p (1 - t) - t (1 - p)."""
    chance = from_logits(logits, xp)
    return chance, chance.p * (1 - target) - target * chance.wrong


def _logits_value(logits: Any, target: Any, xp: Any) -> Any:
    return xp.sum(_gaps(logits, target, xp)[1] ** 2, axis=-1)


def _logits_vjp(logits: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    chance, gaps = _gaps(logits, target, xp)
    return (cotangent[..., None] * pulled(chance, 2 * chance.p * gaps, xp),)


def _probabilities_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * (2 * (prediction - target)),)


multiclass_brier = Loss(
    name="multiclass_brier",
    description="""The squared errors of the probabilities of several classes, added up: from 0 to 2.

    Examples
    --------
    >>> ogive.multiclass_brier([0.5, 0.25, 0.25], 0, given="probabilities")
    np.float64(0.375)
    """,
    terms={
        "probabilities": Term(
            name="multiclass_brier_probabilities",
            signature="(c),(c)->()",
            inputs=(predicted(0.0, 1.0), TARGET),
            formula="sum((p - t)**2 for t, p in zip(target, prediction))",
            value=lambda prediction, target, xp: xp.sum((prediction - target) ** 2, axis=-1),
            vjp=_probabilities_vjp,
            hessian=lambda prediction, target, xp: xp.where(prediction == prediction, 2.0, prediction) + 0 * target,
            link="identity",
        ),
        "logits": Term(
            name="multiclass_brier_logits",
            signature="(c),(c)->()",
            inputs=(predicted(), TARGET),
            formula="sum((exp(z) / sum(exp(v) for v in prediction) - t)**2 for t, z in zip(target, prediction))",
            value=_logits_value,
            vjp=_logits_vjp,
            link="softmax",
        ),
    },
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("quadratic score",),
    references=("G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950, equation 2",),
)
