"""How Keras's functions enter the register, what its classes do with their values, and what is done to all targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.peers.registry import Function, constructor, register
from ogive.peers.values import check_shapes, floats, mean, weights_of

EPSILON = 1e-7
REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


def of(entry: str, name: str, order: str, /, mask: Function | None = None, **defaults: Any) -> Callable[[Function], Function]:
    """Register a function of keras.losses, and the class there that takes its options in that order, with a mask of what counts."""

    def enter(function: Function) -> Function:
        def build(function: Function, name: str, reduction: str | None, dtype: Any, **options: Any) -> Function:
            if reduction not in REDUCTIONS:
                raise InputError(f"reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")

            def call(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
                target, prediction = _same_rank(np.asarray(y_true), floats("y_pred", y_pred))
                values = np.asarray(function(target, prediction.astype(dtype) if dtype else prediction, **options))
                return _reduced(values, sample_weight, mask and mask(values, target, **options), reduction)

            return call

        shared = {"reduction": "sum_over_batch_size", "name": function.__name__, "dtype": None}
        register(f"keras.losses.{function.__name__}", entry, function)
        register(f"keras.losses.{name}", entry, constructor(function, order, build, **(shared | defaults)))
        return function

    return enter


def _reduced(values: Array, sample_weight: Any, mask: Array | None, reduction: str | None) -> Any:
    weight = np.ones(()) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = np.squeeze(weight, -1)
    elif values.ndim == weight.ndim + 1 and weight.ndim:
        weight = np.expand_dims(weight, -1)
    weight = weights_of(values, weight)
    counted = np.ones(values.shape) if mask is None else mask.astype(np.float64)
    weighted = values.astype(np.float64) * weight * counted
    if reduction in (None, "none") or values.ndim == 0:
        return weighted.astype(values.dtype)[()]
    total = float(np.sum(weighted))
    if reduction != "sum":
        weighs = reduction == "mean_with_sample_weight" and sample_weight is not None
        divisor = np.sum(weight * counted) if weighs else np.sum(counted)
        total = total / divisor if divisor != 0 else 0.0
    return np.asarray(total).astype(values.dtype)[()]


def _same_rank(target: Array, prediction: Array) -> tuple[Array, Array]:
    """Where one of them has one axis more, of size 1, it is taken off, or added to the other if that has but one."""
    for longer, shorter in ((target, prediction), (prediction, target)):
        if longer.ndim == shorter.ndim + 1 and longer.shape[-1] == 1:
            if shorter.ndim == 1:
                return target.reshape(len(target), -1), prediction.reshape(len(prediction), -1)
            return target.reshape(target.shape[: shorter.ndim]), prediction.reshape(prediction.shape[: shorter.ndim])
    return target, prediction


def pair(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Both in the dtype of the prediction and of the same rank."""
    prediction = floats("y_pred", y_pred)
    return _same_rank(np.asarray(y_true).astype(prediction.dtype), prediction)


def mean_of(entry: str, y_true: Any, y_pred: Any, axis: int = -1, **options: Any) -> Any:
    """The mean of the terms of an entry over the last axis."""
    return mean(catalogue.get(entry)(y_pred, y_true, reduction="none", **options), axis)


def same_dtype(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Both in the dtype of the prediction; they have to have one shape."""
    prediction = floats("y_pred", y_pred)
    check_shapes(y_true=y_true, y_pred=prediction)
    return np.asarray(y_true).astype(prediction.dtype), prediction
