"""What is known of one trained network: the row that the results file holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

HISTOGRAM_BARS = 40
HISTOGRAM_REACH = 10.0
"""Where a function's range is unbounded, its histogram ends here; the last bar holds what lies beyond."""


@dataclass(frozen=True)
class Run:
    """One trained network.

    Attributes
    ----------
    stage, seed, fold, arm, rate
        Which network: ``"tune"`` or ``"final"``, and what it was trained with and validated on.
    training_losses, validation_accuracies
        One for each epoch: the mean loss over its batches as they came, and the accuracy after it.
    validation_loss
        After the last epoch.
    test_loss, test_accuracy
        After the last epoch; only final runs look at the test set.
    dead
        Share of hidden units whose slope is zero, to float32's resolution, on every validation row.
    saturated
        Share of hidden units in their flat part on more than half of the validation rows; ``None`` where no layer's
        activation is flat on both sides.
    gradient_ratio
        Norm of the gradient of the first layer's weights against the last's, geometric mean over the first epoch.
    histograms
        For each hidden layer, how many of its outputs fall into each bar.
    seconds
        This network's share of the time its population took to train.
    """

    stage: str
    seed: int
    fold: int
    arm: str
    rate: float
    training_losses: tuple[float, ...]
    validation_accuracies: tuple[float, ...]
    validation_loss: float
    seconds: float
    test_loss: float | None = None
    test_accuracy: float | None = None
    dead: float | None = None
    saturated: float | None = None
    gradient_ratio: float | None = None
    histograms: tuple[tuple[int, ...], ...] = ()

    def diverged(self, classes: int) -> bool:
        """Whether the training loss ended no better than guessing every class alike (ln C), or is no number."""
        return not self.training_losses[-1] < math.log(classes)
