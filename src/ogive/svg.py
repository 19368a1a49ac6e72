"""Pictures with two axes as SVG text: no library, no identifiers, and all colours from the style sheet of the page around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ogive.palette import SERIES

STYLE = """\
.panel { width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; break-inside: avoid; }
.panel text { fill: var(--soft); } .panel .title { fill: var(--ink); font-weight: 600; }
.grid, .frame { fill: none; stroke: var(--line); stroke-width: 1; } .rule { stroke: var(--soft); stroke-width: 1; }
.line { fill: none; stroke: var(--colour, var(--soft)); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.line.rule { stroke-width: 1; stroke: var(--soft); stroke-dasharray: 3 3; } .panel .line:hover { stroke-width: 4; }
.dot, .area { fill: var(--colour, var(--soft)); } .band { fill: var(--colour, var(--soft)); opacity: .22; stroke: none; }
""" + "".join(
    f".c{place} {{ --colour: var(--{colour}); stroke-dasharray: {' '.join(map(str, dashes)) or 'none'}; }}\n"
    f".dot.c{place} {{ stroke-dasharray: none; }}\n"
    for place, (colour, dashes) in enumerate(SERIES.items())
)
"""The style sheet of what panels hold, for a page that defines the colours of the palette; series have the classes c0, c1 …"""

LETTER = 6.3
"""Width of a letter, in the font size of the style sheet."""

MOST_LETTERS = 26
"""Of a name beside an axis; the rest of a longer one shows on hover."""

ASIDE = 14
"""From the end of an axis to the words beside an arrow there."""

_TEXT_BASE = 4
"""From the middle of a line of text down to where its letters stand."""


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


class Panel:
    """One picture: an area with two axes, and marks that are cut where it ends.

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
        self._marks: list[str] = []

    def line(self, xs: ArrayLike, ys: ArrayLike, style: str, name: str = "") -> None:
        """A line through points, broken where one is no number, named on hover."""
        runs: list[list[str]] = [[]]
        for x, y in self._points(xs, ys):
            if math.isfinite(x + y):
                runs[-1].append(f"{_short(x)},{_short(y)}")
            elif runs[-1]:
                runs.append([])
        path = "".join("M" + "L".join(run if len(run) > 1 else run * 2) for run in runs if run)
        if path:
            self._add(f'<path class="line {style}" d="{path}"', name)

    def band(self, xs: ArrayLike, lows: ArrayLike, highs: ArrayLike, style: str) -> None:
        """The area between two lines."""
        self._fill([*self._points(xs, highs), *self._points(xs, lows)[::-1]], f"band {style}")

    def area(self, xs: ArrayLike, ys: ArrayLike, style: str, name: str = "") -> None:
        """The area within a line that comes back to its beginning, named on hover."""
        self._fill(self._points(xs, ys), f"area {style}", name)

    def stairs(self, edges: ArrayLike, heights: ArrayLike, style: str, name: str = "") -> None:
        """A histogram's outline."""
        edges, heights = np.asarray(edges, np.float64), np.asarray(heights, np.float64)
        xs, ys = np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)
        self.line(xs, ys, style, name)

    def dots(self, xs: ArrayLike, ys: ArrayLike, style: str, radius: float = 3, name: str = "") -> None:
        """Dots; those beyond an end of the x axis become arrows at that end."""
        for x, y in self._points(xs, ys):
            if not math.isfinite(x + y):
                continue
            if 0 <= x <= self.width:
                self._add(f'<circle class="dot {style}" cx="{_short(x)}" cy="{_short(y)}" r="{radius}"', name)
            else:
                self._arrow(x, y, style, radius, name)

    def rule(self, x: float, style: str = "rule", name: str = "") -> None:
        """A line from the bottom to the top."""
        self.line([x, x], [self.y.low, self.y.high], style, name)

    def aside(self, y: float, words: str, *, low: bool) -> None:
        """Words beside an arrow, at the low or the high end of the x axis."""
        [(_, top)] = self._points([self.x.low], [y])
        left, anchor = (ASIDE, "start") if low else (self.width - ASIDE, "end")
        self._marks.append(
            f'<text class="aside" x="{_short(left)}" y="{_short(top + _TEXT_BASE)}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def svg(self) -> str:
        """The picture."""
        x_labels, y_labels = self.x.labels(), self.y.labels()
        left = 10 + LETTER * max([len(_cut(label)) for _, label in y_labels] or [0]) + (18 if self.y.label else 0)
        top = 22 if self.title else 8
        bottom = (22 if x_labels else 4) + (18 if self.x.label else 0)
        width, height = left + self.width + 14, top + self.height + bottom
        parts = [
            f'<svg class="panel" viewBox="0 0 {_short(width)} {_short(height)}" style="max-width:{_short(1.2 * width)}px"'
            f' role="img" aria-label="{escape(self.about)}">'
        ]
        if self.title:
            parts.append(f'<text class="title" x="{_short(left)}" y="14">{escape(self.title)}</text>')
        for value, label in x_labels:
            x = left + self.width * float(self.x.places(value))
            parts.append(f'<path class="grid" d="M{_short(x)},{top}v{_short(self.height)}"/>')
            parts.append(f'<text x="{_short(x)}" y="{_short(top + self.height + 16)}" text-anchor="middle">{escape(label)}</text>')
        for value, label in y_labels:
            y = top + self.height * (1 - float(self.y.places(value)))
            whole = f"<title>{escape(label)}</title>" if _cut(label) != label else ""
            parts.append(f'<path class="grid" d="M{_short(left)},{_short(y)}h{_short(self.width)}"/>')
            parts.append(f'<text x="{_short(left - 6)}" y="{_short(y + _TEXT_BASE)}" text-anchor="end">{whole}{escape(_cut(label))}</text>')
        if self.x.label:
            middle = left + self.width / 2
            parts.append(f'<text x="{_short(middle)}" y="{_short(height - 5)}" text-anchor="middle">{escape(self.x.label)}</text>')
        if self.y.label:
            middle = top + self.height / 2
            parts.append(f'<text transform="translate(11 {_short(middle)}) rotate(-90)" text-anchor="middle">{escape(self.y.label)}</text>')
        area = f'x="{_short(left)}" y="{top}" width="{_short(self.width)}" height="{_short(self.height)}"'
        parts.append(f'<svg {area}>{"".join(self._marks)}</svg><rect class="frame" {area}/></svg>')
        return "".join(parts)

    def _points(self, xs: ArrayLike, ys: ArrayLike) -> list[tuple[float, float]]:
        left = self.width * np.atleast_1d(self.x.places(xs))
        top = self.height * (1 - np.atleast_1d(self.y.places(ys)))
        return list(zip(left.tolist(), top.tolist(), strict=True))

    def _fill(self, points: Sequence[tuple[float, float]], style: str, name: str = "") -> None:
        corners = "L".join(f"{_short(x)},{_short(y)}" for x, y in points if math.isfinite(x + y))
        if corners:
            self._add(f'<path class="{style}" d="M{corners}Z"', name)

    def _arrow(self, x: float, y: float, style: str, size: float, name: str) -> None:
        tip, back = (1.0, 1 + 2 * size) if x < 0 else (self.width - 1, self.width - 1 - 2 * size)
        corners = f"M{_short(tip)},{_short(y)}L{_short(back)},{_short(y - size)}V{_short(y + size)}Z"
        self._add(f'<path class="dot {style}" d="{corners}"', name)

    def _add(self, start: str, name: str = "") -> None:
        self._marks.append(f"{start}><title>{escape(name)}</title></{start[1 : start.index(' ')]}>" if name else f"{start}/>")


def _short(value: float) -> str:
    """A coordinate to a tenth of a pixel, within what a browser can draw."""
    return f"{min(max(value, -9999.0), 9999.0):.1f}".removesuffix(".0")


def _cut(label: str) -> str:
    return label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"


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
