"""How losses are led through a picture: by the signature, roles and domains of their terms, or by the sweep that an entry has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ogive.arrays import Array
from ogive.errors import InputError
from ogive.pictures.trace import Trace, Wanted, around, boundless, pairs, points
from ogive.sweep import MARGIN, PROBABILITY, Sweep
from ogive.term import Input, Term

_STEP = 1e-200
"""Of an analytic function f, f(x + ih).imag / h is the derivative, which at this h is exact but for rounding."""


def loss(wanted: Wanted) -> Iterator[Trace]:
    entry = wanted.entry
    given = wanted.given or next(iter(entry.forms))
    term = entry.forms[given] if given in entry.forms else entry.form(given)[1]
    options = dict(wanted.parameters) | ({"given": given} if len(entry.forms) > 1 else {})
    if wanted.entry.sweep:
        return _swept(wanted, term, wanted.entry.sweep, options)
    return _pointwise(wanted, term, given, options) if term.pointwise else _rows(wanted, term, options)


def _pointwise(wanted: Wanted, term: Term, given: str, options: dict[str, Any]) -> Iterator[Trace]:
    """Against the prediction, for a few targets; or for the right class alone."""
    first, *others = term.inputs
    right = wanted.right and term.target is not None
    label = f"{first.name} ({given.replace('_', ' ')})" if len(wanted.entry.forms) > 1 else first.name
    low, high = wanted.interval or around((first.low, first.high))
    choices = [_shown(each, others) for each in others]
    if choices == [(0.0,)] and not _by_difference(wanted.entry, options):
        choices = [(1.0, 3.0)]
    for fixed in list(itertools.product(*choices))[: 1 if right else None]:
        kink = term.kink_slope is not None and low < fixed[-1] < high
        x = points(low, high, [fixed[-1]] if kink else [])
        value, slope = _evaluated(wanted.entry, x, [np.full_like(x, number) for number in fixed], options)
        case = ", ".join(f"{each.name} = {number:g}" for each, number in zip(others, fixed, strict=True))
        yield Trace(
            wanted.name,
            "" if right else case,
            _of_the_right(first) if right else label,
            x,
            value,
            np.where(x == fixed[-1], np.nan, slope) if kink else slope,
            dots=pairs(x[x == fixed[-1]], value[x == fixed[-1]]) if kink else (),
            slope_dots=((fixed[-1], float(term.kink_slope or 0.0)),) if kink else (),
        )


def _by_difference(entry: Any, options: dict[str, Any]) -> bool:
    """Whether a loss is one of prediction - target alone, so that one target shows all of it."""
    x = np.array([-2.0, -0.5, 1.0, 3.0])
    at_none, at_one = (_evaluated(entry, x + target, [np.full_like(x, target)], options)[0] for target in (0.0, 1.0))
    return bool(np.allclose(at_none, at_one))


def _of_the_right(prediction: Input) -> str:
    """What a prediction for class 1 is, where class 1 is right."""
    if boundless(prediction):
        return MARGIN
    return PROBABILITY if (prediction.low, prediction.high) == (0.0, 1.0) else f"logarithm of the {PROBABILITY}"


def _rows(wanted: Wanted, term: Term, options: dict[str, Any]) -> Iterator[Trace]:
    """Two elements, of which the first is right: scores (x, 0), probabilities (x, 1 - x), or their logarithms."""
    first = term.inputs[0]
    x = points(*(wanted.interval or (around() if boundless(first) else around((0.0, 1.0)))), [])
    one = np.ones_like(x)
    if boundless(first):
        rows, tangent, written = [x, 0 * x], [one, 0 * x], "(x, 0)"
    elif first.high == 0.0:
        rows, tangent, written = [np.log(x), np.log(1 - x)], [1 / x, -1 / (1 - x)], "(log x, log(1 - x))"
    else:
        rows, tangent, written = [x, 1 - x], [one, -one], "(x, 1 - x)"
    for share in (1.0, 0.8):  # where the shares of hard targets have no finite cost, softer ones
        shares = np.array([share, 1 - share])
        right = [np.broadcast_to(np.log(shares) if each.high == 0.0 else shares, (len(x), 2)) for each in term.inputs[1:]]
        value, gradient = _evaluated(wanted.entry, np.stack(rows, -1), right, options)
        if np.isfinite(value).mean() > 0.5:
            break
    label = f"x, of {first.name} {written} and {term.inputs[-1].name} ({share:g}, {1 - share:g})"
    if len(term.inputs) == 1:
        label = "probability of one of two classes"
    elif share == 1 and term.inputs[1].role in ("shares", "distribution"):
        label = MARGIN if boundless(first) else PROBABILITY
    slope = (gradient * np.stack(tangent, -1)).sum(-1)
    if not boundless(first):
        slope[(x == 0) | (x == 1)] = np.nan  # the other element would go out of its domain
    yield Trace(wanted.name, "", label, x, value, slope)


def _swept(wanted: Wanted, term: Term, sweep: Sweep, options: dict[str, Any]) -> Iterator[Trace]:
    """What an example costs that follows one number."""
    low, high = wanted.interval or sweep.shown
    least, most = sweep.domain
    if not least <= low < high <= most:
        raise InputError(f"{wanted.entry.name} is drawn over the {sweep.label}: its interval must be within {least:g} to {most:g}")
    x = points(low, high, [])
    for case, made in sweep.cases.items():
        first, *others = _taken(sweep, term, made(x))
        tangents = [part.imag / _STEP for part in _taken(sweep, term, made(x + _STEP * 1j))]
        value, slope = _of_the_first(wanted.entry, term, [first, *others], tangents, options)
        slope[(x == least) | (x == most)] = np.nan  # there is one side only
        yield Trace(wanted.name, case, sweep.label, x, value, slope)


def _taken(sweep: Sweep, term: Term, inputs: tuple[Array, ...]) -> list[Array]:
    """The inputs as the form takes them."""
    first, *others = inputs
    return [np.log(first) if sweep.probabilities and term.inputs[0].high != 1.0 else first, *others]


def _of_the_first(entry: Any, term: Term, inputs: list[Array], tangents: list[Array], options: dict[str, Any]) -> tuple[Array, Array]:
    """The first term of each example, and its derivative along the tangents."""
    if term.core_out:
        size = inputs[0].shape[1]
        options = options | {"sample_weight": np.broadcast_to(np.eye(size)[0], (len(inputs[0]), size))}
    value, gradient = entry.value_and_gradient(*inputs, reduction="none", **options)
    gradients = gradient if isinstance(gradient, tuple) else (gradient,)
    along = (tangent for each, tangent in zip(term.inputs, tangents, strict=True) if each.differentiated)
    slope = sum((slopes * tangent).reshape(len(value), -1).sum(-1) for slopes, tangent in zip(gradients, along, strict=True))
    return value[:, 0] if term.core_out else value, slope


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
    if boundless(each):
        return (0.0,)
    wanted = (1.0, 3.0) if each is others[-1] else (1.0, 0.25, 4.0)
    inside = tuple(number for number in wanted if each.low <= number <= each.high)
    return inside or (each.low if math.isfinite(each.low) else each.high,)
