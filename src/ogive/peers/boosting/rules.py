"""How objectives enter the register, and what stands in the place of a Hessian in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.activations.axiswise import softmax
from ogive.arrays import Array
from ogive.peers.registry import Function, register
from ogive.peers.values import floats

Objective = Callable[[Any, Any], tuple[Array, Array]]
Curve = Callable[[Array], Array]


def of(entry: str, *names: str) -> Callable[[Function], Function]:
    """Register what makes an objective from its options, under each of its names."""

    def enter(function: Function) -> Function:
        for name in names:
            register(name, entry, function)
        return function

    return enter


def objective(
    entry: str,
    hessian: Curve | float | None = None,
    *,
    factor: float = 1.0,
    scale_score: float = 1.0,
    slope_at_0: float = 0.0,
    **options: Any,
) -> Objective:
    """Gradient and Hessian of the sum of an entry's terms, of target and score.

    Parameters
    ----------
    hessian : a number, or a function of the score, in place of the entry's own
    factor : what the terms are multiplied by
    scale_score : what the score is multiplied by before the entry sees it
    slope_at_0 : the gradient where score and target are equal, on a kink
    options : those of the entry
    """
    loss = catalogue.get(entry)

    def compute(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        raw = floats("y_pred", y_pred)
        score = raw if scale_score == 1 else scale_score * raw
        gradient = factor * scale_score * loss.gradient(score, y_true, reduction="sum", **options)
        if slope_at_0:
            gradient = np.where(raw == np.asarray(y_true), slope_at_0, gradient)
        if hessian is None:
            second = factor * scale_score**2 * loss.hessian(score, y_true, reduction="sum", **options)
        elif callable(hessian):
            second = hessian(raw.astype(np.float64))
        else:
            second = np.full(raw.shape, hessian)
        return np.asarray(gradient).astype(raw.dtype), np.asarray(second).astype(raw.dtype)

    return compute


def at_least(least: float, whole: Objective) -> Objective:
    """The objective with no Hessian below that."""

    def bounded(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        gradient, hessian = whole(y_true, y_pred)
        return gradient, np.maximum(hessian, least).astype(hessian.dtype)

    return bounded


def logistic(scale_pos_weight: float, **options: Any) -> Objective:
    """Binary cross-entropy of logits, where a target of 1, and no softer one, has a weight."""
    whole = objective("binary_cross_entropy", given="logits", **options)

    def weighed(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        weight = np.where(np.asarray(y_true) == 1, scale_pos_weight, 1.0)
        gradient, hessian = whole(y_true, y_pred)
        return (weight * gradient).astype(gradient.dtype), (weight * hessian).astype(hessian.dtype)

    return weighed


def steeper(max_delta_step: float) -> Curve:
    """e^(score + max_delta_step)."""
    return lambda raw: np.exp(raw + max_delta_step)


def of_softmax(factor: Callable[[int], float]) -> Curve:
    """p (1 - p) of the probability of each class, times a factor of their number."""

    def hessian(raw: Array) -> Array:
        chances = softmax(raw)
        return np.asarray(factor(raw.shape[-1]) * chances * (1 - chances))

    return hessian
