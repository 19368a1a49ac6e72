"""What a picture with two axes holds: numbers with their places, and the marks there, whatever draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LETTER = 6.3
"""Width of a letter beside an axis, in the unit of a panel's width."""


@dataclass(frozen=True)
class Axis:
    """From numbers to places, 0 … 1.

    Attributes
    ----------
    low, high
        The numbers at both ends; the lower end may have the greater one.
    log
        Whether equal factors are equally far apart.
    ticks
        Places with a label; chosen for the numbers where none are given.
    label
        What the numbers are.
    """

    low: float
    high: float
    log: bool = False
    ticks: tuple[tuple[float, str], ...] | None = None
    label: str = ""

    def places(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where the numbers are; beyond 0 … 1 outside."""
        numbers = np.asarray(values, np.float64)
        low, high = self.low, self.high
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                numbers, low, high = np.log(numbers), math.log(low), math.log(high)
        return (numbers - low) / (high - low)

    def labels(self) -> tuple[tuple[float, str], ...]:
        """The ticks."""
        if self.ticks is not None:
            return self.ticks
        values = _decades(self.low, self.high) if self.log else _steps(self.low, self.high)
        return tuple((value, f"{value:g}".replace("-", "−")) for value in values)


def names(labels: Sequence[str], label: str = "") -> Axis:
    """An axis with one name in each line, the first at the top."""
    return Axis(len(labels) - 0.5, -0.5, ticks=tuple((place, name) for place, name in enumerate(labels)), label=label)


def _steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from low to high."""
    low, high = min(low, high), max(low, high)
    size = 10 ** math.floor(math.log10((high - low) / most))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10, 20) if (high - low) / (size * factor) <= most)
    first = math.ceil(low / step - 1e-9)
    return [float(f"{place * step:.6g}") for place in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten, and what lies between where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    between = (1, 2, 5) if len(powers) <= 3 else (1,) if len(powers) > 4 else (1, 3)
    every = 1 if len(powers) <= 7 else 2
    found = [factor * 10.0**power for power in powers if power % every == 0 for factor in between]
    return [float(f"{value:.3g}") for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points, broken where one is no number."""

    xs: Array
    ys: Array
    style: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class Area:
    """What lies within a line that comes back to its beginning."""

    xs: Array
    ys: Array
    style: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class Dots:
    """Dots; those beyond an end of the x axis become arrows at that end."""

    xs: Array
    ys: Array
    style: str
    radius: float
    name: str = ""


@dataclass(frozen=True)
class Aside:
    """Words beside an arrow, at the low or the high end of the x axis."""

    y: float
    words: str
    low: bool


Mark = Line | Area | Dots | Aside


class Panel:
    """One picture: an area with two axes, and marks that are cut where it ends. `ogive.svg` and `ogive.pictures.drawing` draw it.

    A mark's style is words of `ogive.palette`, "interval c1"; its name shows on hover where there is such a thing.

    Parameters
    ----------
    about
        What it shows, in words, for those who cannot see it.
    x, y
        The axes.
    width, height
        Of the area, in units that are pixels where there is room.
    title
        Printed above.
    """

    def __init__(self, about: str, x: Axis, y: Axis, *, width: float = 360, height: float = 210, title: str = "") -> None:
        self.about, self.x, self.y, self.width, self.height, self.title = about, x, y, width, height, title
        self.marks: list[Mark] = []

    def line(self, xs: ArrayLike, ys: ArrayLike, style: str, name: str = "") -> None:
        """A line through points, broken where one is no number."""
        self.marks.append(Line(_numbers(xs), _numbers(ys), style, name))

    def band(self, xs: ArrayLike, lows: ArrayLike, highs: ArrayLike, style: str) -> None:
        """The area between two lines."""
        along = _numbers(xs)
        self.area(np.concatenate([along, along[::-1]]), np.concatenate([_numbers(highs), _numbers(lows)[::-1]]), f"band {style}")

    def area(self, xs: ArrayLike, ys: ArrayLike, style: str, name: str = "") -> None:
        """The area within a line that comes back to its beginning."""
        self.marks.append(Area(_numbers(xs), _numbers(ys), style, name))

    def stairs(self, edges: ArrayLike, heights: ArrayLike, style: str, name: str = "") -> None:
        """A histogram's outline."""
        self.line(np.repeat(_numbers(edges), 2)[1:-1], np.repeat(_numbers(heights), 2), style, name)

    def dots(self, xs: ArrayLike, ys: ArrayLike, style: str, radius: float = 3, name: str = "") -> None:
        """Dots; those beyond an end of the x axis become arrows at that end."""
        self.marks.append(Dots(_numbers(xs), _numbers(ys), style, radius, name))

    def rule(self, x: float, style: str = "rule", name: str = "") -> None:
        """A line from the bottom to the top."""
        self.line([x, x], [self.y.low, self.y.high], style, name)

    def aside(self, y: float, words: str, *, low: bool) -> None:
        """Words beside an arrow, at the low or the high end of the x axis."""
        self.marks.append(Aside(float(y), words, low))


def _numbers(values: ArrayLike) -> Array:
    return np.atleast_1d(np.asarray(values, np.float64))


def span(*values: ArrayLike, padding: float = 0.05) -> tuple[float, float]:
    """From the least to the greatest number, with some room."""
    numbers = np.concatenate([np.ravel(np.asarray(each, np.float64)) for each in values] or [np.zeros(0)])
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    room = padding * (high - low) or max(abs(high), 1.0) * 1e-3
    return low - room, high + room


def near_span(groups: Sequence[ArrayLike], *, lowest: bool = False) -> tuple[float, float]:
    """From the least to the greatest number of the groups that lie near the highest (or lowest); a few far off do not squeeze the others.

    Far off is a group whose median is more than five times as far from the best as the typical group's, and a number that is further
    from its group's median than a little more than the typical group spreads.
    """
    sign = -1.0 if lowest else 1.0
    found = [sign * np.ravel(np.asarray(group, np.float64)) for group in groups]
    found = [numbers[np.isfinite(numbers)] for numbers in found]
    found = [numbers for numbers in found if len(numbers)]
    if not found:
        return 0.0, 1.0
    middles = np.array([np.median(numbers) for numbers in found])
    distances = middles.max() - middles
    typical, spread = float(np.median(distances)), float(np.median([np.ptp(numbers) for numbers in found]))
    reach = max(typical, 1.2 * spread)
    inside = [
        sign * np.clip(numbers, middle - reach, middle + reach)
        for numbers, middle, distance in zip(found, middles, distances, strict=True)
        if distance <= max(5 * typical, 2 * spread)
    ]
    return span(*inside)
