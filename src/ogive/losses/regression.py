"""Losses of real-valued predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import reduction
from ogive.errors import InputError
from ogive.loss import Form, PointwiseLoss


def squared_error(prediction: Any, target: Any, xp: Any) -> Any:
    error = prediction - target
    return error * error


def _squared_error_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return 2 * (prediction - target)


_SQUARED = {"prediction": Form("(prediction - target)**2", squared_error, _squared_error_slope)}
_LEAST_SQUARES = "C. F. Gauss, Theoria combinationis observationum erroribus minimis obnoxiae, 1821 (least squares)"

mean_squared_error = PointwiseLoss(
    name="mean_squared_error",
    description="""The mean of the squared errors: smooth and convex; large errors dominate it.

    Examples
    --------
    >>> ogive.mean_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(4.0)
    >>> ogive.mean_squared_error.gradient([3.0, 4.0, 5.0], [1.0, 2.0, 6.0])
    array([ 1.33333333,  1.33333333, -0.66666667])
    """,
    forms=_SQUARED,
    aliases=("mse", "mse loss", "l2 loss"),
    native={"torch": "nn.functional.mse_loss"},
    references=(_LEAST_SQUARES,),
)

sum_squared_error = PointwiseLoss(
    name="sum_squared_error",
    description="""The sum of the squared errors, n times the mean squared error.

    Examples
    --------
    >>> ogive.sum_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(12.0)
    """,
    forms=_SQUARED,
    default_reduction="sum",
    aliases=("sse", "residual sum of squares", "rss"),
    references=(_LEAST_SQUARES,),
)


def half_squared_error(prediction: Any, target: Any, xp: Any) -> Any:
    return squared_error(prediction, target, xp) / 2


def _half_squared_error_slope(prediction: Any, target: Any, xp: Any) -> Any:
    return prediction - target


half_mean_squared_error = PointwiseLoss(
    name="half_mean_squared_error",
    description="""Half the mean squared error, so that the 2 of the derivative cancels: the gradient is the error itself, over n.

    Examples
    --------
    >>> ogive.half_mean_squared_error.value_and_gradient([3.0, 4.0], [1.0, 2.0])
    (np.float64(2.0), array([1., 1.]))
    """,
    forms={"prediction": Form("(prediction - target)**2 / 2", half_squared_error, _half_squared_error_slope)},
    aliases=("half mse", "one half mean squared error"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 1.2",),
)


def absolute_error(prediction: Any, target: Any, xp: Any) -> Any:
    return abs(prediction - target)


def _absolute_error_slope(prediction: Any, target: Any, xp: Any) -> Any:
    error = prediction - target
    return xp.where(error > 0, 1.0, xp.where(error < 0, -1.0, error))


mean_absolute_error = PointwiseLoss(
    name="mean_absolute_error",
    description="""The mean of the absolute errors, the l1 norm over n: outliers count in proportion; its slope is 0 where the error is 0.

    Examples
    --------
    >>> ogive.mean_absolute_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(2.0)
    """,
    forms={"prediction": Form("abs(prediction - target)", absolute_error, _absolute_error_slope, kink_slope=0.0)},
    aliases=("mae", "l1 loss"),
    native={"torch": "nn.functional.l1_loss"},
    references=("P.-S. Laplace, Mémoire sur la probabilité des causes par les évènements, 1774 (least absolute deviations)",),
)


class RootLoss(PointwiseLoss):
    """The square root of a mean of squares, computed from errors scaled by a power of two, so that no square overflows."""

    def _evaluate(self, prediction: Any, target: Any, given: str | None, chosen: str | None, *, part: int) -> Any:
        self.form(given)
        if self._reduction(chosen) != "mean":
            raise InputError(f"{self.name}: reduction must be 'mean', got {chosen!r}; the root of a mean has no terms to sum or to keep")
        prediction, target = self._pair(prediction, target)
        with np.errstate(all="ignore"):
            error = np.asarray(prediction, dtype=np.float64) - np.asarray(target, dtype=np.float64)
            _, exponent = np.frexp(np.max(np.abs(error), initial=0.0))
            scaled = np.ldexp(error, -exponent)
            root = np.sqrt(reduction.reduce(self.name, scaled * scaled, "mean"))
            gradient = scaled / (error.size * root) if root != 0 else scaled
            results = np.ldexp(root, exponent).astype(prediction.dtype), gradient.astype(prediction.dtype)
        return results if part == 2 else results[part]


root_mean_squared_error = RootLoss(
    name="root_mean_squared_error",
    description="""The square root of the mean squared error, in the unit of the target; its gradient is 0 where every error is 0.

    Examples
    --------
    >>> ogive.root_mean_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(2.0)
    """,
    forms=_SQUARED,
    aliases=("rmse",),
    references=(_LEAST_SQUARES,),
)
