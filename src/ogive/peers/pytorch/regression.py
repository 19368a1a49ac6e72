"""PyTorch's losses of numbers, counts and distributions with a variance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.pytorch.rules import of, pointwise
from ogive.peers.values import floats, reduced


@of("mean_squared_error", "MSELoss", "reduction")
def mse_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Any:
    """The squared error; a weighted mean is divided by the sum of the weights."""
    divisor = None if weight is None else np.sum(weight)
    return pointwise("mean_squared_error", input, target, reduction=reduction, weight=weight, divisor=divisor)


@of("mean_absolute_error", "L1Loss", "reduction")
def l1_loss(input: Any, target: Any, *, reduction: str = "mean", weight: Any = None) -> Any:
    """The absolute error; a weighted mean is divided by the sum of the weights."""
    divisor = None if weight is None else np.sum(weight)
    return pointwise("mean_absolute_error", input, target, reduction=reduction, weight=weight, divisor=divisor)


@of("huber", "HuberLoss", "reduction, delta")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Huber's loss; a weighted mean is divided by the number of terms."""
    return pointwise("huber", input, target, delta=delta, reduction=reduction, weight=weight)


@of("smooth_l1", "SmoothL1Loss", "reduction, beta")
def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """The absolute error, smooth within `beta`."""
    return pointwise("smooth_l1", input, target, beta=beta, reduction=reduction)


@of("poisson", "PoissonNLLLoss", "log_input, full, eps, reduction")
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
) -> Any:
    """Minus the log-likelihood of counts from log-rates, or from rates to which `eps` is added under the logarithm.

    `full` adds Stirling's approximation of log(target!) for targets above 1; `ogive.poisson_nll_full` has it exactly.
    """
    rates, counts = floats("input", input), np.asarray(target, np.float64)
    if log_input:
        values = catalogue.get("poisson")(rates, counts, given="log_rates", reduction="none")
    else:
        values = catalogue.get("poisson")(rates + rates.dtype.type(eps), counts, given="rates", reduction="none") - eps
    large = np.where(counts > 1, counts, 1.0)
    stirling = np.where(counts > 1, large * np.log(large) - large + np.log(2 * math.pi * large) / 2, 0.0)
    return reduced((values + (stirling if full else 0.0)).astype(rates.dtype), reduction)


@of("gaussian_nll", "GaussianNLLLoss", "*, full, eps, reduction")
def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Any:
    """Minus the log-likelihood of a normal distribution; a variance below `eps` counts as `eps`. `full` adds log(2π)/2.

    `var` has the shape of the input, or lacks its last axis, or has one axis of size 1, or is one number.
    Where it is floored it has no gradient.
    """
    mean, variance = floats("input", input), floats("var", var)
    if variance.shape == mean.shape[:-1] and mean.ndim and variance.ndim:
        variance = variance[..., None]
    variance = np.broadcast_to(np.maximum(variance, eps), mean.shape)
    values = catalogue.get("gaussian_nll")(mean, variance, target, reduction="none")
    return reduced(values + (math.log(2 * math.pi) / 2 if full else 0.0), reduction)
