"""The smooth family: a line to the right that fades out to the left without a kink."""

from __future__ import annotations

import math
from typing import Any

from ogive.activation import activation
from ogive.activations.sigmoids import sigmoid
from ogive.special import normal_cdf, normal_density, two_product, two_sum

inf = math.inf

_FLAT = 1000.0  # left of -_FLAT these functions are 0 and right of it the identity, in every float format


def _outside(x: Any, xp: Any, inside: Any, left: float, right: Any) -> Any:
    """`inside`, but `left` and `right` in the far tails, where 0·∞ would come out as NaN."""
    return xp.where(x < -_FLAT, left, xp.where(x > _FLAT, right, inside))


def _fading(factor: Any, exponent: Any, xp: Any) -> Any:
    """factor · e^-|exponent|; far out in two steps, so that the factor is there before the product leaves the normal numbers."""
    half = xp.exp(-abs(exponent) / 2)
    return xp.where(abs(exponent) > 80, factor * half * half, factor * xp.exp(-abs(exponent)))


def _softplus_slope(x: Any, xp: Any) -> Any:
    return sigmoid.definition(x, xp)


@activation(
    slope=_softplus_slope,
    formula="max(x, 0) + log1p(exp(-abs(x)))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    monotone=True,
    smoothness=inf,
    lipschitz=1.0,
    initializer="he_normal",
    aliases=("smooth relu", "log1pexp"),
    native={"torch": "nn.functional.softplus", "scipy": "special.softplus"},
    references=("C. Dugas et al., Incorporating second-order functional knowledge for better option pricing, NeurIPS 2000",),
)
def softplus(x: Any, xp: Any) -> Any:
    """The smooth ReLU, log(1 + e^x): always positive; its slope is the sigmoid.

    Examples
    --------
    >>> ogive.softplus([-1.0, 0.0, 30.0])
    array([ 0.31326169,  0.69314718, 30.        ])
    """
    return xp.where(x <= 0, 0.0, x) + xp.log1p(xp.exp(-abs(x)))


def _gated(x: Any, exponent: Any, growth: Any, xp: Any, low: Any = 0.0) -> tuple[Any, Any]:
    """Value and slope of x·sigmoid(e), where g is x·de/dx and `low` the rounding error of e.

    The slope is sigmoid(e)·(1 + g·sigmoid(-e)); both are written with e^-|e|, which never overflows.
    """
    correction = 1 - low * xp.where(x < 0, -1.0, 1.0)
    decay = xp.exp(-abs(exponent)) * correction
    value = xp.where(x >= 0, x, _fading(x, exponent, xp) * correction) / (1 + decay)
    bend = _fading(growth, exponent, xp) * correction / (1 + decay)
    slope = (xp.where(x >= 0, 1.0, decay) + bend) / (1 + decay)
    return _outside(x, xp, value, -0.0, x), _outside(x, xp, slope, 0.0, 1.0)


def _silu_slope(x: Any, xp: Any) -> Any:
    return _gated(x, x, x, xp)[1]


@activation(
    slope=_silu_slope,
    formula="x / (1 + exp(-x))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.2784645427610738, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.0998393201288669,
    initializer="he_normal",
    aliases=("swish", "sigmoid linear unit", "sil"),
    native={"torch": "nn.functional.silu"},
    references=(
        "S. Elfwing, E. Uchibe, K. Doya, Sigmoid-weighted linear units, Neural Networks 107, 2018, arXiv:1702.03118",
        "P. Ramachandran, B. Zoph, Q. Le, Searching for activation functions, 2017, arXiv:1710.05941",
    ),
)
def silu(x: Any, xp: Any) -> Any:
    """The input times its own sigmoid: near the identity on the right, dipping to -0.28 left of zero.

    Examples
    --------
    >>> ogive.silu([-1.0, 0.0, 1.0])
    array([-0.26894142,  0.        ,  0.73105858])
    """
    return _gated(x, x, x, xp)[0]


def _mish_ratio(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """e^-|x|, and tanh(softplus(x)) as numerator and denominator: with e = e^x it is (e² + 2e) / (e² + 2e + 2)."""
    decay = xp.exp(-abs(x))
    numerator = xp.where(x > 0, 1 + 2 * decay, decay * (decay + 2))
    return decay, numerator, numerator + xp.where(x > 0, 2 * decay * decay, 2.0)


def _mish_slope(x: Any, xp: Any) -> Any:
    decay, numerator, denominator = _mish_ratio(x, xp)
    bend = _fading(4 * x, x, xp) * (1 + decay) * xp.where(x > 0, decay, 1.0) / denominator
    return _outside(x, xp, (numerator + bend) / denominator, 0.0, 1.0)


@activation(
    slope=_mish_slope,
    formula="x * tanh(max(x, 0) + log1p(exp(-abs(x))))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.30884341301725043, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.0884981612517279,
    initializer="he_normal",
    native={"torch": "nn.functional.mish"},
    references=("D. Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020, arXiv:1908.08681",),
)
def mish(x: Any, xp: Any) -> Any:
    """The input times tanh(softplus(x)): like SiLU, with a slightly deeper dip (-0.31) left of zero.

    Examples
    --------
    >>> ogive.mish([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """
    decay, numerator, denominator = _mish_ratio(x, xp)
    scaled = xp.where(x > 0, x * numerator, _fading(x, x, xp) * (decay + 2))
    return _outside(x, xp, scaled / denominator, -0.0, x)


def _gelu_slope(x: Any, xp: Any) -> Any:
    return _outside(x, xp, normal_cdf(x, xp) + x * normal_density(x, xp), 0.0, 1.0)


@activation(
    slope=_gelu_slope,
    formula="x * erfc(-x / sqrt(2)) / 2",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.16997120747990366, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.1289041451851548,
    initializer="he_normal",
    aliases=("gaussian error linear unit", "gelu erf", "gelu exact"),
    native={"torch": "nn.functional.gelu"},
    references=("D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, section 2, arXiv:1606.08415",),
)
def gelu(x: Any, xp: Any) -> Any:
    """The input times the normal distribution function of it, x·Φ(x): the exact form, by erfc.

    Examples
    --------
    >>> ogive.gelu([-1.0, 0.0, 1.0])
    array([-0.15865525,  0.        ,  0.84134475])
    """
    return _outside(x, xp, x * normal_cdf(x, xp), -0.0, x)


# gelu_tanh is x·sigmoid(2u) with 2u = 2·√(2/π)·(x + 0.044715 x³). Each constant stands in two parts, high and low.
_TWO_ROOT = (1.5957691216057308, -9.9693088091109140146e-17)
_CUBIC = (0.044715, 2.1960211427085618e-18)


def _gelu_tanh_exponent(x: Any, xp: Any) -> tuple[Any, Any]:
    """2u and its rounding error, for the sigmoid's tail multiplies the relative error of 2u by 2u itself."""
    x = xp.where(x < -30, -30.0, xp.where(x > 30, 30.0, x))
    square, square_low = two_product(x, x)
    cubic, cubic_low = two_product(square, _CUBIC[0])
    factor, factor_low = two_sum(1.0, cubic)
    factor_low = factor_low + cubic_low + square_low * _CUBIC[0] + square * _CUBIC[1]
    scaled, scaled_low = two_product(x, _TWO_ROOT[0])
    exponent, exponent_low = two_product(scaled, factor)
    return exponent, exponent_low + scaled * factor_low + (scaled_low + x * _TWO_ROOT[1]) * factor


def _gelu_tanh_both(x: Any, xp: Any) -> tuple[Any, Any]:
    exponent, low = _gelu_tanh_exponent(x, xp)
    return _gated(x, exponent, _TWO_ROOT[0] * x * (1 + 3 * _CUBIC[0] * x * x), xp, low)


def _gelu_tanh_slope(x: Any, xp: Any) -> Any:
    return _gelu_tanh_both(x, xp)[1]


@activation(
    slope=_gelu_tanh_slope,
    formula="x / (1 + exp(-2 * sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.17004075057125405, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.1289930686587718,
    initializer="he_normal",
    variant_of="gelu",
    aliases=("gelu new", "gelu pytorch tanh", "gelu approximate"),
    references=("D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, section 2 (the tanh form), arXiv:1606.08415",),
)
def gelu_tanh(x: Any, xp: Any) -> Any:
    """GELU with the normal distribution function approximated through tanh, as GPT-2 and BERT were trained.

    Examples
    --------
    >>> ogive.gelu_tanh([-1.0, 0.0, 1.0])
    array([-0.15880801,  0.        ,  0.84119199])
    """
    return _gelu_tanh_both(x, xp)[0]
