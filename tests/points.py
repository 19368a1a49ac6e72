"""Where functions are tested: magnitudes from the smallest subnormal to the largest float, dense around 0, kinks and tails."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import ogive
from ogive.activation import Activation

DTYPES = (np.float32, np.float64)
# Of all float32, the one where the kernel that computes in float32 is farthest off.
HARDEST = {
    "elu": -0.378054768,
    "gelu": -1.89369547,
    "selu": -0.316991329,
    "sigmoid": -6.54887581,
    "silu": -5.19805527,
    "softplus": 0.029346019,
}


def neighbours(x: float, dtype: Any, count: int = 4) -> list[Any]:
    """x and the floats next to it on both sides."""
    found = [dtype(x)]
    low = high = dtype(x)
    for _ in range(count):
        low, high = np.nextafter(low, dtype(-np.inf)), np.nextafter(high, dtype(np.inf))
        found += [low, high]
    return found


@cache
def reals(dtype: Any) -> np.ndarray[Any, Any]:
    """All of the real line, as far as the format goes."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(20)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp, 1 if dtype is np.float32 else 7)
    mantissas = rng.uniform(1, 2, (2, exponents.size))
    magnitudes = np.ldexp(mantissas, exponents).ravel()
    magnitudes = np.r_[magnitudes, np.ldexp(1.0, exponents), float(info.smallest_subnormal), float(info.tiny), float(info.max)]
    tail = 120 if dtype is np.float32 else 800
    dense = np.r_[rng.uniform(-1, 1, 200), rng.uniform(-10, 10, 500), rng.uniform(-45, 45, 300), rng.uniform(-tail, tail, 200)]
    special = [k for x in (0.0, 1.0, 2.0, 8.0, 16.6, 20.0000001, 36.7, 88.7, 103.9, 709.7, 745.1) for k in (x, -x)]
    points = np.r_[magnitudes, -magnitudes, dense, special].astype(dtype)
    return np.unique(np.r_[points, neighbours(0.0, dtype)])


@cache
def unit_interval(dtype: Any) -> np.ndarray[Any, Any]:
    """Between 0 and 1, both excluded: down to the smallest subnormal, dense around 1/2, up to the last float below 1."""
    small = reals(dtype)
    small = small[(small > 0) & (small <= 0.5)]
    below_one = (1 - np.ldexp(1.0, -np.arange(1, np.finfo(dtype).nmant + 2))).astype(dtype)
    rng = np.random.default_rng(21)
    return np.unique(np.r_[small, below_one, rng.uniform(0.2, 1, 400).astype(dtype), neighbours(0.5, dtype), neighbours(0.25, dtype)])


def for_activation(entry: Activation, dtype: Any) -> np.ndarray[Any, Any]:
    """The finite points at which an entry is tested."""
    if entry.domain == (0.0, 1.0):
        return unit_interval(dtype)
    special = [point for kink in entry.kinks for point in neighbours(kink.at, dtype)]
    if dtype is np.float32 and entry.name in HARDEST:
        special.append(np.float32(HARDEST[entry.name]))
    return np.unique(np.r_[reals(dtype), np.array(special, dtype)])


def activations() -> list[Activation]:
    """Every elementwise entry of the catalogue."""
    return [ogive.get(name) for name in ogive.names("activation")]
