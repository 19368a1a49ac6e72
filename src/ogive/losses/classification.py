"""Losses of two-class predictions: binary cross-entropy from logits, probabilities, or log-probabilities."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.activations.smooth import softplus
from ogive.loss import Form, PointwiseLoss


def _weighted(weight: Any, term: Any, xp: Any) -> Any:
    """weight · term, with 0 · ∞ = 0: what has no weight does not count."""
    return xp.where(weight == 0, 0.0 * xp.where(term == term, 0.0, term), weight * term)


def _share(weight: Any, divisor: Any, xp: Any) -> Any:
    """weight / divisor, with 0 / 0 = 0."""
    return xp.where(weight == 0, 0.0 * xp.where(divisor == divisor, 0.0, divisor), weight / divisor)


def binary_cross_entropy_logits(prediction: Any, target: Any, xp: Any) -> Any:
    right, wrong = softplus.definition(-prediction, xp), softplus.definition(prediction, xp)
    return _weighted(target, right, xp) + _weighted(1 - target, wrong, xp)


def _logits_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return (1 - target) * sigmoid.definition(prediction, xp) - target * sigmoid.definition(-prediction, xp)


def binary_cross_entropy_probabilities(prediction: Any, target: Any, xp: Any) -> Any:
    return _weighted(target, -xp.log(prediction), xp) + _weighted(1 - target, -xp.log1p(-prediction), xp)


def _probabilities_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return _share(1 - target, 1 - prediction, xp) - _share(target, prediction, xp)


def _log1mexp(x: Any, xp: Any) -> Any:
    """log(1 - e^x) for x <= 0 (Mächler 2012, Accurately computing log(1 - exp(-|a|)), R package Rmpfr)."""
    return xp.where(x > -math.log(2), xp.log(-xp.expm1(x)), xp.log1p(-xp.exp(x)))


def binary_cross_entropy_log_probabilities(prediction: Any, target: Any, xp: Any) -> Any:
    return _weighted(target, -prediction, xp) + _weighted(1 - target, -_log1mexp(prediction, xp), xp)


def _log_probabilities_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return _share((1 - target) * xp.exp(prediction), -xp.expm1(prediction), xp) - target


binary_cross_entropy = PointwiseLoss(
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
    forms={
        "logits": Form(
            "target * (max(0, -prediction) + log1p(exp(-abs(prediction))))"
            " + (1 - target) * (max(prediction, 0) + log1p(exp(-abs(prediction))))",
            binary_cross_entropy_logits,
            _logits_slope,
        ),
        "probabilities": Form(
            "-(target * log(prediction) if target > 0 else 0) - ((1 - target) * log1p(-prediction) if target < 1 else 0)",
            binary_cross_entropy_probabilities,
            _probabilities_slope,
            bounds=(0.0, 1.0),
        ),
        "log_probabilities": Form(
            "-(target * prediction if target > 0 else 0) - ((1 - target)"
            " * (log(-expm1(prediction)) if prediction > -1 else log1p(-exp(prediction))) if target < 1 else 0)",
            binary_cross_entropy_log_probabilities,
            _log_probabilities_slope,
            bounds=(-math.inf, 0.0),
        ),
    },
    target_bounds=(0.0, 1.0),
    aliases=("binary crossentropy", "bce", "log loss", "logistic loss", "sigmoid cross entropy"),
    native={"torch": "nn.functional.binary_cross_entropy_with_logits"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 4.90",),
)
