"""What is read off a function along one line through it, and what such lines have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.term import Input

POINTS = 601
Interval = tuple[float, float]


@dataclass(frozen=True)
class Trace:
    """One line through a function: its values along x, their slopes by x where there are any, and where it has kinks.

    ``case`` is what tells it from the other lines of the function, ``label`` what is along x. ``dots`` and ``slope_dots`` are points
    (x, y) where a derivative jumps, with the value and the slope that are given there. ``beside`` is something to compare the values
    with, under a name of its own.
    """

    name: str
    case: str
    label: str
    x: Array
    value: Array
    slope: Array | None = None
    dots: tuple[tuple[float, float], ...] = ()
    slope_dots: tuple[tuple[float, float], ...] = ()
    beside: tuple[str, Array] | None = None
    logarithmic: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is to be drawn of an entry: its form, its parameters, over which interval; of a loss of classes all targets, or how it costs
    as the right class gets its due; of softmax and its kin whether a score moves, or the temperature.
    """

    entry: Any
    parameters: Mapping[str, Any]
    interval: Interval | None = None
    right: bool = False
    score: bool = False
    given: str | None = None

    @property
    def name(self) -> str:
        """The entry, and the parameters where they are not the defaults."""
        written = ", ".join(f"{name}={value}" if isinstance(value, str) else f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.entry.name}({written})" if written else str(self.entry.name)


def boundless(each: Input) -> bool:
    return (each.low, each.high) == (-math.inf, math.inf)


def around(domain: Interval = (-math.inf, math.inf), kinks: list[float] | None = None) -> Interval:
    """Where a function is worth a look: between -4 and 4 and beyond its kinks, inside its domain."""
    low, high = domain
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    if math.isfinite(low):
        return low + 0.02, low + 6.0
    if math.isfinite(high):
        return high - 6.0, high - 0.02
    return min([-4.0, *(kink - 1 for kink in kinks or [])]), max([4.0, *(kink + 1 for kink in kinks or [])])


def points(low: float, high: float, kinks: list[float]) -> Array:
    """Places between both ends, each kink and the floats beside it among them."""
    beside = [np.nextafter(kink, end) for kink in kinks for end in (-np.inf, np.inf)]
    return np.unique(np.r_[np.linspace(low, high, POINTS), kinks, beside])


def pairs(x: Array, y: Array) -> tuple[tuple[float, float], ...]:
    return tuple(zip(np.asarray(x).tolist(), np.asarray(y).tolist(), strict=True))
