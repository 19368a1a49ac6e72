"""Shares of classes: products and quotients in which a share of 0 has nothing to say, and what a share lacks to 1."""

from __future__ import annotations

from typing import Any

from ogive.activations.axiswise import softmax_parts


def product(share: Any, term: Any, xp: Any) -> Any:
    """share · term, with 0 · ∞ = 0; NaN goes through."""
    return xp.where(share == 0, 0.0 * xp.where(term == term, 0.0, term), share * term)


def quotient(share: Any, divisor: Any, xp: Any) -> Any:
    """share / divisor, with 0 / 0 = 0; NaN goes through."""
    return xp.where(share == 0, 0.0 * xp.where(divisor == divisor, 0.0, divisor), share / divisor)


def complementary_softmax(logits: Any, xp: Any) -> tuple[Any, Any]:
    """Softmax, and what each probability lacks to 1: the sum of the others."""
    _, top, exponential, others = softmax_parts(logits, xp)
    total = 1 + others
    return exponential / total, xp.where(top, others, total - exponential) / total
