"""Panels as SVG text: no library, no identifiers, and all colours from the style sheet of the page around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from ogive.palette import SERIES
from ogive.panel import LETTER, Area, Aside, Dots, Line, Mark, Panel

STYLE = """\
.panel { width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; break-inside: avoid; }
.panel text { fill: var(--soft); } .panel .title { fill: var(--ink); font-weight: 600; }
.grid, .frame { fill: none; stroke: var(--line); stroke-width: 1; } .rule { stroke: var(--soft); stroke-width: 1; }
.line { fill: none; stroke: var(--colour, var(--soft)); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.line.rule { stroke-width: 1; stroke: var(--soft); stroke-dasharray: 3 3; } .panel .line:hover { stroke-width: 4; }
.dot, .area { fill: var(--colour, var(--soft)); } .band { fill: var(--colour, var(--soft)); opacity: .22; stroke: none; }
.line.thin { stroke-width: 1; }
""" + "".join(
    f".c{place} {{ --colour: var(--{colour}); stroke-dasharray: {' '.join(map(str, dashes)) or 'none'}; }}\n"
    f".dot.c{place} {{ stroke-dasharray: none; }}\n"
    for place, (colour, dashes) in enumerate(SERIES.items())
)
"""The style sheet of what panels hold, for a page that defines the colours of the palette; series have the classes c0, c1 …"""

MOST_LETTERS = 26
"""Of a name beside an axis; the rest of a longer one shows on hover."""

ASIDE = 14
"""From the end of an axis to the words beside an arrow there."""

_TEXT_BASE = 4
"""From the middle of a line of text down to where its letters stand."""


def drawn(panel: Panel) -> str:
    """The picture."""
    x_labels, y_labels = panel.x.labels(), panel.y.labels()
    left = 10 + LETTER * max([len(_cut(label)) for _, label in y_labels] or [0]) + (18 if panel.y.label else 0)
    top = 22 if panel.title else 8
    bottom = (22 if x_labels else 4) + (18 if panel.x.label else 0)
    width, height = left + panel.width + 14, top + panel.height + bottom
    parts = [
        f'<svg class="panel" viewBox="0 0 {_short(width)} {_short(height)}" style="max-width:{_short(1.2 * width)}px"'
        f' role="img" aria-label="{escape(panel.about)}">'
    ]
    if panel.title:
        parts.append(f'<text class="title" x="{_short(left)}" y="14">{escape(panel.title)}</text>')
    for value, label in x_labels:
        x = left + panel.width * float(panel.x.places(value))
        parts.append(f'<path class="grid" d="M{_short(x)},{top}v{_short(panel.height)}"/>')
        parts.append(f'<text x="{_short(x)}" y="{_short(top + panel.height + 16)}" text-anchor="middle">{escape(label)}</text>')
    for value, label in y_labels:
        y = top + panel.height * (1 - float(panel.y.places(value)))
        whole = f"<title>{escape(label)}</title>" if _cut(label) != label else ""
        parts.append(f'<path class="grid" d="M{_short(left)},{_short(y)}h{_short(panel.width)}"/>')
        parts.append(f'<text x="{_short(left - 6)}" y="{_short(y + _TEXT_BASE)}" text-anchor="end">{whole}{escape(_cut(label))}</text>')
    if panel.x.label:
        middle = left + panel.width / 2
        parts.append(f'<text x="{_short(middle)}" y="{_short(height - 5)}" text-anchor="middle">{escape(panel.x.label)}</text>')
    if panel.y.label:
        middle = top + panel.height / 2
        parts.append(f'<text transform="translate(11 {_short(middle)}) rotate(-90)" text-anchor="middle">{escape(panel.y.label)}</text>')
    area = f'x="{_short(left)}" y="{top}" width="{_short(panel.width)}" height="{_short(panel.height)}"'
    marks = "".join(_mark(panel, mark) for mark in panel.marks)
    parts.append(f'<svg {area}>{marks}</svg><rect class="frame" {area}/></svg>')
    return "".join(parts)


def _mark(panel: Panel, mark: Mark) -> str:
    if isinstance(mark, Aside):
        return _aside(panel, mark)
    points = _points(panel, mark.xs, mark.ys)
    if isinstance(mark, Line):
        return _line(points, mark)
    return _area(points, mark) if isinstance(mark, Area) else _dots(panel, points, mark)


def _points(panel: Panel, xs: ArrayLike, ys: ArrayLike) -> list[tuple[float, float]]:
    left = panel.width * np.atleast_1d(panel.x.places(xs))
    top = panel.height * (1 - np.atleast_1d(panel.y.places(ys)))
    return list(zip(left.tolist(), top.tolist(), strict=True))


def _line(points: Sequence[tuple[float, float]], mark: Line) -> str:
    runs: list[list[str]] = [[]]
    for x, y in points:
        if math.isfinite(x + y):
            runs[-1].append(f"{_short(x)},{_short(y)}")
        elif runs[-1]:
            runs.append([])
    path = "".join("M" + "L".join(run if len(run) > 1 else run * 2) for run in runs if run)
    return _named(f'<path class="line {mark.style}" d="{path}"', mark.name) if path else ""


def _area(points: Sequence[tuple[float, float]], mark: Area) -> str:
    corners = "L".join(f"{_short(x)},{_short(y)}" for x, y in points if math.isfinite(x + y))
    style = mark.style if mark.style.startswith("band ") else f"area {mark.style}"
    return _named(f'<path class="{style}" d="M{corners}Z"', mark.name) if corners else ""


def _dots(panel: Panel, points: Sequence[tuple[float, float]], mark: Dots) -> str:
    parts = []
    for x, y in points:
        if not math.isfinite(x + y):
            continue
        inside = 0 <= x <= panel.width
        shape = (
            f'<circle class="dot {mark.style}" cx="{_short(x)}" cy="{_short(y)}" r="{mark.radius}"' if inside else _arrow(panel, x, y, mark)
        )
        parts.append(_named(shape, mark.name))
    return "".join(parts)


def _arrow(panel: Panel, x: float, y: float, mark: Dots) -> str:
    size = mark.radius
    tip, back = (1.0, 1 + 2 * size) if x < 0 else (panel.width - 1, panel.width - 1 - 2 * size)
    corners = f"M{_short(tip)},{_short(y)}L{_short(back)},{_short(y - size)}V{_short(y + size)}Z"
    return f'<path class="dot {mark.style}" d="{corners}"'


def _aside(panel: Panel, mark: Aside) -> str:
    [(_, top)] = _points(panel, [panel.x.low], [mark.y])
    left, anchor = (ASIDE, "start") if mark.low else (panel.width - ASIDE, "end")
    return f'<text class="aside" x="{_short(left)}" y="{_short(top + _TEXT_BASE)}" text-anchor="{anchor}">{escape(mark.words)}</text>'


def _named(start: str, name: str) -> str:
    """The element of which this is the beginning, with its name for hovering."""
    return f"{start}><title>{escape(name)}</title></{start[1 : start.index(' ')]}>" if name else f"{start}/>"


def _short(value: float) -> str:
    """A coordinate to a tenth of a pixel, within what a browser can draw."""
    return f"{min(max(value, -9999.0), 9999.0):.1f}".removesuffix(".0")


def _cut(label: str) -> str:
    return label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"
