"""How the hidden units of a trained population work: which are dead, which saturated, and what they put out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ogive.activation import Activation
from ogive.lab.population import ROWS_AT_ONCE, Population
from ogive.lab.results import HISTOGRAM_BARS, HISTOGRAM_REACH

FLAT = 0.05
"""A unit is in its flat part where its slope is below this share of the steepest."""


@dataclass(frozen=True)
class Diagnosis:
    """For each member: shares of all its hidden units, and a histogram for each hidden layer."""

    dead: NDArray[np.float64]
    saturated: list[float | None]
    histograms: list[tuple[tuple[int, ...], ...]]


def diagnose(population: Population, inputs: torch.Tensor) -> Diagnosis:
    """Run the rows through the population once and look at every hidden unit's output and slope."""
    hidden = population.layer_sizes[1:-1]
    steepest = [np.zeros((population.size, units)) for units in hidden]
    flat_rows = [np.zeros((population.size, units)) for units in hidden]
    bars = np.zeros((population.size, len(hidden), HISTOGRAM_BARS), np.int64)
    for first in range(0, len(inputs), ROWS_AT_ONCE):
        rows = inputs[first : first + ROWS_AT_ONCE]
        work = population.workspace(len(rows), slopes=True)
        population.forward(rows, work)
        for layer, pieces in enumerate(population.slices):
            for piece in pieces:
                members, limit = piece.members, piece.activation.claim(piece.activation.lipschitz)
                relative = np.abs(work.slopes[layer][members].numpy()) / limit
                steepest[layer][members] = np.maximum(steepest[layer][members], relative.max(2))
                flat_rows[layer][members] += (relative < FLAT).sum(2)
                for member in range(members.start, members.stop):
                    bars[member, layer] += _histogram(piece.activation, work.outputs[layer][member].numpy())
    dead = np.concatenate([layer <= np.finfo(np.float32).eps for layer in steepest], axis=1).mean(1)
    flat = [layer > len(inputs) / 2 for layer in flat_rows]
    return Diagnosis(dead, _saturated(population, flat), [tuple(tuple(row.tolist()) for row in member) for member in bars])


def histogram_edges(activation: Activation) -> NDArray[np.float64]:
    """The edges of the bars: the function's range, cut where it is far from zero."""
    low, high = (activation.claim(bound) for bound in activation.range)
    return np.linspace(max(low, -HISTOGRAM_REACH), min(high, HISTOGRAM_REACH), HISTOGRAM_BARS + 1)


def _histogram(activation: Activation, outputs: NDArray[np.float32]) -> NDArray[np.int64]:
    """Outputs in each bar; what lies beyond counts in the last bar on that side, what is no number nowhere."""
    edges = histogram_edges(activation)
    numbers = outputs[~np.isnan(outputs)].astype(np.float64)
    counts, _ = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)
    return counts.astype(np.int64)


def _saturated(population: Population, flat: list[NDArray[np.bool_]]) -> list[float | None]:
    """The share among units whose activation is flat on both sides; a rectifier's zero half is sparsity instead."""
    units = [np.zeros(0, np.bool_) for _ in range(population.size)]
    for layer, pieces in enumerate(population.slices):
        for piece in pieces:
            if piece.activation.saturates == "both":
                for member in range(piece.members.start, piece.members.stop):
                    units[member] = np.concatenate([units[member], flat[layer][member]])
    return [float(member.mean()) if len(member) else None for member in units]
