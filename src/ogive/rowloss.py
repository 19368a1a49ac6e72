"""A loss with one term for each vector along an axis: cross-entropy and its kin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive import kernel, reduction
from ogive.axiswise import Array, Rows
from ogive.errors import InputError, InputTypeError
from ogive.loss import Form, Loss

UNITS = {"nats": 1.0, "bits": math.log(2)}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RowLoss(Loss):
    """A loss of the distributions along `axis`; the gradient is with respect to the prediction.

    ``targets`` names what the target may be: "indices" (class numbers, one for each vector), "distribution" (one-hot or soft,
    in the shape of the prediction), or nothing at all. A form's `value` and `slope` take rows, the distribution along the last axis.
    """

    targets: tuple[str, ...] = ("distribution",)
    target_bounds: tuple[float, float] = (0.0, 1.0)

    def __call__(
        self, prediction: Any, target: Any = None, /, *, given: str | None = None, axis: int = -1, unit: str = "nats",
        reduction: str | None = None,
    ) -> Any:  # fmt: skip
        """The loss."""
        return self.value_and_gradient(prediction, target, given=given, axis=axis, unit=unit, reduction=reduction)[0]

    def gradient(
        self, prediction: Any, target: Any = None, /, *, given: str | None = None, axis: int = -1, unit: str = "nats",
        reduction: str | None = None,
    ) -> Any:  # fmt: skip
        """The gradient with respect to the prediction, in its shape; of the sum of the terms where ``reduction="none"``."""
        return self.value_and_gradient(prediction, target, given=given, axis=axis, unit=unit, reduction=reduction)[1]

    def value_and_gradient(
        self, prediction: Any, target: Any = None, /, *, given: str | None = None, axis: int = -1, unit: str = "nats",
        reduction: str | None = None,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Loss and gradient in one pass over the prediction."""
        chosen = self._reduction(reduction)
        name, form = self.form(given)
        if not isinstance(unit, str) or unit not in UNITS:
            raise InputError(f"{self.name}: unit must be 'nats' or 'bits', got {unit!r}")
        prediction = self._real("prediction", prediction)
        self._check_prediction(prediction, name, form)
        laid = Rows(self.name, prediction.shape, axis)
        if laid.length == 0:
            raise InputError(f"{self.name}: prediction must have at least one class along axis {axis}, got shape {prediction.shape}")
        terms, gradients = self._rows(name, form, laid, prediction, target)
        with np.errstate(all="ignore"):
            terms, gradients = (np.asarray(array / UNITS[unit]).astype(prediction.dtype, copy=False) for array in (terms, gradients))
        return self._finish(terms, laid.restore(gradients), chosen)

    def _finish(self, terms: Any, gradient: Any, chosen: str) -> tuple[Any, Any]:
        return reduction.reduce(self.name, terms, chosen), reduction.scale_gradient(gradient, np.size(terms), chosen)

    def _rows(self, name: str, form: Form, laid: Rows, prediction: Array, target: Any) -> tuple[Any, Any]:
        """One term for each row, and its gradient."""

        def both(*arrays: Any) -> tuple[Any, Any]:
            *data, _weight, _divisor, xp = arrays
            return form.value(*data, xp), form.slope(*data, xp)

        rows = laid.lay(prediction)
        if not self.targets:
            if target is not None:
                raise InputTypeError(f"{self.name}: takes no target; it is a property of one distribution")
            pair: tuple[Any, Any] = kernel.rows(f"{self.name}_{name}", both, nin=3, nout=2)(rows, 1.0, 1.0)
            return pair
        if target is None:
            raise InputTypeError(f"{self.name}: target is missing; expected {self._target_text(laid)}")
        target = self._target(laid, prediction, target)
        if target.dtype.kind == "i":
            pair = self._from_indices(name, both, rows, target)
        else:
            pair = kernel.rows(f"{self.name}_{name}", both, nin=4, nout=2)(rows, target, 1.0, 1.0)
        return pair

    def _from_indices(self, name: str, both: Any, rows: Array, indices: Array) -> tuple[Any, Any]:
        def one_hot(rows: Any, indices: Any, weight: Any, divisor: Any, xp: Any) -> tuple[Any, Any]:
            classes = np.arange(rows.shape[-1])
            return both(rows, (indices[..., None] == classes).astype(rows.dtype), weight, divisor, xp)  # type: ignore[no-any-return]

        pair: tuple[Any, Any] = kernel.rows(f"{self.name}_{name}_indices", one_hot, nin=4, nout=2)(rows, indices, 1.0, 1.0)
        return pair

    def _target(self, laid: Rows, prediction: Array, target: Any) -> Array:
        """The target laid as the rows are: int64 class numbers, or a distribution in the dtype of the prediction."""
        given = np.asarray(target)
        if given.shape == prediction.shape:
            distribution = self._real("target", given).astype(prediction.dtype, copy=False)
            self._within("target", distribution, self.target_bounds, "; class numbers belong in an integer array without the class axis")
            return laid.lay(distribution)
        shape = tuple(prediction.shape[i] for i in laid.kept)
        if "indices" not in self.targets or given.shape != shape:
            raise InputError(f"{self.name}: target must be {self._target_text(laid)}; got shape {given.shape}")
        if given.dtype.kind not in "iu":
            mend = "use target.astype(int)" if given.dtype.kind in "fb" else "number the classes from 0"
            raise InputTypeError(f"{self.name}: class numbers must be integers, got dtype {given.dtype}; {mend}")
        classes = math.prod(prediction.shape[i] for i in laid.axes)
        if given.size and (given.min() < 0 or given.max() >= classes):
            wrong = given.min() if given.min() < 0 else given.max()
            raise InputError(f"{self.name}: class numbers must lie between 0 and {classes - 1}, found {wrong}")
        return given.astype(np.int64)

    def _target_text(self, laid: Rows) -> str:
        kept = tuple(laid.shape[i] for i in laid.kept)
        text = {"indices": f"class numbers of shape {kept}", "distribution": f"a distribution of shape {laid.shape}"}
        return " or ".join(text[kind] for kind in self.targets)

    def _arguments(self) -> str:
        target = (
            "target : class numbers (integers, the shape of the prediction without the axis), or a distribution in its shape\n"
            if "indices" in self.targets
            else "target : a distribution in the shape of the prediction\n"
            if self.targets
            else ""
        )
        return f"prediction : array of real numbers\n{target}axis : the axis of the classes, the last by default\nunit : 'nats' or 'bits'\n"
