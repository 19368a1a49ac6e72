"""Plain layers in NumPy with ogive's values and slopes: what goes up through them, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Passed:
    """What rows leave in the layers that they pass.

    Attributes
    ----------
    outputs
        The inputs, then the outputs of each layer, ``(row, unit)``.
    slopes
        The activation's slope at the sums of each layer.
    """

    outputs: tuple[Array, ...]
    slopes: tuple[Array, ...]


def forward(inputs: Array, weights: Sequence[Array], activation: Any) -> Passed:
    """Rows through layers without biases; `weights` are ``(unit below, unit)``, `activation` an entry of the catalogue."""
    outputs, slopes = [inputs], []
    for own in weights:
        output, slope = activation.value_and_slope(outputs[-1] @ own)
        outputs.append(output)
        slopes.append(slope)
    return Passed(tuple(outputs), tuple(slopes))


def backward(errors: Array, weights: Sequence[Array], passed: Passed) -> list[Array]:
    """The derivatives by the sums of each layer, the first layer's first, from `errors`, those by the outputs of the last."""
    found = []
    for own, slopes in zip(reversed(weights), reversed(passed.slopes), strict=True):
        found.append(errors * slopes)
        errors = found[-1] @ own.T
    return found[::-1]


def draws(rng: np.random.Generator, layers: int, units: int) -> list[Array]:
    """Standard normal weights of square layers; an initialiser's deviation makes them its own."""
    return [rng.standard_normal((units, units)) for _ in range(layers)]
