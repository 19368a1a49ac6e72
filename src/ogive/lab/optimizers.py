"""How a step follows from the gradients, and how the learning rate changes over the training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive import kernel
from ogive.errors import UnknownNameError, did_you_mean
from ogive.lab.population import Layer, Population

Array = NDArray[np.float32]

MOMENTUM = 0.9
BETAS, EPSILON = (0.9, 0.999), 1e-8


class SGD:
    """Stochastic gradient descent with momentum: ``velocity = momentum · velocity + rate · gradient``, ``weight −= velocity``.

    I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013, equations 1 and 2.
    The products that give the gradients add them straight onto the velocities, and move the weights by what these come to.
    """

    momentum = MOMENTUM

    def __init__(self, population: Population) -> None:
        self.population = population

    def scale(self, errors: Array, rates: Array) -> None:
        """What the errors are multiplied with before they are carried back."""
        errors *= rates

    def meet(self, layer: Layer, inputs: Array, errors: Array) -> None:
        """Take in a layer's gradient and move its weights, which nobody needs any more in this step."""
        kernel.product(inputs.transpose(0, 2, 1), errors, layer.weight_steps, self.momentum, None, layer.weights)
        if layer.bias_steps is not None:
            kernel.product(_ones(errors.shape[1]), errors, layer.bias_steps, self.momentum, None, layer.biases)

    def step(self, rates: Array) -> None:
        """Nothing: every layer's weights were moved when it was met."""


class PlainSGD(SGD):
    """Stochastic gradient descent: ``weight −= rate · gradient``."""

    momentum = 0.0


class Adam:
    """D. Kingma, J. Ba, Adam: A method for stochastic optimization, ICLR 2015, algorithm 1, with its constants."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self._first, self._second = np.zeros_like(population.steps), np.zeros_like(population.steps)
        self._scratch = np.empty_like(population.steps)
        self._count = 0

    def scale(self, errors: Array, rates: Array) -> None:
        """Nothing: the size of the gradients does not matter here."""

    def meet(self, layer: Layer, inputs: Array, errors: Array) -> None:
        """Take in a layer's gradient."""
        kernel.product(inputs.transpose(0, 2, 1), errors, layer.weight_steps)
        if layer.bias_steps is not None:
            kernel.product(_ones(errors.shape[1]), errors, layer.bias_steps)

    def step(self, rates: Array) -> None:
        """Move the weights."""
        self._count += 1
        gradient, scratch = self.population.steps, self._scratch
        for moment, beta in ((self._first, BETAS[0]), (self._second, BETAS[1])):
            np.multiply(gradient, np.float32(1 - beta), out=scratch)
            moment *= np.float32(beta)
            moment += scratch
            gradient *= gradient
        np.divide(self._second, np.float32(1 - BETAS[1] ** self._count), out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += np.float32(EPSILON)
        np.divide(self._first, scratch, out=gradient)
        factors = rates * np.float32(1 / (1 - BETAS[0] ** self._count))
        for layer in self.population.layers:
            layer.weight_steps *= factors
            if layer.bias_steps is not None:
                layer.bias_steps *= factors
        self.population.parameters -= gradient


@cache
def _ones(rows: int) -> Array:
    """What sums over the rows; asked for in every step."""
    return np.ones((1, 1, rows), np.float32)


OPTIMIZERS: dict[str, Any] = {"sgd": SGD, "plain_sgd": PlainSGD, "adam": Adam}
COARSE_RATES = {"sgd": (0.01, 0.1, 1.0), "plain_sgd": (0.03, 0.3, 3.0), "adam": (0.0003, 0.003, 0.03)}
"""Where the search for a learning rate begins, of a batch's mean loss."""


def coarse_rates(optimizer: str, reduction: str, batch_size: int) -> tuple[float, ...]:
    """Where the search for a learning rate begins: gradients of a sum are as much larger as it has rows, which Adam does not mind."""
    scale = batch_size if reduction == "sum" and optimizer != "adam" else 1
    return tuple(rate / scale for rate in COARSE_RATES[optimizer])


def cosine(share: float) -> float:
    """From the full rate to none along half a cosine, so that no last step decides (I. Loshchilov, F. Hutter, SGDR, ICLR 2017, eq. 5)."""
    return 0.5 * (1 + math.cos(math.pi * share))


def constant(_share: float) -> float:
    """The same rate in every step."""
    return 1.0


SCHEDULES: dict[str, Callable[[float], float]] = {"cosine": cosine, "constant": constant}


def known(name: str, table: Iterable[str], what: str) -> str:
    """The name, if there is such an entry."""
    if name not in set(table):
        raise UnknownNameError(f"unknown {what} {name!r}{did_you_mean(name, table)}")
    return name
