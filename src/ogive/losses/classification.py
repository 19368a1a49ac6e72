"""The cross-entropy of two classes."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import Loss
from ogive.losses.shares import product, quotient
from ogive.term import Input, Term

TARGET = Input("target", "the share of class 1; of the shape of the prediction, or one number", low=0.0, high=1.0, role="binary")


def prediction(low: float = -math.inf, high: float = math.inf) -> Input:
    return Input("prediction", "array of real numbers, of any shape", differentiated=True, low=low, high=high)


def _from_logits(prediction: Any, target: Any, xp: Any) -> Any:
    right, wrong = softplus.definition(-prediction, xp), softplus.definition(prediction, xp)
    return product(target, right, xp) + product(1 - target, wrong, xp)


def _logits_slope(prediction: Any, target: Any, xp: Any) -> Any:
    """p - t; near p = 1/2 from what both differ from 1/2, which keeps its digits where p is near t."""
    far = (1 - target) * sigmoid.definition(prediction, xp) - target * sigmoid.definition(-prediction, xp)
    return xp.where(abs(prediction) < 1, xp.tanh(prediction / 2) / 2 + (0.5 - target), far)


def _from_probabilities(prediction: Any, target: Any, xp: Any) -> Any:
    return product(target, -xp.log(prediction), xp) + product(1 - target, -xp.log1p(-prediction), xp)


def _probabilities_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return quotient(1 - target, 1 - prediction, xp) - quotient(target, prediction, xp)


def _probabilities_hessian(prediction: Any, target: Any, xp: Any) -> Any:
    return quotient(1 - target, (1 - prediction) ** 2, xp) + quotient(target, prediction * prediction, xp)


def _log1mexp(x: Any, xp: Any) -> Any:
    """log(1 - e^x) for x <= 0 (Mächler 2012, Accurately computing log(1 - exp(-|a|)), R package Rmpfr)."""
    return xp.where(x > -math.log(2), xp.log(-xp.expm1(x)), xp.log1p(-xp.exp(x)))


def _from_log_probabilities(prediction: Any, target: Any, xp: Any) -> Any:
    return product(target, -prediction, xp) + product(1 - target, -_log1mexp(prediction, xp), xp)


def _log_probabilities_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return quotient((1 - target) * xp.exp(prediction), abs(xp.expm1(prediction)), xp) - target


def _log_probabilities_hessian(prediction: Any, target: Any, xp: Any) -> Any:
    return quotient((1 - target) * xp.exp(prediction), xp.expm1(prediction) ** 2, xp)


binary_cross_entropy = Loss(
    name="binary_cross_entropy",
    description="""Minus the log-likelihood of two classes; the target is 0, 1, or a probability between.

    From logits nothing is clipped: a confidently wrong prediction keeps its loss and its gradient, a confidently right one keeps
    its digits. From probabilities, p = 0 for a target of 1 costs infinity, as the formula says.

    Examples
    --------
    >>> p, y = [0.1, 0.9, 0.8, 0.2, 0.7], [0, 1, 1, 0, 1]
    >>> ogive.binary_cross_entropy(p, y, given="probabilities").round(12)
    np.float64(0.202736615577)
    >>> ogive.binary_cross_entropy.gradient([-100.0, 100.0], [1, 0], given="logits", reduction="none")
    array([-1.,  1.])
    """,
    terms={
        "logits": Term(
            name="binary_cross_entropy_logits",
            signature="(),()->()",
            inputs=(prediction(), TARGET),
            formula="target * (max(0, -prediction) + log1p(exp(-abs(prediction))))"
            " + (1 - target) * (max(prediction, 0) + log1p(exp(-abs(prediction))))",
            value=_from_logits,
            slopes={"prediction": _logits_slope},
            hessian=lambda prediction, target, xp: sigmoid.slope_definition(prediction, xp) + 0 * target,
            link="sigmoid",
        ),
        "probabilities": Term(
            name="binary_cross_entropy_probabilities",
            signature="(),()->()",
            inputs=(prediction(0.0, 1.0), TARGET),
            link="identity",
            formula="-(target * log(prediction) if target > 0 else 0) - ((1 - target) * log1p(-prediction) if target < 1 else 0)",
            value=_from_probabilities,
            slopes={"prediction": _probabilities_slope},
            hessian=_probabilities_hessian,
        ),
        "log_probabilities": Term(
            name="binary_cross_entropy_log_probabilities",
            signature="(),()->()",
            inputs=(prediction(-math.inf, 0.0), TARGET),
            link="exponential",
            formula="-(target * prediction if target > 0 else 0) - ((1 - target)"
            " * (log(-expm1(prediction)) if prediction > -1 else log1p(-exp(prediction))) if target < 1 else 0)",
            value=_from_log_probabilities,
            slopes={"prediction": _log_probabilities_slope},
            hessian=_log_probabilities_hessian,
        ),
    },
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    information=True,
    aliases=(
        "reg:logistic",
        "binary:logistic",
        "binary:logitraw",
        "binary crossentropy",
        "bce",
        "bce loss",
        "log loss",
        "logistic loss",
        "soft margin",
        "soft margin loss",
        "sigmoid cross entropy",
        "sigmoid binary cross entropy",
        "bce with logits loss",
        "binary cross entropy with logits",
        "half binomial loss",
    ),
    native={"torch": "nn.functional.binary_cross_entropy_with_logits"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 4.90",),
)
