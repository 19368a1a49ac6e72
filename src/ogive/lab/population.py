"""Many networks trained as one: their weights are stacked, and one batched matrix product serves them all.

Activations are kept as (member, unit, row), rows last. The first layer, which sees the same rows in every member, is then
one plain matrix product with the members' weights stacked on top of each other, and every member's outputs are contiguous,
so each activation works on its slice in place. Members never mix: a network that diverges leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from ogive import catalogue, initializers
from ogive.activation import Activation
from ogive.backends.torch import bound
from ogive.lab.arms import Arm, output_initializer

Tensor = torch.Tensor

ROWS_AT_ONCE = 256
"""Rows of one evaluation, so that memory stays small beside the weights'."""


@dataclass
class Slice:
    """Neighbouring members with the same activation in one layer, and the time that it has taken them."""

    activation: Activation
    members: slice
    seconds: float = 0.0


class Workspace:
    """Memory for a population's work on a number of rows, with every activation bound to its slices of it."""

    def __init__(self, population: Population, rows: int, *, slopes: bool) -> None:
        shapes = [(population.size, units, rows) for units in population.layer_sizes[1:]]
        self.sums = [torch.empty(shape) for shape in shapes]
        self.outputs = [torch.empty(shape) for shape in shapes[:-1]]
        self.slopes = [torch.empty(shape) for shape in shapes[:-1]] if slopes else []
        self.activate = [
            [
                (
                    piece,
                    bound(
                        piece.activation,
                        self.sums[layer][piece.members],
                        self.outputs[layer][piece.members],
                        self.slopes[layer][piece.members] if slopes else None,
                    ),
                )
                for piece in pieces
            ]
            for layer, pieces in enumerate(population.slices)
        ]


class Population:
    """Networks of one shape, each with its own activations and learning rate, trained on the same batches.

    Parameters
    ----------
    arms
        What each member is; neighbours with equal activations are computed together.
    rates
        Each member's learning rate.
    layer_sizes
        Features, hidden units of each layer, classes.
    momentum
        Of stochastic gradient descent: ``velocity = momentum · velocity + gradient``, ``weight −= rate · velocity``.
    rng
        Draws the first weights: one standard normal number for each weight, shared by all members and scaled by the
        standard deviation of each member's initialiser, so that differences between members are paired. Biases start at 0.
    """

    def __init__(
        self, arms: Sequence[Arm], rates: Sequence[float], layer_sizes: Sequence[int], momentum: float, rng: np.random.Generator
    ) -> None:
        self.size = len(arms)
        self.momentum = momentum
        self.layer_sizes = tuple(layer_sizes)
        self.rates = torch.tensor(rates, dtype=torch.float32).reshape(-1, 1, 1)
        self.slices = [_slices([arm.activations[layer] for arm in arms]) for layer in range(len(layer_sizes) - 2)]
        self._workspaces: dict[tuple[int, bool], Workspace] = {}
        shapes = list(zip(self.layer_sizes[1:], self.layer_sizes, strict=False))
        self.parameters, self.weights, self.biases = self._store(shapes)
        self.velocity, self.weight_velocity, self.bias_velocity = self._store(shapes)
        for layer, (above, below) in enumerate(shapes):
            draws = torch.from_numpy(rng.standard_normal((above, below), np.float32))
            deviations = [initializers.get(name).std(below, above) for name in _initializers(arms, layer)]
            torch.mul(draws, torch.tensor(deviations, dtype=torch.float32).reshape(-1, 1, 1), out=self.weights[layer])

    def _store(self, shapes: Sequence[tuple[int, int]]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Zeros for every weight and bias in one piece of memory, so that a step updates all at once; and views of it."""
        sizes = [count for above, below in shapes for count in (self.size * above * below, self.size * above)]
        memory = torch.zeros(sum(sizes))
        pieces = iter(torch.split(memory, sizes))
        weights, biases = [], []
        for above, below in shapes:
            weights.append(next(pieces).view(self.size, above, below))
            biases.append(next(pieces).view(self.size, above, 1))
        return memory, weights, biases

    def workspace(self, rows: int, *, slopes: bool = False) -> Workspace:
        """Memory to work on a number of rows; the same piece each time."""
        if (rows, slopes) not in self._workspaces:
            self._workspaces[rows, slopes] = Workspace(self, rows, slopes=slopes)
        return self._workspaces[rows, slopes]

    def forward(self, inputs: Tensor, work: Workspace) -> Tensor:
        """Compute every layer for rows of input; returns the logits, ``(member, class, row)``."""
        for layer, (weight, bias, sums) in enumerate(zip(self.weights, self.biases, work.sums, strict=True)):
            if layer == 0:
                torch.mm(weight.view(-1, weight.shape[2]), inputs.t(), out=sums.view(-1, len(inputs)))
                sums.add_(bias)
            else:
                torch.baddbmm(bias, weight, work.outputs[layer - 1], out=sums)
            if layer < len(self.slices):
                for piece, activate in work.activate[layer]:
                    started = perf_counter()
                    activate()
                    piece.seconds += perf_counter() - started
        return work.sums[-1]

    def activation_seconds(self) -> NDArray[np.float64]:
        """The time that each member's activations have taken."""
        seconds = np.zeros(self.size)
        for piece in (piece for pieces in self.slices for piece in pieces):
            seconds[piece.members] += piece.seconds / (piece.members.stop - piece.members.start)
        return seconds

    def evaluate(self, inputs: Tensor, labels: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean cross-entropy and accuracy of every member; where the outputs are no numbers, the answer is wrong."""
        loss, right = torch.zeros(self.size, dtype=torch.float64), torch.zeros(self.size, dtype=torch.float64)
        for first in range(0, len(inputs), ROWS_AT_ONCE):
            rows, truth = inputs[first : first + ROWS_AT_ONCE], labels[first : first + ROWS_AT_ONCE]
            logits = self.forward(rows, self.workspace(len(rows)))
            index = truth.expand(self.size, 1, -1)
            loss -= torch.log_softmax(logits, 1).gather(1, index).sum((1, 2), dtype=torch.float64)
            answers = (logits.argmax(1) == truth) & torch.isfinite(logits).all(1)
            right += answers.sum(1)
        return (loss / len(inputs)).numpy(), (right / len(inputs)).numpy()


class Trainer:
    """Stochastic gradient descent with momentum on a population, batch by batch.

    The slope that an activation declares is computed together with its value and multiplied in on the way back; the
    products that give the gradients add them straight onto the velocity.
    """

    def __init__(self, population: Population, batch_size: int) -> None:
        self.population = population
        self.batch_size = batch_size
        self.work = population.workspace(batch_size, slopes=True)
        self.inputs = torch.empty(batch_size, population.layer_sizes[0])
        self.one_hot = torch.eye(population.layer_sizes[-1])
        self.gradient_ratios = np.zeros(population.size)
        self._scale = population.rates / batch_size

    def epoch(self, inputs: Tensor, labels: Tensor, order: Tensor, *, measure: bool = False) -> NDArray[np.float64]:
        """Train once over the rows in the given order; rows that fill no whole batch wait for the next order.

        Returns each member's mean loss over the batches, as they came. With ``measure`` the geometric mean over the
        steps of the gradient norm of the first layer's weights against the last's is kept in ``gradient_ratios``.
        """
        steps = len(order) // self.batch_size
        loss = torch.zeros(self.population.size)
        logarithms = torch.zeros(self.population.size)
        for step in range(steps):
            batch = order[step * self.batch_size : (step + 1) * self.batch_size]
            torch.index_select(inputs, 0, batch, out=self.inputs)
            loss += self._step(self.one_hot[labels[batch]].t(), logarithms if measure else None)
        if measure:
            self.gradient_ratios = np.exp((logarithms.double() / steps).numpy())
        return (loss.double() / (steps * self.batch_size)).numpy()

    def _step(self, truth: Tensor, logarithms: Tensor | None) -> Tensor:
        """One batch forward, back and down; returns each member's summed loss."""
        population = self.population
        logits = population.forward(self.inputs, self.work)
        log_probabilities = torch.log_softmax(logits, 1)
        loss = -torch.mul(log_probabilities, truth).sum((1, 2))
        error = log_probabilities.exp_().sub_(truth).mul_(self._scale)
        norms: list[Tensor] = []
        for layer in range(len(population.weights) - 1, -1, -1):
            if logarithms is None:
                self._accumulate(layer, error)
            else:
                norms.append(self._accumulate_measured(layer, error))
            if layer:
                error = torch.bmm(population.weights[layer].transpose(1, 2), error, out=self.work.sums[layer - 1])
                error.mul_(self.work.slopes[layer - 1])
        population.parameters.sub_(population.velocity)
        if logarithms is not None:
            logarithms += torch.log(norms[-1] / norms[0])
        return loss

    def _accumulate(self, layer: int, error: Tensor) -> None:
        """Add a layer's gradient onto its decayed velocity."""
        population = self.population
        velocity, momentum = population.weight_velocity[layer], population.momentum
        population.bias_velocity[layer].mul_(momentum).add_(error.sum(2, keepdim=True))
        if layer == 0:
            flat = velocity.view(-1, velocity.shape[2])
            torch.addmm(flat, error.view(-1, self.batch_size), self.inputs, beta=momentum, out=flat)
        else:
            torch.baddbmm(velocity, error, self.work.outputs[layer - 1].transpose(1, 2), beta=momentum, out=velocity)

    def _accumulate_measured(self, layer: int, error: Tensor) -> Tensor:
        """The same, and the norm of each member's gradient of the layer's weights."""
        velocity = self.population.weight_velocity[layer]
        decayed = velocity * self.population.momentum
        self._accumulate(layer, error)
        norms: Tensor = torch.linalg.vector_norm(velocity - decayed, dim=(1, 2))
        return norms


def _slices(names: Sequence[str]) -> list[Slice]:
    """Runs of equal names, as slices."""
    starts = [index for index, name in enumerate(names) if index == 0 or name != names[index - 1]]
    ends = [*starts[1:], len(names)]
    return [Slice(catalogue.get(names[start], "activation"), slice(start, end)) for start, end in zip(starts, ends, strict=True)]


def _initializers(arms: Sequence[Arm], layer: int) -> list[str]:
    """Each member's initialiser for a layer; the output layer's is the same for all."""
    return [arm.initializers[layer] if layer < len(arm.initializers) else output_initializer() for arm in arms]
