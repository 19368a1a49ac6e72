"""Layers of many networks that learn side by side by plain gradient descent, whatever their activation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ogive import catalogue, initializers, kernel
from ogive.errors import InputError
from ogive.lab.factors import EVERYWHERE

Array = NDArray[np.float32]

PIECES = 2
"""Linear pieces of a maxout unit."""

DEAD = float(np.finfo(np.float32).eps)
"""A slope that is no more than this passes nothing on."""


def activation_of(written: str) -> str:
    """The name of an activation that a hidden layer can have: elementwise and of all numbers, or of several pieces of each unit."""
    entry = catalogue.get(written)
    of_all = entry.kind == "activation" and entry.trainable and entry.domain == EVERYWHERE
    if not of_all and not (entry.kind == "axiswise" and entry.reduces):
        raise InputError(f"{entry.name!r} cannot be a hidden layer's activation here; leave it out")
    name: str = entry.name
    return name


class Layer:
    """One hidden layer of many networks, whatever its activation: elementwise, with a learned or a random slope, or maxout."""

    def __init__(self, activation: str, weights: Array, bias: Array) -> None:
        self.entry = catalogue.get(activation)
        self.pieces = PIECES if self.entry.kind == "axiswise" else 1
        self.weights = weights
        self.biases = np.repeat(bias, weights.shape[2], 2)
        learned = self.entry.kind == "activation" and self.entry.learned
        self.slope = np.full((len(weights), 1, 1), self.entry.parameters[0].default, np.float32) if learned else None

    def forward(self, inputs: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        """Outputs, and the derivative of each by its sums; with random numbers where it trains."""
        self.inputs = inputs
        self.sums = np.empty((len(self.weights), inputs.shape[1], self.weights.shape[2]), np.float32)
        kernel.product(inputs, self.weights, self.sums, bias=self.biases)
        if self.pieces > 1:
            pieces = self.sums.reshape(*self.sums.shape[:2], -1, self.pieces)
            outputs = self.entry(pieces)
            return outputs, self.entry.vjp(pieces, np.ones_like(outputs)).reshape(self.sums.shape)
        parameters = () if self.slope is None else (self.slope,)
        outputs, slopes = self.entry.value_and_slope(self.sums, *parameters, **({"rng": rng} if self.entry.random else {}))
        return outputs, slopes

    def backward(self, errors: Array, slopes: Array, rates: Array) -> Array:
        """Learn from the derivatives by its outputs; returns those by its inputs."""
        if self.slope is not None:
            own = self.entry.slope(self.sums, self.slope, wrt=self.entry.parameters[0].name)
            learned = (errors * own).sum((1, 2), keepdims=True)
        errors = np.repeat(errors, self.pieces, 2) * slopes
        below = np.empty((len(errors), errors.shape[1], self.weights.shape[1]), np.float32)
        kernel.product(errors, self.weights.transpose(0, 2, 1), below)
        errors *= -rates
        kernel.product(self.inputs.transpose(0, 2, 1), errors, self.weights, 1.0)
        self.biases += errors.sum(1, keepdims=True)
        if self.slope is not None:
            self.slope = np.nan_to_num(self.slope - rates * learned, posinf=0, neginf=0)  # where the network itself is no number any more
        return below

    def dead(self, slopes: Array) -> NDArray[np.float32]:
        """1 for the units of each network through which no row passes a gradient, ``(network, unit)``; NaN where it has overflowed."""
        largest = np.abs(slopes).max(1).reshape(len(slopes), -1, self.pieces).max(2)
        finite = np.asarray(np.isfinite(self.sums).all((1, 2)))
        return np.asarray(np.where(finite[:, None], largest <= DEAD, np.nan), np.float32)


def first_layers(activation: str, sizes: Sequence[int], initializer: str, biases: NDArray[np.float32], seeds: int) -> list[Layer]:
    """The layers at first, of as many networks as there are `biases` of hidden layers; every `seeds` networks have the same weights."""
    rngs = [np.random.default_rng((1, seed)) for seed in range(seeds)]
    starts = biases.reshape(-1, 1, 1)
    layers, last = [], len(sizes) - 2
    for number, (below, above) in enumerate(pairwise(sizes)):
        own = activation if number < last else "identity"
        pieces = PIECES if catalogue.get(own).kind == "axiswise" else 1
        deviation = initializers.get(initializer if number < last else "lecun_normal").std(below, above)
        drawn = np.stack([rng.standard_normal((below, above * pieces), np.float32) * np.float32(deviation) for rng in rngs])
        weights = np.tile(drawn, (len(biases) // seeds, 1, 1))
        layers.append(Layer(own, weights, starts if number < last else np.zeros_like(starts)))
    return layers


def outputs(layers: Sequence[Layer], inputs: Array) -> Array:
    """The last sums for rows that all networks take in."""
    passed = inputs[None]
    for layer in layers:
        passed, _ = layer.forward(passed)
    return passed


def dead_units(layers: Sequence[Layer], inputs: Array) -> list[Array]:
    """`Layer.dead` of each hidden layer."""
    passed, found = inputs[None], []
    for layer in layers[:-1]:
        passed, slopes = layer.forward(passed)
        found.append(layer.dead(slopes))
    return found
