"""Losses of positive numbers and of amounts that may be 0: gamma and Tweedie's, from the predicted mean or from its logarithm.

Each is minus the log-likelihood of its distribution, without what depends on the target alone.
"""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import Loss
from ogive.losses.counts import CLAIMS, MCCULLAGH, Form, counted, of_means, relative
from ogive.losses.shares import product
from ogive.parameter import Parameter

_POSITIVE = counted("positive numbers", math.ulp(0.0))
_NOT_NEGATIVE = counted("0 or more", 0.0)


def _gamma_quotient(prediction: Any, target: Any, xp: Any) -> Any:
    """y e^-x, by halves of the exponential: a large y meets them before they underflow."""
    half = xp.exp(-prediction / 2)
    return target * half * half


def _gamma_log_means(prediction: Any, target: Any, xp: Any) -> Any:
    quotient = _gamma_quotient(prediction, target, xp)
    return xp.where(abs(prediction) == math.inf, abs(prediction), prediction + quotient)


def _gamma_log_means_slope(prediction: Any, target: Any, xp: Any) -> Any:
    """1 - y e^-x, or (1 - y) - y (e^-x - 1) beside a mean of 1."""
    near = abs(prediction) < 0.5
    beside = (1 - target) - target * xp.expm1(-xp.where(near, prediction, 0.0))
    return xp.where(near, beside, 1 - _gamma_quotient(prediction, target, xp))


def _gamma_means(prediction: Any, target: Any, xp: Any) -> Any:
    return xp.log(prediction) + target / prediction


def _gamma_means_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return relative(prediction, target, xp) / prediction


def _gamma_means_hessian(prediction: Any, target: Any, xp: Any) -> Any:
    return (2 * (target / prediction) - 1) / prediction / prediction


gamma_nll = Loss(
    name="gamma_nll",
    description="""Minus the log-likelihood of gamma distributions, y / m + log(m): for positive numbers whose spread is as their mean m.

    Up to what depends on the target alone it is half the gamma deviance; errors count in proportion to the mean.

    Examples
    --------
    >>> ogive.gamma_nll([4.0], [2.0], given="means").round(9)
    np.float64(1.886294361)
    >>> ogive.gamma_nll.gradient([0.0], [2.0], given="log_means")
    array([-1.])
    """,
    terms=of_means(
        "gamma",
        _POSITIVE,
        Form("prediction + target * exp(-prediction)", _gamma_log_means, _gamma_log_means_slope, _gamma_quotient),
        Form("log(prediction) + target / prediction", _gamma_means, _gamma_means_slope, _gamma_means_hessian),
    ),
    **CLAIMS,
    aliases=("gamma loss", "half gamma loss", "gamma deviance", "gamma negative log likelihood", "reg:gamma"),
    references=(f"{MCCULLAGH}, section 8.3",),
)


def _less(grown: Any, shrunk: Any, beyond: Any, xp: Any) -> Any:
    """Their difference; where both are infinite, the mean is infinitely far from the target, and it is what lies beyond."""
    both = (abs(grown) == math.inf) & (abs(shrunk) == math.inf)
    return xp.where(both, beyond, xp.where(both, 0.0, grown) - shrunk)


class _Tweedie:
    """∫ m^(1-p) dm = m^(2-p) / (2-p) and ∫ m^-p dm = m^(1-p) / (1-p), which become logarithms at p = 2 and p = 1."""

    def __init__(self, power: Any, xp: Any) -> None:
        self.xp, self.first, self.second = xp, 2 - power, 1 - power

    def cost(self, to_the: Any, logarithm: Any, target: Any) -> Any:
        """From a function that raises the mean to a power, and the logarithm of the mean."""
        grown, shrunk = (
            self.xp.where(exponent == 0, logarithm, to_the(exponent) / self.xp.where(exponent == 0, 1.0, exponent))
            for exponent in (self.first, self.second)
        )
        return _less(grown, product(target, shrunk, self.xp), math.inf, self.xp)


def _power_of_mean(prediction: Any, xp: Any) -> Any:
    """From the logarithm: e^(exponent · prediction)."""
    return lambda exponent: xp.exp(exponent * prediction)


def _tweedie_log_means(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    return _Tweedie(power, xp).cost(_power_of_mean(prediction, xp), prediction, target)


def _tweedie_log_means_slope(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    to_the = _power_of_mean(prediction, xp)
    beyond = xp.where(prediction > 0, math.inf, -math.inf + 0 * power)
    return _less(to_the(2 - power), product(target, to_the(1 - power), xp), beyond, xp)


def _tweedie_log_means_hessian(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    to_the = _power_of_mean(prediction, xp)
    return (2 - power) * to_the(2 - power) - product((1 - power) * target, to_the(1 - power), xp)


def _tweedie_means(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    return _Tweedie(power, xp).cost(lambda exponent: prediction**exponent, xp.log(prediction), target)


def _tweedie_means_slope(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    return product(relative(prediction, target, xp), prediction ** (1 - power), xp)


def _tweedie_means_hessian(prediction: Any, target: Any, power: Any, xp: Any) -> Any:
    return ((1 - power) + power * (target / prediction)) * prediction**-power


_POWER = (
    Parameter("power", "the variance grows as the mean to this: 0 normal, 1 Poisson, 2 gamma, 3 inverse normal", default=1.5, low=0.0),
)
_TWEEDIE = " - (target * ({one}) if target > 0 else 0)"

tweedie = Loss(
    name="tweedie",
    description="""Half the Tweedie deviance, less what depends on the target alone: for claims, rain, sales, which are positive or 0.

    Between 1 and 2 the distribution is one of sums of a Poisson number of gamma terms. `power` = 0 is half the squared error, 1 `poisson`,
    2 `gamma_nll`. What is left out jumps at 1 and at 2, as in scikit-learn; the gradient does not. It is convex in log-means from 1 to 2.
    scikit-learn's HalfTweedieLossIdentity adds that part, y^(2-p) / ((1-p) (2-p)), and its HalfTweedieLoss does so at 0.

    Examples
    --------
    >>> ogive.tweedie([4.0], [2.0], given="means", power=1.5)
    np.float64(6.0)
    >>> ogive.tweedie.gradient([0.0, 0.0], [2.0, 0.0], given="log_means", power=1.5, reduction="sum")
    array([-1.,  1.])
    """,
    terms=of_means(
        "tweedie",
        _NOT_NEGATIVE,
        Form(
            "(prediction if power == 2 else exp((2 - power) * prediction) / (2 - power))"
            + _TWEEDIE.format(one="prediction if power == 1 else exp((1 - power) * prediction) / (1 - power)"),
            _tweedie_log_means,
            _tweedie_log_means_slope,
            _tweedie_log_means_hessian,
        ),
        Form(
            "(log(prediction) if power == 2 else prediction**(2 - power) / (2 - power))"
            + _TWEEDIE.format(one="log(prediction) if power == 1 else prediction**(1 - power) / (1 - power)"),
            _tweedie_means,
            _tweedie_means_slope,
            _tweedie_means_hessian,
        ),
        _POWER,
    ),
    **CLAIMS,
    aliases=("tweedie loss", "tweedie deviance", "half tweedie loss", "half tweedie loss identity", "reg:tweedie"),
    references=("B. Jørgensen, Exponential dispersion models, Journal of the Royal Statistical Society B 49, 1987, section 2",),
)
