"""The objectives of LightGBM alone, each made with its options, then called with target and raw score."""

from __future__ import annotations

from ogive.peers.boosting.rules import Objective, logistic, objective, of, of_softmax, steeper


@of("huber", "lightgbm.huber")
def huber(alpha: float = 0.9) -> Objective:
    """Huber's loss, with 1 for its Hessian everywhere; `alpha` is the entry's delta."""
    return objective("huber", 1.0, delta=alpha)


@of("fair", "lightgbm.fair")
def fair(fair_c: float = 1.0) -> Objective:
    """Fair's loss; `fair_c` is the entry's scale."""
    return objective("fair", scale=fair_c)


@of("poisson", "lightgbm.poisson")
def poisson(poisson_max_delta_step: float = 0.7) -> Objective:
    """The Poisson loss of log-rates; its Hessian is e^`poisson_max_delta_step` times too large, which shortens the steps."""
    return objective("poisson", steeper(poisson_max_delta_step), given="log_rates")


@of("pinball", "lightgbm.quantile")
def quantile(alpha: float = 0.9) -> Objective:
    """The pinball loss, with 1 for its Hessian; an error of 0 counts as one above the target. LightGBM then gives each leaf the quantile
    of its errors.
    """
    return objective("pinball", 1.0, slope_at_0=1 - alpha, quantile=alpha)


@of("mean_absolute_percentage_error", "lightgbm.mape")
def mape() -> Objective:
    """The absolute error over the size of the target, or over 1 where that is less; not times 100. The Hessian is 1."""
    return objective("mean_absolute_percentage_error", 1.0, floor=1.0)


@of("binary_cross_entropy", "lightgbm.binary", "lightgbm.multiclassova")
def binary(sigmoid: float = 1.0, scale_pos_weight: float = 1.0) -> Objective:
    """Binary cross-entropy of `sigmoid` times the score, a target of 1 with a weight; for several classes, of each against the others,
    with zeros and ones of shape (rows, classes) as the target.
    """
    return logistic(scale_pos_weight, scale_score=sigmoid)


@of("binary_cross_entropy", "lightgbm.cross_entropy", "lightgbm.cross_entropy_lambda")
def cross_entropy() -> Objective:
    """Binary cross-entropy of logits, of any target from 0 to 1; cross_entropy_lambda differs from it where rows have weights."""
    return objective("binary_cross_entropy", given="logits")


@of("cross_entropy", "lightgbm.multiclass")
def multiclass() -> Objective:
    """Cross-entropy of logits of shape (rows, classes); for the Hessian p (1 - p) of each class times c / (c - 1), c their number."""
    return objective("cross_entropy", of_softmax(lambda count: count / (count - 1)), given="logits")
