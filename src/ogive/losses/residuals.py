"""What losses of real-valued predictions share: their declaration, and the error with what its rounding leaves off."""

from __future__ import annotations

from functools import partial
from typing import Any

from ogive.loss import loss
from ogive.special import two_sum
from ogive.term import Definition, Input

PREDICTION = Input("prediction", "array of real numbers, of any shape", differentiated=True)
TARGET = Input("target", "array of the same shape, or one number; integers take the dtype of the prediction where it holds them")
PAIR = (PREDICTION, TARGET)

residual_loss = partial(loss, inputs=PAIR, link="identity")


def unless_nan(x: Any, number: float, xp: Any) -> Any:
    """The number, NaN where x is."""
    return xp.where(x == x, number, x)


def exact_error(prediction: Any, target: Any, xp: Any) -> tuple[Any, Any]:
    """prediction - target, rounded, and what that rounds off: a function that crosses zero elsewhere needs both."""
    error, lost = two_sum(prediction, -target)
    return error, xp.where(xp.isfinite(error), lost, 0.0)


def error_or_half(prediction: Any, target: Any, xp: Any, *, rows: bool = False) -> tuple[Any, Any]:
    """prediction - target, and 1; half of it, and 2, where only that is beyond the largest number, for what multiplies it may be small.

    With `rows` it is half everywhere along the last axis where it is somewhere.
    """
    error = prediction - target
    overflows = ~xp.isfinite(error) & xp.isfinite(prediction) & xp.isfinite(target)
    if rows:
        overflows = xp.any(overflows, axis=-1, keepdims=True)
    return xp.where(overflows, prediction / 2 - target / 2, error), xp.where(overflows, 2.0, unless_nan(error, 1.0, xp))


def lowering(prediction: Any, target: Any, xp: Any) -> Any:
    """1, or a half where the difference of the two is beyond the largest number: multiplied by it they have one."""
    error = prediction - target
    return xp.where(~xp.isfinite(error) & xp.isfinite(prediction) & xp.isfinite(target), 0.5, xp.ones_like(error))


def beyond(prediction: Any, target: Any, bound: Any, xp: Any) -> tuple[Any, Any]:
    """The error, rounded, and by how much its size is more than the bound, with all digits."""
    error, lost = exact_error(prediction, target, xp)
    return error, (abs(error) - bound) + xp.where(error < 0, -lost, lost)


def within(error: Any, bound: Any, xp: Any) -> Any:
    """The size of the error, at most the bound; NaN goes through."""
    return xp.where(abs(error) > bound, bound, abs(error))


def reweighted(slope: Definition, hessian: Definition, target: int = 1) -> Definition:
    """The slope over the error, the weight of iteratively reweighted least squares: a majorant where it never grows with the error's size
    (J. de Leeuw, K. Lange, Sharp quadratic majorization in one dimension, Computational Statistics and Data Analysis 53, 2009).
    """

    def weight(*arguments: Any) -> Any:
        xp = arguments[-1]
        error = arguments[0] - arguments[target]
        return xp.where(error == 0, hessian(*arguments), slope(*arguments) / xp.where(error == 0, 1.0, error))

    return weight


def bending(slope: Definition, hessian: Definition) -> dict[str, Any]:
    """The derivatives of a loss whose slope over the error never grows with the error's size."""
    return {"slope": slope, "hessian": hessian, "majorant": reweighted(slope, hessian)}


def sign(x: Any, xp: Any) -> Any:
    """1, -1, or 0; NaN of NaN."""
    return xp.where(x > 0, 1.0, xp.where(x < 0, -1.0, x))
