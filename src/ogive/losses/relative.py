"""Losses of errors in proportion, and of one error that stands for a row: the largest, or the median."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.loss import loss
from ogive.losses.regression import RootLoss
from ogive.losses.residuals import error_or_half, residual_loss, sign, unless_nan
from ogive.parameter import Parameter
from ogive.term import Input

_ABOVE_MINUS_ONE = math.nextafter(-1.0, 0.0)


def log_ratio(prediction: Any, target: Any, xp: Any) -> Any:
    """log((1 + p) / (1 + t)) with all digits: from the error where they are near, from the quotient, or from what no quotient holds."""
    whole = 1 + target
    apart = (prediction - target) / whole
    quotient = (1 + prediction) / whole
    inside = (quotient > 1e-30) & (quotient < 1e30)
    far = xp.where(inside, xp.log(xp.where(inside, quotient, 1.0)), xp.log1p(prediction) - xp.log1p(target))
    near = abs(apart) < 0.5
    return xp.where(near, xp.log1p(xp.where(near, apart, 0.0)), far)


def _squared_log_hessian(prediction: Any, target: Any, xp: Any) -> Any:
    whole = 1 + prediction
    return 2 * (1 - log_ratio(prediction, target, xp)) / whole / whole


def _mean_of_logarithms(target: Any, weight: Any) -> Any:
    return np.expm1(np.average(np.log1p(target), weights=weight))


@loss(
    formula="(log1p(prediction) - log1p(target))**2",
    slope=lambda prediction, target, xp: 2 * log_ratio(prediction, target, xp) / (1 + prediction),
    hessian=_squared_log_hessian,
    inputs=(
        Input("prediction", "numbers above -1, of any shape", differentiated=True, low=_ABOVE_MINUS_ONE),
        Input("target", "numbers above -1 of the same shape, or one number", low=_ABOVE_MINUS_ONE),
    ),
    link="identity",
    convex=False,
    robust=False,
    symmetric=True,
    optimum=_mean_of_logarithms,
    aliases=("msle", "mean squared log error", "mean squared logarithmic error loss", "reg:squaredlogerror"),
    references=("F. Pedregosa et al., Scikit-learn: machine learning in Python, JMLR 12, 2011 (the user guide, on this metric)",),
)
def mean_squared_logarithmic_error(prediction: Any, target: Any, xp: Any) -> Any:
    """The mean squared error of log(1 + y): what is off by a factor costs the same for small and large numbers.

    Predictions of -1 or less are refused, as by scikit-learn; Keras raises what is below 1e-7 to it, and gives it no gradient.

    Examples
    --------
    >>> ogive.mean_squared_logarithmic_error([3.0, 5.0], [1.0, 5.0], reduction="none").round(12)
    array([0.48045301, 0.        ])
    """
    error = log_ratio(prediction, target, xp)
    return error * error


root_mean_squared_logarithmic_error = RootLoss(
    name="root_mean_squared_logarithmic_error",
    description="""The square root of the mean squared error of log(1 + y): small ones are about the relative error of 1 + y.

    Examples
    --------
    >>> ogive.root_mean_squared_logarithmic_error([3.0, 5.0], [1.0, 5.0]).round(12)
    np.float64(0.490129071734)
    """,
    terms=mean_squared_logarithmic_error.terms,
    error=log_ratio,
    steepness=lambda prediction, xp: 1 / (1 + prediction),
    bend=-1.0,
    convex=False,
    robust=False,
    symmetric=True,
    optimum=_mean_of_logarithms,
    aliases=("rmsle", "root mean squared log error"),
    references=mean_squared_logarithmic_error.references,
)


def _divisor(target: Any, floor: Any, xp: Any) -> Any:
    return xp.where(abs(target) < floor, floor, abs(target))


@residual_loss(
    formula="abs(prediction - target) / max(abs(target), floor)",
    slope=lambda prediction, target, floor, xp: sign(prediction - target, xp) / _divisor(target, floor, xp),
    hessian=lambda prediction, target, floor, xp: unless_nan(prediction - target, 0.0, xp) + 0 * floor,
    kink_slope=0.0,
    parameters=(Parameter("floor", "the least that an error is divided by, positive", default=2.0**-52, low=math.ulp(0.0)),),
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("mape", "mean absolute percentage error loss"),
    references=("S. Makridakis, Accuracy measures, International Journal of Forecasting 9, 1993, equation 1",),
)
def mean_absolute_percentage_error(prediction: Any, target: Any, floor: Any, xp: Any) -> Any:
    """The mean of the absolute errors over the sizes of the targets, as a fraction: 0.1 is 10 %.

    Keras multiplies by 100. A target nearer to 0 than `floor` counts as that: scikit-learn's is 2.2e-16, the default, Keras's 1e-7.

    Examples
    --------
    >>> ogive.mean_absolute_percentage_error([90.0, 3.0], [100.0, 2.0], reduction="none")
    array([0.1, 0.5])
    """
    error, whole = error_or_half(prediction, target, xp)
    return abs(error) / _divisor(target, floor, xp) * whole


def _proportion(part: Any, prediction: Any, target: Any, xp: Any) -> Any:
    """part / (|p| + |t|), by halves where the sum overflows."""
    whole = abs(prediction) + abs(target)
    by_halves = part / 2 / (abs(prediction) / 2 + abs(target) / 2)
    return xp.where(whole < math.inf, part / xp.where(whole == 0, 1.0, whole), by_halves)


def _smape_slope(prediction: Any, target: Any, xp: Any) -> Any:
    """4 |t| / (|p| + |t|)² where both lie on one side of 0, and 0 where they do not."""
    together = xp.where(prediction < 0, target < 0, target > 0)
    steep = _proportion(4 * _proportion(abs(target), prediction, target, xp), prediction, target, xp)
    error = prediction - target
    return xp.where(together, sign(error, xp) * steep, unless_nan(error, 0.0, xp))


@residual_loss(
    formula="0 if prediction == target else 2 * abs(prediction - target) / (abs(prediction) + abs(target))",
    slope=_smape_slope,
    kink_slope=0.0,
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("smape", "symmetric mape"),
    references=("S. Makridakis, Accuracy measures, International Journal of Forecasting 9, 1993, equation 2",),
)
def symmetric_mean_absolute_percentage_error(prediction: Any, target: Any, xp: Any) -> Any:
    """The mean of the absolute errors over the mean of the sizes of prediction and target, as a fraction from 0 to 2.

    A prediction on the other side of 0 costs 2 and has no slope. Two zeros cost 0.

    Examples
    --------
    >>> ogive.symmetric_mean_absolute_percentage_error([3.0, -1.0, 0.0], [1.0, 1.0, 0.0], reduction="none")
    array([1., 2., 0.])
    """
    apart = xp.where(prediction < 0, target > 0, target < 0)
    error = xp.where(apart, 0.0, abs(prediction - target))
    return xp.where(apart, 2.0, 2 * _proportion(error, prediction, target, xp))


_ROW: dict[str, Any] = {
    "signature": "(n),(n)->()",
    "inputs": (Input("prediction", "array of real numbers", differentiated=True), Input("target", "array of the same shape")),
    "robust": True,
    "symmetric": True,
}


def _shared_slope(error: Any, chosen: Any, xp: Any) -> Any:
    """The sign of the error where it is one of those that decide, shared evenly among them."""
    hit = abs(error) == chosen
    return xp.where(hit, sign(error, xp), unless_nan(chosen, 0.0, xp)) / xp.sum(
        xp.where(hit, xp.ones_like(error), 0.0), axis=-1, keepdims=True
    )


def _max_error_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    error, _ = error_or_half(prediction, target, xp, rows=True)
    return (cotangent[..., None] * _shared_slope(error, xp.amax(abs(error), axis=-1, keepdims=True), xp),)


@loss(
    formula="max(abs(p - t) for p, t in zip(prediction, target))",
    vjp=_max_error_vjp,
    **_ROW,
    convex=True,
    aliases=("maximum absolute error", "chebyshev distance", "linf loss"),
    references=("P. L. Chebyshev, Théorie des mécanismes connus sous le nom de parallélogrammes, 1854 (least largest deviation)",),
)
def max_error(prediction: Any, target: Any, xp: Any) -> Any:
    """The largest absolute error along `axis`. Its gradient is that of the element that has it, shared where several do.

    Examples
    --------
    >>> ogive.max_error.value_and_gradient([1.0, 5.0, 2.0], [1.5, 2.0, 2.0])
    (np.float64(3.0), array([0., 1., 0.]))
    """
    return xp.amax(abs(prediction - target), axis=-1)


def _middle(error: Any, xp: Any) -> tuple[Any, Any]:
    """The two sizes in the middle (the same one where their number is odd); NaN where there is one in the row."""
    size = abs(error)
    take = xp.take_along_axis if hasattr(xp, "take_along_axis") else xp.take_along_dim
    ordered = take(size, xp.argsort(size), -1)
    n = size.shape[-1]
    total = xp.amax(size, axis=-1, keepdims=True)
    low, high = ordered[..., (n - 1) // 2, None], ordered[..., n // 2, None]
    return xp.where(total == total, low, total), xp.where(total == total, high, total)


def _median_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    error, _ = error_or_half(prediction, target, xp, rows=True)
    low, high = _middle(error, xp)
    slope = _shared_slope(error, low, xp) + _shared_slope(error, high, xp)
    return (cotangent[..., None] * (slope / 2),)


def _median_reference(functions: Any, prediction: list[Any], target: list[Any]) -> Any:
    sizes = sorted(abs(p - t) for p, t in zip(prediction, target, strict=True))
    n = len(sizes)
    return (sizes[(n - 1) // 2] + sizes[n // 2]) / 2


@loss(
    reference=_median_reference,
    vjp=_median_vjp,
    **_ROW,
    convex=False,
    aliases=("median ae",),
    references=("P. J. Rousseeuw, Least median of squares regression, JASA 79, 1984 (there of squares)",),
)
def median_absolute_error(prediction: Any, target: Any, xp: Any) -> Any:
    """The median of the absolute errors along `axis`: up to half of them may be arbitrarily wrong.

    Of an even number it is the mean of the middle two. Its gradient is that of the elements in the middle, and 0 for all others.

    Examples
    --------
    >>> ogive.median_absolute_error.value_and_gradient([1.0, 5.0, 100.0], [1.0, 2.0, 0.0])
    (np.float64(3.0), array([0., 1., 0.]))
    """
    error, whole = error_or_half(prediction, target, xp, rows=True)
    low, high = _middle(error, xp)
    return ((low + (high - low) / 2) * whole)[..., 0]
