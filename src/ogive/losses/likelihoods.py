"""Minus the log-likelihoods of distributions whose centre and width a network predicts, without what depends on neither."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.constants import quantile
from ogive.loss import loss
from ogive.losses.residuals import beyond, error_or_half, lowering, reweighted, sign, unless_nan
from ogive.parameter import Parameter
from ogive.term import Input

_TARGET = Input("target", "array of the same shape, or one number")


def _nll_slope_of_variance(mean: Any, variance: Any, target: Any, xp: Any) -> Any:
    """(1 - e²/v) / 2v, from e/√v, factor by factor: e²/v may overflow where the result does not."""
    error = _normal_error(mean, variance, target, xp)
    return (1 - error) * ((1 + error) / 2 / variance)


def _normal_error(mean: Any, variance: Any, target: Any, xp: Any) -> Any:
    error, whole = error_or_half(mean, target, xp)
    return error / xp.sqrt(variance) * whole


def _nll_slope_of_mean(mean: Any, variance: Any, target: Any, xp: Any) -> Any:
    error, whole = error_or_half(mean, target, xp)
    return error / variance * whole


def _mean_and_variance(target: Any, weight: Any) -> tuple[Any, Any]:
    mean = np.average(target, weights=weight)
    return mean, np.maximum(np.average((target - mean) ** 2, weights=weight), math.ulp(0.0))


@loss(
    formula="(log(variance) + (target - mean)**2 / variance) / 2",
    signature="(),(),()->()",
    slopes={"mean": _nll_slope_of_mean, "variance": _nll_slope_of_variance},
    hessian=lambda mean, variance, target, xp: 1 / variance + 0 * mean,
    inputs=(
        Input("mean", "array of real numbers, of any shape: the predicted mean", differentiated=True),
        Input("variance", "positive, of the same shape or one number: the predicted variance", differentiated=True, low=math.ulp(0.0)),
        _TARGET,
    ),
    convex=True,
    robust=False,
    symmetric=True,
    optimum=_mean_and_variance,
    aliases=("gaussian negative log likelihood",),
    native={"torch": "nn.functional.gaussian_nll_loss"},
    references=("D. Nix, A. Weigend, Estimating the mean and variance of the target probability distribution, ICNN 1994",),
)
def gaussian_nll(mean: Any, variance: Any, target: Any, xp: Any) -> Any:
    """Minus the log-likelihood of a normal distribution, without the constant log(2π)/2, for a network that predicts mean and variance.

    The gradient is a pair, by the mean and by the variance; no variance is clipped.

    Examples
    --------
    >>> ogive.gaussian_nll([0.0, 2.0], [1.0, 4.0], [1.0, 2.0], reduction="none")
    array([0.5       , 0.69314718])
    >>> by_mean, by_variance = ogive.gaussian_nll.gradient([0.0, 2.0], [1.0, 4.0], [1.0, 2.0], reduction="sum")
    >>> by_mean, by_variance
    (array([-1.,  0.]), array([0.   , 0.125]))
    """
    error = _normal_error(mean, variance, target, xp)
    return xp.log(variance) / 2 + error * (error / 2)


def _wide(name: str, of: str) -> tuple[Input, Input, Input]:
    return (
        Input(f"{name}", "array of real numbers, of any shape: the predicted centre", differentiated=True),
        Input("scale", f"positive, of the same shape or one number: the predicted width, {of}", differentiated=True, low=math.ulp(0.0)),
        _TARGET,
    )


def _relative_size(location: Any, scale: Any, target: Any, xp: Any) -> Any:
    error, whole = error_or_half(location, target, xp)
    return abs(error) / scale * whole


def _laplace_slope_of_scale(location: Any, scale: Any, target: Any, xp: Any) -> Any:
    """(s - |e|) / s², which crosses zero, so that what the error rounds off counts."""
    down = lowering(location, target, xp)
    _, gap = beyond(down * location, down * target, down * scale, xp)
    return -gap / scale / scale / down


def _median_and_mean_distance(target: Any, weight: Any) -> tuple[Any, Any]:
    median = quantile(target, weight, 0.5)
    return median, np.maximum(np.average(abs(target - median), weights=weight), math.ulp(0.0))


@loss(
    formula="log(scale) + abs(location - target) / scale",
    signature="(),(),()->()",
    slopes={
        "location": lambda location, scale, target, xp: sign(location - target, xp) / scale,
        "scale": _laplace_slope_of_scale,
    },
    hessian=lambda location, scale, target, xp: unless_nan(location - target, 0.0, xp) + 0 * scale,
    kink_slope=0.0,
    inputs=_wide("location", "the mean size of the errors"),
    convex=True,
    robust=True,
    symmetric=True,
    optimum=_median_and_mean_distance,
    aliases=("laplace negative log likelihood", "laplacian nll"),
    references=("A. Kendall, Y. Gal, What uncertainties do we need in Bayesian deep learning for computer vision?, NIPS 2017, section 3",),
)
def laplace_nll(location: Any, scale: Any, target: Any, xp: Any) -> Any:
    """Minus the log-likelihood of a Laplace distribution, without the constant log 2: absolute errors with a width that is learned.

    The gradient is a pair, by the location and by the scale.

    Examples
    --------
    >>> ogive.laplace_nll([0.0, 2.0], [1.0, 4.0], [1.0, 2.0], reduction="none")
    array([1.        , 1.38629436])
    """
    return xp.log(scale) + _relative_size(location, scale, target, xp)


class _Student:
    """z²/ν and its inverse, z the error over the scale, ν the degrees of freedom: whichever is at most 1."""

    def __init__(self, location: Any, scale: Any, target: Any, freedom: Any, xp: Any) -> None:
        self.root = xp.sqrt(freedom)
        self.error, self.whole = error_or_half(location, target, xp)
        self.size = abs(self.error)
        self.ratio = self.size / scale / self.root * self.whole
        self.far = self.ratio > 1
        small = xp.where(self.far, 1 / xp.where(self.far, self.ratio, 1.0), self.ratio)
        self.square = small * small
        self.fade = xp.where(self.far, small, 1.0)
        self.small = small


def _student_slope(location: Any, scale: Any, target: Any, freedom: Any, xp: Any) -> Any:
    student = _Student(location, scale, target, freedom, xp)
    far = sign(student.error, xp) * ((freedom + 1) / student.whole / xp.where(student.far, student.size, 1.0))
    near = student.error / scale * (1 + 1 / freedom) / scale * student.whole
    return xp.where(student.far, far, near) / (1 + student.square)


def _student_slope_of_scale(location: Any, scale: Any, target: Any, freedom: Any, xp: Any) -> Any:
    """(1 - z²) / (1 + q) / scale with q = z²/ν; z² - 1 from by how much the error is beyond the scale, for its digits' sake."""
    down = lowering(location, target, xp)
    place, spread, aim = down * location, down * scale, down * target
    student = _Student(place, spread, aim, freedom, xp)
    width = xp.where(student.far, student.size, spread)
    _, over = beyond(place, aim, spread, xp)
    gap = xp.where(width < math.inf, over / width, 1.0) * (1 + xp.where(student.far, spread, student.size) / width)
    return -gap * xp.where(student.far, freedom, 1.0) / (1 + student.square) / scale  # the gap is z² - 1, or that over z²


def _student_hessian(location: Any, scale: Any, target: Any, freedom: Any, xp: Any) -> Any:
    student = _Student(location, scale, target, freedom, xp)
    bend = (1 - student.square) * (student.fade / (1 + student.square)) ** 2
    return xp.where(student.far, -bend, bend) * ((freedom + 1) / freedom) / scale / scale


@loss(
    formula="log(scale) + (degrees_of_freedom + 1) / 2 * log1p(((location - target) / scale)**2 / degrees_of_freedom)",
    signature="(),(),()->()",
    slopes={"location": _student_slope, "scale": _student_slope_of_scale},
    hessian=_student_hessian,
    majorant=reweighted(_student_slope, _student_hessian, target=2),
    inputs=_wide("location", "about the standard deviation where the degrees of freedom are many"),
    parameters=(Parameter("degrees_of_freedom", "how heavy the tails are: 1 is Cauchy's, many the normal's", default=3.0, low=1e-6),),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("student t negative log likelihood", "t distribution nll"),
    references=(
        "K. L. Lange, R. J. A. Little, J. M. G. Taylor, Robust statistical modeling using the t distribution, JASA 84, 1989, section 2",
    ),
)
def student_t_nll(location: Any, scale: Any, target: Any, degrees_of_freedom: Any, xp: Any) -> Any:
    """Minus the log-likelihood of Student's t distribution, without what depends on its degrees of freedom alone.

    The gradient is a pair, by the location and by the scale. An outlier pulls the less the farther off it is.

    Examples
    --------
    >>> ogive.student_t_nll([0.0, 2.0], [1.0, 4.0], [1.0, 2.0], degrees_of_freedom=3.0, reduction="none").round(12)
    array([0.57536414, 1.38629436])
    """
    student = _Student(location, scale, target, degrees_of_freedom, xp)
    far, large = student.far, student.ratio == math.inf
    apart = xp.log(xp.where(far, student.size, 1.0)) + xp.log(student.whole) - xp.log(student.root)
    outside = xp.where(large, apart - xp.log(scale), xp.log(xp.where(far & ~large, student.ratio, 1.0)))
    cost = (degrees_of_freedom + 1) / 2 * (xp.log1p(student.square) + xp.where(far, 2 * outside, 0.0))
    return xp.log(scale) + cost
