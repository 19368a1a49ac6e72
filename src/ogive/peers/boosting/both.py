"""The objectives that XGBoost and LightGBM compute alike, each made with its options, then called with target and raw score."""

from __future__ import annotations

from ogive.peers.boosting.rules import Objective, objective, of


@of("half_mean_squared_error", "xgboost.reg:squarederror", "xgboost.reg:linear", "lightgbm.regression", "lightgbm.regression_l2")
def squared_error() -> Objective:
    """Half the squared error: the gradient is the error, the Hessian 1."""
    return objective("half_mean_squared_error")


@of("mean_absolute_error", "xgboost.reg:absoluteerror", "lightgbm.regression_l1")
def absolute_error() -> Objective:
    """The absolute error, with 1 for its Hessian; LightGBM then gives each leaf the median of its errors."""
    return objective("mean_absolute_error", 1.0)


@of("gamma_nll", "xgboost.reg:gamma", "lightgbm.gamma")
def gamma() -> Objective:
    """The gamma loss of the logarithms of means."""
    return objective("gamma_nll", given="log_means")


@of("tweedie", "xgboost.reg:tweedie", "lightgbm.tweedie")
def tweedie(tweedie_variance_power: float = 1.5) -> Objective:
    """The Tweedie loss of the logarithms of means."""
    return objective("tweedie", given="log_means", power=tweedie_variance_power)
