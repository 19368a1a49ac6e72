"""Losses of examples that have any number of labels at once, from a logit for each label."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import loss
from ogive.losses.classification import binary_cross_entropy
from ogive.losses.focal import focal_cost, focal_cost_slope
from ogive.losses.pairs import TARGETS
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.term import Input

_INPUTS = (Input("prediction", "logits of the labels", differentiated=True), TARGETS)
_of_logits = binary_cross_entropy.forms["logits"]


def _soft_margin_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * _of_logits.slopes["prediction"](prediction, target, xp) / prediction.shape[-1],)


@loss(
    formula="sum(t * log(1 + exp(-z)) + (1 - t) * log(1 + exp(z)) for t, z in zip(target, prediction)) / len(prediction)",
    signature="(c),(c)->()",
    inputs=_INPUTS,
    elements=_of_logits,
    vjp=_soft_margin_vjp,
    hessian=lambda prediction, target, xp: sigmoid.slope_definition(prediction, xp) / prediction.shape[-1] + 0 * target,
    convex=True,
    robust=True,
    link="sigmoid",
    elicits="mean",
    aliases=("multilabel soft margin loss",),
    native={"torch": "nn.functional.multilabel_soft_margin_loss"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 4.3.2",),
)
def multilabel_soft_margin(prediction: Any, target: Any, xp: Any) -> Any:
    """The mean binary cross-entropy of an example's labels, from their logits: one term for each example.

    Examples
    --------
    >>> ogive.multilabel_soft_margin([2.0, -1.0, 0.0], [1, 0, 0]).round(12)
    np.float64(0.377778959707)
    """
    return xp.sum(_of_logits.value(prediction, target, xp) / prediction.shape[-1], axis=-1)


def _shifted(logits: Any, clip: Any, xp: Any) -> tuple[Any, Any, Any]:
    """p - clip where that is above 0, one minus that, and minus the logarithm of the latter."""
    p, wrong = sigmoid.definition(logits, xp), sigmoid.definition(-logits, xp)
    shifted = xp.where(p > clip, p - clip, 0.0 * p)
    rest = xp.where(p > clip, wrong + clip, 1.0)
    cost = xp.where(rest > 0.5, -xp.log1p(-shifted), -xp.log(xp.where(rest > 0.5, 1.0, rest)))
    return shifted, rest, xp.where(clip == 0, softplus.definition(logits, xp), cost)


def _asymmetric_vjp(logits: Any, target: Any, gamma_positive: Any, gamma_negative: Any, clip: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    gamma, wide = gamma_negative[..., None], clip[..., None]
    p, slope = sigmoid.definition(logits, xp), sigmoid.slope_definition(logits, xp)
    shifted, rest, cost = _shifted(logits, wide, xp)
    inside = xp.where(shifted > 0, shifted, 1.0)
    steep = slope * gamma * inside ** (gamma - 1) * cost + inside**gamma * p * (sigmoid.definition(-logits, xp) / rest)
    negative = xp.where(shifted > 0, steep, 0.0 * shifted)
    slopes = product(target, focal_cost_slope(logits, gamma_positive[..., None], xp), xp) + product(1 - target, negative, xp)
    return (cotangent[..., None] * slopes,)


_CHANCE = "1 / (1 + exp(-z))"


@loss(
    formula=f"sum(t * (1 / (1 + exp(z)))**gamma_positive * log(1 + exp(-z)) - ((1 - t) * ({_CHANCE} - clip)**gamma_negative"
    f" * log(1 - ({_CHANCE} - clip)) if {_CHANCE} > clip else 0) for t, z in zip(target, prediction))",
    signature="(c),(c)->()",
    inputs=_INPUTS,
    vjp=_asymmetric_vjp,
    parameters=(
        Parameter("gamma_positive", "how strongly easy labels that hold are turned away from; 0 or more", default=1.0, low=0.0),
        Parameter("gamma_negative", "the same of labels that do not hold; 0 or more", default=4.0, low=0.0),
        Parameter(
            "clip", "the probability up to which a label that does not hold costs nothing; from 0 to 1", default=0.05, low=0.0, high=1.0
        ),
    ),
    convex=False,
    robust=True,
    link="sigmoid",
    aliases=("asl", "asymmetric focal loss"),
    references=("T. Ridnik et al., Asymmetric loss for multi-label classification, ICCV 2021, equations 4 to 7, arXiv:2009.14119",),
)
def asymmetric_loss(prediction: Any, target: Any, gamma_positive: Any, gamma_negative: Any, clip: Any, xp: Any) -> Any:
    """A focal loss for many labels of which few hold: the easy ones among those that do not hold count little, or nothing.

    The prediction is logits, and a term the sum over the labels of an example.

    Examples
    --------
    >>> ogive.asymmetric_loss([2.0, -4.0, 0.0], [1, 0, 0]).round(12)
    np.float64(0.039645243315)
    """
    shifted, _, cost = _shifted(prediction, clip[..., None], xp)
    positive = focal_cost(prediction, gamma_positive[..., None], xp)
    negative = product(shifted ** gamma_negative[..., None], cost, xp)
    return xp.sum(product(target, positive, xp) + product(1 - target, negative, xp), axis=-1)
