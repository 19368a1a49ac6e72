"""The losses of scipy.special, and of jax.scipy.special under the same names, over NumPy arrays: one by one, broadcast, not reduced."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

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


@of("kl_divergence")
def rel_entr(p: Any, q: Any) -> Any:
    """p log(p / q); 0 where p is 0 and q is not negative, and ∞ where one of them is negative or q alone is 0."""
    first, second = np.broadcast_arrays(floats("p", p), floats("q", q))
    values = terms("kl_divergence", np.maximum(second, 0)[..., None], np.maximum(first, 0)[..., None], given="probabilities")
    return np.where((first < 0) | (second < 0), values.dtype.type(math.inf), values)[()]
