"""Rational activations: a quotient of polynomials whose coefficients are learned."""

from __future__ import annotations

import math
from typing import Any

from ogive.activation import activation
from ogive.parameter import Parameter

inf = math.inf


def _coefficients(vector: Any) -> list[Any]:
    return [vector[..., k] for k in range(vector.shape[-1])]


def _horner(coefficients: list[Any], x: Any) -> Any:
    """The polynomial, constant term first."""
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def _sign(x: Any, denominator: Any, xp: Any) -> Any:
    """The sign of Q, also where a power of x overflows."""
    b = _coefficients(denominator)
    far = abs(x) > 1
    near_sum = _horner(b, xp.where(far, 1.0, x)) * x
    far_sum = _horner(b[::-1], 1 / xp.where(far, x, 1.0))
    far_sum = xp.where(x < 0, (-1) ** len(b) * far_sum, far_sum)
    q = xp.where(far, far_sum, near_sum)
    return xp.where(q > 0, 1.0, xp.where(q < 0, -1.0, q))


def _over(x: Any, coefficients: list[Any], denominator: Any, xp: Any, factor: Any = 1) -> Any:
    """factor · Σ c_k x^k / (1 + |Q(x)|). Beyond |x| = 1 in powers of y = 1/x, divided by |x|^n above and below, so that nothing
    overflows: what is small is multiplied in first, and powers of x last.

    At x = ±∞ it is the limit where the last coefficient of Q is not 0.
    """
    b = _coefficients(denominator)
    q = _horner(b, x) * x
    direct = factor * _horner(coefficients, x) / (1 + abs(q))
    far = (abs(x) > 1) & (q != 0)
    y = 1 / xp.where(far, x, 1.0)
    power = y * 0 + 1
    for _ in b:
        power = power * y
    degree = len(coefficients) - 1
    ratio = factor * _horner(coefficients[::-1], y)
    for _ in range(degree, len(b)):
        ratio = ratio * y
    ratio = ratio / (abs(power) + abs(_horner(b[::-1], y)))
    for _ in range(len(b), degree):
        ratio = ratio * xp.where(far, x, 1.0)
    if len(b) % 2:
        ratio = xp.where(x < 0, -ratio, ratio)
    return xp.where(far, ratio, direct)


def _powers(x: Any, denominator: Any, exponents: range, xp: Any) -> list[Any]:
    one, nought = 1 + 0 * denominator[..., 0], 0 * denominator[..., 0]
    return [_over(x, [nought] * k + [one], denominator, xp) for k in exponents]


def _rational_slope(x: Any, numerator: Any, denominator: Any, xp: Any) -> Any:
    """P' / (1 + |Q|) - P·sign(Q)·Q' / (1 + |Q|)². Where Q is 0, as at x = 0, |Q| has a kink, and its slope counts as 0, the mean.

    Its value at ±∞ is the one far out, at a power of two (which rounds nothing) whose reciprocal is still a normal number.
    """
    far_out = 2.0 ** (math.frexp(float(xp.finfo(x.dtype).max))[1] * 9 // 10)
    x = xp.where(x > far_out, far_out, xp.where(x < -far_out, -far_out, x))
    a, b = _coefficients(numerator), _coefficients(denominator)
    rise = _over(x, [k * a[k] for k in range(1, len(a))] or [0 * a[0]], denominator, xp)
    bend = _over(x, [k * c for k, c in enumerate(b, 1)], denominator, xp)
    return rise - _over(x, a, denominator, xp, _sign(x, denominator, xp) * bend)


def _by_numerator(x: Any, numerator: Any, denominator: Any, xp: Any) -> Any:
    """x^k / (1 + |Q|), k along a new last axis."""
    return xp.stack(_powers(x, denominator, range(numerator.shape[-1]), xp), -1)


def _by_denominator(x: Any, numerator: Any, denominator: Any, xp: Any) -> Any:
    """-P · sign(Q) · x^k / (1 + |Q|)², k from 1 along a new last axis."""
    a, sign = _coefficients(numerator), _sign(x, denominator, xp)
    powers = _powers(x, denominator, range(1, denominator.shape[-1] + 1), xp)
    return xp.stack([_over(x, a, denominator, xp, -sign * power) for power in powers], -1)


@activation(
    signature="(),(m),(k)->()",
    slope=_rational_slope,
    formula="sum(numerator[j] * x**j for j in range(len(numerator)))"
    " / (1 + abs(sum(denominator[j - 1] * x**j for j in range(1, len(denominator) + 1))))",
    limits=(-inf, inf),
    slope_limits=(0.25, 0.25),
    monotone=True,
    zero_centred=True,
    smoothness=inf,
    lipschitz=1.0,
    parameters=(
        Parameter(
            "numerator",
            "the coefficients of P, constant term first, learned: shape (m,), or (…, m) with … broadcasting against x",
            default=(0.0, 1.0, 0.0, 0.25),
            learned=True,
            slope=_by_numerator,
        ),
        Parameter(
            "denominator",
            "the coefficients of Q from that of x on, likewise: shape (k,) or (…, k)",
            default=(0.0, 1.0),
            learned=True,
            slope=_by_denominator,
        ),
    ),
    initializer="he_normal",
    aliases=("pade activation unit", "pau", "safe pade"),
    references=("A. Molina, P. Schramowski, K. Kersting, Padé activation units, ICLR 2020, equation 2, arXiv:1907.06732",),
)
def rational(x: Any, numerator: Any, denominator: Any, xp: Any) -> Any:
    """A learned quotient of polynomials, P(x) / (1 + |Q(x)|), which has no pole: the "safe" Padé activation unit.

    Where Q crosses 0 its size has a kink, and the slope there takes that of |Q| as 0. The properties below are those of the default
    coefficients, (x + x³/4) / (1 + x²): slope 1 at 0, falling to 1/4 far out.

    Examples
    --------
    >>> ogive.rational([0.0, 1.0, 1e200], [0.0, 1.0, 0.0, 1.0], [0.0, 1.0])
    array([0.e+000, 1.e+000, 1.e+200])
    >>> ogive.rational.slope([2.0], [0.0, 1.0], [1.0], wrt="numerator")
    array([[0.33333333, 0.66666667]])
    """
    return _over(x, _coefficients(numerator), denominator, xp)
