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
    with np.errstate(all="ignore"):
        total = np.sum(terms, dtype=np.float64)
        if reduction == "mean":
            count = np.size(terms)
            # A sum may overflow where the mean does not.
            total = total / count if np.isfinite(total) else np.sum(terms / np.float64(count), dtype=np.float64)
        return total.astype(terms.dtype)


def scale_gradient(gradient: Any, count: int, reduction: str) -> Any:
    """The gradient of the reduced loss from that of the terms: the mean divides by their number."""
    if reduction == "mean":
        gradient = np.asarray(gradient)
        with np.errstate(all="ignore"):
            if gradient.dtype.itemsize > 2 and gradient.flags.writeable:
                return np.divide(gradient, count, out=gradient)[()]
            return (gradient / np.float64(count)).astype(gradient.dtype)[()]  # float16 has no room for large counts
    return gradient
