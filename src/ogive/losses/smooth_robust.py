"""Convex losses of real-valued predictions without a corner: squared errors near 0, and far out about absolute ones."""

from __future__ import annotations

import math
from typing import Any

from ogive.losses.residuals import bending, error_or_half, residual_loss, sign, within
from ogive.parameter import Parameter


def _pseudo_huber_parts(prediction: Any, target: Any, delta: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """The smaller of |e| and δ; √(1 + r²), r the smaller over the larger; and the smaller and δ over the larger: nothing overflows."""
    error = prediction - target
    size, far = abs(error), abs(error) > delta
    ratio = xp.where(far, delta / xp.where(far, size, 1.0), size / delta)
    return error, within(error, delta, xp), xp.sqrt(1 + ratio * ratio), xp.where(far, ratio, 1.0)


def _pseudo_huber_slope(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    error, small, root, _ = _pseudo_huber_parts(prediction, target, delta, xp)
    return sign(error, xp) * small / root


def _pseudo_huber_hessian(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    _, _, root, share = _pseudo_huber_parts(prediction, target, delta, xp)
    return (share / root) ** 3


@residual_loss(
    formula="delta**2 * (sqrt(1 + ((prediction - target) / delta)**2) - 1)",
    **bending(_pseudo_huber_slope, _pseudo_huber_hessian),
    parameters=(
        Parameter("delta", "the slope far away, and about where it is reached, in the unit of the target", default=1.0, low=math.ulp(0.0)),
    ),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("charbonnier", "pseudo huber loss", "l1 l2 loss", "reg:pseudohubererror"),
    references=("P. Charbonnier et al., Deterministic edge-preserving regularization in computed imaging, IEEE TIP 6, 1997",),
)
def pseudo_huber(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    """A smooth Huber loss: half the squared error near 0, `delta` times the absolute error far away, and a Hessian that is never 0.

    SciPy's `pseudo_huber(delta, r)` means the same; it loses its digits for small errors, where this keeps them.

    Examples
    --------
    >>> ogive.pseudo_huber([0.75, 1e-9], [0.0, 0.0], delta=1.0, reduction="none")
    array([2.5e-01, 5.0e-19])
    """
    error, whole = error_or_half(prediction, target, xp)
    _, small, root, share = _pseudo_huber_parts(prediction, target, delta, xp)
    return small * (abs(error) / (share + root)) * whole


def _log_cosh_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return xp.tanh(prediction - target)


def _log_cosh_hessian(prediction: Any, target: Any, xp: Any) -> Any:
    faint = xp.exp(-2 * abs(prediction - target))
    return 4 * faint / (1 + faint) ** 2


@residual_loss(
    formula="abs(prediction - target) + log1p(exp(-2 * abs(prediction - target))) - log(2)",
    **bending(_log_cosh_slope, _log_cosh_hessian),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("logcosh", "log cosh loss"),
    references=("P. J. Green, Bayesian reconstructions from emission tomography data using a modified EM algorithm, IEEE TMI 9, 1990",),
)
def log_cosh(prediction: Any, target: Any, xp: Any) -> Any:
    """The logarithm of the hyperbolic cosine of the error: half the squared error near 0, the absolute error less log 2 far away.

    It keeps its digits for errors as small as they like, and is never negative.

    Examples
    --------
    >>> ogive.log_cosh([1e-8, 1e30], [0.0, 0.0], reduction="none")
    array([5.e-17, 1.e+30])
    """
    size = abs(prediction - target)
    grown = xp.expm1(xp.where(size < 2, size, 2.0))
    near = xp.log1p(grown * (grown / (2 * (1 + grown))))  # cosh(e) - 1 = (exp(e) - 1)² / (2 exp(e))
    return xp.where(size < 2, near, size + (xp.log1p(xp.exp(-2 * size)) - math.log(2)))


_TERMS = 17  # of the series in s², which is at most 1/9


def _fair_parts(prediction: Any, target: Any, scale: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """The error; where it is far; the smaller of |e| and the scale over the larger; and 1 / (1 + |e| / scale)."""
    error = prediction - target
    size, far = abs(error), abs(error) > scale
    ratio = xp.where(far, scale / xp.where(far, size, 1.0), size / scale)
    return error, far, ratio, xp.where(far, ratio, 1.0) / (1 + ratio)


def _fair_slope(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    error, _, ratio, _ = _fair_parts(prediction, target, scale, xp)
    return sign(error, xp) * within(error, scale, xp) / (1 + ratio)


def _fair_hessian(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    *_, weight = _fair_parts(prediction, target, scale, xp)
    return weight * weight


@residual_loss(
    formula="scale * abs(prediction - target) - scale**2 * log1p(abs(prediction - target) / scale)",
    **bending(_fair_slope, _fair_hessian),
    parameters=(Parameter("scale", "the slope far away, half of which an error of this size has", default=1.4, low=math.ulp(0.0)),),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("fair loss",),
    references=(
        "R. C. Fair, On the robust estimation of econometric models, Annals of Economic and Social Measurement 3, 1974",
        "P. W. Holland, R. E. Welsch, Robust regression using iteratively reweighted least-squares, Comm. Statist. A6, 1977, table 1",
    ),
)
def fair(prediction: Any, target: Any, scale: Any, xp: Any) -> Any:
    """Half the squared error near 0, and far away `scale` times the absolute error less a logarithm, so that it bends everywhere.

    The default is 95 % as efficient as least squares on normal errors of variance 1; LightGBM's `fair_c` is 1.

    Examples
    --------
    >>> ogive.fair([1.0, 9.0], [0.0, 0.0], scale=1.0, reduction="none").round(8)
    array([0.30685282, 6.69741491])
    """
    _, far, ratio, _ = _fair_parts(prediction, target, scale, xp)
    error, whole = error_or_half(prediction, target, xp)
    size = abs(error)
    near = xp.where(far, 0.0, ratio)
    half, s = within(error, scale, xp) / (2 + near), near / (2 + near)  # r - log(1 + r) = r s - 2 (s³/3 + s⁵/5 + …)
    tail = 0 * s
    for k in range(_TERMS, 0, -1):
        tail = tail * (s * s) + 1 / (2 * k + 1)
    inner = xp.where(far, 1.0, half)
    outer = xp.where(far, size, scale)
    logarithm = xp.log1p(xp.where(far, ratio, 1.0)) + (xp.log(outer) + xp.log(whole) - xp.log(scale))
    return xp.where(far, scale * (size - scale / whole * logarithm) * whole, inner * (xp.where(far, 0.0, size) - 2 * inner * s * tail))
