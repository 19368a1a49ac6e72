"""Many networks trained as one: their weights are stacked, and one stacked matrix product serves them all.

A population is rows of networks: each row has one *variant* (activations, initialisers, learning rate) on every one of the *streams* (the
rows of one split in the order of one seed), and only the learning rate may differ along it. Networks never mix, and no number of one
depends on what else is in the population, for every product, sum and function works on one network's numbers in an order of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ogive import catalogue, initializers, kernel
from ogive.activation import Activation

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Variant:
    """What a network is, whatever it is trained on.

    Attributes
    ----------
    activations
        One for each hidden layer.
    initializers
        One for each hidden layer and the output layer.
    rate
        The largest learning rate of its schedule.
    """

    activations: tuple[str, ...]
    initializers: tuple[str, ...]
    rate: float


@dataclass
class Slice:
    """Neighbouring networks with the same activation in one layer, and the time that it has taken them."""

    activation: Activation
    networks: slice
    seconds: float = 0.0


@dataclass
class Layer:
    """One layer of every network: views into the population's memory."""

    weights: Array
    biases: Array | None
    weight_steps: Array
    bias_steps: Array | None
    slices: list[Slice] = field(default_factory=list)


class Workspace:
    """Memory for a population's work on a number of rows, with every activation bound to its slices of it."""

    def __init__(self, population: Population, rows: int) -> None:
        shapes = [(population.size, rows, units) for units in population.layer_sizes[1:]]
        self.sums = [np.empty(shape, np.float32) for shape in shapes]
        self.outputs = [np.empty(shape, np.float32) for shape in shapes[:-1]]
        self.slopes = [np.empty(shape, np.float32) for shape in shapes[:-1]]
        self.activate = [
            [(piece, self._bound(number, piece)) for piece in layer.slices] for number, layer in enumerate(population.layers[:-1])
        ]

    def _bound(self, layer: int, piece: Slice) -> Callable[[], object]:
        entry, networks = piece.activation, piece.networks
        out = (self.outputs[layer][networks], self.slopes[layer][networks])
        return partial(entry.value_and_slope_ufunc, self.sums[layer][networks], *entry.bind((), {}), out=out)


class Population:
    """Networks of one shape.

    Parameters
    ----------
    variants
        What the networks are, ``(row, stream)``; neighbouring rows with equal activations are computed together.
    generators
        One for each stream. Each draws the first weights of its networks: one standard normal number for each weight, shared by all
        variants and scaled by the deviation of each one's initialiser, so that differences between variants are paired.
    layer_sizes
        Features, hidden units of each layer, outputs.
    bias
        Where the biases of hidden layers start, those of the output layer at 0; ``None`` for no biases.
    """

    def __init__(
        self,
        variants: Sequence[Sequence[Variant]],
        generators: Sequence[np.random.Generator],
        layer_sizes: Sequence[int],
        *,
        bias: float | None = 0.0,
    ) -> None:
        self.kinds, self.streams = tuple(row[0] for row in variants), len(generators)
        self.size = len(variants) * self.streams
        self.layer_sizes = tuple(layer_sizes)
        self.rates = np.array([variant.rate for row in variants for variant in row], np.float32).reshape(-1, 1, 1)
        shapes = list(pairwise(self.layer_sizes))
        sizes = [count for below, above in shapes for count in (self.size * below * above, self.size * above * (bias is not None))]
        self.parameters, self.steps = np.zeros(sum(sizes), np.float32), np.zeros(sum(sizes), np.float32)
        ends = np.cumsum(sizes)[:-1]
        pieces = zip(np.split(self.parameters, ends), np.split(self.steps, ends), strict=True)
        self.layers = [self._layer(pieces, below, above, bias=bias is not None) for below, above in shapes]
        for number, layer in enumerate(self.layers):
            self._draw(number, layer, generators)
            if number < len(self.layers) - 1:
                if layer.biases is not None:
                    layer.biases.fill(bias)
                layer.slices = _slices([variant.activations[number] for variant in self.kinds], self.streams)
        self._workspaces: dict[int, Workspace] = {}

    def _layer(self, pieces: Iterator[tuple[Array, Array]], below: int, above: int, *, bias: bool) -> Layer:
        weights, weight_steps = (piece.reshape(self.size, below, above) for piece in next(pieces))
        biases, bias_steps = (piece.reshape(self.size, 1, above) if bias else None for piece in next(pieces))
        return Layer(weights, biases, weight_steps, bias_steps)

    def _draw(self, number: int, layer: Layer, generators: Sequence[np.random.Generator]) -> None:
        below, above = layer.weights.shape[1:]
        deviations = np.array([initializers.get(each.initializers[number]).std(below, above) for each in self.kinds], np.float32)
        by_stream = layer.weights.reshape(-1, self.streams, below, above)
        for stream, generator in enumerate(generators):
            draws = generator.standard_normal((below, above), np.float32)
            np.multiply(draws, deviations.reshape(-1, 1, 1), out=by_stream[:, stream])

    def workspace(self, rows: int) -> Workspace:
        """Memory to work on a number of rows; the same piece each time."""
        if rows not in self._workspaces:
            self._workspaces[rows] = Workspace(self, rows)
        return self._workspaces[rows]

    def forward(self, inputs: Array, work: Workspace) -> Array:
        """Compute every layer for rows of input, ``(stream, row, feature)``; returns the last sums, ``(network, row, output)``."""
        below = inputs
        for number, (layer, sums) in enumerate(zip(self.layers, work.sums, strict=True)):
            kernel.product(below, layer.weights, sums, bias=layer.biases)
            if number < len(work.outputs):
                for piece, activate in work.activate[number]:
                    started = perf_counter()
                    activate()
                    piece.seconds += perf_counter() - started
                below = work.outputs[number]
        return work.sums[-1]

    def backward(self, errors: Array, work: Workspace, meet: Callable[[int, Array], None]) -> None:
        """Carry the loss's derivative back; `meet` gets each layer's number and the derivative of its sums, last layer first.

        By then the layer's weights have been used, and may be moved.
        """
        for number in range(len(self.layers) - 1, -1, -1):
            if number:
                below = work.sums[number - 1]
                kernel.product(errors, self.layers[number].weights.transpose(0, 2, 1), below)
                below *= work.slopes[number - 1]
            meet(number, errors)
            errors = below

    def activation_seconds(self) -> NDArray[np.float64]:
        """The time that each network's activations have taken."""
        seconds = np.zeros(self.size)
        for piece in (piece for layer in self.layers for piece in layer.slices):
            seconds[piece.networks] += piece.seconds / (piece.networks.stop - piece.networks.start)
        return seconds


def _slices(names: Sequence[str], streams: int) -> list[Slice]:
    """Neighbouring variants with the same activation, in one piece."""
    starts = [index for index, name in enumerate(names) if index == 0 or names[index - 1] != name]
    return [
        Slice(catalogue.get(names[start], "activation"), slice(start * streams, end * streams))
        for start, end in pairwise([*starts, len(names)])
    ]
