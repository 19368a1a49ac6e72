"""Views as panels, which matplotlib draws in files and pages show as they are."""

from __future__ import annotations

from ogive.palette import SERIES
from ogive.panel import Axis, Panel
from ogive.pictures.views import View

DOT = 3.5
"""Radius of the dots at kinks."""


def panel(view: View) -> Panel:
    """The curves of a view in their styles, dots where a derivative jumps, and a line at 0."""
    x = view.curves[0].x
    across = Axis(float(x[0]), float(x[-1]), log=view.logarithmic, label=view.label)
    found = Panel(view.about, across, Axis(view.low, view.high), width=320, height=200, title=view.title)
    if not view.logarithmic and x[0] < 0 < x[-1]:
        found.rule(0.0)
    for curve, style in zip(view.curves, styles(view), strict=True):
        found.line(curve.x, curve.y, style, curve.name)
        for place in curve.dots:
            found.dots([place[0]], [place[1]], style, DOT, curve.name)
    return found


def styles(view: View) -> list[str]:
    """Of each curve: series in their order, thin where their colours come again, and what they are compared with in grey."""
    series = iter(range(len(view.curves)))
    return ["aid" if curve.aid else series_style(next(series)) for curve in view.curves]


def series_style(place: int) -> str:
    """The style of one of several lines."""
    return f"c{place % len(SERIES)}{' thin' if place >= len(SERIES) else ''}"
