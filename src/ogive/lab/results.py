"""What is known of one trained network: the row that the results file holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.activation import Activation

BARS = 40
REACH = 10.0
"""Where a function's range is unbounded, the histogram of its outputs ends here; the last bar holds what lies beyond."""

GRADIENT_POWERS = (-8.0, 2.0)
"""The histogram of gradients spans these powers of ten; the first and the last bar hold what lies beyond."""


@dataclass(frozen=True)
class Trained:
    """One trained network.

    Attributes
    ----------
    metrics
        The task's metrics after the last epoch, by the part of the data: ``metrics["validation"]["accuracy"]``.
    training_losses
        For each epoch the mean loss over its batches as they came.
    diverged
        Whether the last of them is no number, or no better than that of the best constant prediction.
    seconds
        This network's share of the time its population took.
    checkpoints
        The epochs after which the following looks were taken, the last one included; only at networks that are compared.
    validation_curve
        The first metric at each checkpoint, on some validation rows, evenly spread, where there are many.
    dead, saturated
        At each checkpoint, for each hidden layer: the share of units whose slope is zero, to float32's resolution, on every row that was
        looked at; and of units in their flat part on more than half of these rows, ``None`` where the activation is not flat on both sides.
    activations, gradients
        For each hidden layer how many of its outputs, and for each layer how many of the derivatives by its sums, fall into each bar.
    gradient_ratio
        Norm of the gradient of the first layer's weights against the last's, geometric mean over the first epoch.
    """

    metrics: dict[str, dict[str, float]]
    training_losses: tuple[float, ...]
    diverged: bool
    seconds: float
    checkpoints: tuple[int, ...] = ()
    validation_curve: tuple[float, ...] = ()
    dead: tuple[tuple[float, ...], ...] = ()
    saturated: tuple[tuple[float | None, ...], ...] = ()
    activations: tuple[tuple[int, ...], ...] = ()
    gradients: tuple[tuple[int, ...], ...] = ()
    gradient_ratio: float = float("nan")


def activation_edges(activation: Activation) -> NDArray[np.float64]:
    """The edges of the bars of its outputs: the function's range, cut where it is far from zero."""
    low, high = (activation.claim(bound) for bound in activation.range)
    return np.linspace(max(low, -REACH), min(high, REACH), BARS + 1)


def gradient_edges() -> NDArray[np.float64]:
    """The edges of the bars of the gradients, as powers of ten."""
    return np.linspace(*GRADIENT_POWERS, BARS + 1)
