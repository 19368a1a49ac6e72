"""A loss of prediction against target, element by element: value, gradient, or both in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import cleandoc
from typing import Any

import numpy as np

from ogive import formula as formulas
from ogive import kernel, reduction
from ogive.axiswise import Array, real_array
from ogive.catalogue import register
from ogive.entry import Entry
from ogive.errors import InputError, InputTypeError

Definition = Callable[..., Any]


@dataclass(frozen=True)
class Form:
    """One way of giving the prediction: the formula and definitions for it, and the bounds of what is valid.

    ``kink_slope`` is the slope that ogive gives where the loss has a kink at prediction = target.
    """

    formula: str
    value: Definition
    slope: Definition
    bounds: tuple[float, float] = (-math.inf, math.inf)
    kink_slope: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Loss(Entry):
    """What every loss shares: the forms its prediction can be given in, and how terms are reduced.

    ``forms`` has one entry for each value of `given` ("logits", "probabilities", …), or a single one where the prediction
    can mean one thing only; ``default_reduction`` is "mean" for most.
    """

    formula: str = ""
    forms: Mapping[str, Form]
    default_reduction: str = "mean"
    target_bounds: tuple[float, float] = (-math.inf, math.inf)

    kind = "loss"

    def __post_init__(self) -> None:
        object.__setattr__(self, "description", cleandoc(self.description))
        object.__setattr__(self, "formula", "\n".join(self._formulas()))
        object.__setattr__(self, "__doc__", self._docstring())
        register(self)

    def _formulas(self) -> list[str]:
        several = len(self.forms) > 1
        return [f"{name}: {form.formula}" if several else form.formula for name, form in self.forms.items()]

    @cached_property
    def latex(self) -> str:
        """The formula of each form in LaTeX, a line each."""
        return "\n".join(formulas.latex(form.formula) for form in self.forms.values())

    def form(self, given: str | None) -> tuple[str, Form]:
        """The form that the caller names; it is never guessed."""
        choices = " or ".join(f"given={name!r}" for name in self.forms)
        if given is None and len(self.forms) == 1:
            return next(iter(self.forms.items()))
        if given is None:
            raise InputTypeError(f"{self.name}: say what the prediction is: {choices}")
        if given not in self.forms:
            raise InputError(f"{self.name}: unknown given={given!r}; expected {choices}")
        return given, self.forms[given]

    def _reduction(self, chosen: str | None) -> str:
        chosen = self.default_reduction if chosen is None else chosen
        reduction.check(self.name, chosen)
        return chosen

    def _within(self, argument: str, array: Any, bounds: tuple[float, float], hint: str = "") -> None:
        """Refuse values outside the bounds; NaN goes through, and comes out."""
        if bounds == (-math.inf, math.inf) or np.size(array) == 0:
            return
        low, high = np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)
        if low < bounds[0] or high > bounds[1]:
            worst = low if low < bounds[0] else high
            raise InputError(f"{self.name}: {argument} must lie between {bounds[0]:g} and {bounds[1]:g}, found {worst:g}{hint}")

    def _real(self, argument: str, value: Any) -> Array:
        """The value as floats; whole numbers become float64, for the square of a small integer fits no small float."""
        array = real_array(self.name, argument, value)
        return np.asarray(value, dtype=np.float64) if np.asarray(value).dtype.kind in "biu" else array

    def _check_prediction(self, prediction: Array, given: str, form: Form) -> None:
        hint = "; if these are logits, say given='logits'" if "logits" in self.forms and given != "logits" else ""
        self._within(f"prediction ({given})" if len(self.forms) > 1 else "prediction", prediction, form.bounds, hint)

    def _details(self) -> list[tuple[str, str]]:
        given = f"given : {', '.join(map(repr, self.forms))}; what the prediction is, always said\n" if len(self.forms) > 1 else ""
        returns = (
            "The loss, a number, or with reduction='none' an array of terms; the dtype is that of the prediction, NaN in gives NaN out.\n"
            "gradient(...) is its gradient in the prediction, in that shape; value_and_gradient(...) gives both in one pass."
        )
        raises = (
            "ValueError for shapes that do not fit, values outside their bounds, unknown choices; TypeError for what is not real numbers."
        )
        return [("Parameters", self._arguments() + given + self._reduction_text()), ("Returns", returns), ("Raises", raises)]

    def _arguments(self) -> str:
        raise NotImplementedError

    def _reduction_text(self) -> str:
        return f"reduction : 'mean', 'sum' or 'none'; {self.default_reduction!r} by default"


class PointwiseLoss(Loss):
    """A loss with one term for each element of the prediction; the gradient is with respect to the prediction."""

    @cached_property
    def ufuncs(self) -> dict[str, tuple[Any, Any, Any]]:
        """For each form, the ufuncs of the term, of its slope in the prediction, and of both."""
        return {given: kernel.elementwise(form.value.__name__, form.value, form.slope, nin=2) for given, form in self.forms.items()}

    def __call__(self, prediction: Any, target: Any, /, *, given: str | None = None, reduction: str | None = None) -> Any:
        """The loss."""
        return self._evaluate(prediction, target, given, reduction, part=0)

    def gradient(self, prediction: Any, target: Any, /, *, given: str | None = None, reduction: str | None = None) -> Any:
        """The gradient with respect to the prediction, in its shape; of the sum of the terms where ``reduction="none"``."""
        return self._evaluate(prediction, target, given, reduction, part=1)

    def value_and_gradient(
        self, prediction: Any, target: Any, /, *, given: str | None = None, reduction: str | None = None
    ) -> tuple[Any, Any]:
        """Loss and gradient in one pass over the prediction."""
        pair: tuple[Any, Any] = self._evaluate(prediction, target, given, reduction, part=2)
        return pair

    def _evaluate(self, prediction: Any, target: Any, given: str | None, chosen: str | None, *, part: int) -> Any:
        chosen = self._reduction(chosen)
        name, form = self.form(given)
        prediction, target = self._pair(prediction, target)
        self._check_prediction(prediction, name, form)
        self._within("target", target, self.target_bounds)
        result = kernel.call(self.name, self.ufuncs[name][part], prediction, target)
        if part == 0:
            return self._reduce(result, chosen)
        if part == 1:
            return reduction.scale_gradient(result, prediction.size, chosen)
        return self._reduce(result[0], chosen), reduction.scale_gradient(result[1], prediction.size, chosen)

    def _reduce(self, terms: Any, chosen: str) -> Any:
        return reduction.reduce(self.name, terms, chosen)

    def _pair(self, prediction: Any, target: Any) -> tuple[Array, Array]:
        """Prediction and target as arrays of one shape and dtype; integer targets take the dtype of the prediction."""
        prediction = self._real("prediction", prediction)
        weak = isinstance(target, int | float) or np.asarray(target).dtype.kind in "biu"
        target = self._real("target", target)
        if target.shape != prediction.shape and target.shape != ():
            raise InputError(
                f"{self.name}: prediction and target must have the same shape, got {prediction.shape} and {target.shape}; "
                "reshape one of them (they are not broadcast, for (n, 1) against (n,) would give n·n terms)"
            )
        dtype = prediction.dtype if weak else np.result_type(prediction, target)
        return prediction.astype(dtype, copy=False), target.astype(dtype, copy=False)

    def _arguments(self) -> str:
        return (
            "prediction : array of real numbers, of any shape\n"
            "target : array of the same shape, or one number; integers take the dtype of the prediction\n"
        )
