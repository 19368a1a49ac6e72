"""A sigmoid output by the losses that follow it: what they give back at a logit, and their surfaces over a weight and a bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ogive.activations.sigmoids import sigmoid
from ogive.errors import InputError
from ogive.losses.classification import binary_cross_entropy
from ogive.losses.regression import mean_squared_error
from ogive.recipes.dynamics.layers import Array

LOSSES = ("cross-entropy", "squared error")

PLACES = 81
"""Of the surface in each direction."""

FLAT = 0.01
"""A place is flat where the gradient is below this share of its largest."""

MOST_STEPS = 20_000
ARRIVED = 0.01
"""A descent ends where at most this share of the rows fewer are right than at the least loss."""


def by_logits(loss: str, logits: Array, targets: Array) -> tuple[Array, Array, Array]:
    """The loss of each logit, its slope and its curvature."""
    if loss == "cross-entropy":
        values, slopes = binary_cross_entropy.value_and_gradient(logits, targets, given="logits", reduction="none")
        return values, slopes, binary_cross_entropy.hessian(logits, targets, given="logits", reduction="sum")
    shares, inner = sigmoid.value_and_slope(logits)
    values, outer = mean_squared_error.value_and_gradient(shares, targets, reduction="none")
    curvature = mean_squared_error.hessian(shares, targets, reduction="sum")
    return values, outer * inner, curvature * inner**2 + outer * sigmoid.curvature(logits)


@dataclass(frozen=True)
class Rows:
    """One feature of each row, and its class, 0 or 1."""

    feature: Array
    targets: Array


def rows_of_two_classes(rows: int, distance: float) -> Rows:
    """As many rows of each class, the feature normal around −distance/2 and distance/2."""
    targets = np.repeat([0.0, 1.0], [rows - rows // 2, rows // 2])
    feature = distance * (targets - 0.5) + np.random.default_rng(0).standard_normal(rows)
    if feature[targets == 0].max() < feature[targets == 1].min():
        raise InputError(f"classes {distance:g} apart do not overlap in {rows} rows, so no weight is the best; give a smaller distance")
    return Rows(feature, targets)


def at(loss: str, rows: Rows, points: Array) -> tuple[Array, Array, Array]:
    """The mean loss, its gradient and its second derivatives at weights and biases, ``(..., 2)``."""
    inputs = np.stack([rows.feature, np.ones_like(rows.feature)])
    logits = points @ inputs
    values, slopes, curvatures = by_logits(loss, logits, np.broadcast_to(rows.targets, logits.shape))
    count = len(rows.targets)
    return values.mean(-1), slopes @ inputs.T / count, np.einsum("ir,...r,jr->...ij", inputs, curvatures, inputs) / count


@dataclass(frozen=True)
class Surface:
    """The mean loss over weights and biases from −reach to reach, and the way down from a start.

    Attributes
    ----------
    places
        Of weights and of biases.
    values
        ``(bias, weight)``.
    convex
        The share of places where no second derivative along any direction is negative.
    flat
        The share of places where the gradient is below `FLAT` of its largest.
    wrong
        The share of the rows on the wrong side at the start.
    least
        The weight and the bias of the least loss.
    path
        The weight and the bias before each step, at a rate of one over the largest second derivative anywhere.
    arrived
        Whether it did.
    """

    loss: str
    places: Array
    values: Array
    convex: float
    flat: float
    wrong: float
    least: Array
    path: Array
    arrived: bool


def surface(loss: str, rows: Rows, *, reach: float, start: tuple[float, float]) -> Surface:
    """Measure it, and go down it."""
    along = np.linspace(-reach, reach, PLACES)
    values, gradients, curvatures = at(loss, rows, np.stack(np.meshgrid(along, along), axis=-1))
    extremes = np.linalg.eigvalsh(curvatures)
    sizes = np.linalg.norm(gradients, axis=-1)
    lowest = least(loss, rows)
    path = _down(loss, rows, np.array(start), lowest, 1 / float(extremes.max()))
    # rounding alone makes tiny negative numbers of zeros
    convex = float(np.mean(extremes[..., 0] >= -1e-12))
    flat, wrong = float(np.mean(sizes < FLAT * sizes.max())), _wrong(rows, path[0])
    return Surface(loss, along, values, convex, flat, wrong, lowest, path, len(path) <= MOST_STEPS)


def least(loss: str, rows: Rows) -> Array:
    """The weight and the bias of the least loss."""
    from scipy.optimize import minimize

    found = minimize(lambda point: at(loss, rows, point)[:2], np.zeros(2), jac=True, method="BFGS")
    return np.asarray(found.x)


def _down(loss: str, rows: Rows, start: Array, lowest: Array, rate: float) -> Array:
    path, most = [start], _wrong(rows, lowest) + ARRIVED
    while len(path) <= MOST_STEPS and _wrong(rows, path[-1]) > most:
        path.append(path[-1] - rate * at(loss, rows, path[-1])[1])
    return np.array(path)


def _wrong(rows: Rows, point: Array) -> float:
    """The share of the rows on the wrong side."""
    return float(np.mean((point[0] * rows.feature + point[1] > 0) != (rows.targets == 1)))
