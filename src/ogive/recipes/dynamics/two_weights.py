"""Gradient descent of one unit with two weights: inputs of one sign, or of both, and the way that the weights take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.activation import Activation
from ogive.errors import InputError
from ogive.recipes.dynamics import wide
from ogive.recipes.dynamics.layers import Array

START, MINIMUM = np.array([0.0, 0.0]), np.array([1.0, -0.5])
"""The first weight has to grow while the second shrinks, which no step of one row can do where both inputs are positive."""

NEAR = 0.01
"""It has arrived within this share of the first distance to the minimum."""

ASTRAY = 100.0
"""It will not arrive any more."""

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
"""Learning rates that are tried for steps of single rows, as shares of 1 / mean(|inputs|²)."""


@dataclass(frozen=True)
class Descent:
    """The way down the surface of the mean of (error² / 2), each at the learning rate that takes the fewest steps.

    Attributes
    ----------
    curvature
        The surface's second derivatives, ``(2, 2)``.
    one_row, all_rows
        The weights before each step, where a step looks at one row, and where it looks at all of them.
    one_row_steps
        Steps until it has arrived, for each order of the rows.
    one_signed
        The share of the steps of single rows in which no two of the weights' gradients have opposite signs.
    """

    curvature: Array
    one_row: Array
    all_rows: Array
    one_row_steps: Array
    one_signed: float

    @property
    def all_rows_steps(self) -> int:
        """Steps until it has arrived."""
        return len(self.all_rows) - 1


def inputs_of(activation: Activation, rows: int, units: int) -> Array:
    """What a unit sees above a layer of that activation: its outputs at standard normal sums."""
    return np.asarray(activation(np.random.default_rng(0).standard_normal((rows, units))))


def condition(activation: Activation, units: int) -> float:
    """How many times as curved the surface of a linear unit's squared error is along its steepest direction as along its flattest.

    Of inputs that are independent with mean m and variance v the curvature is v in all directions, with units · m² more along (1, …, 1).
    """
    mean, square = wide.mean(activation(wide.Z)), wide.mean(np.square(activation(wide.Z)))
    return 1 + units * mean**2 / (square - mean**2)


def measure(activation: Activation, *, rows: int, seeds: int, most: int) -> Descent:
    """A linear unit of two weights above such a layer; what it should give for each row, it gives at the minimum."""
    inputs = inputs_of(activation, rows, 2)
    orders = [np.random.default_rng(1 + seed).integers(rows, size=most) for seed in range(seeds)]
    size = np.square(inputs).sum(1).mean()
    tries = [[_one_by_one(inputs, order, share / size) for order in orders] for share in SHARES]
    arrived = [paths for paths in tries if all(_distance(path[-1]) <= NEAR for path in paths)]
    if not arrived:
        raise InputError(f"no learning rate takes two weights above {activation.name} to the minimum in {most:,} steps; leave it out")
    best = min(arrived, key=lambda paths: float(np.median([len(path) for path in paths])))
    curvature = inputs.T @ inputs / rows
    together = _together(curvature, most)
    if _distance(together[-1]) > NEAR:
        raise InputError(f"steps of all rows above {activation.name} do not arrive in {most:,} of them; leave it out")
    steps = np.array([len(path) - 1 for path in best])
    signs = [_one_signed(inputs[order[:count]], path) for path, order, count in zip(best, orders, steps, strict=True)]
    return Descent(curvature, best[0], together, steps, float(np.average(signs, weights=steps)))


def contour(curvature: Array, share: float) -> Array:
    """The weights where the loss is that share of what it is at the start, ``(point, 2)``: an ellipse."""
    off = START - MINIMUM
    angles = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    size = np.sqrt(share * off @ curvature @ off / np.einsum("ip,ij,jp->p", circle, curvature, circle))
    return np.asarray(MINIMUM + (size * circle).T)


def one_signed(gradients: Array, axis: int = -1) -> Array:
    """Whether no two gradients along an axis have opposite signs."""
    return np.asarray((gradients >= 0).all(axis) | (gradients <= 0).all(axis))


def _one_by_one(inputs: Array, order: NDArray[np.int64], rate: float) -> Array:
    """Until it has arrived, or gone astray."""
    path = [START]
    for row in inputs[order]:
        if not NEAR < _distance(path[-1]) < ASTRAY:
            break
        path.append(path[-1] - rate * (row @ (path[-1] - MINIMUM)) * row)
    return np.array(path)


def _together(curvature: Array, most: int) -> Array:
    """With the rate that shrinks the slowest direction's distance the most: 2 / (largest + least curvature)."""
    rate = 2 / float(np.linalg.eigvalsh(curvature)[[0, -1]].sum())
    path = [START]
    while _distance(path[-1]) > NEAR and len(path) <= most:
        path.append(path[-1] - rate * curvature @ (path[-1] - MINIMUM))
    return np.array(path)


def _distance(weights: Array) -> float:
    """To the minimum, as a share of the first one."""
    return float(np.hypot(*(weights - MINIMUM)) / np.hypot(*(START - MINIMUM)))


def _one_signed(rows: Array, path: Array) -> float:
    errors = np.einsum("ri,ri->r", rows, path[:-1] - MINIMUM)
    return float(one_signed(errors[:, None] * rows).mean())
