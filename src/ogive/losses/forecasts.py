"""Scores of forecasts that say more than a number: a normal distribution, an interval, a distribution over ranked classes."""

from __future__ import annotations

import math
from typing import Any

from ogive.constants import quantile
from ogive.loss import Loss, loss
from ogive.losses.residuals import error_or_half, sign
from ogive.losses.right_class import TARGET
from ogive.losses.right_class import prediction as predicted
from ogive.parameter import Parameter
from ogive.special import gaussian, normal_tail_ratio
from ogive.term import Input, Term

_GNEITING = "T. Gneiting, A. E. Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102, 2007"
_DENSITY = 1 / math.sqrt(2 * math.pi)
_FAR = 100.0  # deviations, where a normal tail is below every number
_TERMS = 14  # of a series of z below 1
_TURN = math.sqrt(math.log(2))  # deviations, where a wider forecast begins to be the better one


def _deviations(mean: Any, scale: Any, target: Any, xp: Any) -> Any:
    error, whole = error_or_half(mean, target, xp)
    far = abs(error) / scale * whole
    return far, xp.where(far > _FAR, _FAR, far)


def _crps_slope(mean: Any, scale: Any, target: Any, xp: Any) -> Any:
    """The chance of being less than z deviations off, signed: 1 - 2Φ(-z), or near 0 2φ(z) (z + z³/3 + z⁵/(3·5) + …), whose terms have one
    sign (M. Abramowitz, I. A. Stegun, Handbook of mathematical functions, equation 26.2.11).
    """
    _, near = _deviations(mean, scale, target, xp)
    inner = xp.where(near < 1, near, 0.0)
    series = 0 * near + 1
    for n in range(_TERMS, 0, -1):
        series = 1 + inner * inner / (2 * n + 1) * series
    inside = 2 * gaussian(inner, _DENSITY * inner * series, xp)
    outside = 1 - 2 * gaussian(near, normal_tail_ratio(near), xp)
    return sign(mean - target, xp) * xp.where(near < 1, inside, outside)


def _crps_slope_of_scale(mean: Any, scale: Any, target: Any, xp: Any) -> Any:
    """2φ(z) - 1/√π, as 1/√π times e^(log(2)/2 - z²/2) - 1, which crosses zero."""
    _, near = _deviations(mean, scale, target, xp)
    return xp.expm1((_TURN - near) * (_TURN + near) / 2) / math.sqrt(math.pi)


def _crps_hessian(mean: Any, scale: Any, target: Any, xp: Any) -> Any:
    _, near = _deviations(mean, scale, target, xp)
    return 2 * gaussian(near, _DENSITY + 0 * near, xp) / scale


@loss(
    formula="scale * ((target - mean) / scale * erf((target - mean) / scale / sqrt(2))"
    " + sqrt(2 / pi) * exp(-((target - mean) / scale)**2 / 2) - 1 / sqrt(pi))",
    signature="(),(),()->()",
    slopes={"mean": _crps_slope, "scale": _crps_slope_of_scale},
    hessian=_crps_hessian,
    inputs=(
        Input("mean", "array of real numbers, of any shape: the predicted mean", differentiated=True),
        Input(
            "scale",
            "positive, of the same shape or one number: the predicted standard deviation",
            differentiated=True,
            low=math.ulp(0.0),
        ),
        Input("target", "array of the same shape, or one number"),
    ),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("crps", "crps gaussian", "crps normal", "continuous ranked probability score"),
    references=(
        "T. Gneiting et al., Calibrated probabilistic forecasting using ensemble model output statistics, MWR 133, 2005, equation 5",
        _GNEITING,
    ),
)
def gaussian_crps(mean: Any, scale: Any, target: Any, xp: Any) -> Any:
    """The continuous ranked probability score of a normal forecast: an absolute error that also rewards an honest spread.

    It is in the unit of the target, and the absolute error where `scale` goes to 0. Unlike `gaussian_nll` it is robust: an outlier pulls
    with a force of at most 1. The gradient is a pair, by the mean and by the standard deviation.

    Examples
    --------
    >>> ogive.gaussian_crps([0.0, 0.0], [1.0, 1e-9], [0.0, 3.0], reduction="none").round(6)
    array([0.233695, 3.      ])
    """
    far, near = _deviations(mean, scale, target, xp)
    tail = 2 * gaussian(near, _DENSITY - near * normal_tail_ratio(near), xp)  # 2 φ(z) - 2 |z| Φ(-|z|)
    error, whole = error_or_half(mean, target, xp)
    return xp.where(far > _FAR, (abs(error) - scale / whole / math.sqrt(math.pi)) * whole, scale * (near - 1 / math.sqrt(math.pi) + tail))


def _step(error: Any, xp: Any) -> Any:
    """1 where the error is positive, or else 0; NaN of NaN."""
    return xp.where(error > 0, 1.0, 0 * sign(error, xp))


@loss(
    formula="upper - lower + 2 / alpha * (max(0, lower - target) + max(0, target - upper))",
    signature="(),(),()->()",
    slopes={
        "lower": lambda lower, upper, target, alpha, xp: 2 / alpha * _step(lower - target, xp) - 1 + 0 * _step(upper - target, xp),
        "upper": lambda lower, upper, target, alpha, xp: 1 - 2 / alpha * _step(target - upper, xp) + 0 * _step(lower - target, xp),
    },
    hessian=lambda lower, upper, target, alpha, xp: 0 * (_step(lower - target, xp) + _step(target - upper, xp) + alpha),
    kink_slope=-1.0,
    inputs=(
        Input("lower", "array of real numbers, of any shape: the lower end of the interval", differentiated=True),
        Input("upper", "its upper end, of the same shape", differentiated=True),
        Input("target", "array of the same shape, or one number"),
    ),
    parameters=(Parameter("alpha", "how often the target may lie outside: 0.1 for an interval of 90 %", default=0.1, low=1e-6, high=1.0),),
    convex=True,
    robust=True,
    optimum=lambda target, weight, alpha: tuple(quantile(target, weight, share) for share in (alpha / 2, 1 - alpha / 2)),
    aliases=("winkler score", "winkler loss", "mean interval score"),
    references=(f"{_GNEITING}, equation 43", "R. L. Winkler, A decision-theoretic approach to interval estimation, JASA 67, 1972"),
)
def interval_score(lower: Any, upper: Any, target: Any, alpha: Any, xp: Any) -> Any:
    """The width of a predicted interval, and 2 / `alpha` times as much for what the target is outside of it.

    It is least in the mean where the ends are the quantiles alpha / 2 and 1 - alpha / 2: 2 / alpha times the sum of their pinball losses.
    The gradient is a pair, by the lower end and by the upper.

    Examples
    --------
    >>> ogive.interval_score([1.0, 1.0], [3.0, 3.0], [2.0, 3.5], alpha=0.1, reduction="none")
    array([ 2., 12.])
    """
    below, above = lower - target, target - upper
    width, whole = error_or_half(upper, lower, xp)
    return (width + 2 / alpha / whole * (xp.where(below <= 0, 0.0, below) + xp.where(above <= 0, 0.0, above))) * whole


def _cumulative_slope(gaps: Any, xp: Any) -> Any:
    """By each probability: it is in the sum up to its own class and in all that follow but the last, which is 1."""
    inner = xp.concatenate([gaps[..., :-1], 0 * gaps[..., -1:]], axis=-1)
    return 2 * xp.flip(xp.cumsum(xp.flip(inner, (-1,)), axis=-1), (-1,))


def _summed_gaps(prediction: Any, target: Any, xp: Any) -> Any:
    return xp.cumsum(prediction - target, axis=-1)


def _rps(gaps: Any, xp: Any) -> Any:
    return xp.sum(gaps[..., :-1] ** 2, axis=-1) + 0 * gaps[..., -1]


def _rps_reference(functions: Any, prediction: Any, target: Any) -> Any:
    total, gap = 0, 0
    for p, t in zip(prediction[:-1], target[:-1], strict=True):
        gap = gap + p - t
        total = total + gap * gap
    return total


ranked_probability_score = Loss(
    name="ranked_probability_score",
    description="""The squared errors of the cumulative probabilities of classes in order: a miss by one class costs less than one by two.

    For ordinal targets (grades, stages), from probabilities. Not divided by the number of classes.

    Examples
    --------
    >>> for grade in (0, 1, 2):
    ...     print(ogive.ranked_probability_score([1.0, 0.0, 0.0], grade))
    0.0
    1.0
    2.0
    """,
    terms={
        "prediction": Term(
            name="ranked_probability_score",
            signature="(c),(c)->()",
            inputs=(predicted(0.0, 1.0), TARGET),
            reference=_rps_reference,
            value=lambda prediction, target, xp: _rps(_summed_gaps(prediction, target, xp), xp),
            vjp=lambda prediction, target, cotangent, xp: (
                cotangent[..., None] * _cumulative_slope(_summed_gaps(prediction, target, xp), xp),
            ),
            link="identity",
        ),
    },
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("rps", "ordinal score", "cumulative brier score"),
    references=("A. H. Murphy, A note on the ranked probability score, Journal of Applied Meteorology 10, 1971", _GNEITING),
)
