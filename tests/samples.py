"""Arrays that a term can take, drawn from what it says of its inputs: signature, roles and domains."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import ogive
from ogive.loss import Loss
from ogive.parameter import Parameter
from ogive.term import Input, Term

SIZES = {"c": 4, "n": 5, "pixels": 5, "d": 3, "t": 4, "l": 2, "q": 3, "k": 3}
Array = np.ndarray[Any, Any]

TERMS = [(ogive.get(name), given) for name in ogive.names("loss") for given in ogive.get(name).forms]


def away(parameter: Parameter) -> Any:
    """A number that is not the default, inside the domain: what ignores a parameter gives something else there."""
    if parameter.whole:
        return parameter.default
    if parameter.switch:
        return 1 - parameter.default
    return np.clip(0.7 * np.array(parameter.default) + 0.1, parameter.low, parameter.high)[()]


def named(entry: Loss, given: str) -> dict[str, Any]:
    """How a call says which form it means and which axis holds its pixels, and parameters other than the defaults."""
    form = {"given": given} if len(entry.forms) > 1 else {}
    axis = {"axis": -1} if entry.term.of_pixels and entry.term.along_axis else {}
    return form | axis | {each.name: away(each) for each in entry.parameters}


def loop(term: Term, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """That loop shape; of pixels × classes, which come in one batch only, as many in one dimension."""
    return (math.prod(wanted),) if term.of_pixels and not term.along_axis else wanted


def arguments(
    term: Term, loop: tuple[int, ...], dtype: Any = np.float64, seed: int = 0, sizes: dict[str, int] | None = None
) -> list[Array]:
    """One array for each input, in the given loop shape; integers where the input is one of labels or lengths."""
    rng = np.random.default_rng(seed)
    sizes = sizes or SIZES | {"c": 6 if any(each.role == "labels" for each in term.inputs) else 4}
    return [
        _draw(each, (*loop, *(sizes[name] for name in core)), rng, term, sizes).astype(np.int64 if each.whole else dtype)
        for each, core in zip(term.inputs, term.cores, strict=False)
    ]


def inside(term: Term, array: Array) -> Array:
    """Numbers for the first input, moved into its bounds; where its rows must sum to 1 the last class takes what the others leave."""
    array = np.clip(array, term.inputs[0].low, term.inputs[0].high)
    if 0 not in term.distributions:
        return array
    logarithms = term.inputs[0].high == 0.0
    shares = np.exp(array) if logarithms else array
    shares = shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1.0)
    shares[..., -1] += 1 - shares.sum(axis=-1)
    return np.log(shares) if logarithms else np.clip(shares, 0.0, 1.0)


def _draw(each: Input, shape: tuple[int, ...], rng: np.random.Generator, term: Term, sizes: dict[str, int]) -> Array:
    low, high = each.low, each.high
    if each.role == "labels":
        return rng.integers(1, sizes[each.of], shape) if each.of else rng.integers(0, 2, shape)
    if each.role == "rising":
        return np.cumsum(0.1 + rng.exponential(size=shape), axis=-1) - 2
    if each.role == "length":
        limit = sizes["t"] if each.name.startswith("input") else sizes["l"]
        return rng.integers(limit - 1, limit + 1, shape)
    shares = any(other.role in ("shares", "distribution") for other in term.inputs) or (high == 1.0 and len(term.inputs) == 1)
    if each.role in ("shares", "distribution") or (shares and (low, high) == (0.0, 1.0)):
        return rng.dirichlet(np.full(shape[-1], 0.7), shape[:-1])
    if shares and high == 0.0:
        return np.log(rng.dirichlet(np.full(shape[-1], 0.7), shape[:-1]))
    if each.role == "binary":
        return rng.choice([0.0, 1.0, 0.3], shape)
    if high == 0.0:
        return -rng.exponential(size=shape)
    if (low, high) == (0.0, 1.0):
        return rng.uniform(0.02, 0.98, shape)
    if low > -math.inf:
        return rng.lognormal(size=shape)
    return rng.normal(size=shape) * rng.choice([0.3, 1.0, 3.0], shape)
