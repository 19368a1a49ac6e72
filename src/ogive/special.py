"""Functions that the definitions need and array namespaces lack: the tails of the normal distribution, and arithmetic
that keeps the rounding error of an operation.
"""

from __future__ import annotations

import math
from typing import Any

_SQRT_2_PI = math.sqrt(2 * math.pi)


def erfc(x: Any, xp: Any) -> Any:
    """The complementary error function: the namespace's own (PyTorch), or the C library's, one element at a time (NumPy)."""
    if hasattr(xp, "special"):
        return xp.special.erfc(x)
    return xp.asarray(xp.frompyfunc(math.erfc, 1, 1)(x), dtype=x.dtype)


def normal_density(x: Any, xp: Any) -> Any:
    """The density of the standard normal distribution.

    exp(-x²/2) multiplies the rounding error of x² by x²/2. With h, x rounded to a multiple of 1/16, h² is exact and
    the rest, (x - h)(x + h), is small (Cody 1969, Math. Comp. 23, 631–637, computes erfc so).
    """
    coarse = xp.round(x * 16) / 16
    return xp.exp(-coarse * coarse / 2) * xp.exp(-(x - coarse) * (x + coarse) / 2) / _SQRT_2_PI


def normal_cdf(x: Any, xp: Any) -> Any:
    """The distribution function of the standard normal, to the last digits in the left tail too.

    Φ(x) = erfc(-x/√2)/2; the rounding error of -x/√2 is made good by one Newton step, for the tail multiplies it by x².
    """
    root, root_low = 0.7071067811865476, -4.833646656726457e-17  # 1/√2 in two parts
    high, low = two_product(-x, root)
    tail = erfc(high, xp) / 2
    return tail - normal_density(x, xp) * 2 * root * (low - x * root_low)


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded sum and its error (Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """The rounded product and its error (Dekker 1971, Numer. Math. 18, 224–242), for moderate float64 factors."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: Any) -> tuple[Any, Any]:
    scaled = a * 134217729.0  # 2²⁷ + 1 splits the 53 bits of a float64 in two
    high = scaled - (scaled - a)
    return high, a - high
