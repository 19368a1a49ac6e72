"""The objectives of XGBoost alone, each made with its options, then called with target and raw score."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.peers.boosting.rules import Objective, at_least, logistic, objective, of, of_softmax, steeper

_LEAST = 1e-16  # of a Hessian of probabilities
_TINY = float(np.finfo(np.float32).tiny)


@of("mean_squared_logarithmic_error", "xgboost.reg:squaredlogerror")
def squared_log_error() -> Objective:
    """Half the squared error of logarithms, log(1 + score) - log(1 + target); the Hessian is at least 1e-6."""
    return at_least(1e-6, objective("mean_squared_logarithmic_error", factor=0.5))


@of("pinball", "xgboost.reg:quantileerror")
def quantile_error(quantile_alpha: float = 0.5) -> Objective:
    """The pinball loss of one quantile, with 1 for its Hessian; an error of 0 counts as one above the target."""
    return objective("pinball", 1.0, slope_at_0=1 - quantile_alpha, quantile=quantile_alpha)


@of("pseudo_huber", "xgboost.reg:pseudohubererror")
def pseudo_huber_error(huber_slope: float = 1.0) -> Objective:
    """The pseudo-Huber loss; `huber_slope` is the entry's delta."""
    return objective("pseudo_huber", delta=huber_slope)


@of("binary_cross_entropy", "xgboost.reg:logistic", "xgboost.binary:logistic", "xgboost.binary:logitraw")
def binary_logistic(scale_pos_weight: float = 1.0) -> Objective:
    """Binary cross-entropy of logits, a target of 1 with a weight; the Hessian is at least 1e-16. The names differ in what a model
    predicts: probabilities, or logits for the last.
    """
    return at_least(_LEAST, logistic(scale_pos_weight))


@of("hinge", "xgboost.binary:hinge")
def hinge() -> Objective:
    """The hinge loss of targets 0 and 1, not -1 and 1; its Hessian is 1 where it has a slope, and the least float32 elsewhere."""
    whole = objective("hinge", _TINY)

    def curved(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        gradient, least = whole(y_true, y_pred)
        return gradient, np.where(gradient != 0, 1.0, least).astype(gradient.dtype)

    return curved


@of("poisson", "xgboost.count:poisson")
def poisson(max_delta_step: float = 0.7) -> Objective:
    """The Poisson loss of log-rates; its Hessian is e^`max_delta_step` times too large, which shortens the steps."""
    return objective("poisson", steeper(max_delta_step), given="log_rates")


@of("cross_entropy", "xgboost.multi:softmax", "xgboost.multi:softprob")
def softmax() -> Objective:
    """Cross-entropy of logits of shape (rows, classes); for the Hessian 2 p (1 - p), at least 1e-16. The names differ in what a model
    predicts: class numbers, or probabilities.
    """
    return at_least(_LEAST, objective("cross_entropy", of_softmax(lambda _: 2.0), given="logits"))
