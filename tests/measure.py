"""The largest error of an entry in ulp, over the test points: what the accuracy tests compare with bounds and promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np
import oracle
import points

import ogive
from ogive import kernel
from ogive.activation import Activation
from ogive.loss import Loss
from ogive.losses.regression import RootLoss
from ogive.term import Input, Term

Array = np.ndarray[Any, Any]
Errors = dict[str, float]
"""The largest error of each part, "value", "slope" and so on, and under "<part> at" where it is."""


def arguments(entry: Activation, dtype: Any) -> dict[str, Any]:
    """The default parameters in that format."""
    return {parameter.name: np.asarray(parameter.default, dtype) for parameter in entry.parameters}


def parts(entry: Activation) -> dict[str, tuple[str, int]]:
    """What is measured: for each part, by which input the formula is differentiated, and how often."""
    numbers = (each for each in entry.parameters if each.slope and not isinstance(each.default, tuple))
    learned = {f"slope by {parameter.name}": (parameter.name, 1) for parameter in numbers}
    return {"value": ("x", 0), "slope": ("x", 1), **learned}


@cache
def truth(entry: Activation, dtype: Any, x: float) -> dict[str, Any]:
    """Every part at one point; the slope at a kink is the declared one."""
    inputs = {"x": x} | {name: value.tolist() for name, value in arguments(entry, dtype).items()}
    value, slope = oracle.truth(entry.formula, "x", **inputs)
    for kink in entry.kinks:
        if kink.at == x:
            slope = oracle.value(kink.slope, **inputs)
    others = {part: oracle.truth(entry.formula, wrt, **inputs)[1] for part, (wrt, _) in parts(entry).items() if wrt != "x"}
    return {"value": value, "slope": slope, **others}


def by_entry(entry: Activation, x: Array, rest: list[Any]) -> dict[str, Array]:
    """Every part from the code in use; one fused pass gives the same value and slope."""
    found = {part: entry.slope(x, *rest, wrt=wrt) if order else entry(x, *rest) for part, (wrt, order) in parts(entry).items()}
    for part, fused in zip(("value", "slope"), entry.value_and_slope(x, *rest), strict=True):
        np.testing.assert_array_equal(found[part], fused, err_msg=f"{entry.name}: the fused pass gives another {part}")
    return found


def by_definition(entry: Activation, x: Array, rest: list[Any]) -> dict[str, Array]:
    """Value and slope from the definitions, whatever code is in use."""
    definitions = {"value": entry.definition, "slope": entry.slope_definition}
    return {
        part: kernel.definition(entry.name, function, [len(core) for core in entry.term.cores])(x, *rest)
        for part, function in definitions.items()
    }


def activation(entry: Activation, dtype: Any, computed: Any = by_entry) -> Errors:
    """The largest error of every part.

    A function that is not monotone has a slope that crosses zero: there, no formula in floats keeps relative accuracy, and
    the error is measured against the slope of the chord, f(x)/x, the size of the terms that cancel.
    """
    return errors(entry, dtype, points.for_activation(entry, dtype), computed)


def errors(entry: Activation, dtype: Any, x: Array, computed: Any = by_entry) -> Errors:
    """The largest error of every part over some points."""
    results = computed(entry, x, list(arguments(entry, dtype).values()))
    worst = dict.fromkeys(results, (0.0, 0.0))
    for i, point in enumerate(map(float, x)):
        true = truth(entry, dtype, point)
        for part, result in results.items():
            crosses = part == "slope" and not entry.monotone and point != 0
            scale = true["value"] / mpmath.mpf(point) if crosses else 0
            worst[part] = max(worst[part], (oracle.ulps(result[i], true[part], dtype, scale), point))
    return _flat(worst)


def _flat(worst: dict[str, tuple[float, float]]) -> Errors:
    return {part: error for part, (error, _) in worst.items()} | {f"{part} at": at for part, (_, at) in worst.items()}


POINTWISE_LOSSES: list[tuple[Loss, str]] = [
    (entry, given)
    for entry in map(ogive.get, ogive.names("loss"))
    for given, term in entry.forms.items()
    if term.pointwise and not isinstance(entry, RootLoss)
]


def has_kernel(entry: Loss, given: str) -> bool:
    """Whether term and gradient come from a kernel."""
    term = entry.forms[given]
    return kernel.compiled("elementwise", term.name) is not None and len(term.differentiated) == 1


def loss_points(term: Term, dtype: Any) -> list[Array]:
    """Every test point of the first input against a few numbers for the others, and the default parameters."""
    first, *others = term.inputs
    inside = points.inside(first.low, first.high, dtype)
    choices = [_companions(each) for each in others]
    count = max(map(len, choices))
    columns = [np.array([chosen[i % len(chosen)] for i in range(count)], dtype) for chosen in choices]
    parameters = [np.full(inside.size * count, parameter.default, dtype) for parameter in term.parameters]
    return [np.tile(inside, count), *(np.repeat(column, inside.size) for column in columns), *parameters]


def _companions(each: Input) -> tuple[float, ...]:
    return (0.0, 1.0, 0.25) if each.role == "binary" else (1.0, 1e-10, 4.7) if each.low > -np.inf else (0.0, 1.0, -3.7, 1e20)


@cache
def loss_truths(name: str, given: str, dtype: Any) -> list[tuple[Any, Any, Any, Any]]:
    """Term and slope of a pointwise loss at each of its points, and what their errors are measured against at least.

    A term that can be negative crosses zero, where what cancels decides: it is measured against how much it changes when every input
    changes by its own size.
    """
    term: Term = ogive.get(name).forms[given]
    names = [each.name for each in (*term.inputs, *term.parameters)]
    found = []
    for numbers in zip(*loss_points(term, dtype), strict=True):
        inputs = dict(zip(names, map(float, numbers), strict=True))
        value, slope = oracle.truth(term.formula, names[0], **inputs)
        if term.kink_slope is not None and numbers[0] == numbers[1]:
            slope = term.kink_slope
        found.append((value, slope, inputs))
    signed = min(value for value, _, _ in found) < 0
    return [(value, slope, *(_conditions(term, inputs, value, slope) if signed else (0, 0))) for value, slope, inputs in found]


def _conditions(term: Term, inputs: dict[str, float], value: Any, slope: Any) -> tuple[Any, Any]:
    step = mpmath.mpf(2) ** -60
    moved = [inputs | {name: mpmath.mpf(number) * (1 + step)} for name, number in inputs.items() if number]
    first = next(iter(inputs))
    near = [oracle.truth(term.formula, first, **each) for each in moved]
    return tuple(sum(abs(each[part] - here) for each in near) / step for part, here in ((0, value), (1, slope)))  # type: ignore[return-value]


def pointwise_loss(entry: Loss, given: str, dtype: Any) -> Errors:
    """The largest error of term and gradient. With a soft target the gradient crosses zero; there its two terms set the scale."""
    term = entry.forms[given]
    (*arrays,) = loss_points(term, dtype)
    arrays = arrays[: len(term.inputs)]
    named = {"given": given, "reduction": "none"} if len(entry.forms) > 1 else {"reduction": "none"}
    values, slopes = entry.value_and_gradient(*arrays, **named)
    slopes = slopes[0] if isinstance(slopes, tuple) else slopes
    binary = term.inputs[1].role == "binary"
    target = arrays[1]
    hard = [entry.gradient(arrays[0], np.full_like(target, t), **named) for t in (0.0, 1.0)] if binary else []
    worst = {"value": (0.0, 0.0), "slope": (0.0, 0.0)}
    for i, (value, slope, value_scale, slope_scale) in enumerate(loss_truths(entry.name, given, dtype)):
        if binary and 0 < target[i] < 1:
            size = max(abs((1 - target[i]) * hard[0][i]), abs(target[i] * hard[1][i]))
            slope_scale = float(size) if np.isfinite(size) else 0
        at = float(arrays[0][i])
        worst["value"] = max(worst["value"], (oracle.ulps(values[i], value, dtype, value_scale), at))
        worst["slope"] = max(worst["slope"], (oracle.ulps(slopes[i], slope, dtype, slope_scale), at))
    return _flat(worst)
