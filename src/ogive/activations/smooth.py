"""The smooth family: a line to the right that fades out to the left without a kink."""

from __future__ import annotations

import math
from typing import Any

from ogive.activation import activation
from ogive.activations.sigmoids import sigmoid
from ogive.special import gaussian, normal_tail_ratio

inf = math.inf

_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the standard normal distribution at 0
_FLAT = 1000.0  # left of -_FLAT these functions are 0 and right of it the identity, in every float format


def _outside(x: Any, xp: Any, inside: Any, left: float, right: Any) -> Any:
    """`inside`, but `left` and `right` in the far tails, where 0·∞ would come out as NaN."""
    return xp.where(x < -_FLAT, left, xp.where(x > _FLAT, right, inside))


def _softplus_slope(x: Any, xp: Any) -> Any:
    return sigmoid.definition(x, xp)


def _softplus_curvature(x: Any, xp: Any) -> Any:
    return sigmoid.slope_definition(x, xp)


@activation(
    slope=_softplus_slope,
    curvature=_softplus_curvature,
    formula="max(x, 0) + log1p(exp(-abs(x)))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    monotone=True,
    smoothness=inf,
    lipschitz=1.0,
    initializer="he_normal",
    aliases=("smooth relu", "log1pexp"),
    native={"torch": "nn.functional.softplus", "scipy": "special.softplus", "jax": "nn.softplus", "keras": "activations.softplus"},
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


def _gated(x: Any, exponent: Any, first: Any, xp: Any, low: Any = None, factor: Any = 1.0) -> tuple[Any, Any]:
    """Value and slope of x·sigmoid(e)·factor, where e is `exponent` (and `low`, the rest of it) and `first` its derivative e'.

    The slope is sigmoid(e)·(1 + x·e'·sigmoid(-e)); all is written with e^-|e|, which never overflows.
    """
    half, rest, total = _decay_in_two(x, exponent, low, xp)
    value = xp.where(x >= 0, x * factor, x * half * factor * rest) / total
    bend = x * first / total
    slope = xp.where(x >= 0, (1 + bend * half * rest) * factor, (1 + bend) * half * factor * rest) / total
    return _outside(x, xp, value, -0.0 * factor, x * factor), _outside(x, xp, slope, 0.0 * factor, factor)


def gated_silu(x: Any, gate: Any, xp: Any) -> tuple[Any, Any]:
    """SiLU times a gate, which meets the exponential before that underflows; and its slope by `x`."""
    return _gated(x, x, 1.0, xp, factor=gate)


def _gated_curvature(x: Any, exponent: Any, first: Any, second: Any, xp: Any, low: Any = None) -> Any:
    """Second derivative of x·sigmoid(e): sigmoid'(e)·(2·e' + x·e'' - x·e'²·tanh(e/2)), `first` and `second` being e' and e''."""
    half, rest, total = _decay_in_two(x, exponent, low, xp)
    middle = exponent if low is None else exponent + low
    bracket = 2 * first + x * second - x * first * first * xp.tanh(middle / 2)
    return _outside(x, xp, bracket / (total * total) * half * rest, 0.0, 0.0)


def _decay_in_two(x: Any, exponent: Any, low: Any, xp: Any) -> tuple[Any, Any, Any]:
    """e^-|e| as two factors, so that a third can come between before the product leaves the normal numbers; and 1 + e^-|e|."""
    half = rest = xp.exp(-abs(exponent) / 2)
    if low is not None:
        shift = xp.exp(low)
        rest = half * xp.where(x < 0, shift, 1 / shift)
    return half, rest, 1 + half * rest


def _silu_slope(x: Any, xp: Any) -> Any:
    return _gated(x, x, 1.0, xp)[1]


def _silu_curvature(x: Any, xp: Any) -> Any:
    return _gated_curvature(x, x, 1.0, 0.0, xp)


@activation(
    slope=_silu_slope,
    curvature=_silu_curvature,
    formula="x / (1 + exp(-x))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.2784645427610738, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.0998393201288669,
    initializer="he_normal",
    aliases=("swish", "sigmoid linear unit", "sil"),
    native={"torch": "nn.functional.silu", "jax": "nn.silu", "keras": "activations.silu"},
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
    return _gated(x, x, 1.0, xp)[0]


def _mish_parts(x: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """e^(-|x|/2) and e^-|x|, then numerator and denominator of tanh(softplus(x)) = (w² + 2w) / (w² + 2w + 2), where w = e^x.

    Right of zero both are divided by w², left of it the numerator by w.
    """
    half = xp.exp(-abs(x) / 2)
    decay = half * half
    numerator = xp.where(x > 0, 1 + 2 * decay, decay + 2)
    return half, decay, numerator, xp.where(x > 0, numerator + 2 * decay * decay, numerator * decay + 2)


def _mish_slope(x: Any, xp: Any) -> Any:
    half, decay, numerator, denominator = _mish_parts(x, xp)
    bend = 4 * x * (1 + decay) / denominator
    right, left = numerator + bend * decay * decay, (numerator + bend) * half * half
    return _outside(x, xp, xp.where(x > 0, right, left) / denominator, 0.0, 1.0)


def _mish_curvature(x: Any, xp: Any) -> Any:
    """4w·(2·(1 + w)·d + x·(2 + 2w - 3w² - 2w³)) / d³ with d = w² + 2w + 2, right of zero divided by powers of w."""
    half, decay, _, denominator = _mish_parts(x, xp)
    cubic = xp.where(
        x > 0,
        ((2 * decay + 2) * decay - 3) * decay - 2,
        2 + decay * (2 - decay * (3 + 2 * decay)),
    )
    bracket = 2 * (1 + decay) * denominator + x * cubic
    faded = 4 * bracket / (denominator * denominator * denominator) * half * half
    return _outside(x, xp, xp.where(x > 0, faded * decay, faded), 0.0, 0.0)


@activation(
    slope=_mish_slope,
    curvature=_mish_curvature,
    formula="x * tanh(max(x, 0) + log1p(exp(-abs(x))))",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.30884341301725043, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.0884981612517279,
    initializer="he_normal",
    native={"torch": "nn.functional.mish", "jax": "nn.mish", "keras": "activations.mish"},
    references=("D. Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020, arXiv:1908.08681",),
)
def mish(x: Any, xp: Any) -> Any:
    """The input times tanh(softplus(x)): like SiLU, with a slightly deeper dip (-0.31) left of zero.

    Examples
    --------
    >>> ogive.mish([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """
    half, _, numerator, denominator = _mish_parts(x, xp)
    ratio = x * numerator / denominator
    return _outside(x, xp, xp.where(x > 0, ratio, ratio * half * half), -0.0, x)


def _gelu_slope(x: Any, xp: Any) -> Any:
    """Φ(x) + x·φ(x), which is 1 less its value at -x."""
    distance = abs(x)
    left = gaussian(distance, normal_tail_ratio(distance) - _DENSITY * distance, xp)
    return _outside(x, xp, xp.where(x < 0, left, 1 - left), 0.0, 1.0)


def _gelu_curvature(x: Any, xp: Any) -> Any:
    return _outside(x, xp, gaussian(x, _DENSITY * (2 - x * x), xp), 0.0, 0.0)


@activation(
    slope=_gelu_slope,
    curvature=_gelu_curvature,
    formula="x * erfc(-x / sqrt(2)) / 2",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    range=(-0.16997120747990366, inf),
    monotone=False,
    smoothness=inf,
    lipschitz=1.1289041451851548,
    initializer="he_normal",
    aliases=("gaussian error linear unit", "gelu erf", "gelu exact"),
    native={"torch": "nn.functional.gelu", "jax": "nn.gelu(approximate=False)", "keras": "activations.gelu"},
    references=("D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, section 2, arXiv:1606.08415",),
)
def gelu(x: Any, xp: Any) -> Any:
    """The input times the normal distribution function of it, x·Φ(x): the exact form, by erfc.

    Examples
    --------
    >>> ogive.gelu([-1.0, 0.0, 1.0])
    array([-0.15865525,  0.        ,  0.84134475])
    """
    distance = abs(x)
    tail = gaussian(distance, distance * normal_tail_ratio(distance), xp)
    return _outside(x, xp, xp.where(x < 0, -tail, x - tail), -0.0, x)


# gelu_tanh is x·sigmoid(2u), 2u = ROOT·x·(1 + CUBIC·x²). Of each constant, a part of six bits, and what that leaves.
_ROOT, _ROOT_HIGH, _ROOT_LOW = 1.5957691216057308, 51 / 32, 0.0020191216057307117  # 2·√(2/π)
_CUBIC, _CUBIC_HIGH, _CUBIC_LOW = 0.044715, 23 / 512, -0.000206875


def _gelu_tanh_exponent(x: Any, xp: Any) -> tuple[Any, Any]:
    """2u in two parts, the first exact and the second small, for the sigmoid's tail multiplies the relative error of 2u by 2u.

    As in `gaussian`, x and the factor 1 + CUBIC·x² are cut to multiples of 1/16: products of few bits are exact in every format.
    """
    x = xp.where(x < -30, -30.0, xp.where(x > 30, 30.0, x))
    coarse = xp.round(x * 16) / 16
    rest, square = x - coarse, coarse * coarse
    factor = xp.round((1 + _CUBIC * square) * 16) / 16
    factor_rest = (1 - factor + _CUBIC_HIGH * square) + _CUBIC_LOW * square + _CUBIC * rest * (x + coarse)
    return _ROOT_HIGH * coarse * factor, (_ROOT_LOW * coarse + _ROOT * rest) * factor + _ROOT * x * factor_rest


def _gelu_tanh_both(x: Any, xp: Any) -> tuple[Any, Any]:
    exponent, low = _gelu_tanh_exponent(x, xp)
    return _gated(x, exponent, _ROOT * (1 + 3 * _CUBIC * x * x), xp, low)


def _gelu_tanh_slope(x: Any, xp: Any) -> Any:
    return _gelu_tanh_both(x, xp)[1]


def _gelu_tanh_curvature(x: Any, xp: Any) -> Any:
    exponent, low = _gelu_tanh_exponent(x, xp)
    return _gated_curvature(x, exponent, _ROOT * (1 + 3 * _CUBIC * x * x), 6 * _ROOT * _CUBIC * x, xp, low)


@activation(
    slope=_gelu_tanh_slope,
    curvature=_gelu_tanh_curvature,
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
    native={"torch": "nn.functional.gelu(approximate='tanh')", "jax": "nn.gelu", "keras": "activations.gelu(approximate=True)"},
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
