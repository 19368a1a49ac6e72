"""Losses of counts: from the predicted mean, or from its logarithm, which any real number may be.

Each is minus the log-likelihood of its distribution, without what depends on the target alone.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ogive.loss import Loss
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.special import log_factorial_of_fraction, stirling
from ogive.term import Definition, Input, Term

_LOG_MEAN = Input("prediction", "logarithms of the predicted means, of any shape", differentiated=True)
_MEAN = Input("prediction", "the predicted means, positive, of any shape", differentiated=True, low=math.ulp(0.0))
MCCULLAGH = "P. McCullagh, J. A. Nelder, Generalized linear models, 2nd ed., Chapman & Hall 1989"


def counted(about: str, low: float) -> Input:
    """The target, from a lowest number on."""
    return Input("target", f"{about}, of the same shape, or one number", low=low)


COUNT = counted("0 or more; counts, or what they are on average", 0.0)


class Form(NamedTuple):
    """What a loss is from means, or from their logarithms."""

    formula: str
    value: Definition
    slope: Definition
    hessian: Definition


def of_means(
    name: str,
    target: Input,
    by_log: Form,
    by_mean: Form,
    parameters: tuple[Parameter, ...] = (),
    given: tuple[str, str] = ("log_means", "means"),
) -> dict[str, Term]:
    """The terms of a loss from the logarithms of predicted means, and from these."""
    forms = zip(given, (by_log, by_mean), ((_LOG_MEAN, "exponential"), (_MEAN, "identity")), strict=True)
    return {
        each: Term(
            name=f"{name}_{each}",
            signature=f"(),(){',()' * len(parameters)}->()",
            inputs=(prediction, target),
            parameters=parameters,
            formula=form.formula,
            value=form.value,
            slopes={"prediction": form.slope},
            hessian=form.hessian,
            link=link,
        )
        for each, form, (prediction, link) in forms
    }


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


def _rate(prediction: Any, target: Any, xp: Any) -> Any:
    return xp.exp(prediction) + 0 * target


def _count_over_square(prediction: Any, target: Any, xp: Any) -> Any:
    return target / prediction / prediction


_RATES = ("log_rates", "rates")
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
    terms=of_means(
        "poisson",
        COUNT,
        Form("exp(prediction) - (target * prediction if target > 0 else 0)", _poisson_log_rates, _rate_less_count, _rate),
        Form("prediction - (target * log(prediction) if target > 0 else 0)", _poisson_rates, relative, _count_over_square),
        given=_RATES,
    ),
    **CLAIMS,
    aliases=(
        "poisson loss",
        "poisson nll loss",
        "poisson negative log likelihood",
        "half poisson loss",
        "poisson deviance",
        "count:poisson",
    ),
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
    apart = (y / 2 - rate / 2) / (y / 2 + rate / 2)
    near = abs(apart) < 0.3
    v = xp.where(near, apart, 0.0)
    tail = 0.0 * v
    for k in range(15, 0, -1):
        tail = (tail + 1 / (2 * k + 1)) * (v * v)
    close = xp.where(near, y - rate, 0.0) * v + y * (2 * v * tail)
    ratio = y / rate
    moderate = (ratio > 1e-9) & (ratio < 1e9)  # where the logarithms of both cancel
    logarithm = xp.where(moderate, xp.log(xp.where(moderate, ratio, 1.0)), xp.log(y) - log_rate)
    deviance = xp.where(near, close, xp.where(rate < math.inf, rate + y * (logarithm - 1), rate))
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
    terms=of_means(
        "poisson_nll_full",
        COUNT,
        Form(
            "exp(prediction) - (target * prediction if target > 0 else 0) + lgamma(max(target, 0) + 1)",
            _whole_log_rates,
            _rate_less_count,
            _rate,
        ),
        Form(
            "prediction - (target * log(prediction) if target > 0 else 0) + lgamma(max(target, 0) + 1)",
            _whole_rates,
            relative,
            _count_over_square,
        ),
        given=_RATES,
    ),
    **CLAIMS,
    references=(f"{MCCULLAGH}, section 6.2",),
)
