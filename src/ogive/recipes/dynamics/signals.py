"""What the first weights of a net do to what goes up through it: the outputs of every layer, before anything is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.recipes.dynamics.layers import Array, draws, forward
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.wide import second_moments

NEAR = 0.01
"""An output is at an end of the range or in its middle where it is no further from it."""

LARGEST = 1e100
"""Of outputs whose squares can be looked at."""

BARS = 30
REACH = 3.0
"""Where a function's range is unbounded, the histogram ends here; the last bar holds what lies beyond."""


@dataclass(frozen=True)
class Signal:
    """The outputs of the layers of a net; of each layer over all rows, units and draws.

    Attributes
    ----------
    deviations, second_moments
        Standard deviation, and mean square.
    predicted
        The mean square that layers of infinite width would have.
    low, middle, high
        Shares of outputs at the two ends of the function's range and at its value at 0; not a number where there is no such end.
    zeros
        The share of outputs that are exactly 0.
    bars
        Counts in each bar of the histogram, ``(layer, bar)``.
    edges
        Of the bars.
    """

    deviations: Array
    second_moments: Array
    predicted: Array
    low: Array
    middle: Array
    high: Array
    zeros: Array
    bars: NDArray[np.int64]
    edges: Array


def measure(net: Net, *, rows: int, units: int, layers: int, seeds: int) -> Signal:
    """Send standard normal inputs, as many features as units, through layers; every net gets the same draws, scaled by its initialiser."""
    entry, deviation = net.activation, net.deviation(units)
    low, high = (entry.claim(end) for end in entry.range)
    edges = np.linspace(max(low, -REACH), min(high, REACH), BARS + 1)
    looks, bars = [], np.zeros((layers, BARS), np.int64)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        inputs = rng.standard_normal((rows, units))
        with np.errstate(all="ignore"):
            passed = forward(inputs, [deviation * each for each in draws(rng, layers, units)], entry)
        if not (np.abs(passed.outputs[-1]) < LARGEST).all():
            raise InputError(f"the outputs of {net.name} are too large; give it smaller weights, or fewer layers")
        looks.append([_look(outputs, (low, float(entry(0.0)), high)) for outputs in passed.outputs[1:]])
        bars += [np.histogram(np.clip(outputs, edges[0], edges[-1]), edges)[0] for outputs in passed.outputs[1:]]
    means, squares, lows, middles, highs, zeros = np.mean(looks, 0).T
    theory = second_moments(entry, units * deviation**2, layers)
    return Signal(np.sqrt(squares - means**2), squares, theory, lows, middles, highs, zeros, bars, edges)


def _look(outputs: Array, places: tuple[float, ...]) -> list[Any]:
    """Mean, mean square, the shares near the places, and that of zeros."""
    near = [np.mean(np.abs(outputs - place) <= NEAR) if np.isfinite(place) else np.nan for place in places]
    return [outputs.mean(), np.square(outputs).mean(), *near, np.mean(outputs == 0)]
