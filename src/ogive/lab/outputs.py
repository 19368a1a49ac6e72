"""The output losses of networks: what the last layer's sums are taken for, and what they are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive import catalogue
from ogive.errors import UnknownNameError

Array = NDArray[np.float32]


REDUCTIONS = ("mean", "sum")
"""What becomes of a batch's losses before it has a gradient."""


def _spread(target: NDArray[np.float64]) -> float:
    """The variance."""
    return float(target.var(0).mean())


def _entropy(target: NDArray[np.float64]) -> float:
    return float(catalogue.get("entropy", "loss")(target.mean(0)))


def _binary_entropy(target: NDArray[np.float64]) -> float:
    share = target.mean(0)
    return float(catalogue.get("binary_cross_entropy", "loss")(share, share, given="probabilities"))


def _absolute_deviation(target: NDArray[np.float64]) -> float:
    return float(np.abs(target - np.median(target, 0)).mean())


@dataclass(frozen=True)
class OutputLoss:
    """A loss on the last layer's sums, with the output activation that is part of it.

    Attributes
    ----------
    name
        What users write.
    loss, given
        The catalogue's loss, and what its prediction is.
    classes
        Whether it tells classes apart; otherwise it is for regression.
    one_hot
        Whether it compares one number for each class (1 for the true one, 0 for the others) instead of the class's number.
    activation
        Applied to the sums first, where the loss does not do that itself.
    baseline
        The mean loss of the best constant prediction, from the targets, ``(row, output)``, one for the true class: what a network that
        learns nothing comes to.
    """

    name: str
    loss: str
    given: str | None = None
    classes: bool = True
    one_hot: bool = False
    activation: str | None = None
    baseline: Callable[[NDArray[np.float64]], float] = _spread

    @cached_property
    def _entries(self) -> tuple[Any, Any]:
        """The loss and the activation, looked up once and not for each batch."""
        return catalogue.get(self.loss, "loss"), self.activation and catalogue.get(self.activation, "activation")

    def target(self, target: NDArray[Any], outputs: int) -> NDArray[Any]:
        """The target of every row as the loss compares it."""
        if not self.classes:
            return target.astype(np.float32).reshape(-1, 1)
        return np.eye(outputs, dtype=np.float32)[target] if self.one_hot else target

    def values_and_errors(self, sums: Array, target: NDArray[Any]) -> tuple[NDArray[np.float64], Array]:
        """Each network's loss, summed over its rows, and the derivative of that sum.

        Parameters
        ----------
        sums
            ``(network, row, output)``.
        target
            ``(network, row)`` or ``(network, row, output)``, as `target` gives it.

        Where the target has several numbers a row, the row's loss is their mean, as the libraries define it.
        """
        prediction: Array = sums
        slope: Array | None = None
        loss, activation = self._entries
        if activation is not None:
            prediction, slope = activation.value_and_slope(sums)
        options = {} if self.given is None else {"given": self.given}
        values, errors = loss.value_and_gradient(prediction, target, reduction="none", **options)
        if slope is not None:
            errors *= slope
        if values.ndim == 2:
            return values.sum(1, dtype=np.float64), errors
        outputs = values.shape[2]
        if outputs > 1:
            errors /= np.float32(outputs)
        return values.reshape(len(values), -1).sum(1, dtype=np.float64) / outputs, errors


_ALL = (
    OutputLoss("cross_entropy", "cross_entropy", "logits", baseline=_entropy),
    OutputLoss("binary_cross_entropy", "binary_cross_entropy", "logits", one_hot=True, baseline=_binary_entropy),
    OutputLoss("sigmoid_squared_error", "mean_squared_error", one_hot=True, activation="sigmoid"),
    OutputLoss("squared_error", "mean_squared_error", one_hot=True),
    OutputLoss("mean_squared_error", "mean_squared_error", classes=False),
    OutputLoss("mean_absolute_error", "mean_absolute_error", classes=False, baseline=_absolute_deviation),
)

LOSSES = {each.name: each for each in _ALL}
"""Every output loss by its name, for classes and for regression."""


def output_loss(name: str, *, classes: bool) -> OutputLoss:
    """The output loss of that name, for classes or for regression."""
    fitting = {each.name: each for each in LOSSES.values() if each.classes == classes}
    if name not in fitting:
        what = "classes" if classes else "regression"
        raise UnknownNameError(f"unknown output loss {name!r} for {what}; choose from {', '.join(fitting)}")
    return fitting[name]
