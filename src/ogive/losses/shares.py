"""Products and quotients with shares of a target, where a share of 0 has nothing to say."""

from __future__ import annotations

from typing import Any


def product(share: Any, term: Any, xp: Any) -> Any:
    """share · term, with 0 · ∞ = 0; NaN goes through."""
    return xp.where(share == 0, 0.0 * xp.where(term == term, 0.0, term), share * term)


def quotient(share: Any, divisor: Any, xp: Any) -> Any:
    """share / divisor, with 0 / 0 = 0; NaN goes through."""
    return xp.where(share == 0, 0.0 * xp.where(divisor == divisor, 0.0, divisor), share / divisor)
