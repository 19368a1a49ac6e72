"""How the losses of many elements become one number: the mean, the sum, or not at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive.errors import InputError

REDUCTIONS = ("mean", "sum", "none")


def check(entry: str, reduction: str) -> None:
    """Refuse what is not a reduction."""
    if reduction not in REDUCTIONS:
        raise InputError(f"{entry}: reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}")


def reduce(entry: str, terms: Any, reduction: str) -> Any:
    """The mean or the sum of the terms, accumulated in float64 at least, in the dtype of the terms."""
    if reduction == "none":
        return terms
    if reduction == "mean" and np.size(terms) == 0:
        raise InputError(f"{entry}: the mean of no elements is undefined; the prediction is empty. Use reduction='sum' if that can happen")
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.sum(terms, dtype=np.result_type(terms, np.float64))
        return (total / np.size(terms) if reduction == "mean" else total).astype(terms.dtype)


def scale_gradient(gradient: Any, count: int, reduction: str) -> Any:
    """The gradient of the reduced loss from that of the terms: the mean divides by their number."""
    if reduction == "mean":
        gradient = np.asarray(gradient)
        return np.divide(gradient, count, out=gradient if gradient.flags.writeable else None)[()]
    return gradient
