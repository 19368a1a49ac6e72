"""The losses of scipy.special, and of jax.scipy.special under the same names, over NumPy arrays: one by one, broadcast, not reduced."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.peers.registry import Function, register
from ogive.peers.values import floats, terms


def of(entry: str, in_jax: bool = True) -> Callable[[Function], Function]:
    """Register a function of scipy.special, which jax.scipy.special may have too."""

    def enter(function: Function) -> Function:
        register(f"scipy.special.{function.__name__}", entry, function)
        if in_jax:
            register(f"jax.scipy.special.{function.__name__}", entry, function)
        return function

    return enter


@of("entropy")
def entr(x: Any) -> Any:
    """-x log x; 0 at 0, and -∞ for negative numbers."""
    numbers = floats("x", x)
    return np.where(numbers < 0, numbers.dtype.type(-math.inf), terms("entropy", np.maximum(numbers, 0)[..., None]))[()]


def _of_pairs(entry: str, given: str, p: Any, q: Any) -> Any:
    first, second = np.broadcast_arrays(floats("p", p), floats("q", q))
    values = terms(entry, np.maximum(second, 0)[..., None], np.maximum(first, 0)[..., None], given=given)
    return np.where((first < 0) | (second < 0), values.dtype.type(math.inf), values)[()]


@of("kl_divergence")
def rel_entr(p: Any, q: Any) -> Any:
    """p log(p / q); 0 where p is 0 and q is not negative, and ∞ where one of them is negative or q alone is 0."""
    return _of_pairs("kl_divergence", "probabilities", p, q)


@of("generalized_kl_divergence")
def kl_div(p: Any, q: Any) -> Any:
    """p log(p / q) - p + q; q where p is 0 and q is not negative, and ∞ where one of them is negative or q alone is 0."""
    return _of_pairs("generalized_kl_divergence", "values", p, q)


def _of_residuals(entry: str, delta: Any, r: Any) -> Any:
    """∞ for a negative delta, 0 for one of 0."""
    width, error = np.broadcast_arrays(floats("delta", delta), floats("r", r))
    positive = np.where(width > 0, width, 1.0)
    values = catalogue.get(entry)(error, 0.0, delta=positive, reduction="none")
    return np.where(width > 0, values, np.where(width == 0, 0.0, np.where(width < 0, math.inf, width))).astype(error.dtype)[()]


@of("huber", in_jax=False)
def huber(delta: Any, r: Any) -> Any:
    """Huber's loss of a residual; delta comes first."""
    return _of_residuals("huber", delta, r)


@of("pseudo_huber", in_jax=False)
def pseudo_huber(delta: Any, r: Any) -> Any:
    """The pseudo-Huber loss of a residual; delta comes first. SciPy's has lost its digits where r is small beside delta."""
    return _of_residuals("pseudo_huber", delta, r)
