"""How optax's functions enter the register, and what `where` means for rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.peers.registry import Function, register
from ogive.peers.values import rows


def of(entry: str) -> Callable[[Function], Function]:
    """Register a function of optax.losses."""

    def enter(function: Function) -> Function:
        register(f"optax.losses.{function.__name__}", entry, function)
        return function

    return enter


def counted_in(where: Any, scores: Array, axis: Any) -> Array:
    """What counts, in the shape of the rows; a `where` that lacks the axis speaks for whole rows."""
    if where is None:
        return np.ones(scores.shape, np.bool_)
    asked = np.asarray(where)
    return np.broadcast_to(asked[..., None] if asked.ndim < scores.ndim else rows(asked, axis), scores.shape)
