"""What the pictures of losses of vectors, batches, sequences and images show: small examples that follow one number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.sweep import MARGIN, PROBABILITY, Inputs, Sweep


def _rows(*elements: Any) -> Any:
    """Numbers, or arrays of numbers, side by side along a new last dimension."""
    return np.stack(np.broadcast_arrays(*elements), -1)


def _stacked(*rows: Any) -> Any:
    return np.stack(np.broadcast_arrays(*rows), -2)


def _alike(x: Any, value: Any) -> Any:
    """A constant for each x."""
    return np.broadcast_to(value, (len(x), *np.shape(value)))


def _unit(cosine: Any) -> Any:
    """Vectors of length 1 at this cosine to the first of four axes."""
    return _rows(cosine, np.sqrt((1 - cosine) * (1 + cosine)), 0, 0)


_FIRST, _, _THIRD, _FOURTH = np.eye(4)

# Pairs of vectors, and triplets


def _apart(target: float) -> Inputs:
    return lambda x: (_rows(0 * x), _rows(x), _alike(x, target))


def _turned(target: float) -> Inputs:
    return lambda x: (_alike(x, _FIRST), _unit(x), _alike(x, target))


DISTANCE = Sweep(
    label="distance between the two",
    shown=(0.0, 2.0),
    domain=(0.0, math.inf),
    cases={f"target = {target:g}": _apart(target) for target in (1.0, 0.0)},
)
COSINE = Sweep(
    label="cosine of the angle between the two",
    shown=(-1.0, 1.0),
    domain=(-1.0, 1.0),
    cases={f"target = {target:g}": _turned(target) for target in (1.0, 0.0)},
)


def _triplet(near: float) -> Inputs:
    return lambda x: (_rows(0 * x, 0 * x), _alike(x, np.array([near, 0.0])), _rows(0 * x, x))


TRIPLET = Sweep(
    label="distance of the negative from the anchor",
    shown=(0.0, 4.0),
    domain=(0.0, math.inf),
    cases={f"positive at {near:g}": _triplet(near) for near in (0.5, 1.0, 2.0)},
)

# Batches in which each example is compared with all others


def _against(positive: bool, x: Any) -> tuple[Any, Any]:
    """A positive and a negative for the example along the first axis: one moves, the other is at right angles to everything."""
    return (_unit(x), _alike(x, _THIRD)) if positive else (_alike(x, _THIRD), _unit(x))


def _paired(positive: bool) -> Inputs:
    return lambda x: (_alike(x, np.stack([_FIRST, _FOURTH])), _stacked(*_against(positive, x)))


def _labelled(positive: bool) -> Inputs:
    return lambda x: (_stacked(_FIRST, *_against(positive, x)), _alike(x, np.array([0, 0, 1])))


def _of_a_batch(made: Any) -> Sweep:
    return Sweep(
        label="cosine of one pair, the others being at right angles",
        shown=(-1.0, 1.0),
        domain=(-1.0, 1.0),
        cases={"positive pair": made(True), "negative pair": made(False)},
    )


PAIRED = _of_a_batch(_paired)
LABELLED = _of_a_batch(_labelled)

# Classes


def _linear(x: Any) -> tuple[Any, ...]:
    return _alike(x, np.ones((1, 1))), _stacked(_rows(x), _rows(0 * x)), _alike(x, np.zeros(1, np.int64))


LINEAR = Sweep(label=MARGIN, shown=(-4.0, 4.0), cases={"": _linear})


def _ordered(grade: int) -> Inputs:
    return lambda x: (_rows(x), _alike(x, np.array([-2.0, 1.0])), _alike(x, np.array([grade])))


ORDERED = Sweep(
    label="score, the thresholds being -2 and 1",
    shown=(-6.0, 6.0),
    cases={f"class {grade}": _ordered(grade) for grade in range(3)},
)


def of_quantiles(quantiles: tuple[float, ...]) -> Sweep:
    """One of several predictions of one target."""

    def moved(place: int) -> Inputs:
        return lambda x: (x[:, None] * np.eye(len(quantiles))[place], 0 * x.real)

    return Sweep(
        label="prediction - target of one quantile, the others being right",
        shown=(-4.0, 4.0),
        cases={f"quantile {quantile:g}": moved(place) for place, quantile in enumerate(quantiles)},
    )


# Images and sequences

_CLASSES = np.array([0, 0, 0, 1])
_ELSEWHERE = 0.9


def _pixels(moving: tuple[int, ...], target: Any) -> Inputs:
    """The shares of two classes in the pixels, of which some have a share x of the right class."""

    def made(x: Any) -> tuple[Any, ...]:
        right = _rows(*(x if place in moving else _ELSEWHERE + 0 * x for place in range(len(_CLASSES))))
        return np.where(np.eye(2)[_CLASSES] == 1, right[..., None], 1 - right[..., None]), _alike(x, target)

    return made


def _of_pixels(target: Any) -> Sweep:
    return Sweep(
        label=f"{PROBABILITY}, {_ELSEWHERE:g} in the other pixels",
        shown=(0.0, 1.0),
        domain=(0.0, 1.0),
        cases={
            "all four pixels": _pixels((0, 1, 2, 3), target),
            "one of the three of class 0": _pixels((0,), target),
            "the only one of class 1": _pixels((3,), target),
        },
        probabilities=True,
    )


PIXELS = _of_pixels(_CLASSES)
SHARED_PIXELS = _of_pixels(np.eye(2)[_CLASSES])

_FRAMES = np.array([1, 0, 2])
"""A class for each frame, 0 being the blank."""


def _frames(*labels: int) -> Inputs:
    def made(x: Any) -> tuple[Any, ...]:
        right, rest = x[:, None, None], (1 - x[:, None, None]) / 2
        return np.where(np.eye(3)[_FRAMES] == 1, right, rest), _alike(x, np.array(labels)), _alike(x, 3), _alike(x, len(labels))

    return made


FRAMES = Sweep(
    label="probability of 1, blank and 2 in frames 1, 2 and 3",
    shown=(0.0, 1.0),
    domain=(0.0, 1.0),
    cases={"labels 1, 2": _frames(1, 2), "label 1": _frames(1), "labels 2, 1": _frames(2, 1)},
    probabilities=True,
)
