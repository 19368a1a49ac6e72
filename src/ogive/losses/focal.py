"""Focal losses of two classes: cross-entropy that turns away from the easy examples."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import Loss
from ogive.losses.classification import TARGET
from ogive.losses.classification import prediction as predicted
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.term import Term


def focal_cost(x: Any, gamma: Any, xp: Any) -> Any:
    """The cost of class 1 without its weight, s(-x)^γ · log(1 + e^-x)."""
    return sigmoid.definition(-x, xp) ** gamma * softplus.definition(-x, xp)


def focal_cost_slope(x: Any, gamma: Any, xp: Any) -> Any:
    missed = sigmoid.definition(-x, xp)
    return -(missed**gamma) * (gamma * product(sigmoid.definition(x, xp), softplus.definition(-x, xp), xp) + missed)


def _focal_from_logits(prediction: Any, target: Any, alpha: Any, gamma: Any, xp: Any) -> Any:
    positive, negative = focal_cost(prediction, gamma, xp), focal_cost(-prediction, gamma, xp)
    return product(alpha * target, positive, xp) + product((1 - alpha) * (1 - target), negative, xp)


def _focal_from_logits_slope(prediction: Any, target: Any, alpha: Any, gamma: Any, xp: Any) -> Any:
    positive, negative = focal_cost_slope(prediction, gamma, xp), -focal_cost_slope(-prediction, gamma, xp)
    return product(alpha * target, positive, xp) + product((1 - alpha) * (1 - target), negative, xp)


def _missed(cost: Any, wrong: Any, gamma: Any, xp: Any) -> Any:
    """(1 - p)^γ (-log p), from -log p and 1 - p."""
    return product(wrong**gamma, cost, xp)


def _missed_slope(p: Any, cost: Any, wrong: Any, gamma: Any, xp: Any) -> Any:
    """-(1 - p)^γ / p - γ (1 - p)^(γ - 1) (-log p), by p; where p is 1 only cross-entropy has a slope."""
    inside = xp.where(wrong == 0, 1.0, wrong)
    return -(wrong**gamma) / p - xp.where(wrong == 0, 0.0 * cost, gamma * inside ** (gamma - 1) * cost)


def _focal_from_probabilities(p: Any, target: Any, alpha: Any, gamma: Any, xp: Any) -> Any:
    positive, negative = _missed(-xp.log(p), 1 - p, gamma, xp), _missed(-xp.log1p(-p), p, gamma, xp)
    return product(alpha * target, positive, xp) + product((1 - alpha) * (1 - target), negative, xp)


def _focal_from_probabilities_slope(p: Any, target: Any, alpha: Any, gamma: Any, xp: Any) -> Any:
    positive = _missed_slope(p, -xp.log(p), 1 - p, gamma, xp)
    negative = -_missed_slope(1 - p, -xp.log1p(-p), p, gamma, xp)
    return product(alpha * target, positive, xp) + product((1 - alpha) * (1 - target), negative, xp)


_FOCAL = (
    Parameter("alpha", "the weight of class 1, from 0 to 1; that of class 0 is 1 - alpha", default=0.25, low=0.0, high=1.0),
    Parameter("gamma", "how strongly easy examples are turned away from; 0 to 1e6", default=2.0, low=0.0, high=1e6),
)

focal_loss = Loss(
    name="focal_loss",
    description="""Binary cross-entropy that turns away from the easy examples: each class costs (1 - p)^γ times as much, p its probability.

    With `gamma` = 0 it is binary cross-entropy with the class weights 1 - alpha and alpha. A confidently wrong prediction keeps its loss
    and its gradient.

    Examples
    --------
    >>> ogive.focal_loss([2.0, -100.0], [1, 1], given="logits", alpha=0.25, gamma=2.0, reduction="none")
    array([4.50890709e-04, 2.50000000e+01])
    """,
    terms={
        "logits": Term(
            name="focal_logits",
            signature="(),(),(),()->()",
            inputs=(predicted(), TARGET),
            parameters=_FOCAL,
            formula="alpha * target * (1 / (1 + exp(prediction)))**gamma * (max(0, -prediction) + log1p(exp(-abs(prediction))))"
            " + (1 - alpha) * (1 - target) * (1 / (1 + exp(-prediction)))**gamma * (max(prediction, 0) + log1p(exp(-abs(prediction))))",
            value=_focal_from_logits,
            slopes={"prediction": _focal_from_logits_slope},
            link="sigmoid",
        ),
        "probabilities": Term(
            name="focal_probabilities",
            signature="(),(),(),()->()",
            inputs=(predicted(0.0, 1.0), TARGET),
            parameters=_FOCAL,
            formula="-(alpha * target * (1 - prediction)**gamma * log(prediction) if target > 0 else 0)"
            " - ((1 - alpha) * (1 - target) * prediction**gamma * log1p(-prediction) if target < 1 else 0)",
            value=_focal_from_probabilities,
            slopes={"prediction": _focal_from_probabilities_slope},
            link="identity",
        ),
    },
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("focal", "sigmoid focal loss", "binary focal crossentropy"),
    references=("T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017, equations 4 and 5, arXiv:1708.02002",),
)
