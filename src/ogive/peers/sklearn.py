"""scikit-learn's loss objects (scikit-learn 1.9) over NumPy arrays: those of `sklearn._loss`, of SGD, and of the multilayer perceptrons.

Targets come first. Those of `sklearn._loss` take raw predictions, on the scale of the link; what their constructors take beside a
parameter changes no value, and neither does `n_threads`. Constants that depend on the target alone are left out as there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.registry import Function, register
from ogive.peers.values import floats, mean, terms


class SampleLoss:
    """A loss of samples: called, their weighted average; by `loss`, one by one."""

    def __init__(self, values: Function) -> None:
        self._values = values

    def loss(self, y_true: Any, raw_prediction: Any, sample_weight: Any = None, loss_out: Any = None, n_threads: int = 1) -> Any:
        """The loss of each sample times its weight, also in `loss_out` where that is given."""
        raw = floats("raw_prediction", raw_prediction)
        found = self._values(np.asarray(y_true), raw[:, 0] if raw.ndim == 2 and raw.shape[1] == 1 else raw)
        found = found if sample_weight is None else (found * np.asarray(sample_weight)).astype(found.dtype)
        if loss_out is None:
            return found
        loss_out[...] = found
        return loss_out

    def __call__(self, y_true: Any, raw_prediction: Any, sample_weight: Any = None, n_threads: int = 1) -> Any:
        """The average, or the weighted average, over the samples."""
        return mean(self.loss(y_true, raw_prediction), weight=sample_weight)


def of(entry: str, name: str, module: str = "sklearn._loss.loss") -> Callable[[Function], Function]:
    """Register what is called as a class of scikit-learn."""

    def enter(function: Function) -> Function:
        register(f"{module}.{name}", entry, function)
        return function

    return enter


def _terms(entry: str, **options: Any) -> SampleLoss:
    return SampleLoss(lambda y_true, raw: catalogue.get(entry)(raw, y_true, reduction="none", **options))


@of("half_mean_squared_error", "HalfSquaredError")
def half_squared_error(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the squared error."""
    return _terms("half_mean_squared_error")


@of("mean_absolute_error", "AbsoluteError")
def absolute_error(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """The absolute error."""
    return _terms("mean_absolute_error")


@of("pinball", "PinballLoss")
def pinball_loss(sample_weight: Any = None, quantile: float = 0.5, xp: Any = None, device: Any = None) -> SampleLoss:
    """What a quantile is the best prediction for: an error costs `quantile` a unit below the target, the rest to 1 above it."""
    return _terms("pinball", quantile=quantile)


@of("binary_cross_entropy", "HalfBinomialLoss")
def half_binomial_loss(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Binary cross-entropy of logits. scikit-learn's has lost half its digits for class 1 between logits of 18 and 33."""
    return _terms("binary_cross_entropy", given="logits")


@of("cross_entropy", "HalfMultinomialLoss")
def half_multinomial_loss(sample_weight: Any = None, n_classes: int = 3, xp: Any = None, device: Any = None) -> SampleLoss:
    """Cross-entropy of logits of shape (samples, classes) against class numbers, which may be floats.

    scikit-learn's loses digits to the size of the logits; here they are kept.
    """
    return SampleLoss(lambda y_true, raw: catalogue.get("cross_entropy")(raw, y_true.astype(np.int64), given="logits", reduction="none"))


_MLP = "sklearn.neural_network._base"


@of("half_mean_squared_error", "squared_loss", _MLP)
def squared_loss(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """Half the squared error: its weighted average over the samples, then the mean over the outputs."""
    values = catalogue.get("half_mean_squared_error")(y_pred, y_true, reduction="none")
    return mean(mean(values, 0, sample_weight), None)


def _clipped(y_prob: Any) -> Any:
    chances = floats("y_prob", y_prob)
    eps = np.finfo(chances.dtype).eps
    return np.clip(chances, eps, 1 - eps)


@of("binary_cross_entropy", "binary_log_loss", _MLP)
def binary_log_loss(y_true: Any, y_prob: Any, sample_weight: Any = None) -> Any:
    """Binary cross-entropy of probabilities clipped by the dtype's eps: the average over the samples, the sum over the outputs."""
    values = catalogue.get("binary_cross_entropy")(_clipped(y_prob), y_true, given="probabilities", reduction="none")
    return np.sum(mean(values, 0, sample_weight))


@of("cross_entropy", "log_loss", _MLP)
def log_loss(y_true: Any, y_prob: Any, sample_weight: Any = None) -> Any:
    """Cross-entropy of probabilities of shape (samples, classes), clipped by the dtype's eps; one column is class 1 of two."""
    chances, shares = _clipped(y_prob), np.asarray(y_true)
    chances, shares = (np.append(1 - array, array, axis=1) if array.shape[1] == 1 else array for array in (chances, shares))
    return mean(terms("cross_entropy", chances, shares, given="probabilities"), weight=sample_weight)
