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
from ogive.loss import PointwiseLoss

Array = np.ndarray[Any, Any]
Errors = dict[str, float]
"""The largest error of each part, "value", "slope" and so on, and under "<part> at" where it is."""


def arguments(entry: Activation, dtype: Any) -> dict[str, Any]:
    """The default parameters in that format."""
    return {parameter.name: dtype(parameter.default) for parameter in entry.parameters}


def parts(entry: Activation) -> dict[str, tuple[str, int]]:
    """What is measured: for each part, by which input the formula is differentiated, and how often."""
    learned = {f"slope by {parameter.name}": (parameter.name, 1) for parameter in entry.parameters if parameter.slope}
    return {"value": ("x", 0), "slope": ("x", 1), **learned}


@cache
def truth(entry: Activation, dtype: Any, x: float) -> dict[str, Any]:
    """Every part at one point; the slope at a kink is the declared one."""
    inputs = {"x": x} | {name: float(value) for name, value in arguments(entry, dtype).items()}
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
    return {part: kernel.definition(entry.name, function, 1 + len(rest))(x, *rest) for part, function in definitions.items()}


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


def loss_points(entry: PointwiseLoss, given: str, dtype: Any) -> tuple[Array, Array]:
    """Predictions and targets of a pointwise loss: every prediction against the hard targets, some against soft ones."""
    low, high = entry.forms[given].bounds
    prediction = points.unit_interval(dtype) if (low, high) == (0.0, 1.0) else points.reals(dtype)
    prediction = prediction[(prediction > low) & (prediction < high)] if high <= 1 else prediction
    targets = (0.0, 1.0, 0.25) if entry.target_bounds == (0.0, 1.0) else (0.0, 1.0, -3.7, 1e20)
    return np.tile(prediction, len(targets)), np.repeat(np.array(targets, dtype), prediction.size)


@cache
def loss_truths(name: str, given: str, dtype: Any) -> list[tuple[Any, Any]]:
    """Term and slope of a pointwise loss at each of its points."""
    entry = ogive.get(name)
    form = entry.forms[given]
    found = []
    for prediction, target in zip(*loss_points(entry, given, dtype), strict=True):
        value, slope = oracle.truth(form.formula, "prediction", prediction=float(prediction), target=float(target))
        at_kink = form.kink_slope is not None and prediction == target
        found.append((value, form.kink_slope if at_kink else slope))
    return found


def pointwise_loss(entry: PointwiseLoss, given: str, dtype: Any) -> Errors:
    """The largest error of term and gradient. With a soft target the gradient crosses zero; there its two terms set the scale."""
    prediction, target = loss_points(entry, given, dtype)
    named = {"given": given} if len(entry.forms) > 1 else {}
    values, slopes = entry.value_and_gradient(prediction, target, reduction="none", **named)
    np.testing.assert_array_equal(values, entry(prediction, target, reduction="none", **named))
    np.testing.assert_array_equal(slopes, entry.gradient(prediction, target, reduction="none", **named))
    hard = {t: entry.gradient(prediction, np.full_like(target, t), reduction="none", **named) for t in (0.0, 1.0)}
    worst = {"value": (0.0, 0.0), "slope": (0.0, 0.0)}
    for i, (true_value, true_slope) in enumerate(loss_truths(entry.name, given, dtype)):
        soft = entry.target_bounds == (0.0, 1.0) and 0 < target[i] < 1
        scale = max(abs((1 - target[i]) * hard[0.0][i]), abs(target[i] * hard[1.0][i])) if soft else 0
        scale = scale if np.isfinite(scale) else 0
        worst["value"] = max(worst["value"], (oracle.ulps(values[i], true_value, dtype), float(prediction[i])))
        worst["slope"] = max(worst["slope"], (oracle.ulps(slopes[i], true_slope, dtype, float(scale)), float(prediction[i])))
    return _flat(worst)
