"""Losses whose pull fades for large errors, so that an outlier that is far enough off has no say (redescending M-estimators).

Each is half the squared error near 0: its Hessian there is 1. `scale` says where it begins to bend, in the unit of the target.
"""

from __future__ import annotations

import math
from typing import Any

from ogive.losses.residuals import bending, beyond, error_or_half, exact_error, residual_loss, sign, unless_nan
from ogive.parameter import Parameter
from ogive.special import two_product

_HOLLAND = "P. W. Holland, R. E. Welsch, Robust regression using iteratively reweighted least-squares, Comm. Statist. A6, 1977, table 1"
_BARRON = "J. T. Barron, A general and adaptive robust loss function, CVPR 2019, equations 1 and 8, arXiv:1701.03077"


def _scale(default: float) -> Parameter:
    return Parameter("scale", "the size of error where the pull begins to fade, in the unit of the target", default, low=math.ulp(0.0))


class _Parts:
    """The error over the scale, or the scale over the error: whichever is at most 1, so that no square overflows."""

    def __init__(self, prediction: Any, target: Any, scale: Any, xp: Any) -> None:
        self.error, self.whole = error_or_half(prediction, target, xp)
        size = abs(self.error)
        self.far = size > scale
        self.small = xp.where(self.far, scale, size)
        self.ratio = xp.where(self.far, scale / self.whole / xp.where(self.far, size, 1.0), size / scale)
        self.square = self.ratio * self.ratio
        self.fade = xp.where(self.far, self.ratio, 1.0)  # over √(1 + ratio²): what 1 / √(1 + (e / scale)²) is
        self.sign = sign(self.error, xp)


def _cauchy_slope(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, scale, xp)
    return parts.sign * parts.small * parts.fade / (1 + parts.square)


def _cauchy_hessian(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, scale, xp)
    bend = (1 - parts.square) * (parts.fade / (1 + parts.square)) ** 2
    return xp.where(parts.far, -bend, bend)


@residual_loss(
    formula="scale**2 / 2 * log1p(((prediction - target) / scale)**2)",
    **bending(_cauchy_slope, _cauchy_hessian),
    parameters=(_scale(2.385),),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("cauchy loss", "lorentzian"),
    references=(_HOLLAND, "M. J. Black, P. Anandan, The robust estimation of multiple motions, CVIU 63, 1996 (as Lorentzian)"),
)
def cauchy(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    """Grows as the logarithm of a large error: minus the log-likelihood of a Cauchy distribution, scaled.

    The default is 95 % as efficient as least squares on normal errors of variance 1. `general_robust` with `alpha` = 0 is this with
    √2 times its scale, over the square of that.

    Examples
    --------
    >>> ogive.cauchy([1.0, 1000.0], [0.0, 0.0], scale=1.0, reduction="none").round(12)
    array([0.34657359, 6.90775578])
    """
    parts = _Parts(prediction, target, scale, xp)
    whole = xp.where(parts.square > 0, parts.square, 1.0)
    near = parts.error * (parts.error * xp.where(parts.square > 0, xp.log1p(whole) / whole, 1.0)) / 2
    size = xp.where(parts.far, abs(parts.error), scale)
    apart = xp.where(size / scale < math.inf, xp.log(size / scale), xp.log(size) - xp.log(scale)) + xp.log(parts.whole)
    return xp.where(parts.far, scale * (scale * (xp.log1p(parts.square) / 2 + apart)), near)


def _geman_mcclure_slope(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, scale, xp)
    return parts.sign * parts.small * (parts.fade * (parts.fade / (1 + parts.square)) * (parts.fade / (1 + parts.square)))


def _geman_mcclure_hessian(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, scale, xp)
    numerator = xp.where(parts.far, parts.square - 3, 1 - 3 * parts.square)
    return numerator * parts.fade**4 / (1 + parts.square) ** 3


@residual_loss(
    formula="(prediction - target)**2 / (2 * (1 + ((prediction - target) / scale)**2))",
    **bending(_geman_mcclure_slope, _geman_mcclure_hessian),
    parameters=(_scale(1.0),),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("geman mcclure loss",),
    references=("S. Geman, D. E. McClure, Statistical methods for tomographic image reconstruction, Bull. ISI 52, 1987", _BARRON),
)
def geman_mcclure(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    """Levels off at half the square of `scale`; the pull fades as the inverse cube of the error.

    `general_robust` with `alpha` = -2 is this with twice its scale, over the square of that.

    Examples
    --------
    >>> ogive.geman_mcclure([1.0, 1000.0], [0.0, 0.0], scale=1.0, reduction="none").round(9)
    array([0.25     , 0.4999995])
    """
    parts = _Parts(prediction, target, scale, xp)
    return parts.small * (parts.small / (2 * (1 + parts.square)))


def _square_exponential(prediction: Any, target: Any, scale: Any, factor: Any, xp: Any) -> Any:
    """factor · e^(-r²), r the error over the scale: of r a coarse part, whose square is exact, and all the rest."""
    error, lost = exact_error(prediction, target, xp)
    bounded = xp.where(abs(error) < 40 * scale, error, 40 * scale)
    ratio = bounded / scale
    high, low = two_product(ratio, scale)
    low = xp.where(xp.isfinite(low), low, 0.0)
    rest = ((bounded - high) - low + xp.where(bounded == error, lost, 0.0)) / scale
    coarse = xp.round(ratio * 16) / 16
    half = xp.exp(-coarse * coarse / 2)
    return factor * xp.exp(-((ratio - coarse) * (ratio + coarse) + 2 * ratio * rest)) * half * half


def _welsch_slope(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    error = prediction - target
    return _square_exponential(prediction, target, scale, xp.where(abs(error) > 40 * scale, 0.0, error), xp)


def _welsch_hessian(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    square = ((prediction - target) / scale) ** 2
    bounded = xp.where(square > 1000, 1000.0, square)
    return (1 - 2 * bounded) * xp.exp(-bounded)


@residual_loss(
    formula="scale**2 / 2 * -expm1(-((prediction - target) / scale)**2)",
    **bending(_welsch_slope, _welsch_hessian),
    parameters=(_scale(2.985),),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("welsch loss", "leclerc", "correntropy"),
    references=(_HOLLAND, "J. E. Dennis, R. E. Welsch, Techniques for nonlinear least squares and robust regression, 1978"),
)
def welsch(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    """Levels off at half the square of `scale`, by a bell curve; the pull of an outlier fades faster than any power.

    The default is 95 % as efficient as least squares on normal errors of variance 1. As `alpha` goes to -∞, `general_robust` goes to
    this with √2 times its scale, over the square of that.

    Examples
    --------
    >>> ogive.welsch([1.0, 1000.0], [0.0, 0.0], scale=1.0, reduction="none").round(12)
    array([0.31606028, 0.5       ])
    """
    parts = _Parts(prediction, target, scale, xp)
    whole = xp.where(parts.square > 0, parts.square, 1.0)
    near = parts.error * (parts.error * xp.where(parts.square > 0, -xp.expm1(-whole) / whole, 1.0)) / 2
    reached = xp.where(parts.square > 0, -xp.expm1(-1 / whole), 1.0)
    return xp.where(parts.far, scale * (scale * reached / 2), near)


def _tukey_inside(prediction: Any, target: Any, scale: Any, xp: Any) -> tuple[Any, Any]:
    """The error, and 1 - r² with all digits; 0 outside."""
    error, gap = beyond(prediction, target, scale, xp)
    inside = gap < 0
    size = xp.where(inside, abs(error), 0.0)
    return error, xp.where(inside, (-gap / scale) * (1 + size / scale), unless_nan(error, 0.0, xp))


def _tukey_slope(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    error, inside = _tukey_inside(prediction, target, scale, xp)
    return xp.where(inside == 0, 0.0, error * inside * inside)


def _tukey_hessian(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    _, inside = _tukey_inside(prediction, target, scale, xp)
    return inside * (5 * inside - 4)


@residual_loss(
    formula="scale**2 / 6 * (1 - (1 - ((prediction - target) / scale)**2)**3) if abs(prediction - target) <= scale else scale**2 / 6",
    **bending(_tukey_slope, _tukey_hessian),
    parameters=(_scale(4.685),),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("biweight", "bisquare", "tukey bisquare", "tukey"),
    references=(
        "A. E. Beaton, J. W. Tukey, The fitting of power series, meaning polynomials, Technometrics 16, 1974",
        _HOLLAND,
    ),
)
def tukey_biweight(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    """Tukey's biweight: an error beyond `scale` costs a constant and does not pull at all.

    The default is 95 % as efficient as least squares on normal errors of variance 1.

    Examples
    --------
    >>> ogive.tukey_biweight([1.0, 1000.0], [0.0, 0.0], scale=2.0, reduction="none")
    array([0.38541667, 0.66666667])
    """
    error = prediction - target
    inside = abs(error) < scale
    square = (xp.where(inside, error, 0.0) / scale) ** 2
    return xp.where(inside, error * (error * ((3 - square * (3 - square)) / 6)), unless_nan(error, 1.0, xp) * (scale * (scale / 6)))
