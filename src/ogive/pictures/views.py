"""What a picture shows: views with curves and dots, whatever draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive import calls, catalogue
from ogive.arrays import Array
from ogive.errors import InputError, did_you_mean
from ogive.pictures.paths import SCORE, traces
from ogive.pictures.trace import Interval, Trace, Wanted
from ogive.sweep import MARGIN

MOST = 12
"""Functions in one picture; more cannot be told apart."""

_DWARFED = 4
"""How many times as large as the values slopes may be beside them."""

AGAINST = ("prediction", "margin", "score")


@dataclass(frozen=True)
class Curve:
    """A line with its name; `aid` says that it is only there to compare with."""

    name: str
    x: Array
    y: Array
    dots: tuple[tuple[float, float], ...] = ()
    aid: bool = False


@dataclass(frozen=True)
class View:
    """Curves over one pair of axes.

    Attributes
    ----------
    label
        What is along x.
    logarithmic
        Whether equal factors are equally far apart along x.
    low, high
        The ends of the other axis.
    """

    title: str
    label: str
    curves: tuple[Curve, ...]
    logarithmic: bool
    low: float
    high: float

    @property
    def about(self) -> str:
        """In words, for those who cannot see it."""
        x = self.curves[0].x
        return f"{self.title} over {self.label} from {x[0]:.3g} to {x[-1]:.3g}: {'; '.join(curve.name for curve in self.curves)}"


def views(
    functions: Sequence[Any],
    *,
    slope: bool = False,
    interval: Interval | None = None,
    against: str | None = None,
    given: str | None = None,
) -> tuple[View, ...]:
    """The views of a picture of these functions, by name or as entries."""
    if not 1 <= len(functions) <= MOST:
        raise InputError(f"a picture is of 1 to {MOST} functions, got {len(functions)}")
    if interval is not None and not (len(interval) == 2 and -math.inf < interval[0] < interval[1] < math.inf):
        raise InputError(f"interval must be two finite numbers, the smaller first, got {interval!r}")
    if against not in (None, *AGAINST):
        raise InputError(f"unknown against {against!r}{did_you_mean(str(against), AGAINST)}")
    right = against == "margin" or (against is None and len(functions) > 1)
    found = [traces(Wanted(*_named(function), interval, right, against == "score", given)) for function in functions]
    for own in found:
        if against == "margin" and own[0].label != MARGIN:
            raise InputError(f"{own[0].name} has no margin, which is one of a loss of classes by their scores; leave against out")
        if against == "score" and own[0].label != SCORE:
            raise InputError(f"{own[0].name} is not drawn against a score, as softmax and its kin can be; leave against out")
    return _alone(found[0], slope=slope) if len(found) == 1 else _overlaid([own[0] for own in found], slope=slope)


def _named(function: Any) -> tuple[Any, dict[str, float | str]]:
    """An entry with parameters, which may be written."""
    return calls.function(function) if isinstance(function, str) else (catalogue.get(function), {})


def _alone(found: list[Trace], *, slope: bool) -> tuple[View, ...]:
    """One function: value and slope in one view, or one for each where there are several lines, or the slopes would dwarf the values."""
    first, several = found[0], len(found) > 1
    values = [Curve(trace.case if several else "value", trace.x, trace.value, trace.dots) for trace in found]
    slopes = _slopes(found, [trace.case if several else "slope" for trace in found]) if slope else []
    aids = [Curve(first.beside[0], first.x, first.beside[1], aid=True)] if first.beside else []
    label = first.label if several else _label(first)
    if slopes and not several and _size(slopes[0]) <= _DWARFED * _size(values[0]):
        return (_view(first.name, label, [*values, *slopes, *aids]),)
    above = _view(first.name, label, [*values, *aids], logarithmic=first.logarithmic)
    return (above, _view("slope", label, slopes)) if slopes else (above,)


def _overlaid(found: list[Trace], *, slope: bool) -> tuple[View, ...]:
    first, names = found[0], [trace.name for trace in found]
    for trace in found[1:]:
        if _label(trace) != _label(first):
            raise InputError(
                f"{first.name} is drawn over {_label(first)!r} and {trace.name} over {_label(trace)!r}; draw functions of one kind together"
            )
    values = [Curve(trace.name, trace.x, trace.value, trace.dots) for trace in found]
    above = _view("value", _label(first), values, logarithmic=first.logarithmic, together=True)
    return (above, _view("slope", _label(first), _slopes(found, names), together=True)) if slope else (above,)


def _label(trace: Trace) -> str:
    return f"{trace.label}, {trace.case}" if trace.case else trace.label


def _slopes(found: list[Trace], names: list[str]) -> list[Curve]:
    for trace in found:
        if trace.slope is None:
            raise InputError(f"{trace.name} has no slope along {trace.label!r}; draw it without slopes")
    return [Curve(name, t.x, t.slope, t.slope_dots) for name, t in zip(names, found, strict=True) if t.slope is not None]


def _view(title: str, label: str, curves: Sequence[Curve], *, logarithmic: bool = False, together: bool = False) -> View:
    return View(title, label, tuple(curves), logarithmic, *_ends(curves, together=together))


def _ends(curves: Sequence[Curve], *, together: bool) -> Interval:
    """From the least to the greatest value, some room around; of functions drawn together those that run far beyond the others leave it."""
    extremes = np.array([_extremes(curve) for curve in curves])
    low, high = float(extremes[:, 0].min()), float(extremes[:, 1].max())
    if together:
        lowest, highest = np.median(extremes, axis=0)
        reach = float(highest - lowest) or 1.0
        low, high = max(low, lowest - reach), min(high, highest + reach)
    room = 0.05 * (high - low) or 0.5
    return float(low - room), float(high + room)


def _size(curve: Curve) -> float:
    return max(map(abs, _extremes(curve)))


def _extremes(curve: Curve) -> Interval:
    """The least and the greatest value; those of the inner part, where the curve runs off at the ends of its domain."""
    near = len(curve.y) // 50
    inner, every = (part[np.isfinite(part)] for part in (curve.y[near:-near], curve.y))
    low, high = (float(inner.min()), float(inner.max())) if inner.size else (0.0, 0.0)
    reach = high - low
    return (
        float(every.min()) if every.min(initial=low) >= low - reach else low,
        float(every.max()) if every.max(initial=high) <= high + reach else high,
    )
