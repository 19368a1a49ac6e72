"""The exponential-linear family: a line to the right of zero, an exponential that levels off to the left."""

from __future__ import annotations

import math
from typing import Any

from ogive.activation import Kink, activation
from ogive.parameter import Parameter

inf = math.inf


def _elu_slope(x: Any, alpha: Any, xp: Any) -> Any:
    return xp.where(x > 0, 1.0, alpha * xp.exp(x))


def _elu_curvature(x: Any, alpha: Any, xp: Any) -> Any:
    return xp.where(x > 0, 0.0, alpha * xp.exp(x))


@activation(
    slope=_elu_slope,
    curvature=_elu_curvature,
    formula="x if x > 0 else alpha * expm1(x)",
    limits=("-alpha", inf),
    slope_limits=(0.0, 1.0),
    monotone=True,
    smoothness=1,
    lipschitz="max(1, alpha)",
    kinks=(Kink(0.0, slope="alpha"),),
    parameters=(
        Parameter(
            "alpha",
            "minus the value far left of zero; at 1 the slope is continuous at 0, elsewhere it jumps there",
            default=1.0,
            low=0.0,
            slope=lambda x, _alpha, xp: xp.where(x > 0, 0.0, xp.expm1(x)),
        ),
    ),
    initializer="he_normal",
    aliases=("exponential linear unit",),
    native={"torch": "nn.functional.elu", "jax": "nn.elu", "keras": "activations.elu"},
    references=(
        "D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by ELUs, ICLR 2016, arXiv:1511.07289",
    ),
)
def elu(x: Any, alpha: Any, xp: Any) -> Any:
    """The input right of zero, levelling off to -alpha left of it, so that mean activations stay nearer to zero.

    Examples
    --------
    >>> ogive.elu([-1.0, 0.0, 2.0])
    array([-0.63212056,  0.        ,  2.        ])
    """
    return xp.where(x > 0, x, alpha * xp.expm1(x))


_SCALE = 1.0507009873554804934193349852946
_DEPTH = 1.7580993408473768599402175208123  # scale · alpha, minus the value far left of zero


def _selu_slope(x: Any, xp: Any) -> Any:
    return xp.where(x > 0, _SCALE, _fade(x, xp))


def _fade(x: Any, xp: Any) -> Any:
    """DEPTH·e^x, in an order that keeps it where e^x is no longer a normal number but this is."""
    half = xp.exp(x / 2)
    return _DEPTH * half * half


def _selu_curvature(x: Any, xp: Any) -> Any:
    return xp.where(x > 0, 0.0, _fade(x, xp))


@activation(
    slope=_selu_slope,
    curvature=_selu_curvature,
    formula="1.0507009873554804934193349852946 * (x if x > 0 else 1.6732632423543772848170429916717 * expm1(x))",
    limits=(-_DEPTH, inf),
    slope_limits=(0.0, _SCALE),
    monotone=True,
    smoothness=0,
    lipschitz=_DEPTH,
    kinks=(Kink(0.0, slope=_DEPTH),),
    initializer="lecun_normal",
    aliases=("scaled exponential linear unit",),
    native={"torch": "nn.functional.selu", "jax": "nn.selu", "keras": "activations.selu"},
    references=(
        "G. Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, equation 14 and appendix A (constants), arXiv:1706.02515",
    ),
)
def selu(x: Any, xp: Any) -> Any:
    """ELU scaled so that a plain stack of dense layers keeps mean 0 and variance 1 by itself.

    That holds for standardised inputs, LeCun-normal weights and a sequence of dense layers, without skips.

    Examples
    --------
    >>> ogive.selu([-1.0, 1.0])
    array([-1.11133074,  1.05070099])
    """
    return xp.where(x > 0, _SCALE * x, _DEPTH * xp.expm1(x))


@activation(
    slope=lambda x, xp: xp.exp(x),
    formula="exp(x)",
    limits=(0.0, inf),
    slope_limits=(0.0, inf),
    monotone=True,
    smoothness=inf,
    lipschitz=inf,
    aliases=("exp",),
    native={"torch": "exp", "keras": "activations.exponential"},
    references=("P. McCullagh, J. Nelder, Generalized Linear Models, 2nd ed., Chapman & Hall 1989, section 6.2 (the log link)",),
)
def exponential(x: Any, xp: Any) -> Any:
    """e to the power of x: the output activation of counts and of positive numbers; in a hidden layer it would explode.

    Examples
    --------
    >>> ogive.exponential([0.0, 1.0])
    array([1.        , 2.71828183])
    """
    return xp.exp(x)
