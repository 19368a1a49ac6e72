"""The loss of counts whose variance grows faster than their mean."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.smooth import softplus
from ogive.loss import Loss
from ogive.losses.counts import COUNT, Form, of_means, relative
from ogive.losses.shares import product
from ogive.parameter import Parameter


def _negative_binomial_log_means(prediction: Any, target: Any, dispersion: Any, xp: Any) -> Any:
    """(y + 1/α) log(1 + α m) - y log m, its second and third part joined: log(1 + α m) - log m = log(α + 1/m)."""
    shifted = prediction + xp.log(dispersion)
    small = shifted < 0  # where log(1 + α m) is better taken from m, for a sum with log α has lost digits
    grown = xp.log1p(dispersion * xp.exp(xp.where(small, prediction, -math.inf)))
    of_mean = xp.where(small, grown, softplus.definition(shifted, xp)) / (2 * dispersion)  # half, for both parts may be beyond any number
    of_count = xp.where(small, grown - prediction, softplus.definition(-shifted, xp) + xp.log(dispersion))
    return 2 * (of_mean + product(target / 2, of_count, xp))


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
    whole, gap = 1 + dispersion * prediction, relative(prediction, target, xp)
    return xp.where(gap == -math.inf, -(target / whole) / prediction, gap / whole)


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
    terms=of_means(
        "negative_binomial",
        COUNT,
        Form(
            "(target + 1 / dispersion) * log1p(dispersion * exp(prediction)) - target * prediction",
            _negative_binomial_log_means,
            _negative_binomial_log_means_slope,
            _negative_binomial_log_means_hessian,
        ),
        Form(
            "(target + 1 / dispersion) * log1p(dispersion * prediction) - target * log(prediction)",
            _negative_binomial_means,
            _negative_binomial_means_slope,
            _negative_binomial_means_hessian,
        ),
        _DISPERSION,
    ),
    convex=True,
    robust=True,
    elicits="mean",
    aliases=("negative binomial nll", "nb2 loss"),
    references=("J. M. Hilbe, Negative binomial regression, 2nd ed., Cambridge University Press 2011, equation 8.4",),
)
