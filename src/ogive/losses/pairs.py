"""Margins between every two classes of a row, some classes at a time: c classes have c² pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ogive.losses.shares import product
from ogive.special import two_sum
from ogive.term import Input

TARGETS = Input(
    "target",
    "1 for every label that holds and 0 for the others, or shares; in the shape of the prediction",
    low=0.0,
    high=1.0,
    role="binary",
)
_AT_ONCE = 1 << 20  # numbers
_ROOM = 2.0**64  # for the sum of as many differences


def lowered(scores: Any, xp: Any) -> tuple[Any, Any]:
    """The scores, over a power of two where differences of a row or the sum of these might be beyond the largest number; one over it."""
    size = xp.amax(xp.where(xp.isfinite(scores), abs(scores), 0.0), axis=-1, keepdims=True)
    down = xp.where(size * _ROOM == math.inf, 1 / _ROOM, xp.ones_like(size))
    return scores * down, down


def beyond(margin: Any, other: Any, own: Any, xp: Any) -> Any:
    """margin + other - own, rounded once or nearly so: beside the kink the three cancel."""
    gap, low = two_sum(other, -own)
    total, lost = two_sum(margin, gap)
    return total + xp.where(xp.isfinite(total), lost + low, 0.0)


def margins_of_pairs(scores: Any, shares: Any, rivals: Any, margin: Any, p: Any, xp: Any) -> Any:
    """Σ_j Σ_k≠j shares_j rivals_k max(0, margin + x_k - x_j)^p / c."""
    total, (low, down) = 0.0, lowered(scores, xp)
    for weight, missing in _pairs(low, shares, rivals, margin * down[..., 0], xp):
        total = total + xp.sum(product(weight, missing ** p[..., None, None], xp), axis=(-2, -1))
    return total / scores.shape[-1] / down[..., 0] ** p


def pull_of_pairs(scores: Any, shares: Any, rivals: Any, margin: Any, p: Any, xp: Any) -> Any:
    """The gradient of that: each pair pulls its own class up and the other down."""
    down, up, power = 0.0, [], p[..., None, None]
    low, unit = lowered(scores, xp)
    for weight, missing in _pairs(low, shares, rivals, margin * unit[..., 0], xp):
        active = xp.where(missing > 0, xp.where(missing > 0, missing, 1.0) ** (power - 1), missing)
        steepness = product(weight, power * active, xp)
        down = down + xp.sum(steepness, axis=-2)
        up.append(xp.sum(steepness, axis=-1))
    return (down - xp.concatenate(up, axis=-1)) / scores.shape[-1] / unit ** (p[..., None] - 1)


def _pairs(scores: Any, shares: Any, rivals: Any, margin: Any, xp: Any) -> Iterator[tuple[Any, Any]]:
    """The weights of pairs, and what is missing to the margin; classes without a share may have any score."""
    count = scores.shape[-1]
    step = max(1, _AT_ONCE // max(1, math.prod(scores.shape)))
    different = 1 - xp.eye(count, dtype=scores.dtype)
    own = xp.where(shares == 0, 0.0, scores)
    for start in range(0, count, step):
        some = slice(start, start + step)
        missing = beyond(margin[..., None, None], scores[..., None, :], own[..., some, None], xp)
        yield shares[..., some, None] * rivals[..., None, :] * different[some], xp.where(missing <= 0, 0.0, missing)
