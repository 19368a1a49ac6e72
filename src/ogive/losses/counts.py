"""Losses of counts: from the predicted mean, or from its logarithm, which any real number may be.

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

LOG_MEAN = Input("prediction", "logarithms of the predicted means, of any shape", differentiated=True)
MEAN = Input("prediction", "the predicted means, positive, of any shape", differentiated=True, low=math.ulp(0.0))
MCCULLAGH = "P. McCullagh, J. A. Nelder, Generalized linear models, 2nd ed., Chapman & Hall 1989"


def counted(about: str, low: float) -> Input:
    """The target, from a lowest number on."""
    return Input("target", f"{about}, of the same shape, or one number", low=low)


_COUNT = counted("0 or more; counts, or what they are on average", 0.0)


def _poisson_log_rates(prediction: Any, target: Any, xp: Any) -> Any:
    """e^x - y x; where e^x overflows, by halves: h (h - y (x / h)), h = e^(x/2)."""
    rate = xp.exp(prediction)
    overflows = rate == math.inf
    far = xp.where(overflows & (prediction < math.inf), prediction, 0.0)
    half = xp.exp(far / 2)
    by_halves = half * (half - target * (far / half))
    return xp.where(overflows, xp.where(prediction < math.inf, by_halves, prediction), rate - product(target, prediction, xp))


def _poisson_rates(prediction: Any, target: Any, xp: Any) -> Any:
    finite = xp.where(prediction < math.inf, prediction, 1.0)
    return prediction - product(target, xp.log(finite), xp)


def relative(prediction: Any, target: Any, xp: Any) -> Any:
    """(m - y) / m, which goes to 1 as m does to infinity."""
    return xp.where((prediction == math.inf) & (target < math.inf), 1.0, (prediction - target) / prediction)


def _rate_less_count(prediction: Any, target: Any, xp: Any) -> Any:
    """e^x - y; around a rate and a count of 1 without the 1 that both have."""
    near = abs(prediction) < 0.5
    return xp.where(near, xp.expm1(xp.where(near, prediction, 0.0)) + (1 - target), xp.exp(prediction) - target)


_BY_LOG: dict[str, Any] = {
    "inputs": (LOG_MEAN, _COUNT),
    "signature": "(),()->()",
    "slopes": {"prediction": _rate_less_count},
    "hessian": lambda prediction, target, xp: xp.exp(prediction) + 0 * target,
    "link": "exponential",
}
_BY_RATE: dict[str, Any] = {
    "inputs": (MEAN, _COUNT),
    "signature": "(),()->()",
    "slopes": {"prediction": relative},
    "hessian": lambda prediction, target, xp: target / prediction / prediction,
    "link": "identity",
}
CLAIMS: dict[str, Any] = {"convex": True, "robust": False, "elicits": "mean"}

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
    **CLAIMS,
    aliases=("poisson loss", "poisson nll loss", "poisson negative log likelihood", "half poisson loss", "poisson deviance"),
    native={"torch": "nn.functional.poisson_nll_loss"},
    references=(f"{MCCULLAGH}, section 6.2",),
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
    **CLAIMS,
    references=(f"{MCCULLAGH}, section 6.2",),
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
    return relative(prediction, target, xp) / (1 + dispersion * prediction)


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
            inputs=(LOG_MEAN, _COUNT),
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
            inputs=(MEAN, _COUNT),
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
