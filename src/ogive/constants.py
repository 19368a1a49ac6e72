"""The best constant prediction of a loss: a statistic of the target behind the link, or the zero of the summed gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import links
from ogive.arrays import Array, any_array
from ogive.batch import Batch
from ogive.errors import InputError, InputTypeError
from ogive.term import Term

_HALVINGS = 1100  # of an interval of floats until its ends are neighbours; bisection stops there


def any_predictions(entry: Any, term: Term, target: Any, classes: int | None, options: dict[str, Any]) -> list[Array]:
    """Predictions in the shape that belongs to the target, and inside their domains: what a call needs for the target to be checked."""
    one = len(term.inputs) == 2 and len(term.differentiated) == 1 and (term.pointwise or (term.along_axis and entry.elicits == "mean"))
    if not one and entry.optimum is None:
        raise InputTypeError(f"{entry.name}: no best constant is defined")
    numbered = term.inputs[-1].role == "distribution"
    array = any_array(entry.name, "target", target)
    shape: tuple[int, ...] = array.shape
    if classes is not None:
        if not numbered or isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 1:
            raise InputError(f"{entry.name}: classes says how many there are, where the target may be class numbers; got {classes!r}")
        shape = (*shape, int(classes))
    elif numbered and array.dtype.kind in "iu" and (array.ndim < 2 or bool((array > 1).any())):
        count = array.max(initial=0) + 1
        raise InputTypeError(f"{entry.name}: target holds class numbers; say how many classes there are, as in classes={count}")
    share = 1 / max(*shape[-1:], 1, 1) if 0 in term.distributions else 0.5
    number = math.log(share) if term.inputs[0].high == 0.0 else share
    width = () if one else _widths(term, options)
    return [np.broadcast_to(np.clip(number, each.low, each.high), (*shape, *width)) for each in term.inputs[:-1]]


def _widths(term: Term, options: dict[str, Any]) -> tuple[int, ...]:
    """How many numbers one target has, where there is one for each of a parameter."""
    widths = {
        core: np.asarray(options.get(each.name, each.default)).shape
        for each, core in zip(term.parameters, term.cores[len(term.inputs) :], strict=True)
    }
    return widths[term.cores[0]] if term.cores[0] else ()


def best(entry: Any, given: str, term: Term, batch: Batch) -> Any:
    """The constant for which this form of a loss costs least: of terms without core dimensions a number, of rows a vector."""
    batch.one_hot()
    parts, core = batch.parts, batch.arrays[-1].shape[len(batch.shape) :]
    rows = np.concatenate([part.arrays[-1].reshape(-1, *core) for part in parts]).astype(np.float64)
    weights = (np.ones(part.shape) if part.weight is None else part.weight for part in parts)
    weight = np.concatenate([np.broadcast_to(each, batch.shape).reshape(-1) for each in weights])
    rows, weight = rows[weight > 0], weight[weight > 0]
    if len(rows) == 0:
        raise InputError(f"{entry.name}: target has nothing that counts, so no constant is the best")
    cores = term.cores[len(term.inputs) :]
    if any(parameter.ndim > len(each) for parameter, each in zip(batch.parameters, cores, strict=True)):
        raise InputTypeError(f"{entry.name}: a best constant needs one number for each parameter; call it for each of them")
    if entry.optimum is not None:
        return entry.optimum(np.where(np.isnan(rows).any(), np.nan, rows), weight, *batch.parameters)
    if np.isnan(rows).any():
        return np.full(core, np.nan)[()]
    if entry.elicits == "mean" and term.link is not None:
        mean = np.clip(np.average(rows, axis=0, weights=weight), rows.min(axis=0), rows.max(axis=0))  # which rounding may leave
        return links.invert(entry.name, term, mean)
    parameters = [float(parameter) for parameter in batch.parameters]
    if entry.elicits in ("median", "quantile") and term.link == "identity":
        return quantile(rows, weight, 0.5 if entry.elicits == "median" else parameters[0])
    if core or not entry.convex:
        raise InputTypeError(f"{entry.name}: no best constant is known, for the loss is not convex; minimise it from several starts")
    return _zero(entry, given, term, rows, weight, dict(zip((each.name for each in term.parameters), parameters, strict=True)))


def quantile(numbers: Array, weight: Array, share: float) -> Any:
    """The weighted quantile; where every number of an interval is one, its middle."""
    order = np.argsort(numbers)
    numbers, below = numbers[order], np.cumsum(weight[order])
    wanted = share * below[-1]
    first = numbers[min(np.searchsorted(below, wanted, side="left"), len(numbers) - 1)]
    last = numbers[min(np.searchsorted(below, wanted, side="right"), len(numbers) - 1)]
    return first + (last - first) / 2


def _zero(entry: Any, given: str, term: Term, targets: Array, weight: Array, parameters: dict[str, Any]) -> Any:
    """Where the slope of a convex cost changes its sign, by bisection between powers of two; infinite where it never does."""
    options = parameters | ({"given": given} if len(entry.forms) > 1 else {}) | {"sample_weight": weight, "reduction": "sum"}
    domain = term.inputs[0]

    def slope(constant: float) -> float:
        return float(np.sum(entry.gradient(np.full(targets.shape, constant), targets, **options)))

    low, high = max(domain.low, -1.0), min(domain.high, 1.0)
    while slope(low) > 0 and low > domain.low:
        low = max(2 * low, domain.low)
        if low < -1e300:
            return -math.inf
    while slope(high) < 0 and high < domain.high:
        high = min(2 * high, domain.high)
        if high > 1e300:
            return math.inf
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        found = slope(middle)
        if found == 0:
            return _middle_of_flat(slope, low, middle, high)
        low, high = (middle, high) if found < 0 else (low, middle)
    return np.float64(low + (high - low) / 2)


def _middle_of_flat(slope: Any, low: float, flat: float, high: float) -> Any:
    """The middle of the interval on which the slope is 0, as for a median."""
    ends = []
    for outside, inside in ((low, flat), (high, flat)):
        while (middle := outside + (inside - outside) / 2) not in (outside, inside):
            outside, inside = (outside, middle) if slope(middle) == 0 else (middle, inside)
        ends.append(inside)
    return np.float64(ends[0] + (ends[1] - ends[0]) / 2)
