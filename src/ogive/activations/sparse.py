"""Sparse kin of the softmax: probabilities that can be exactly 0."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import first_largest, softmax
from ogive.axiswise import axiswise
from ogive.parameter import Parameter

inf = math.inf


def _bisected(distance: Any, beta: Any, xp: Any) -> Any:
    """p by bisection of m, the probability of the maximum, in [1/n, 1]: the sum rises with it.

    p = m·(1 + β t)₊^(1/β) with t = d·m^-β, as m·e^(log1p(β t)/β): right for β as small as it likes, e^t at 0. The number of halvings
    follows from the dtype and n; between the two neighbours that are left, p is where a straight line takes the sum to 1.
    """
    safe = xp.where(beta == 0, 1.0, beta)
    n = distance.shape[-1]
    low = 0 * xp.amax(distance, axis=-1, keepdims=True) + 1 / n
    high = 0 * low + 1.0

    def probabilities(m: Any) -> Any:
        log_m = xp.log(m)
        t = distance * xp.exp(-beta * log_m)
        inside = (beta * t > -1) & (t > -inf)
        kept = xp.where(inside, t, 0.0)
        return xp.where(inside, xp.exp(log_m + xp.where(beta == 0, kept, xp.log1p(beta * kept) / safe)), 0.0)

    for _ in range(2 + n.bit_length() - math.frexp(float(xp.finfo(distance.dtype).eps))[1]):
        middle = (low + high) / 2
        above = xp.sum(probabilities(middle), axis=-1, keepdims=True) > 1
        low, high = xp.where(above, low, middle), xp.where(above, middle, high)
    p, p_high = probabilities(low), probabilities(high)
    total = xp.sum(p, axis=-1, keepdims=True)
    rise = xp.sum(p_high, axis=-1, keepdims=True) - total
    share = xp.where(rise > 0, (1 - total) / xp.where(rise > 0, rise, 1.0), 0.0)
    return p + xp.clip(share, 0.0, 1.0) * (p_high - p)


def _from_the_edge(p: Any, x: Any, beta: Any, xp: Any) -> Any:
    """p once more, for β of 1 or more, as (q^β + β (x - x_edge))^(1/β), where q is the probability of the smallest x of the support.

    The power's slope is infinite at the edge, and what m^β + β d has rounded away would be magnified there; here nothing cancels,
    and the sum is convex in q: Newton's steps find it.
    """
    edge = xp.amin(xp.where(p > 0, x, inf), axis=-1, keepdims=True)
    q = xp.amin(xp.where(p > 0, p, 1.0), axis=-1, keepdims=True)
    above = xp.where(x > edge, beta * (x - edge), 1.0)

    def probabilities(q: Any) -> Any:
        return xp.where(x > edge, (q**beta + above) ** (1 / beta), xp.where(x == edge, q, 0.0))

    for _ in range(3):
        found = probabilities(q)
        slopes = xp.where(x >= edge, xp.where(x > edge, q / xp.where(x > edge, found, 1.0), 1.0) ** (beta - 1), 0.0)
        step = (1 - xp.sum(found, axis=-1, keepdims=True)) / xp.sum(slopes, axis=-1, keepdims=True)
        q = xp.clip(q + step, 0.0, 1.0)
    return probabilities(q)


def _probabilities(x: Any, alpha: Any, xp: Any) -> Any:
    beta = alpha[..., None] - 1
    largest, top = first_largest(x, xp)
    distance = xp.where(top & (largest > -inf), 0.0, x - largest)
    defined = xp.amax(distance, axis=-1, keepdims=True) == 0  # not where there is a NaN, a second +inf, or nothing but -inf
    p = _bisected(xp.where(defined, distance, 0.0), beta, xp)
    p = xp.where(beta < 1, p, _from_the_edge(p, x, xp.where(beta < 1, 1.0, beta), xp))
    return xp.where(beta == 0, softmax.definition(x, xp), xp.where(defined, p, largest - largest))


def _entmax_vjp(x: Any, cotangent: Any, alpha: Any, xp: Any) -> Any:
    """s·(g - Σ s g / Σ s) with s = p^(2-α) on the support (Peters et al. 2019, proposition 2); g counted from its value at the largest s.

    Beyond α = 2 that is the edge of the support, where s may overflow: its share of the sum does not.
    """
    p = _probabilities(x, alpha, xp)
    inside = p > 0
    logarithm = xp.where(inside, (2 - alpha[..., None]) * xp.log(xp.where(inside, p, 1.0)), -inf)
    largest, top = first_largest(logarithm, xp)
    relative = cotangent - xp.sum(xp.where(top, cotangent, 0.0), axis=-1, keepdims=True)
    terms = xp.where(inside & (relative != 0), xp.exp(logarithm) * relative, p * 0)
    weights = xp.exp(logarithm - largest)
    return terms - weights / xp.sum(weights, axis=-1, keepdims=True) * xp.sum(terms, axis=-1, keepdims=True)


def _reference(functions: Any, x: list[Any], alpha: Any, i: int) -> Any:
    """The probability of element i: the sum of all is 1 at the m that bisection brackets and Newton's steps find.

    For α up to 2 the sum is convex in m, so from above no step overshoots; each doubles the digits, those of the derivatives too.
    """
    beta, top = alpha - 1, functions.max(x)
    if beta == 0:
        return functions.exp(x[i]) / sum(functions.exp(v) for v in x)

    def probabilities(m: Any) -> list[Any]:
        bases = [m**beta + beta * (v - top) for v in x]
        return [base ** (1 / beta) if base > 0 else 0 for base in bases]

    low, high = functions.number(1) / len(x), functions.number(1)
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(probabilities(middle)) > 1 else (middle, high)
    m = high
    for _ in range(6):
        p = probabilities(m)
        m = m - (sum(p) - 1) / sum((m / q) ** (beta - 1) for q in p if q != 0)
    return probabilities(m)[i]


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
    return _probabilities(x, alpha, xp)
