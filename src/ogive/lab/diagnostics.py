"""How the hidden units of a trained population work: which are dead, which saturated, and what they put out and pass back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ogive.lab.population import Population, Workspace
from ogive.lab.results import BARS, activation_edges, gradient_edges

FLAT = 0.05
"""A unit is in its flat part where its slope is below this share of the steepest."""


def dead_and_saturated(population: Population, work: Workspace, rows: int) -> tuple[NDArray[np.float64], list[list[float | None]]]:
    """For each network and hidden layer the shares of dead and of saturated units, by the first rows that just went through."""
    dead = np.zeros((population.size, len(work.slopes)))
    saturated: list[list[float | None]] = [[None] * len(work.slopes) for _ in range(population.size)]
    for number, slopes in enumerate(work.slopes):
        for piece in population.layers[number].slices:
            relative = np.abs(slopes[piece.networks, :rows])
            relative /= np.float32(piece.activation.claim(piece.activation.lipschitz))
            dead[piece.networks, number] = (relative.max(1) <= np.finfo(np.float32).eps).mean(1)
            if piece.activation.saturates == "both":  # a rectifier's zero half is sparsity instead
                flat = ((relative < FLAT).mean(1) > 0.5).mean(1)
                for network, share in zip(range(piece.networks.start, piece.networks.stop), flat, strict=True):
                    saturated[network][number] = float(share)
    return dead, saturated


def activation_bars(population: Population, work: Workspace, rows: int) -> NDArray[np.int64]:
    """How many outputs of each network's hidden layers, by the first rows, fall into each bar, ``(network, layer, bar)``."""
    bars = np.zeros((population.size, len(work.outputs), BARS), np.int64)
    for number, outputs in enumerate(work.outputs):
        for piece in population.layers[number].slices:
            edges = activation_edges(piece.activation)
            bars[piece.networks, number] = _bars(outputs[piece.networks, :rows], edges[0], edges[-1])
    return bars


def gradient_bars(errors: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many of each network's derivatives, by their power of ten, fall into each bar, ``(network, bar)``."""
    edges = gradient_edges()
    with np.errstate(divide="ignore"):
        return _bars(np.log10(np.abs(errors)), edges[0], edges[-1])


def _bars(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.int64]:
    """Counts for each network; what lies beyond counts in the last bar on that side, what is no number nowhere."""
    counts = np.zeros((len(values), BARS), np.int64)
    for network, own in enumerate(values.reshape(len(values), -1)):
        numbers = own[~np.isnan(own)]
        place = ((np.clip(numbers, low, high) - low) * (BARS / (high - low))).astype(np.int64)
        counts[network] = np.bincount(np.minimum(place, BARS - 1), minlength=BARS)
    return counts
