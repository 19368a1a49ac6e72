"""The largest error of an entry in ulp, over the test points: what the accuracy tests compare with the stored bounds.

Run as a program it measures every entry on the code in use (kernels, or definitions with OGIVE_KERNELS=0) and prints JSON.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

import mpmath
import numpy as np
import oracle
import points

import ogive
from ogive.activation import Activation
from ogive.loss import PointwiseLoss


@cache
def truths(name: str, dtype: Any) -> list[tuple[Any, Any]]:
    """Value and slope of an activation at each of its points; the slope at a kink is the declared one."""
    entry = ogive.get(name)
    defaults = {parameter.name: dtype(parameter.default) for parameter in entry.parameters}
    at_kinks = {kink.at: kink.slope for kink in entry.kinks}
    found = []
    for x in points.for_activation(entry, dtype):
        value, slope = oracle.truth(entry.formula, "x", x=float(x), **{key: float(number) for key, number in defaults.items()})
        if float(x) in at_kinks:
            slope = oracle.dual(oracle.formulas.evaluate(at_kinks[float(x)], defaults, oracle.FUNCTIONS)).value
        found.append((value, slope))
    return found


def activation(entry: Activation, dtype: Any) -> dict[str, float]:
    """The largest error of value and slope, and of both from the fused pass.

    A function that is not monotone has a slope that crosses zero: there, no formula in floats keeps relative accuracy, and
    the error is measured against the slope of the chord, f(x)/x, the size of the terms that cancel.
    """
    x = points.for_activation(entry, dtype)
    arguments = [dtype(parameter.default) for parameter in entry.parameters]
    values, slopes = entry(x, *arguments), entry.slope(x, *arguments)
    fused_values, fused_slopes = entry.value_and_slope(x, *arguments)
    np.testing.assert_array_equal(values, fused_values, err_msg=f"{entry.name}: the fused pass gives other values")
    np.testing.assert_array_equal(slopes, fused_slopes, err_msg=f"{entry.name}: the fused pass gives other slopes")
    worst = {"value": (0.0, 0.0), "slope": (0.0, 0.0)}
    for point, value, slope, (true_value, true_slope) in zip(x, values, slopes, truths(entry.name, dtype), strict=True):
        scale = 0 if entry.monotone or point == 0 else true_value / mpmath.mpf(float(point))
        worst["value"] = max(worst["value"], (oracle.ulps(value, true_value, dtype), float(point)))
        worst["slope"] = max(worst["slope"], (oracle.ulps(slope, true_slope, dtype, scale), float(point)))
    return {part: error for part, (error, _) in worst.items()} | {f"{part} at": at for part, (_, at) in worst.items()}


def loss_points(entry: PointwiseLoss, given: str, dtype: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
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


def pointwise_loss(entry: PointwiseLoss, given: str, dtype: Any) -> dict[str, float]:
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
    return {part: error for part, (error, _) in worst.items()} | {f"{part} at": at for part, (_, at) in worst.items()}


def everything() -> dict[str, dict[str, dict[str, float]]]:
    """The errors of every elementwise entry: name (and form), dtype, part."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for entry in points.activations():
        found[entry.name] = {np.dtype(dtype).name: activation(entry, dtype) for dtype in points.DTYPES}
    for name in ogive.names("loss"):
        entry = ogive.get(name)
        if type(entry) is PointwiseLoss:
            for given in entry.forms:
                found[f"{name} {given}"] = {np.dtype(dtype).name: pointwise_loss(entry, given, dtype) for dtype in points.DTYPES}
    return found


if __name__ == "__main__":
    json.dump(everything(), sys.stdout, indent=1)
