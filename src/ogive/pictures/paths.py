"""How functions are led through a picture: which input moves, what the others are, and what is read off.

A path decides by signature, roles and domains of a term alone, so that a new function needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ogive.errors import InputError
from ogive.pictures.loss_paths import loss
from ogive.pictures.trace import POINTS, Trace, Wanted, around, pairs, points

SCORES = (2.0, 1.0, 0.0)
"""What softmax and its kin are shown with."""

TEMPERATURE = "temperature that the scores are divided by"
SCORE = f"x, a score beside {SCORES[1]:g} and {SCORES[2]:g}"


def traces(wanted: Wanted) -> list[Trace]:
    """The lines that show an entry; the first is the one that stands for it among others."""
    if wanted.given is not None and wanted.entry.kind != "loss":
        raise InputError(f"{wanted.entry.name}: given is for losses; leave it out")
    with np.errstate(all="ignore"):
        return list(_PATHS[wanted.entry.kind](wanted))


def _activation(wanted: Wanted) -> Iterator[Trace]:
    entry = wanted.entry
    low, high = wanted.interval or around(entry.domain, [kink.at for kink in entry.kinks])
    kinks = [kink.at for kink in entry.kinks if low < kink.at < high]
    x = points(low, high, kinks)
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
        pairs(at, values),
        pairs(at, slopes),
    )


def _gate(wanted: Wanted) -> Iterator[Trace]:
    entry = wanted.entry
    first, second = (each.name for each in entry.term.inputs)
    x = points(*(wanted.interval or around()), [])
    for gate in (1.0, 0.5, -1.0):
        value, slope = entry.value_and_slope(x, np.full_like(x, gate))
        yield Trace(wanted.name, f"{second} = {gate:g}", first, x, value, slope)


def _axiswise(wanted: Wanted) -> Iterator[Trace]:
    """What keeps the vector: its elements against temperature or a score. What reduces it: against one of two, beside the larger one."""
    entry = wanted.entry
    if entry.reduces:
        x = points(*(wanted.interval or around()), [0.0])
        pair = np.stack([x, np.zeros_like(x)], -1)
        value, slope = entry(pair, **wanted.parameters), entry.vjp(pair, np.ones_like(x), **wanted.parameters)[..., 0]
        yield Trace(wanted.name, "", "x, the other element is 0", x, value, slope, beside=("the larger of x and 0", np.maximum(x, 0.0)))
        return
    if wanted.score:
        yield from _by_score(wanted)
        return
    low, high = wanted.interval or (0.1, 10.0)
    if low <= 0:
        raise InputError(
            f"{entry.name}: it is drawn over a temperature, so the interval must be positive, got {low:g} to {high:g}; over a score with"
            " against score"
        )
    temperature = np.geomspace(low, high, POINTS)
    shares = entry(np.array(SCORES) / temperature[:, None], **wanted.parameters)
    for place, score in enumerate(SCORES):
        yield Trace(wanted.name, f"score {score:g}", TEMPERATURE, temperature, shares[:, place], logarithmic=True)


def _by_score(wanted: Wanted) -> Iterator[Trace]:
    """Each element as one score moves and the others stay."""
    entry, x = wanted.entry, points(*(wanted.interval or around()), list(SCORES[1:]))
    scores = np.stack([x, *(np.full_like(x, score) for score in SCORES[1:])], -1)
    shares = entry(scores, **wanted.parameters)
    for place, case in enumerate(("score x", *(f"score {score:g}" for score in SCORES[1:]))):
        slope = entry.vjp(scores, np.broadcast_to(np.eye(len(SCORES))[place], scores.shape), **wanted.parameters)[..., 0]
        yield Trace(wanted.name, case, SCORE, x, shares[..., place], slope)


_PATHS: dict[str, Callable[[Wanted], Iterator[Trace]]] = {"activation": _activation, "gate": _gate, "axiswise": _axiswise, "loss": loss}
