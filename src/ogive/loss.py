"""A loss: terms of prediction against target, the rules that all losses share, and its gradient and Hessian diagonal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ogive import constants, docstrings, evaluation, links, straight
from ogive.batch import Batch
from ogive.called import Called
from ogive.catalogue import entries
from ogive.errors import InputError, InputTypeError
from ogive.parameter import Parameter
from ogive.signatures import called_alike
from ogive.sweep import Sweep
from ogive.term import Definition, Input, Term

Statistic = Literal["mean", "median", "quantile", "expectile", "mode"]
_STRAIGHT = {"given", "reduction"}


@dataclass(eq=False, kw_only=True, repr=False)
class Loss(Called):
    """Terms that are reduced to one number.

    What is claimed of the first form: ``convex`` in its first input; ``robust``, its slope by it is bounded, so that one example pulls
    only so far; ``symmetric``, errors of either sign cost the same, or for classes the costs of all of them add up to a constant, so
    that evenly spread label noise moves no minimum (Ghosh, Kumar, Sastry 2017); None where neither has a meaning. ``elicits`` names the
    statistic of the target that the best prediction is: "mean", "median", "quantile", "expectile", "mode" (the likelier class) or None.
    Where neither that nor bisection leads to the best constant, ``optimum`` may: ``f(targets, weights, *parameters)``, of plain vectors.
    ``sweep`` is its picture, where that does not follow from prediction and target alone.
    """

    convex: bool
    robust: bool
    symmetric: bool | None = None
    elicits: Statistic | None = None
    optimum: Callable[..., Any] | None = None
    sweep: Sweep | None = None

    kind = "loss"

    def __post_init__(self) -> None:
        if self.sweep is None and not all(term.of_one_line for term in self.terms.values()):
            raise ValueError(f"{self.name}: what it takes makes no picture by itself; say with sweep= what its picture shows")
        super().__post_init__()

    @property
    def proper(self) -> bool | None:
        """Whether the expected loss is least at the true probabilities of the classes; None where it is not these that are predicted."""
        return None if self.term.target is None or self.term.link is None else self.elicits == "mean"

    def __call__(self, *arrays: Any, **options: Any) -> Any:
        """The loss."""
        found = self._straight(arrays, options, graded=False)
        if found is not None:
            return found[0]
        with np.errstate(all="ignore"):  # what does not count may hold anything, and results may overflow
            batch = self._batch(arrays, options)
            return _rounded(batch, _added([evaluation.value(part) for part in batch.parts]))

    @called_alike
    def gradient(self, *arrays: Any, **options: Any) -> Any:
        """The gradient with respect to the prediction, in its shape; of the sum of the terms where ``reduction="none"``.

        Where several inputs are differentiated it is a tuple, in their order.
        """
        return self.value_and_gradient(*arrays, **options)[1]

    @called_alike
    def value_and_gradient(self, *arrays: Any, **options: Any) -> tuple[Any, Any]:
        """Loss and gradient in one pass over the prediction."""
        found = self._straight(arrays, options, graded=True)
        if found is not None:
            return found
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options)
            value, gradients = _added([evaluation.value_and_gradients(part) for part in batch.parts])
            positions = (i for i, each in enumerate(batch.term.inputs) if each.differentiated)
            restored = tuple(batch.restore(i, gradient) for i, gradient in zip(positions, gradients, strict=True))
            return _rounded(batch, value), restored[0] if len(restored) == 1 else restored

    @called_alike
    def sum_and_weight(self, *arrays: Any, **options: Any) -> tuple[Any, Any]:
        """What the mean is made of, in float64: Σ w · term, and what it is divided by, 0 where nothing counts.

        Both add up over micro-batches: the loss of all is the sum of the sums over the sum of the weights (of root_mean_squared_error, the
        root of that), and its gradient the sum of the gradients with ``reduction="sum"`` over the same weight.

        Parameters
        ----------
        arrays, options : those of a call; reduction is "mean" or "mean_over_all", which says what is divided by
        """
        reduction = options.pop("reduction", "mean")
        if reduction not in ("mean", "mean_over_all"):
            raise InputError(f"{self.name}: reduction must be 'mean' or 'mean_over_all', whose parts these are, got {reduction!r}")
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options | {"reduction": "sum"})
            return np.float64(_added([evaluation.value(part) for part in batch.parts])), np.float64(batch.denominator(reduction))

    @called_alike
    def hessian(self, *arrays: Any, **options: Any) -> Any:
        """The diagonal of the second derivative of the reduced loss with respect to the first input, in its shape.

        It is 0 where a loss is straight (absolute errors, `pinball`), and negative where one is not convex: what divides by it, as boosting
        does, puts something positive in its place there. `majorant` is that for robust losses.
        """
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options)
            if batch.term.hessian is None:
                having = " or ".join(f"given={name!r}" for name, term in self.forms.items() if term.hessian)
                raise InputTypeError(f"{self.name}: no Hessian diagonal is defined{having and f', but {having} has one'}; use the gradient")
            return self._diagonal(batch, batch.term.hessian)

    @called_alike
    def majorant(self, *arrays: Any, **options: Any) -> Any:
        """What takes the place of the Hessian diagonal where that is negative: never less than it, and positive wherever there is a slope.

        It is the second derivative of the parabola that touches the loss at the prediction and is nowhere below it, so that a step of
        gradient over majorant never makes the loss larger: the weight of iteratively reweighted least squares. Robust losses have one.
        """
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options)
            if batch.term.majorant is None:
                having = ", ".join(entry.name for entry in entries("loss") if entry.term.majorant)
                raise InputTypeError(f"{self.name}: no majorant is defined; these have one: {having}")
            return self._diagonal(batch, batch.term.majorant)

    def link(self, raw: Any, given: str | None = None, axis: int = -1) -> Any:
        """The output activation: from what this form of the loss takes to what is predicted, in the units of the target."""
        return links.apply(self.name, self.form(given)[1], raw, axis)

    def inverse_link(self, prediction: Any, given: str | None = None) -> Any:
        """The inverse of `link`: what the loss takes for this prediction; of softmax, the one whose exponentials sum to 1.

        What the output activation never gives, such as a probability of 1.2, raises ValueError.
        """
        return links.invert(self.name, self.form(given)[1], prediction)

    @called_alike
    def best_constant(
        self, target: Any, given: str | None = None, sample_weight: Any = None, *, classes: int | None = None, **options: Any
    ) -> Any:
        """The one prediction for all targets that costs least, on the scale of the form: where a network's last bias may start.

        Parameters
        ----------
        target : array, as in a call
        given : which form, as in a call
        sample_weight : not negative, one for each term
        classes : how many there are, where the target is class numbers
        options : parameters and rules, as in a call

        Returns
        -------
        A number; of rows a vector; a tuple where several inputs are differentiated.
        """
        given, term = self.form(given)
        predictions = constants.any_predictions(self, term, target, classes, options)
        named = {"given": given} if len(self.forms) > 1 else {}
        batch = self._batch((*predictions, target), options | named | {"sample_weight": sample_weight, "reduction": "sum"})
        return constants.best(self, given, term, batch)

    def _straight(self, arrays: tuple[Any, ...], options: dict[str, Any], *, graded: bool) -> tuple[Any, Any] | None:
        """Value and gradient of a call that asks for nothing special; None for all others."""
        if not options.keys() <= _STRAIGHT:
            return None
        _, term = self.form(options.get("given"))
        return straight.reduced(term, arrays, options.get("reduction", self.default_reduction), graded=graded)

    def _diagonal(self, batch: Batch, definition: Definition) -> Any:
        return batch.restore(0, _added([evaluation.diagonal(part, definition) for part in batch.parts]))

    @property
    def properties(self) -> dict[str, bool]:
        """Its facts that are either so or not; of what it elicits, one for each statistic."""
        found = {"convex": self.convex, "robust": self.robust, "symmetric": self.symmetric, "proper": self.proper}
        found |= {"has_hessian": any(term.hessian for term in self.forms.values()), "has_majorant": self.term.majorant is not None}
        found |= {"information": self.information}
        found |= {f"elicits_{statistic}": statistic == self.elicits for statistic in get_args(Statistic)}
        return {name: so for name, so in found.items() if so is not None}

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, each with a heading."""
        return [*docstrings.facts(self), *super().facts]


def _added(parts: list[Any]) -> Any:
    """The sum of what the parts of a batch give, number by number where that is several."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], tuple):
        return tuple(_added([*each]) for each in zip(*parts, strict=True))
    return sum(parts[1:], start=parts[0])


def _rounded(batch: Batch, value: Any) -> Any:
    return np.asarray(value).astype(batch.dtype)[()]


def loss(
    *,
    formula: str | None = None,
    signature: str = "(),()->()",
    inputs: tuple[Input, ...],
    parameters: tuple[Parameter, ...] = (),
    slope: Definition | None = None,
    hessian: Definition | None = None,
    slopes: Mapping[str, Definition] | None = None,
    vjp: Definition | None = None,
    reference: Definition | None = None,
    majorant: Definition | None = None,
    linear: bool = True,
    of_difference: bool = False,
    elements: Term | None = None,
    together: Definition | None = None,
    kink_slope: float | None = None,
    link: str | None = None,
    link_scale: float = 1.0,
    link_parameters: Mapping[str, float] | None = None,
    **facts: Any,
) -> Callable[[Definition], Loss]:
    """Turn a definition ``f(*inputs, *parameters, xp)`` of the term into a registered loss with its name and docstring."""

    def enter(definition: Definition) -> Loss:
        name = definition.__name__
        shape = f"{signature.partition('->')[0]}{',()' * len(parameters)}->{signature.partition('->')[2]}"
        by_input = slopes or ({inputs[0].name: slope} if slope else {})
        term = Term(
            name=name, value=definition, inputs=inputs, signature=shape, parameters=parameters, formula=formula, reference=reference,
            slopes=by_input, vjp=vjp, hessian=hessian, majorant=majorant, linear=linear, of_difference=of_difference, elements=elements,
            together=together, kink_slope=kink_slope, link=link, link_scale=link_scale, link_parameters=link_parameters or {},
        )  # fmt: skip
        return Loss(name=name, description=definition.__doc__ or "", terms={"prediction": term}, **facts)

    return enter
