"""Losses whose best prediction is a quantile of the target, or an expectile."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.constants import quantile as quantile_of
from ogive.loss import Loss
from ogive.losses.residuals import TARGET, error_or_half, lowering, residual_loss, unless_nan
from ogive.losses.shares import product
from ogive.losses.sweeps import of_quantiles
from ogive.parameter import Parameter
from ogive.term import Input, Term

_KOENKER = "R. Koenker, G. Bassett, Regression quantiles, Econometrica 46, 1978, equation 1.2"


def _pinball_slope(prediction: Any, target: Any, quantile: Any, xp: Any) -> Any:
    error = prediction - target
    return xp.where(error > 0, 1 - quantile, xp.where(error < 0, -quantile, error))


@residual_loss(
    formula="max(quantile * (target - prediction), (quantile - 1) * (target - prediction))",
    slope=_pinball_slope,
    hessian=lambda prediction, target, quantile, xp: unless_nan(prediction - target, 0.0, xp),
    kink_slope=0.0,
    parameters=(Parameter("quantile", "which quantile of the target the prediction is to be", default=0.5, low=0.0, high=1.0),),
    convex=True,
    robust=True,
    symmetric=False,
    elicits="quantile",
    aliases=("quantile loss", "check loss", "pinball loss", "reg:quantileerror"),
    references=(_KOENKER,),
)
def pinball(prediction: Any, target: Any, quantile: Any, xp: Any) -> Any:
    """The loss whose best constant prediction is a quantile: errors cost `quantile` a unit below the target, 1 - `quantile` above it.

    Its Hessian is 0, by which no boosting can divide: `arctan_pinball` has another.

    Examples
    --------
    >>> ogive.pinball([1.0, 1.0], [3.0, 0.0], quantile=0.9, reduction="none")
    array([1.8, 0.1])
    """
    error, whole = error_or_half(target, prediction, xp)
    return product(xp.where(error > 0, quantile, quantile - 1), error, xp) * whole


_QUANTILES = (0.1, 0.5, 0.9)


def _multi_quantile_vjp(prediction: Any, target: Any, quantiles: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    slopes = _pinball_slope(prediction, target[..., None], quantiles, xp)
    return (cotangent[..., None] * (slopes / prediction.shape[-1]),)


def _multi_quantile(prediction: Any, target: Any, quantiles: Any, xp: Any) -> Any:
    target = target[..., None]
    down = xp.amin(lowering(prediction, target, xp), axis=-1, keepdims=True)
    costs = pinball.term.value(down * prediction, down * target, quantiles, xp) / prediction.shape[-1]
    return xp.sum(costs, axis=-1) / down[..., 0]


multi_quantile = Loss(
    name="multi_quantile",
    description="""The mean of the pinball losses of several quantiles of one target: for a network that predicts an interval.

    The best constant of each column is its quantile of the target, by `pinball`.

    Examples
    --------
    >>> ogive.multi_quantile([[1.0, 2.0, 4.0]], [3.0], quantiles=[0.1, 0.5, 0.9], reduction="none").round(12)
    array([0.26666667])
    """,
    terms={
        "prediction": Term(
            name="multi_quantile",
            formula="sum(max(q * (target - p), (q - 1) * (target - p)) for p, q in zip(prediction, quantiles)) / len(quantiles)",
            signature="(q),(),(q)->()",
            inputs=(Input("prediction", "one number for each quantile, along `axis`", differentiated=True), TARGET),
            parameters=(
                Parameter("quantiles", "which quantiles of the target are predicted, in order", default=_QUANTILES, low=0.0, high=1.0),
            ),
            value=_multi_quantile,
            vjp=_multi_quantile_vjp,
            link="identity",
        )
    },
    sweep=of_quantiles(_QUANTILES),
    convex=True,
    robust=True,
    optimum=lambda target, weight, quantiles: np.array([quantile_of(target, weight, each) for each in quantiles]),
    aliases=("multi quantile loss", "composite quantile loss", "mean quantile loss"),
    references=(_KOENKER,),
)


_FRACTIONS = 22  # of the continued fraction of arctan: those of r = 1 need as many


class _Bent:
    """The error over the smoothing, or, where it is more than 1, its inverse, so that no square overflows; and of that ratio r
    arctan(r) = r / (1 + rest), by its continued fraction (NIST Handbook of Mathematical Functions, equation 4.25.4), so that what the
    angle lacks to r has all digits: far out it is all there is of the cost of a quantile of 0 or 1.
    """

    def __init__(self, prediction: Any, target: Any, smoothing: Any, xp: Any) -> None:
        self.error, self.whole = error_or_half(target, prediction, xp)
        size, smoothing = abs(self.error), smoothing / self.whole
        self.far = size > smoothing
        self.ratio = xp.where(self.far, smoothing / xp.where(self.far, size, 1.0), size / smoothing)
        self.square = self.ratio * self.ratio
        self.tail = 0 * self.ratio
        for k in range(_FRACTIONS, 1, -1):
            self.tail = k * k * self.square / (2 * k + 1 + self.tail)
        self.rest = self.square / (3 + self.tail)
        self.angle = self.ratio / (1 + self.rest) / math.pi


def _arctan_pinball_slope(prediction: Any, target: Any, quantile: Any, smoothing: Any, xp: Any) -> Any:
    bent = _Bent(prediction, target, smoothing, xp)
    above, rise = bent.error > 0, bent.ratio / (1 + bent.square) / math.pi
    steep = bent.angle + rise
    lack = rise * bent.square * ((2 + bent.tail) / (3 + bent.tail)) / (1 + bent.rest)  # angle - rise, which nearly cancel
    near = (0.5 - quantile) + xp.where(above, -steep, steep)
    return xp.where(bent.far, xp.where(above, lack - quantile, (1 - quantile) - lack), near)


def _arctan_pinball_hessian(prediction: Any, target: Any, quantile: Any, smoothing: Any, xp: Any) -> Any:
    bent = _Bent(prediction, target, smoothing, xp)
    return (xp.where(bent.far, bent.square, 1.0) / (1 + bent.square)) ** 2 * (2 / math.pi) / smoothing + 0 * quantile


@residual_loss(
    formula="(quantile - 1 / 2 + atan((target - prediction) / smoothing) / pi) * (target - prediction) + smoothing / pi",
    slope=_arctan_pinball_slope,
    hessian=_arctan_pinball_hessian,
    parameters=(
        Parameter("quantile", "which quantile of the target the prediction is to be", default=0.5, low=0.0, high=1.0),
        Parameter("smoothing", "how wide the kink is rounded off, in the unit of the target", default=0.1, low=math.ulp(0.0)),
    ),
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("arctan pinball loss", "smooth pinball"),
    references=("L. Sluijterman et al., Composite quantile regression with XGBoost using the novel arctan pinball loss, 2024",),
)
def arctan_pinball(prediction: Any, target: Any, quantile: Any, smoothing: Any, xp: Any) -> Any:
    """The pinball loss with its kink rounded off, so that its Hessian is never 0: for gradient boosting of quantiles.

    The authors advise targets of standard deviation 1 and a `smoothing` of 0.05 to 0.1.

    Examples
    --------
    >>> ogive.arctan_pinball([0.0, 0.0], [2.0, 0.0], quantile=0.9, smoothing=0.1, reduction="none").round(9)
    array([1.80002649, 0.03183099])
    """
    bent = _Bent(prediction, target, smoothing, xp)
    weight = xp.where(bent.error > 0, quantile, 1 - quantile)
    size = abs(bent.error)
    rest = smoothing / math.pi
    near = xp.where(bent.error > 0, quantile - 0.5, 0.5 - quantile) * size + (size * bent.angle + rest)
    far = product(weight, size, xp) + rest / bent.whole * (bent.rest / (1 + bent.rest))
    return xp.where(bent.far, far * bent.whole, near)


def _weight(error: Any, expectile: Any, xp: Any) -> Any:
    return xp.where(error > 0, 1 - expectile, expectile)


@residual_loss(
    formula="((1 - expectile) if prediction > target else expectile) * (prediction - target)**2",
    slope=lambda prediction, target, expectile, xp: 2 * (_weight(prediction - target, expectile, xp) * (prediction - target)),
    hessian=lambda prediction, target, expectile, xp: 2 * _weight(prediction - target, expectile, xp) + 0 * (prediction - target),
    parameters=(Parameter("expectile", "which expectile of the target the prediction is to be", default=0.5, low=0.0, high=1.0),),
    convex=True,
    robust=False,
    symmetric=False,
    elicits="expectile",
    aliases=("asymmetric squared error", "asymmetric least squares", "expectile loss"),
    references=("W. K. Newey, J. L. Powell, Asymmetric least squares estimation and testing, Econometrica 55, 1987, equation 2.1",),
)
def expectile(prediction: Any, target: Any, expectile: Any, xp: Any) -> Any:
    """To the mean what the pinball loss is to the median: squared errors weigh `expectile` below the target, 1 - `expectile` above it.

    With 0.5 it is half the squared error.

    Examples
    --------
    >>> ogive.expectile([1.0, 1.0], [3.0, 0.0], expectile=0.9, reduction="none")
    array([3.6, 0.1])
    """
    error = prediction - target
    return _weight(error, expectile, xp) * error * error
