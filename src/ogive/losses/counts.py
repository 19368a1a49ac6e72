"""Losses of counts and of positive numbers: from the predicted mean, or from its logarithm, which any real number may be.

Each is minus the log-likelihood of its distribution, without what depends on the target alone.
"""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.smooth import softplus
from ogive.loss import Loss
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.special import log_factorial_of_fraction, stirling
from ogive.term import Input, Term

_LOG_MEAN = Input("prediction", "logarithms of the predicted means, of any shape", differentiated=True)
_MEAN = Input("prediction", "the predicted means, positive, of any shape", differentiated=True, low=math.ulp(0.0))
_MCCULLAGH = "P. McCullagh, J. A. Nelder, Generalized linear models, 2nd ed., Chapman & Hall 1989"


def _target(about: str, low: float) -> Input:
    return Input("target", f"{about}, of the same shape, or one number", low=low)


_COUNT = _target("0 or more; counts, or what they are on average", 0.0)
_POSITIVE = _target("positive numbers", math.ulp(0.0))
_NOT_NEGATIVE = _target("0 or more", 0.0)


def _poisson_log_rates(prediction: Any, target: Any, xp: Any) -> Any:
    """e^x - y x; where e^x overflows, by halves: h (h - y (x / h)), h = e^(x/2)."""
    rate = xp.exp(prediction)
    overflows = rate == math.inf
    half = xp.exp(xp.where(overflows, prediction, 0.0) / 2)
    by_halves = half * (half - target * (xp.where(overflows, prediction, 0.0) / half))
    return xp.where(overflows, by_halves, rate - product(target, prediction, xp))


def _poisson_rates(prediction: Any, target: Any, xp: Any) -> Any:
    return prediction - product(target, xp.log(prediction), xp)


def _rate_less_count(prediction: Any, target: Any, xp: Any) -> Any:
    """e^x - y; around a rate and a count of 1 without the 1 that both have."""
    near = abs(prediction) < 0.5
    return xp.where(near, xp.expm1(xp.where(near, prediction, 0.0)) + (1 - target), xp.exp(prediction) - target)


_BY_LOG: dict[str, Any] = {
    "inputs": (_LOG_MEAN, _COUNT),
    "signature": "(),()->()",
    "slopes": {"prediction": _rate_less_count},
    "hessian": lambda prediction, target, xp: xp.exp(prediction) + 0 * target,
    "link": "exponential",
}
_BY_RATE: dict[str, Any] = {
    "inputs": (_MEAN, _COUNT),
    "signature": "(),()->()",
    "slopes": {"prediction": lambda prediction, target, xp: (prediction - target) / prediction},
    "hessian": lambda prediction, target, xp: target / prediction / prediction,
    "link": "identity",
}
_COUNTS: dict[str, Any] = {"convex": True, "robust": False, "elicits": "mean"}

poisson = Loss(
    name="poisson",
    description="""Minus the log-likelihood of counts, rate - y log(rate), from the predicted rate or its logarithm.

    What depends on the count alone is left out; `poisson_nll_full` has it. No rate is clipped: PyTorch adds 1e-8 to it, Keras 1e-7.
    PyTorch's function and scikit-learn's take log-rates by default, Keras's takes rates.

    Examples
    --------
    >>> ogive.poisson([4.0, 1e-10], [2, 2], given="rates", reduction="none").round(9)
    array([ 1.22741128, 46.05170186])
    >>> ogive.poisson.gradient([0.0, 1.0], [1, 0], given="log_rates", reduction="sum").round(9)
    array([0.        , 2.71828183])
    """,
    terms={
        "log_rates": Term(
            name="poisson_log_rates",
            formula="exp(prediction) - (target * prediction if target > 0 else 0)",
            value=_poisson_log_rates,
            **_BY_LOG,
        ),
        "rates": Term(
            name="poisson_rates",
            formula="prediction - (target * log(prediction) if target > 0 else 0)",
            value=_poisson_rates,
            **_BY_RATE,
        ),
    },
    **_COUNTS,
    aliases=("poisson loss", "poisson nll loss", "poisson negative log likelihood", "half poisson loss", "poisson deviance"),
    native={"torch": "nn.functional.poisson_nll_loss"},
    references=(f"{_MCCULLAGH}, section 6.2",),
)


def _whole_poisson(rate: Any, log_rate: Any, cost: Any, target: Any, xp: Any) -> Any:
    """What it is without log(y!), and that; from y = 1 on m + y (log(y / m) - 1) and the rest of Stirling's series.

    Where count and rate are near, these would cancel: there y log(y / m) + m - y, from (y - m) / (y + m) (C. Loader, Fast and accurate
    computation of binomial probabilities, 2000, section 2).
    """
    large = target > 1
    y = xp.where(large, target, 1.0)
    apart = (y - rate) / (y + rate)
    near = abs(apart) < 0.3
    v = xp.where(near, apart, 0.0)
    tail = 0.0 * v
    for k in range(15, 0, -1):
        tail = (tail + 1 / (2 * k + 1)) * (v * v)
    close = xp.where(near, y - rate, 0.0) * v + 2 * y * v * tail
    deviance = xp.where(near, close, xp.where(rate < math.inf, rate + y * (xp.log(y) - 1 - log_rate), rate))
    return xp.where(large, deviance + stirling(y, xp), cost + log_factorial_of_fraction(xp.where(large, 0.0, target)))


def _whole_log_rates(prediction: Any, target: Any, xp: Any) -> Any:
    return _whole_poisson(xp.exp(prediction), prediction, _poisson_log_rates(prediction, target, xp), target, xp)


def _whole_rates(prediction: Any, target: Any, xp: Any) -> Any:
    return _whole_poisson(prediction, xp.log(prediction), _poisson_rates(prediction, target, xp), target, xp)


poisson_nll_full = Loss(
    name="poisson_nll_full",
    description="""Minus the whole log-likelihood of counts, log(y!) included: comparable between models, and least where it should be.

    PyTorch's `full=True` puts Stirling's approximation in the place of log(y!), and nothing up to 1; here it is exact.

    Examples
    --------
    >>> ogive.poisson_nll_full([1.0, 4.0], [1.0, 3.0], given="rates", reduction="none").round(9)
    array([1.        , 1.63287639])
    """,
    terms={
        "log_rates": Term(
            name="poisson_nll_full_log_rates",
            formula="exp(prediction) - (target * prediction if target > 0 else 0) + lgamma(max(target, 0) + 1)",
            value=_whole_log_rates,
            **_BY_LOG,
        ),
        "rates": Term(
            name="poisson_nll_full_rates",
            formula="prediction - (target * log(prediction) if target > 0 else 0) + lgamma(max(target, 0) + 1)",
            value=_whole_rates,
            **_BY_RATE,
        ),
    },
    **_COUNTS,
    references=(f"{_MCCULLAGH}, section 6.2",),
)


def _gamma_quotient(prediction: Any, target: Any, xp: Any) -> Any:
    """y e^-x, by halves of the exponential: a large y meets them before they underflow."""
    half = xp.exp(-prediction / 2)
    return target * half * half


def _gamma_log_means_slope(prediction: Any, target: Any, xp: Any) -> Any:
    """1 - y e^-x, or (1 - y) - y (e^-x - 1) beside a mean of 1."""
    near = abs(prediction) < 0.5
    beside = (1 - target) - target * xp.expm1(-xp.where(near, prediction, 0.0))
    return xp.where(near, beside, 1 - _gamma_quotient(prediction, target, xp))


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
    terms={
        "log_means": Term(
            name="gamma_log_means",
            signature="(),()->()",
            inputs=(_LOG_MEAN, _POSITIVE),
            formula="prediction + target * exp(-prediction)",
            value=lambda prediction, target, xp: prediction + _gamma_quotient(prediction, target, xp),
            slopes={"prediction": _gamma_log_means_slope},
            hessian=_gamma_quotient,
            link="exponential",
        ),
        "means": Term(
            name="gamma_means",
            signature="(),()->()",
            inputs=(_MEAN, _POSITIVE),
            formula="log(prediction) + target / prediction",
            value=lambda prediction, target, xp: xp.log(prediction) + target / prediction,
            slopes={"prediction": lambda prediction, target, xp: (prediction - target) / prediction / prediction},
            hessian=lambda prediction, target, xp: (2 * (target / prediction) - 1) / prediction / prediction,
            link="identity",
        ),
    },
    **_COUNTS,
    aliases=("gamma loss", "half gamma loss", "gamma deviance", "gamma negative log likelihood"),
    references=(f"{_MCCULLAGH}, section 8.3",),
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
    return (prediction - target) / prediction * prediction ** (1 - power)


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
    terms={
        "log_means": Term(
            name="tweedie_log_means",
            signature="(),(),()->()",
            inputs=(_LOG_MEAN, _NOT_NEGATIVE),
            parameters=_POWER,
            formula="(prediction if power == 2 else exp((2 - power) * prediction) / (2 - power))"
            + _TWEEDIE.format(one="prediction if power == 1 else exp((1 - power) * prediction) / (1 - power)"),
            value=_tweedie_log_means,
            slopes={"prediction": _tweedie_log_means_slope},
            hessian=_tweedie_log_means_hessian,
            link="exponential",
        ),
        "means": Term(
            name="tweedie_means",
            signature="(),(),()->()",
            inputs=(_MEAN, _NOT_NEGATIVE),
            parameters=_POWER,
            formula="(log(prediction) if power == 2 else prediction**(2 - power) / (2 - power))"
            + _TWEEDIE.format(one="log(prediction) if power == 1 else prediction**(1 - power) / (1 - power)"),
            value=_tweedie_means,
            slopes={"prediction": _tweedie_means_slope},
            hessian=_tweedie_means_hessian,
            link="identity",
        ),
    },
    **_COUNTS,
    aliases=("tweedie loss", "tweedie deviance", "half tweedie loss", "half tweedie loss identity"),
    references=("B. Jørgensen, Exponential dispersion models, Journal of the Royal Statistical Society B 49, 1987, section 2",),
)


def _negative_binomial_log_means(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    """(y + 1/α) log(1 + α m) - y log m, its second and third part joined: log(1 + α m) - log m = log(α + 1/m)."""
    shifted = prediction + xp.log(dispersion)
    small = shifted < 0  # where log(1 + α m) is better taken from m, for a sum with log α has lost digits
    grown = xp.log1p(dispersion * xp.exp(xp.where(small, prediction, -math.inf)))
    of_mean = xp.where(small, grown, softplus.definition(shifted, xp)) / dispersion
    of_count = xp.where(small, grown - prediction, softplus.definition(-shifted, xp) + xp.log(dispersion))
    return of_mean + product(target, of_count, xp)


def _negative_binomial_log_means_slope(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    faint = xp.exp(-abs(prediction))
    near = xp.where(prediction < 0, faint, 1.0) - target * xp.where(prediction < 0, 1.0, faint)
    around = abs(prediction) < 0.5  # a mean of 1, and perhaps a count of 1: without the 1 that both have
    lack = xp.expm1(xp.where(around, -abs(prediction), 0.0))
    near = xp.where(around, (1 - target) + lack * xp.where(prediction < 0, 1.0, -target), near)
    return near / (xp.where(prediction < 0, 1.0, faint) + dispersion * xp.where(prediction < 0, faint, 1.0))


def _negative_binomial_log_means_hessian(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    faint = xp.exp(-abs(prediction))
    whole = xp.where(prediction < 0, 1.0, faint) + dispersion * xp.where(prediction < 0, faint, 1.0)
    return faint / whole / whole * (1 + dispersion * target)


def _negative_binomial_means(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    grown = xp.log1p(dispersion * prediction)
    far = xp.log(dispersion) + xp.log1p(1 / (dispersion * prediction))
    return grown / dispersion + product(target, xp.where(grown > 1, far, grown - xp.log(prediction)), xp)


def _negative_binomial_means_slope(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    return (prediction - target) / prediction / (1 + dispersion * prediction)


def _negative_binomial_means_hessian(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    """(y (1 + 2 α m) / m² - α) / (1 + α m)²."""
    whole = 1 + dispersion * prediction
    return (target / prediction * (2 - 1 / whole) / prediction - dispersion / whole) / whole


_DISPERSION = (
    Parameter("dispersion", "α of the variance m + α m²; its inverse is also known as the number of failures", default=1.0, low=1e-30),
)

negative_binomial = Loss(
    name="negative_binomial",
    description="""Minus the log-likelihood of counts that spread more than Poisson's: their variance is m + α m² for a mean of m.

    What depends on the count and on `dispersion` alone is left out. As `dispersion` goes to 0 it becomes `poisson`. No prediction
    makes its slope grow without bound; a large count does.

    Examples
    --------
    >>> ogive.negative_binomial([4.0], [2.0], given="means", dispersion=0.5).round(9)
    np.float64(1.621860432)
    >>> ogive.negative_binomial.gradient([0.0], [3.0], given="log_means", dispersion=1.0)
    array([-1.])
    """,
    terms={
        "log_means": Term(
            name="negative_binomial_log_means",
            signature="(),(),()->()",
            inputs=(_LOG_MEAN, _COUNT),
            parameters=_DISPERSION,
            formula="(target + 1 / dispersion) * log1p(dispersion * exp(prediction)) - target * prediction",
            value=_negative_binomial_log_means,
            slopes={"prediction": _negative_binomial_log_means_slope},
            hessian=_negative_binomial_log_means_hessian,
            link="exponential",
        ),
        "means": Term(
            name="negative_binomial_means",
            signature="(),(),()->()",
            inputs=(_MEAN, _COUNT),
            parameters=_DISPERSION,
            formula="(target + 1 / dispersion) * log1p(dispersion * prediction) - target * log(prediction)",
            value=_negative_binomial_means,
            slopes={"prediction": _negative_binomial_means_slope},
            hessian=_negative_binomial_means_hessian,
            link="identity",
        ),
    },
    convex=True,
    robust=True,
    elicits="mean",
    aliases=("negative binomial nll", "nb2 loss"),
    references=("J. M. Hilbe, Negative binomial regression, 2nd ed., Cambridge University Press 2011, equation 8.4",),
)
