"""scikit-learn's `sklearn._loss`: objects that take targets first and raw predictions, on the scale of the link."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.registry import Function
from ogive.peers.sklearn.rules import half_deviance, of
from ogive.peers.values import floats, mean

_MODULE = "sklearn._loss.loss"


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


def _terms(entry: str, **options: Any) -> SampleLoss:
    return SampleLoss(lambda y_true, raw: catalogue.get(entry)(raw, y_true, reduction="none", **options))


@of(_MODULE, "half_mean_squared_error", "HalfSquaredError")
def half_squared_error(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the squared error."""
    return _terms("half_mean_squared_error")


@of(_MODULE, "mean_absolute_error", "AbsoluteError")
def absolute_error(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """The absolute error."""
    return _terms("mean_absolute_error")


@of(_MODULE, "pinball", "PinballLoss")
def pinball_loss(sample_weight: Any = None, quantile: float = 0.5, xp: Any = None, device: Any = None) -> SampleLoss:
    """What a quantile is the best prediction for: an error costs `quantile` a unit below the target, the rest to 1 above it."""
    return _terms("pinball", quantile=quantile)


@of(_MODULE, "binary_cross_entropy", "HalfBinomialLoss")
def half_binomial_loss(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Binary cross-entropy of logits. scikit-learn's has lost half its digits for class 1 between logits of 18 and 33."""
    return _terms("binary_cross_entropy", given="logits")


@of(_MODULE, "cross_entropy", "HalfMultinomialLoss")
def half_multinomial_loss(sample_weight: Any = None, n_classes: int = 3, xp: Any = None, device: Any = None) -> SampleLoss:
    """Cross-entropy of logits of shape (samples, classes) against class numbers, which may be floats.

    scikit-learn's loses digits to the size of the logits; here they are kept.
    """
    return SampleLoss(lambda y_true, raw: catalogue.get("cross_entropy")(raw, y_true.astype(np.int64), given="logits", reduction="none"))


@of(_MODULE, "huber", "HuberLoss")
def huber_loss(sample_weight: Any = None, quantile: float = 0.9, delta: float = 0.5, xp: Any = None, device: Any = None) -> SampleLoss:
    """Huber's loss; `quantile` is what an estimator chooses its `delta` by, and changes no value here."""
    return _terms("huber", delta=delta)


@of(_MODULE, "poisson", "HalfPoissonLoss")
def half_poisson_loss(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the Poisson deviance of log-rates, without y log y - y."""
    return _terms("poisson", given="log_rates")


@of(_MODULE, "gamma_nll", "HalfGammaLoss")
def half_gamma_loss(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the gamma deviance of the logarithms of means, without -log y - 1."""
    return _terms("gamma_nll", given="log_means")


@of(_MODULE, "tweedie", "HalfTweedieLoss")
def half_tweedie_loss(sample_weight: Any = None, power: float = 1.5, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the Tweedie deviance of the logarithms of means, without what depends on the target alone; no negative powers.

    Of power 0 it is half the squared error of the means, whole.
    """
    if power == 0:
        return SampleLoss(lambda y_true, raw: catalogue.get("half_mean_squared_error")(np.exp(raw), y_true, reduction="none"))
    return _terms("tweedie", given="log_means", power=power)


@of(_MODULE, "tweedie", "HalfTweedieLossIdentity")
def half_tweedie_loss_identity(sample_weight: Any = None, power: float = 1.5, xp: Any = None, device: Any = None) -> SampleLoss:
    """Half the whole Tweedie deviance of means; the power is at most 0 or at least 1."""
    return SampleLoss(lambda y_true, raw: half_deviance(y_true, raw, power))


@of(_MODULE, "exponential_loss", "ExponentialLoss")
def exponential_loss(sample_weight: Any = None, xp: Any = None, device: Any = None) -> SampleLoss:
    """y e^-raw + (1 - y) e^raw; a part without a share costs nothing, where scikit-learn gives NaN for 0 · ∞."""
    return _terms("exponential_loss")
