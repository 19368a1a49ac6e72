"""What the definitions share: the tails of the normal distribution, and arithmetic that keeps the rounding error of an operation.

A definition ``f(x, *parameters, xp)`` computes in the dtype of `x`, float32 or float64, over any of the namespaces ``numpy``,
``torch`` and ``jax.numpy`` (also under ``jax.jit``). It follows these rules:

* call only what all three have, with the names and keywords that all three take: ``where``, ``exp``, ``log1p``, ``tanh``,
  ``round``, ``isfinite``, ``sum``, ``amax`` and ``cumsum`` with ``axis=`` (and ``keepdims=``), and the operators;
* choose with ``xp.where``: never with ``if`` on the values of an array, by a mask as index, or by writing into an array;
* of the two choices of ``xp.where`` at least one is an array: two Python numbers make an array of the namespace's default dtype.
  For a function that is 1, 0 or NaN, choosing `x` itself where x is NaN does both;
* pass arrays, not Python numbers, to functions such as ``xp.exp``, and never name a dtype;
* a factor that can be large meets an exponential that can underflow before the last product, as in ``factor * half * half``
  with half = e^(x/2): otherwise digits are lost among the subnormal numbers, or everything where a namespace flushes them to 0;
* no factor is an exponential right beside another, as in ``exp(a) * exp(b)``: XLA makes ``exp(a + b)`` of it, which rounds a + b.
  A number or an array comes first and the exponentials one by one, or one of them goes through ``xp.where``.
"""

from __future__ import annotations

import math
from typing import Any

# (5/4 + t) e^(t²/2) Φ(-t) for 0 <= t as a polynomial in y = (t - centre) / (t + centre), constant term first: the map of
# Shepherd & Laframboise 1981, Math. Comp. 36, 249-253, interpolated by kernels/fit.py, with a relative error below 2⁻⁵⁴.
_TAIL_CENTRE = 4.09375
_TAIL = (
    0.494048385940376977,
    -0.138235554344962042,
    0.0470348698367485593,
    0.00848538025581508856,
    -0.0238765649914531308,
    0.0165626898928026567,
    -0.00580667844077310553,
    0.0003046327792407514,
    0.000626679897946602268,
    -0.000173587418482972156,
    -0.0000625803170398341648,
    0.0000322563130150533886,
    8.34716543399142302e-6,
    -5.4449859412078281e-6,
    -1.63721407659389101e-6,
    8.77563419024058852e-7,
    3.98305617350381909e-7,
    -1.18153893649175722e-7,
    -9.74558684705120919e-8,
    6.34690345920429628e-9,
    1.98859392929354663e-8,
    2.69255806158100405e-9,
    -2.41389062099960031e-9,
    -7.41513215327304416e-10,
)


def gaussian(x: Any, factor: Any, xp: Any) -> Any:
    """factor · e^(-x²/2), for |x| below 1000.

    exp(-x²/2) multiplies the rounding error of x² by x²/2. With h, x rounded to a multiple of 1/16, h² is exact and
    the rest, (x - h)(x + h), is small (Cody 1969, Math. Comp. 23, 631-637, computes erfc so).
    """
    coarse = xp.round(x * 16) / 16
    half = xp.exp(-coarse * coarse / 4)
    return factor * xp.exp(-(x - coarse) * (x + coarse) / 2) * half * half


def normal_tail_ratio(t: Any) -> Any:
    """Φ(-t) e^(t²/2) for t >= 0: what the left tail of the normal distribution has beside its exponential."""
    y = (t - _TAIL_CENTRE) / (t + _TAIL_CENTRE)
    return _polynomial(y, _TAIL) / (t + 1.25)


def take_along(array: Any, index: Any, xp: Any) -> Any:
    """The elements at these places along the last axis, which PyTorch names in its own way."""
    return (xp.take_along_axis if hasattr(xp, "take_along_axis") else xp.take_along_dim)(array, index, -1)


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded sum and its error (Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded product of moderate numbers and its error (Dekker's; Muller et al., Handbook of floating-point arithmetic, 4.4)."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = halves(a), halves(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def halves(a: Any) -> tuple[Any, Any]:
    """Two numbers of half the digits whose sum it is (Veltkamp's splitting, the same section)."""
    carried = a * (4097 if a.dtype.itemsize == 4 else 134217729)
    high = carried - (carried - a)
    return high, a - high


# log(y!) - y log y + y - log(2π y)/2 in powers of 1/y: the first terms of Stirling's series (Abramowitz and Stegun, 6.1.41).
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
# 12 y times that sum for 1 <= y <= 10 as a polynomial in log y / log √10 - 1, constant term first: Chebyshev's interpolation with 60
# digits (mpmath's chebyfit), with a relative error below 2⁻⁵¹ of what is itself small beside the rest.
_STIRLING_BELOW = (
    0.996755596008530777,
    0.00727867023826741325,
    -0.00796476807829380709,
    0.00553116030758776541,
    -0.00259709972575970561,
    0.000751795736879280642,
    -0.0000356338776937019397,
    -0.0000906235692505235235,
    0.0000485489973786456457,
    -8.58327772176527155e-6,
    -3.62535167279151301e-6,
    2.83040776637228314e-6,
    -5.65833393007929598e-7,
    -2.2972281081706433e-7,
    1.74728391485130247e-7,
    -2.27099875227695375e-8,
    -2.12412728335416326e-8,
    8.78347131259442316e-9,
    1.14752064473251568e-9,
    -9.6439300727028469e-10,
)
# log Γ(1 + f) / (f (f - 1)) for 0 <= f <= 1 as a polynomial in 2 f - 1, constant term first: Chebyshev's interpolation with 50 digits
# (mpmath's chebyfit), with a relative error below 2⁻⁶¹.
_LOG_GAMMA = (
    0.483128950540980889,
    -0.0729799479571530433,
    0.0157278502686412354,
    -0.00391356093762618669,
    0.00104981866444911971,
    -0.000294550701519559534,
    0.0000851009038226653908,
    -0.0000250943286698183438,
    7.51139115432792854e-6,
    -2.2742474054826674e-6,
    6.9484607899472725e-7,
    -2.138632494418463e-7,
    6.62292611200516462e-8,
    -2.06209953646285681e-8,
    6.44804375252190111e-9,
    -2.01698956582689074e-9,
    6.35301760084575122e-10,
    -2.08713110054528231e-10,
    6.61569131645145797e-11,
    -1.54104790695602226e-11,
    4.89218582612528544e-12,
    -3.80080858206406275e-12,
    1.21703582193855907e-12,
)


def stirling(y: Any, xp: Any) -> Any:
    """log(y!) - y log y + y for y >= 1: log(2π y) / 2 and Stirling's series, or what it converges to."""
    logarithm, large = xp.log(y), y > 10
    far = xp.where(large, y, 10.0)
    series = 0.0 * far
    for coefficient in reversed(_STIRLING):
        series = series / (far * far) + coefficient
    t = xp.where(large, 0.0, logarithm) / (math.log(10) / 2) - 1
    rest = xp.where(large, series / far, _polynomial(t, _STIRLING_BELOW) / (12 * xp.where(large, 10.0, y)))
    return (logarithm + math.log(2 * math.pi)) / 2 + rest


def log_factorial_of_fraction(f: Any) -> Any:
    """log(f!) = log Γ(1 + f) for 0 <= f <= 1, 0 at both ends."""
    return f * (f - 1) * _polynomial(2 * f - 1, _LOG_GAMMA)


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    result = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        result = result * x + coefficient
    return result
