"""How each kind of function is led through a picture: which input moves, what the others are, and what is read off.

A path decides by signature, roles and domains of a term alone, so that a new function needs nothing here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.errors import InputError
from ogive.term import Input, Term

POINTS = 601
SCORES = (2.0, 1.0, 0.0)
"""What softmax and its kin are shown with."""

TEMPERATURE = "temperature that the scores are divided by"
MARGIN = "margin: the score of the right class above the other"
PROBABILITY = "probability of the right class"

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
    as the right class gets its due.
    """

    entry: Any
    parameters: Mapping[str, Any]
    interval: Interval | None = None
    right: bool = False
    given: str | None = None

    @property
    def name(self) -> str:
        """The entry, and the parameters where they are not the defaults."""
        written = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.entry.name}({written})" if written else str(self.entry.name)


def traces(wanted: Wanted) -> list[Trace]:
    """The lines that show an entry; the first is the one that stands for it among others."""
    if wanted.given is not None and wanted.entry.kind != "loss":
        raise InputError(f"{wanted.entry.name}: given is for losses; leave it out")
    with np.errstate(all="ignore"):
        return list(_PATHS[wanted.entry.kind](wanted))


def _activation(wanted: Wanted) -> Iterator[Trace]:
    entry = wanted.entry
    low, high = wanted.interval or _around(entry.domain, [kink.at for kink in entry.kinks])
    kinks = [kink.at for kink in entry.kinks if low < kink.at < high]
    x = _points(low, high, kinks)
    value, slope = entry.value_and_slope(x, **wanted.parameters)
    at = np.array(kinks)
    jumps = np.isin(x, at)  # the line ends there and begins anew: where nothing jumps that cannot be seen
    values, slopes = entry(at, **wanted.parameters), entry.slope(at, **wanted.parameters)
    yield Trace(
        wanted.name,
        "",
        "x",
        x,
        np.where(jumps, np.nan, value),
        np.where(jumps, np.nan, slope),
        _pairs(at, values),
        _pairs(at, slopes),
    )


def _gate(wanted: Wanted) -> Iterator[Trace]:
    entry, names = wanted.entry, [each.name for each in wanted.entry.term.inputs]
    x = _points(*(wanted.interval or _around()), [])
    if len(names) != 2:
        raise _undrawable(entry, f"it takes {len(names)} arrays")
    for gate in (1.0, 0.5, -1.0):
        value, slope = entry.value_and_slope(x, np.full_like(x, gate))
        yield Trace(wanted.name, f"{names[1]} = {gate:g}", names[0], x, value, slope)


def _axiswise(wanted: Wanted) -> Iterator[Trace]:
    """What keeps the vector: its elements against the temperature. What reduces it: against one of two, beside the larger of them."""
    entry = wanted.entry
    if entry.reduces:
        x = _points(*(wanted.interval or _around()), [0.0])
        pair = np.stack([x, np.zeros_like(x)], -1)
        value, slope = entry(pair, **wanted.parameters), entry.vjp(pair, np.ones_like(x), **wanted.parameters)[..., 0]
        yield Trace(wanted.name, "", "x, the other element is 0", x, value, slope, beside=("the larger of x and 0", np.maximum(x, 0.0)))
        return
    low, high = wanted.interval or (0.1, 10.0)
    if low <= 0:
        raise InputError(f"{entry.name}: it is drawn over a temperature, so the interval must be positive, got {low:g} to {high:g}")
    temperature = np.geomspace(low, high, POINTS)
    shares = entry(np.array(SCORES) / temperature[:, None], **wanted.parameters)
    for place, score in enumerate(SCORES):
        yield Trace(wanted.name, f"score {score:g}", TEMPERATURE, temperature, shares[:, place], logarithmic=True)


def _loss(wanted: Wanted) -> Iterator[Trace]:
    entry = wanted.entry
    given = wanted.given or next(iter(entry.forms))
    term = entry.forms[given] if given in entry.forms else entry.form(given)[1]
    options = dict(wanted.parameters) | ({"given": given} if len(entry.forms) > 1 else {})
    if any(each.whole for each in term.inputs):
        raise _undrawable(entry, f"it takes {_listed(term)}")
    if term.pointwise:
        return _pointwise(wanted, term, given, options)
    if len(term.inputs) <= 2 and all(core == term.cores[0] for core in term.cores[: len(term.inputs)]) and term.along_axis:
        return _rows(wanted, term, options)
    raise _undrawable(entry, f"it takes {_listed(term)}")


def _pointwise(wanted: Wanted, term: Term, given: str, options: dict[str, Any]) -> Iterator[Trace]:
    """Against the prediction, for a few targets; or for the right class alone."""
    first, *others = term.inputs
    right = wanted.right and term.target is not None
    label = f"{first.name} ({given.replace('_', ' ')})" if len(wanted.entry.forms) > 1 else first.name
    low, high = wanted.interval or _around((first.low, first.high))
    for fixed in list(itertools.product(*(_shown(each, others) for each in others)))[: 1 if right else None]:
        kink = term.kink_slope is not None and low < fixed[-1] < high
        x = _points(low, high, [fixed[-1]] if kink else [])
        value, slope = _evaluated(wanted.entry, x, [np.full_like(x, number) for number in fixed], options)
        case = ", ".join(f"{each.name} = {number:g}" for each, number in zip(others, fixed, strict=True))
        yield Trace(
            wanted.name,
            "" if right else case,
            _of_the_right(first) if right else label,
            x,
            value,
            np.where(x == fixed[-1], np.nan, slope) if kink else slope,
            dots=_pairs(x[x == fixed[-1]], value[x == fixed[-1]]) if kink else (),
            slope_dots=((fixed[-1], float(term.kink_slope or 0.0)),) if kink else (),
        )


def _of_the_right(prediction: Input) -> str:
    """What a prediction for class 1 is, where class 1 is right."""
    if _boundless(prediction):
        return MARGIN
    return PROBABILITY if (prediction.low, prediction.high) == (0.0, 1.0) else f"logarithm of the {PROBABILITY}"


def _rows(wanted: Wanted, term: Term, options: dict[str, Any]) -> Iterator[Trace]:
    """Two elements, of which the first is right: scores (x, 0), probabilities (x, 1 - x), or their logarithms."""
    first = term.inputs[0]
    x = _points(*(wanted.interval or (_around() if _boundless(first) else _around((0.0, 1.0)))), [])
    one, label = np.ones_like(x), PROBABILITY if term.target is not None else f"{first.name} for the right one of two"
    if _boundless(first):
        rows, tangent = [x, 0 * x], [one, 0 * x]
        label = MARGIN if term.target is not None else f"{first.name} for the right one of two, the other has 0"
    elif first.high == 0.0:
        rows, tangent = [np.log(x), np.log(1 - x)], [1 / x, -1 / (1 - x)]
    else:
        rows, tangent = [x, 1 - x], [one, -one]
    right = [np.broadcast_to(np.array([1.0, 0.0]), (len(x), 2))] if len(term.inputs) > 1 else []
    value, gradient = _evaluated(wanted.entry, np.stack(rows, -1), right, options)
    slope = (gradient * np.stack(tangent, -1)).sum(-1)
    yield Trace(wanted.name, "", label if right else "probability of one of two classes", x, value, slope)


def _evaluated(entry: Any, first: Array, others: list[Array], options: dict[str, Any]) -> tuple[Array, Array]:
    """Terms, and their gradients by the first input; of a loss that has no terms to keep, that of each by itself."""
    try:
        value, gradient = entry.value_and_gradient(first, *others, reduction="none", **options)
    except InputError:
        found = [entry.value_and_gradient(*each, **options) for each in zip(first, *others, strict=True)]
        value, gradient = np.array([loss for loss, _ in found]), np.array([slope for _, slope in found])
    return value, gradient[0] if isinstance(gradient, tuple) else gradient


def _shown(each: Input, others: list[Input]) -> tuple[float, ...]:
    """The values of an input that does not move."""
    if each.role == "binary" or (each.low, each.high) == (0.0, 1.0):
        return (1.0, 0.0)
    if (each.low, each.high) == (-1.0, 1.0):
        return (1.0, -1.0)
    if _boundless(each):
        return (0.0,)
    if len(others) > 1 and each is not others[-1]:
        return (1.0, 0.25, 4.0)
    return tuple(max(number, each.low) for number in (1.0, 3.0)) if each.low > 0 or each.low == 0 else (-1.0,)


def _boundless(each: Input) -> bool:
    return (each.low, each.high) == (-math.inf, math.inf)


def _around(domain: Interval = (-math.inf, math.inf), kinks: list[float] | None = None) -> Interval:
    """Where a function is worth a look: between -4 and 4 and beyond its kinks, inside its domain."""
    low, high = domain
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    if math.isfinite(low):
        return low + 0.02, low + 6.0
    if math.isfinite(high):
        return high - 6.0, high - 0.02
    return min([-4.0, *(kink - 1 for kink in kinks or [])]), max([4.0, *(kink + 1 for kink in kinks or [])])


def _points(low: float, high: float, kinks: list[float]) -> Array:
    """Places between both ends, each kink and the floats beside it among them."""
    beside = [np.nextafter(kink, end) for kink in kinks for end in (-np.inf, np.inf)]
    return np.unique(np.r_[np.linspace(low, high, POINTS), kinks, beside])


def _pairs(x: Array, y: Array) -> tuple[tuple[float, float], ...]:
    return tuple(zip(np.asarray(x).tolist(), np.asarray(y).tolist(), strict=True))


def _listed(term: Term) -> str:
    return " and ".join(filter(None, [", ".join(each.name for each in term.inputs[:-1]), term.inputs[-1].name]))


def _undrawable(entry: Any, why: str) -> InputError:
    return InputError(
        f"{entry.name} cannot be drawn: {why}, more than a line over one number can show; ogive show {entry.name} describes it"
    )


_PATHS: dict[str, Callable[[Wanted], Iterator[Trace]]] = {"activation": _activation, "gate": _gate, "axiswise": _axiswise, "loss": _loss}
