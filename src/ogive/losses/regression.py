"""Losses of real-valued predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive import rules
from ogive.batch import Batch
from ogive.errors import InputError
from ogive.loss import Loss
from ogive.losses.residuals import PAIR, sign, unless_nan
from ogive.signatures import called_alike
from ogive.term import Definition, Term


def _squared_error(prediction: Any, target: Any, xp: Any) -> Any:
    error = prediction - target
    return error * error


_SQUARED = {
    "prediction": Term(
        name="squared_error",
        inputs=PAIR,
        signature="(),()->()",
        formula="(prediction - target)**2",
        value=_squared_error,
        slopes={"prediction": lambda prediction, target, xp: 2 * (prediction - target)},
        hessian=lambda prediction, target, xp: unless_nan(prediction - target, 2.0, xp),
        link="identity",
    )
}
_SQUARES: dict[str, Any] = {"terms": _SQUARED, "convex": True, "robust": False, "symmetric": True, "elicits": "mean"}
_LEAST_SQUARES = "C. F. Gauss, Theoria combinationis observationum erroribus minimis obnoxiae, 1821 (least squares)"

mean_squared_error = Loss(
    name="mean_squared_error",
    description="""The mean of the squared errors: smooth and convex; large errors dominate it.

    Examples
    --------
    >>> ogive.mean_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(4.0)
    >>> ogive.mean_squared_error.gradient([3.0, 4.0, 5.0], [1.0, 2.0, 6.0])
    array([ 1.33333333,  1.33333333, -0.66666667])
    """,
    **_SQUARES,
    aliases=("mse", "mse loss", "l2 loss", "squared error"),
    native={"torch": "nn.functional.mse_loss"},
    references=(_LEAST_SQUARES,),
)

sum_squared_error = Loss(
    name="sum_squared_error",
    description="""The sum of the squared errors, n times the mean squared error.

    Examples
    --------
    >>> ogive.sum_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(12.0)
    """,
    **_SQUARES,
    default_reduction="sum",
    aliases=("sse", "residual sum of squares", "rss"),
    references=(_LEAST_SQUARES,),
)

half_mean_squared_error = Loss(
    name="half_mean_squared_error",
    description="""Half the mean squared error, so that the 2 of the derivative cancels: the gradient is the error itself, over n.

    Examples
    --------
    >>> ogive.half_mean_squared_error.value_and_gradient([3.0, 4.0], [1.0, 2.0])
    (np.float64(2.0), array([1., 1.]))
    """,
    terms={
        "prediction": Term(
            name="half_squared_error",
            inputs=PAIR,
            signature="(),()->()",
            formula="(prediction - target)**2 / 2",
            value=lambda prediction, target, xp: _squared_error(prediction, target, xp) / 2,
            slopes={"prediction": lambda prediction, target, xp: prediction - target},
            hessian=lambda prediction, target, xp: unless_nan(prediction - target, 1.0, xp),
            link="identity",
        )
    },
    convex=True,
    robust=False,
    symmetric=True,
    elicits="mean",
    aliases=("half mse", "half squared error", "one half mean squared error", "reg:squarederror", "reg:linear", "regression l2"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 1.2",),
)


mean_absolute_error = Loss(
    name="mean_absolute_error",
    description="""The mean of the absolute errors, the l1 norm over n: outliers count in proportion; its slope is 0 where the error is 0.

    Its Hessian is 0, by which no boosting can divide; 1 in its place makes each step as long as the mean slope.

    Examples
    --------
    >>> ogive.mean_absolute_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(2.0)
    """,
    terms={
        "prediction": Term(
            name="absolute_error",
            inputs=PAIR,
            signature="(),()->()",
            formula="abs(prediction - target)",
            value=lambda prediction, target, xp: abs(prediction - target),
            slopes={"prediction": lambda prediction, target, xp: sign(prediction - target, xp)},
            hessian=lambda prediction, target, xp: unless_nan(prediction - target, 0.0, xp),
            kink_slope=0.0,
            link="identity",
        )
    },
    convex=True,
    robust=True,
    symmetric=True,
    elicits="median",
    aliases=("mae", "l1 loss", "absolute error", "reg:absoluteerror", "regression l1"),
    native={"torch": "nn.functional.l1_loss"},
    references=("P.-S. Laplace, Mémoire sur la probabilité des causes par les évènements, 1774 (least absolute deviations)",),
)


@dataclass(eq=False, kw_only=True, repr=False)
class RootLoss(Loss):
    """The square root of a mean of squares, computed from errors scaled by a power of two, so that no square overflows.

    ``error`` is what is squared, a definition of prediction and target; ``steepness`` is its derivative by the prediction, and ``bend``
    its second one over the square of that, a constant.
    """

    error: Definition = lambda prediction, target, xp: prediction - target
    steepness: Definition = lambda prediction, xp: 1.0
    bend: float = 0.0

    def _errors(self, arrays: tuple[Any, ...], options: dict[str, Any]) -> tuple[Batch, Any, Any, Any, Any, int]:
        """The batch, w / D, the errors over a power of two, their slope, the root, over the same power, and its exponent."""
        batch = self._batch(arrays, options)
        if batch.rule.reduction not in ("mean", "mean_over_all"):
            raise InputError(
                f"{self.name}: reduction must be 'mean', got {batch.rule.reduction!r}; the root of a mean has no terms to sum or to keep"
            )
        prediction, target = (np.asarray(array, dtype=np.float64) for array in batch.arrays)
        share = (np.ones(batch.shape) if batch.weight is None else batch.weight) / batch.divisor
        error, scaled_by = self.error(prediction, target, np), 0
        if np.isinf(error).any():
            error, scaled_by = self.error(prediction / 4, target / 4, np), 2
        error, steep = (np.where(share == 0, 0.0, each) for each in (error, self.steepness(prediction, np)))
        _, exponent = np.frexp(np.max(np.abs(error), initial=0.0))
        scaled = np.ldexp(error, -exponent)
        return batch, share, scaled, steep, np.sqrt(np.sum(share * (scaled * scaled))), int(exponent) + scaled_by

    def __call__(self, *arrays: Any, **options: Any) -> Any:
        """The loss."""
        return self.value_and_gradient(*arrays, **options)[0]

    @called_alike
    def value_and_gradient(self, *arrays: Any, **options: Any) -> tuple[Any, Any]:
        """Loss and gradient; the gradient is 0 where every error is."""
        with np.errstate(all="ignore"):
            batch, share, scaled, steep, root, exponent = self._errors(arrays, options)
            gradient = share * (scaled / root) * steep if root != 0 else scaled
            return np.ldexp(root, exponent).astype(batch.dtype)[()], batch.restore(0, gradient)

    @called_alike
    def hessian(self, *arrays: Any, **options: Any) -> Any:
        """The diagonal of the second derivative, w/D e'² (1 + bend e - w/D e²/r²) / r; infinite where every error is 0."""
        with np.errstate(all="ignore"):
            batch, share, scaled, steep, root, exponent = self._errors(arrays, options)
            curved = (1 + self.bend * np.ldexp(scaled, exponent) - share * (scaled / root) ** 2) / root
            return batch.restore(0, np.ldexp(rules.weighted(share, curved, np) * steep * steep, -exponent))


root_mean_squared_error = RootLoss(
    name="root_mean_squared_error",
    description="""The square root of the mean squared error, in the unit of the target; its gradient is 0 where every error is 0.

    Examples
    --------
    >>> ogive.root_mean_squared_error([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    np.float64(2.0)
    """,
    **_SQUARES,
    aliases=("rmse",),
    references=(_LEAST_SQUARES,),
)
