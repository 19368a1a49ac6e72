"""What theory says of layers of infinite width, whose sums are normal: the size of what goes up, and of what comes back.

B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, NeurIPS 2016, arXiv:1606.05340, section 2;
S. Schoenholz et al., Deep information propagation, ICLR 2017, arXiv:1611.01232, section 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive.recipes.dynamics.layers import Array

Z = np.linspace(-10, 10, 20_000)
"""Where functions of a standard normal number are looked at; not at 0, for many have a kink there."""

_DENSITY = np.exp(-Z * Z / 2) / np.exp(-Z * Z / 2).sum()


def second_moments(entry: Any, gain: float, layers: int) -> Array:
    """The mean square of each layer's outputs where that of the inputs is 1; `gain` is the weights' variance times the units below."""
    return _through(entry, gain, layers)[0]


def gradient_factors(entry: Any, gain: float, layers: int) -> Array:
    """By how much each layer multiplies the size of the gradient that comes back through it."""
    return _through(entry, gain, layers)[1]


def _through(entry: Any, gain: float, layers: int) -> tuple[Array, Array]:
    below, moments, factors = 1.0, [], []
    for _ in range(layers):
        value, slope = entry.value_and_slope(np.sqrt(gain * below) * Z)
        below = mean(value * value)
        moments.append(below)
        factors.append(np.sqrt(gain * mean(slope * slope)))
    return np.array(moments), np.array(factors)


def mean(values: Array) -> float:
    """Over a standard normal number."""
    return float(np.sum(_DENSITY * values))
