"""A loss: terms of prediction against target, the rules that all losses share, and its gradient and Hessian diagonal."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any, Literal

import numpy as np

from ogive import constants, evaluation, links, rules, straight
from ogive.batch import Batch, Rules
from ogive.entry import Entry
from ogive.errors import InputError, InputTypeError, did_you_mean
from ogive.parameter import Parameter
from ogive.term import Definition, Input, Term

Statistic = Literal["mean", "median", "quantile", "expectile", "mode"]
UNITS = {"nats": 1.0, "bits": math.log(2)}
_RULES = tuple(Rules.__dataclass_fields__)


@dataclass(eq=False, kw_only=True, repr=False)
class Loss(Entry):
    """Terms that are reduced to one number. There is a term for each meaning of the prediction, which the caller names with `given`.

    ``default_reduction`` is "mean" for most; ``information`` says that the loss can be counted in nats or in bits.

    What is claimed of the first form: ``convex`` in its first input; ``robust``, its slope by it is bounded, so that one example pulls
    only so far; ``symmetric``, errors of either sign cost the same, or for classes the costs of all of them add up to a constant, so
    that evenly spread label noise moves no minimum (Ghosh, Kumar, Sastry 2017); None where neither has a meaning. ``elicits`` names the
    statistic of the target that the best prediction is: "mean", "median", "quantile", "expectile", "mode" (the likelier class) or None.
    """

    default_reduction: str = "mean"
    information: bool = False
    convex: bool
    robust: bool
    symmetric: bool | None = None
    elicits: Statistic | None = None

    kind = "loss"

    @property
    def proper(self) -> bool | None:
        """Whether the expected loss is least at the true probabilities of the classes; None where it is not these that are predicted."""
        return None if self.term.target is None or self.term.link is None else self.elicits == "mean"

    @property
    def forms(self) -> Mapping[str, Term]:
        """The term for each value of `given` ("logits", "probabilities", …); one where the prediction has one meaning."""
        return self.terms

    def __call__(self, *arrays: Any, **options: Any) -> Any:
        """The loss."""
        found = self._straight(arrays, options, graded=False)
        if found is not None:
            return found[0]
        with np.errstate(all="ignore"):  # what does not count may hold anything, and results may overflow
            batch = self._batch(arrays, options)
            return _rounded(batch, _added(evaluation.value(part) for part in batch.parts))

    def gradient(self, *arrays: Any, **options: Any) -> Any:
        """The gradient with respect to the prediction, in its shape; of the sum of the terms where ``reduction="none"``.

        Where several inputs are differentiated it is a tuple, in their order.
        """
        return self.value_and_gradient(*arrays, **options)[1]

    def value_and_gradient(self, *arrays: Any, **options: Any) -> tuple[Any, Any]:
        """Loss and gradient in one pass over the prediction."""
        found = self._straight(arrays, options, graded=True)
        if found is not None:
            return found
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options)
            values, parts = zip(*(evaluation.value_and_gradients(part) for part in batch.parts), strict=True)
            gradients = [_added(each) for each in zip(*parts, strict=True)]
            positions = (i for i, each in enumerate(batch.term.inputs) if each.differentiated)
            restored = tuple(batch.restore(i, gradient) for i, gradient in zip(positions, gradients, strict=True))
            return _rounded(batch, _added(values)), restored[0] if len(restored) == 1 else restored

    def hessian(self, *arrays: Any, **options: Any) -> Any:
        """The diagonal of the second derivative of the reduced loss with respect to the first input, in its shape."""
        with np.errstate(all="ignore"):
            batch = self._batch(arrays, options)
            if batch.term.hessian is None:
                raise InputTypeError(f"{self.name}: no Hessian diagonal is defined; use the gradient")
            return batch.restore(0, _added(evaluation.hessian_diagonal(part, batch.term.hessian) for part in batch.parts))

    def link(self, raw: Any, given: str | None = None, axis: int = -1) -> Any:
        """The output activation: from what this form of the loss takes to what is predicted, in the units of the target."""
        return links.apply(self.name, self.form(given)[1], raw, axis)

    def inverse_link(self, prediction: Any, given: str | None = None) -> Any:
        """The inverse of `link`: what the loss takes for this prediction; of softmax, the one whose exponentials sum to 1."""
        return links.invert(self.name, self.form(given)[1], prediction)

    def best_constant(self, target: Any, given: str | None = None, sample_weight: Any = None, **parameters: Any) -> Any:
        """The one prediction for all targets that costs least, on the scale of the form: where a network's last bias may start.

        Parameters
        ----------
        target : array; of classes, numbers from 0 to 1 (losses of two classes) or shares of shape (n, c) (losses of rows)
        given : which form, as in a call
        sample_weight : not negative, one for each target
        """
        given, term = self.form(given)
        return constants.best(self, given, term, target, sample_weight, self.bind((), parameters))

    def form(self, given: str | None) -> tuple[str, Term]:
        """The term that the caller names; it is never guessed."""
        if given is None and len(self.forms) == 1:
            return next(iter(self.forms.items()))
        if len(self.forms) == 1:
            raise InputTypeError(f"{self.name}: its prediction has one meaning; leave given out")
        if isinstance(given, str) and given in self.forms:
            return given, self.forms[given]
        choices = " or ".join(f"given={name!r}" for name in self.forms)
        if given is None:
            raise InputTypeError(f"{self.name}: say what the prediction is: {choices}")
        raise InputError(f"{self.name}: unknown given={given!r}; expected {choices}")

    def _straight(self, arrays: tuple[Any, ...], options: dict[str, Any], *, graded: bool) -> tuple[Any, Any] | None:
        """Value and gradient of a call that asks for nothing special; None for all others."""
        if options.keys() - {"given", "reduction"}:
            return None
        _, term = self.form(options.get("given"))
        return straight.reduced(term, arrays, options.get("reduction", self.default_reduction), graded=graded)

    def _batch(self, arrays: tuple[Any, ...], options: dict[str, Any]) -> Batch:
        """The arrays of a call, checked and weighted."""
        given, term = self.form(options.pop("given", None))
        unit = options.pop("unit", "nats")
        if unit != "nats" and not self.information:
            raise InputTypeError(f"{self.name}: takes no unit; it is not a measure of information")
        if not isinstance(unit, str) or unit not in UNITS:
            raise InputError(f"{self.name}: unit must be 'nats' or 'bits', got {unit!r}")
        shared = {name: options.pop(name) for name in _RULES if name in options}
        shared["reduction"] = self._reduction(shared.get("reduction", self.default_reduction))
        if options:
            self._check_names(term, options)
        if arrays and arrays[-1] is None:
            arrays = arrays[:-1]
        if len(arrays) < len(term.inputs):
            missing = term.inputs[len(arrays)]
            raise InputTypeError(f"{self.name}: {missing.name} is missing; expected {missing.about or 'an array'}")
        if len(arrays) > len(term.inputs):
            beyond = "no target; it is a property of one distribution" if len(term.inputs) == 1 else f"{len(term.inputs)} arrays"
            raise InputTypeError(f"{self.name}: takes {beyond}; pass parameters by name")
        hint = "; if these are logits, say given='logits'" if "logits" in self.forms and given != "logits" else ""
        parameters = tuple(np.asarray(value, np.float64) for value in self.bind((), options))
        batch = Batch(self.name, term, arrays, parameters, Rules(**shared), hint)
        batch.divisor *= UNITS[unit]
        return batch

    def _check_names(self, term: Term, options: dict[str, Any]) -> None:
        allowed = list(self.__signature__.parameters)[len(term.inputs) :]
        for name in options:
            if name in (each.name for each in term.inputs):
                order = ", ".join(each.name for each in term.inputs)
                raise InputTypeError(f"{self.name}: {name} is passed by position: {self.name}({order}, …)")
            if name not in allowed:
                raise InputTypeError(f"{self.name}: unknown argument {name!r}{did_you_mean(name, allowed)}")

    def _reduction(self, chosen: Any) -> Any:
        if chosen not in rules.REDUCTIONS:
            raise InputError(f"{self.name}: reduction must be one of {', '.join(map(repr, rules.REDUCTIONS))}, got {chosen!r}")
        return chosen

    def _arguments(self) -> str:
        lines = [f"{each.name} : {each.about or 'array of real numbers'}" for each in self.term.inputs]
        return "\n".join(lines) + "\n"

    def _options(self) -> str:
        given = f"given : {', '.join(map(repr, self.forms))}; what the prediction is, always said\n" if len(self.forms) > 1 else ""
        axis = "axis : that of what one term is made of (int, tuple of ints, or None for all); the last by default\n"
        axis = axis if self.term.along_axis else ""
        unit = "unit : 'nats' or 'bits'\n" if self.information else ""
        shared = _SHARED.format(default=self.default_reduction)
        rules_of_classes = (
            (self.term.weighs_classes, _CLASS_WEIGHT),
            (self._weighs_class_1, _POS_WEIGHT),
            (self._numbered, _IGNORED),
            (self.term.binary, _LABELS),
            (self.term.target is not None, _SMOOTHING),
        )
        return given + axis + unit + shared + "".join(text for takes, text in rules_of_classes if takes)

    @property
    def _numbered(self) -> bool:
        """Whether class numbers may stand for the target."""
        return any(each.role == "distribution" for each in self.term.inputs)

    @property
    def _weighs_class_1(self) -> bool:
        """Whether what class 1 costs can be multiplied."""
        return self.term.binary and self.term.weighs_classes and self.term.linear

    def _details(self) -> list[tuple[str, str]]:
        names = [each.name for each in self.term.differentiated]
        by = f"{names[0]}, in its shape" if len(names) == 1 else f"{', '.join(names)}: a tuple, each in its shape"
        returns = (
            "The loss, a number, or with reduction='none' an array of terms; the dtype is that of the prediction, NaN in gives NaN out.\n"
            f"gradient(...) is its gradient by {by}; value_and_gradient(...) gives both in one pass"
            + (f";\nhessian(...) is the diagonal of its second derivative by {names[0]}." if self.term.hessian else ".")
        )
        raises = (
            "ValueError for shapes that do not fit, values outside their bounds, unknown choices; TypeError for what is not real numbers."
        )
        return [("Properties", self._properties()), ("Returns", returns), ("Raises", raises)]

    def _properties(self) -> str:
        facts = [
            f"{'' if self.convex else 'not '}convex in {self.term.inputs[0].name}",
            "robust: its slope is bounded" if self.robust else "not robust: its slope is not bounded",
        ]
        facts += [] if self.symmetric is None else [f"{'' if self.symmetric else 'not '}symmetric"]
        facts += [] if self.proper is None else [f"{'' if self.proper else 'not '}proper"]
        facts += [] if self.elicits is None else [f"best at the {self.elicits} of the target"]
        outputs = dict.fromkeys(term.link for term in self.forms.values() if term.link is not None)
        facts += [f"output activation: {', '.join(outputs)}"] if outputs else []
        return "\n".join(f"* {fact}" for fact in facts)

    @property
    def __signature__(self) -> Signature:
        named: dict[str, Any] = {"given": None} if len(self.forms) > 1 else {}
        named |= {p.name: p.default for p in self.parameters}
        named |= {name: each.default for name, each in Rules.__dataclass_fields__.items()} | {"reduction": self.default_reduction}
        named |= {"unit": "nats"} if self.information else {}
        unused = [] if self.term.along_axis else ["axis"]
        unused += [] if self.term.target is not None else ["label_smoothing"]
        unused += [] if self.term.weighs_classes else ["class_weight"]
        unused += [] if self.term.binary else ["labels"]
        unused += [] if self._weighs_class_1 else ["pos_weight"]
        unused += [] if self._numbered else ["ignore_index"]
        named = {name: default for name, default in named.items() if name not in unused}
        return Signature(
            [
                *(Argument(each.name, Argument.POSITIONAL_ONLY) for each in self.term.inputs),
                *(Argument(name, Argument.KEYWORD_ONLY, default=default) for name, default in named.items()),
            ]
        )


_SHARED = """\
reduction : 'mean' (weighted: Σ w·term / Σ w), 'mean_over_all' (Σ w·term / number of terms), 'sum' or 'none'; {default!r} by default
sample_weight : not negative, one for each term
mask : booleans, one for each term, True for what counts
"""
_CLASS_WEIGHT = """\
class_weight : one for each class, as a sequence or a dict of class numbers (1 for those left out); a soft target has their mean
"""
_POS_WEIGHT = """\
pos_weight : not negative, a number or one for each class along the last axis; multiplies what class 1 costs, not what a mean divides by
"""
_IGNORED = "ignore_index : the class number of terms that do not count\n"
_LABELS = "labels : the two numbers that stand for class 0 and class 1, (0, 1) by default; a soft target lies between them\n"
_SMOOTHING = """\
label_smoothing : from 0 to 1; how far a target of classes is moved towards equal shares
"""


def _added(parts: Iterable[Any]) -> Any:
    return reduce(operator.add, parts)


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
    majorant: bool = False,
    linear: bool = True,
    of_difference: bool = False,
    kink_slope: float | None = None,
    link: str | None = None,
    **facts: Any,
) -> Callable[[Definition], Loss]:
    """Turn a definition ``f(*inputs, *parameters, xp)`` of the term into a registered loss with its name and docstring."""

    def enter(definition: Definition) -> Loss:
        name = definition.__name__
        shape = f"{signature.partition('->')[0]}{',()' * len(parameters)}->{signature.partition('->')[2]}"
        by_input = slopes or ({inputs[0].name: slope} if slope else {})
        term = Term(
            name=name, value=definition, inputs=inputs, signature=shape, parameters=parameters, formula=formula, reference=reference,
            slopes=by_input, vjp=vjp, hessian=hessian, majorant=majorant, linear=linear,
            of_difference=of_difference, kink_slope=kink_slope, link=link,
        )  # fmt: skip
        return Loss(name=name, description=definition.__doc__ or "", terms={"prediction": term}, **facts)

    return enter
