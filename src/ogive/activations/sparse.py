"""Sparse kin of the softmax: probabilities that can be exactly 0."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import first_largest, softmax
from ogive.axiswise import axiswise
from ogive.parameter import Parameter

inf = math.inf


def _entmax_parts(x: Any, alpha: Any, xp: Any) -> tuple[Any, Any]:
    """p, and log p where p is not 0.

    p = m·(1 + β t)₊^(1/β) with t = d·m^-β, as m·e^(log1p(β t)/β): right for β as small as it likes, e^t at 0. The sum rises
    with m, so halving the interval [1/n, 1] finds m; the number of halvings follows from the dtype and n.
    """
    beta = alpha[..., None] - 1
    safe = xp.where(beta == 0, 1.0, beta)
    largest = xp.amax(x, axis=-1, keepdims=True)
    distance = xp.where(x == largest, 0.0, x - largest)
    n = x.shape[-1]
    low = 0 * largest + 1 / n
    high = 0 * largest + 1.0

    def logarithms(m: Any) -> tuple[Any, Any]:
        """log p, and whether p is more than 0."""
        log_m = xp.log(m)
        t = distance * xp.exp(-beta * log_m)
        inside = (beta * t > -1) & (t > -inf)
        kept = xp.where(inside, t, 0.0)
        return log_m + xp.where(beta == 0, kept, xp.log1p(beta * kept) / safe), inside

    def probabilities(m: Any) -> Any:
        logarithm, inside = logarithms(m)
        return xp.where(inside, xp.exp(logarithm), 0.0)

    for _ in range(2 + n.bit_length() - math.frexp(float(xp.finfo(x.dtype).eps))[1]):
        middle = (low + high) / 2
        above = xp.sum(probabilities(middle), axis=-1, keepdims=True) > 1
        low, high = xp.where(above, low, middle), xp.where(above, middle, high)
    logarithm, inside = logarithms((low + high) / 2)
    p = xp.where(inside, xp.exp(logarithm), 0.0)
    return xp.where(largest > -inf, p, largest - largest), logarithm


def _entmax_vjp(x: Any, cotangent: Any, alpha: Any, xp: Any) -> Any:
    """s·(g - Σ s g / Σ s) with s = p^(2-α) on the support (Peters et al. 2019, proposition 2); g counted from its value at the maximum."""
    p, logarithm = _entmax_parts(x, alpha, xp)
    s = xp.exp((2 - alpha[..., None]) * xp.where(p > 0, logarithm, 0.0))
    s = xp.where(p > 0, s, 0.0)
    s = xp.where(alpha[..., None] == 1, softmax.definition(x, xp), s)
    _, top = first_largest(x, xp)
    relative = cotangent - xp.sum(xp.where(top, cotangent, 0.0), axis=-1, keepdims=True)
    return s * (relative - xp.sum(s * relative, axis=-1, keepdims=True) / xp.sum(s, axis=-1, keepdims=True))


def _reference(functions: Any, x: list[Any], alpha: Any, i: int) -> Any:
    """The probability of element i: the sum of all is 1 at the m that bisection finds, and one step of Newton's carries derivatives."""
    beta, top = alpha - 1, functions.max(x)
    if beta == 0:
        return functions.exp(x[i]) / sum(functions.exp(v) for v in x)

    def probabilities(m: Any) -> list[Any]:
        bases = [m**beta + beta * (v - top) for v in x]
        return [base ** (1 / beta) if base > 0 else 0 for base in bases]

    low, high = functions.number(1) / len(x), functions.number(1)
    for _ in range(220):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(probabilities(middle)) > 1 else (middle, high)
    m = high
    p = probabilities(m)
    rise = sum((m / q) ** (beta - 1) for q in p if q != 0)
    return probabilities(m - (sum(p) - 1) / rise)[i]


@axiswise(
    vjp=_entmax_vjp,
    signature="(n)->(n)",
    reference=_reference,
    parameters=(
        Parameter("alpha", "how sparse: 1 is the softmax, 2 the projection onto the simplex (sparsemax); 1 or more", default=1.5, low=1.0),
    ),
    shift="invariant",
    range=(0.0, 1.0),
    total=1.0,
    aliases=("alpha entmax", "sparse softmax"),
    references=("B. Peters, V. Niculae, A. Martins, Sparse sequence-to-sequence models, ACL 2019, equations 7 and 10, arXiv:1905.05702",),
)
def entmax(x: Any, alpha: Any, xp: Any) -> Any:
    """Scores into probabilities of which the smaller ones are exactly 0: between softmax (alpha 1) and sparsemax (alpha 2).

    With β = α - 1 and d = x - max x, p = (m^β + β d)₊^(1/β), where m, the probability of the maximum, is such that the sum is 1.
    For alpha > 2 the slope at the edge of the support is infinite, so a probability next to 0 moves far with the last bit of x.

    Examples
    --------
    >>> ogive.entmax([1.0, 0.5, -3.0], alpha=2.0)
    array([0.75, 0.25, 0.  ])
    >>> ogive.entmax([1.0, 0.5, -3.0]).round(6)
    array([0.673993, 0.326007, 0.      ])
    """
    p, _ = _entmax_parts(x, alpha, xp)
    return xp.where(alpha[..., None] == 1, softmax.definition(x, xp), p)
