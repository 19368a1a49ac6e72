"""Convex losses of real-valued predictions that a bound parts: inside it they are quadratic or nothing, outliers pull no more."""

from __future__ import annotations

import math
from typing import Any

from ogive.losses.residuals import bending, beyond, error_or_half, residual_loss, sign, unless_nan, within
from ogive.parameter import Parameter

_HUBER = "P. J. Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35, 1964, section 1"
_DRUCKER = "H. Drucker et al., Support vector regression machines, NIPS 1996"


def _huber_slope(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    error = prediction - target
    return sign(error, xp) * within(error, delta, xp)


def _huber_hessian(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    _, gap = beyond(prediction, target, delta, xp)
    return xp.where(gap > 0, 0.0, unless_nan(gap, 1.0, xp))


@residual_loss(
    formula="(prediction - target)**2 / 2 if abs(prediction - target) <= delta else delta * (abs(prediction - target) - delta / 2)",
    **bending(_huber_slope, _huber_hessian),
    parameters=(
        Parameter("delta", "the size of error from which on the cost is linear, in the unit of the target", default=1.0, low=math.ulp(0.0)),
    ),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("huber loss",),
    native={"torch": "nn.functional.huber_loss"},
    references=(_HUBER,),
)
def huber(prediction: Any, target: Any, delta: Any, xp: Any) -> Any:
    """Half the squared error where it is small, and linear beyond `delta`: an outlier pulls with a force of at most `delta`.

    PyTorch, Keras, optax and SciPy mean the same, each with a default of 1 (SciPy takes delta first). In scikit-learn's estimators
    `delta` is the quantile 0.9 of the sizes of the errors. `smooth_l1` is this over its parameter.

    Examples
    --------
    >>> ogive.huber([0.5, 3.0], [0.0, 0.0], delta=1.0, reduction="none")
    array([0.125, 2.5  ])
    """
    error, whole = error_or_half(prediction, target, xp)
    quadratic = within(error, delta, xp)
    return quadratic * (abs(error) - quadratic / 2 / whole) * whole


def _smooth_l1_slope(prediction: Any, target: Any, beta: Any, xp: Any) -> Any:
    error = prediction - target
    inside = abs(error) < beta
    return xp.where(inside, error / xp.where(inside, beta, 1.0), sign(error, xp))


def _smooth_l1_hessian(prediction: Any, target: Any, beta: Any, xp: Any) -> Any:
    _, gap = beyond(prediction, target, beta, xp)
    return xp.where(gap < 0, 1 / xp.where(gap < 0, beta, 1.0), unless_nan(gap, 0.0, xp))


@residual_loss(
    formula="(prediction - target)**2 / (2 * beta) if abs(prediction - target) < beta else abs(prediction - target) - beta / 2",
    **bending(_smooth_l1_slope, _smooth_l1_hessian),
    parameters=(Parameter("beta", "the size of error from which on the slope is 1, in the unit of the target", default=1.0, low=0.0),),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("smooth l1 loss",),
    native={"torch": "nn.functional.smooth_l1_loss"},
    references=("R. Girshick, Fast R-CNN, ICCV 2015, equation 3, arXiv:1504.08083", _HUBER),
)
def smooth_l1(prediction: Any, target: Any, beta: Any, xp: Any) -> Any:
    """The absolute error with its kink rounded off inside `beta`: the slope is never more than 1. It is `huber` over its parameter.

    With `beta` = 0 it is the absolute error.

    Examples
    --------
    >>> ogive.smooth_l1([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="none")
    array([0.0625, 2.    ])
    """
    size = abs(prediction - target)
    inside = size < beta
    return xp.where(inside, size / xp.where(inside, beta, 1.0) * (size / 2), size - beta / 2)


def _epsilon_insensitive_slope(prediction: Any, target: Any, epsilon: Any, xp: Any) -> Any:
    error, gap = beyond(prediction, target, epsilon, xp)
    return xp.where(gap > 0, sign(error, xp), unless_nan(gap, 0.0, xp))


_EPSILON = Parameter("epsilon", "the size of error up to which nothing is paid, in the unit of the target", default=0.1, low=0.0)


@residual_loss(
    formula="max(0, abs(prediction - target) - epsilon)",
    slope=_epsilon_insensitive_slope,
    hessian=lambda prediction, target, epsilon, xp: unless_nan(prediction - target, 0.0, xp) + 0 * epsilon,
    kink_slope=0.0,
    parameters=(_EPSILON,),
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("epsilon insensitive loss", "svr loss"),
    references=("V. Vapnik, The nature of statistical learning theory, Springer 1995, section 6.1", _DRUCKER),
)
def epsilon_insensitive(prediction: Any, target: Any, epsilon: Any, xp: Any) -> Any:
    """The absolute error beyond a tolerance: what is off by at most `epsilon` costs nothing, as in support vector regression.

    On the edge of the tolerance the slope is 0.

    Examples
    --------
    >>> ogive.epsilon_insensitive([1.0, 3.0], [0.5, 1.0], epsilon=0.5, reduction="none")
    array([0. , 1.5])
    """
    _, gap = beyond(prediction, target, epsilon, xp)
    return xp.where(gap > 0, gap, unless_nan(gap, 0.0, xp))


def _squared_epsilon_insensitive_slope(prediction: Any, target: Any, epsilon: Any, xp: Any) -> Any:
    error, gap = beyond(prediction, target, epsilon, xp)
    return xp.where(gap > 0, 2 * (sign(error, xp) * gap), unless_nan(gap, 0.0, xp))


def _squared_epsilon_insensitive_hessian(prediction: Any, target: Any, epsilon: Any, xp: Any) -> Any:
    _, gap = beyond(prediction, target, epsilon, xp)
    return xp.where(gap > 0, 2.0, unless_nan(gap, 0.0, xp))


@residual_loss(
    formula="max(0, abs(prediction - target) - epsilon)**2",
    slope=_squared_epsilon_insensitive_slope,
    hessian=_squared_epsilon_insensitive_hessian,
    parameters=(_EPSILON,),
    convex=True,
    robust=False,
    symmetric=True,
    aliases=("squared epsilon insensitive loss",),
    references=("V. Vapnik, The nature of statistical learning theory, Springer 1995, section 6.1", _DRUCKER),
)
def squared_epsilon_insensitive(prediction: Any, target: Any, epsilon: Any, xp: Any) -> Any:
    """The square of what the absolute error has beyond a tolerance: smooth, and free of cost up to `epsilon`.

    Examples
    --------
    >>> ogive.squared_epsilon_insensitive([1.0, 3.0], [0.5, 1.0], epsilon=0.5, reduction="none")
    array([0.  , 2.25])
    """
    gap = epsilon_insensitive.term.value(prediction, target, epsilon, xp)
    return gap * gap
