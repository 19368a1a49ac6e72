"""PyTorch's losses of the margins between the scores of classes, and of labels that several of may hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.losses.shares import product
from ogive.peers.pytorch.rules import of, pointwise
from ogive.peers.values import check_shapes, floats, one_hot, reduced


@of("binary_cross_entropy", "SoftMarginLoss", "reduction")
def soft_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """log(1 + exp(-target · input)), for targets of -1 and 1. PyTorch overflows from a margin of -89 (float32) or -710 (float64)."""
    check_shapes(input=input, target=target)
    margin = floats("input", input) * np.asarray(target)
    return pointwise("binary_cross_entropy", margin, 1.0, given="logits", reduction=reduction)


@of("multi_margin", "MultiMarginLoss", "p, margin, weight, reduction")
def multi_margin_loss(input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean") -> Any:
    """What the class of the target lacks to lie above each other one by a margin, to the power `p`, 1 or 2, over the number of classes.

    The weight is that of the target's class; the mean is divided by the number of rows.
    """
    if p not in (1, 2):
        raise InputError(f"p must be 1 or 2, got {p!r}")
    scores, numbers = floats("input", input), np.asarray(target)
    shares = one_hot("target", numbers[0] if scores.ndim == 1 and numbers.ndim == 1 else numbers, scores.shape)
    weights = None if weight is None else shares @ np.asarray(weight, np.float64)
    return pointwise("multi_margin", scores, shares, p=p, margin=margin, reduction=reduction, weight=weights)


def _held(target: Array, count: int) -> Array:
    """Which labels hold: those that are named before the first -1."""
    named = np.logical_and.accumulate(target >= 0, axis=-1)
    if np.any(target >= count):
        raise InputError(f"target: class numbers must lie between 0 and {count - 1}, or be -1, found {np.max(target)}")
    held: Array = np.any((target[..., None] == np.arange(count)) & named[..., None], axis=-2)
    return held


@of("multilabel_margin", "MultiLabelMarginLoss", "reduction")
def multilabel_margin_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """What each label that holds lacks to lie above each that does not by 1; the target has the numbers of those that hold, then -1."""
    scores, numbers = floats("input", input), np.asarray(target)
    return pointwise("multilabel_margin", scores, _held(numbers, scores.shape[-1]).astype(scores.dtype), reduction=reduction)


@of("multilabel_soft_margin", "MultiLabelSoftMarginLoss", "weight, reduction")
def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """Binary cross-entropy of logits, the mean over the labels along the last axis, each times its weight."""
    scores = floats("input", input)
    if weight is None:
        return pointwise("multilabel_soft_margin", scores, target, reduction=reduction)
    values = catalogue.get("binary_cross_entropy")(scores.astype(np.float64), target, given="logits", reduction="none")
    return reduced(product(np.asarray(weight), values, np).mean(axis=-1).astype(scores.dtype), reduction)
