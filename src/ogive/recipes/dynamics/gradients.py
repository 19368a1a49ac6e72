"""How much of the gradient reaches each layer of nets of several depths, before anything is learned, and how much can reach it at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive import initializers
from ogive.losses.probabilistic import cross_entropy
from ogive.recipes.dynamics.layers import Array, backward, draws, forward
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.wide import gradient_factors

CLASSES = 10
LAST = initializers.lecun_normal
"""Of the last layer, which is linear."""


@dataclass(frozen=True)
class Gradients:
    """The gradient in nets of one depth, one activation and its initialiser; geometric means over the draws.

    Attributes
    ----------
    weights
        Norm of the loss's derivative by the weights of each hidden layer, the first layer's first.
    sums
        Likewise by the sums of each hidden layer.
    bounds
        What `weights` cannot exceed: the product of the slopes' bound and the norms of the weights above, times the sizes of the layer's
        inputs and of the loss's own derivative.
    most
        By how much one layer can multiply it: the steepest slope times the spectral norm of the weights, geometric mean over the layers.
    closest
        The largest share of its bound that a layer of any draw reaches.
    """

    weights: Array
    sums: Array
    bounds: Array
    most: float
    closest: float

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.weights)

    @property
    def factor(self) -> float:
        """By how much one layer multiplies the derivative by its sums on the way back, geometric mean over the layers."""
        return float((self.sums[0] / self.sums[-1]) ** (1 / (self.depth - 1)))


@dataclass(frozen=True)
class Problem:
    """One draw of everything that is drawn: rows with classes at random, and standard normal weights with their spectral norms."""

    inputs: Array
    classes: NDArray[np.int64]
    hidden: list[Array]
    hidden_norms: Array
    output: Array
    output_norm: float


def problem(seed: int, *, rows: int, units: int, layers: int) -> Problem:
    """Standard normal inputs, as many features as units, and weights for the deepest net."""
    rng = np.random.default_rng(seed)
    inputs, classes, output = rng.standard_normal((rows, units)), rng.integers(CLASSES, size=rows), rng.standard_normal((units, CLASSES))
    hidden = draws(rng, layers, units)
    norms = np.array([np.linalg.norm(own, 2) for own in hidden])
    return Problem(inputs, classes, hidden, norms, output, float(np.linalg.norm(output, 2)))


def measure(net: Net, depth: int, problems: Sequence[Problem]) -> Gradients:
    """The gradient of the mean cross-entropy in nets of that many hidden layers, one for each draw."""
    looks = [_look(net, depth, each) for each in problems]
    weights, sums, bounds = (np.exp(np.mean(np.log(each), 0)) for each in zip(*looks, strict=True))
    closest = max(float((each[0] / each[2]).max()) for each in looks)
    norms = [each.hidden_norms[1:depth] for each in problems]
    most = steepest(net) * net.deviation(len(problems[0].output)) * float(np.exp(np.mean(np.log(norms))))
    return Gradients(weights, sums, bounds, most, closest)


def _look(net: Net, depth: int, each: Problem) -> tuple[Array, Array, Array]:
    """Norms of the gradient by the weights and by the sums of each hidden layer, and what those by the weights cannot exceed."""
    units, classes = each.output.shape
    deviation, output_deviation = net.deviation(units), LAST.std(units, classes)
    weights, last = [deviation * own for own in each.hidden[:depth]], output_deviation * each.output
    passed = forward(each.inputs, weights, net.activation)
    _, errors = cross_entropy.value_and_gradient(passed.outputs[-1] @ last, each.classes, given="logits")
    by_sums = backward(errors @ last.T, weights, passed)
    by_weights = [np.linalg.norm(below.T @ own) for below, own in zip(passed.outputs, by_sums, strict=False)]
    # one layer back multiplies a row's derivative by slopes and a matrix, so by no more than their largest values
    norms = np.append(deviation * each.hidden_norms[1:depth], output_deviation * each.output_norm)
    most = np.cumprod((steepest(net) * norms)[::-1])[::-1]
    sizes = [np.linalg.norm(below, axis=1) @ np.linalg.norm(errors, axis=1) for below in passed.outputs[:-1]]
    return np.array(by_weights), np.array([np.linalg.norm(own) for own in by_sums]), most * np.array(sizes)


def steepest(net: Net) -> float:
    """The largest slope of its activation: ¼ of the sigmoid."""
    return net.activation.claim(net.activation.lipschitz)


def predicted_factor(net: Net, depth: int, units: int) -> float:
    """`Gradients.factor` of infinitely wide layers."""
    factors = gradient_factors(net.activation, units * net.deviation(units) ** 2, depth)
    return float(np.exp(np.mean(np.log(factors[:-1]))))
