"""What a loss is called with: arrays, parameters and rules, in the same way for every loss; a call is sorted into these and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

import numpy as np

from ogive import docstrings, rules
from ogive.arrays import check_beside
from ogive.batch import Batch, Rules
from ogive.entry import Entry
from ogive.errors import InputError, InputTypeError, did_you_mean
from ogive.term import Term

UNITS = {"nats": 1.0, "bits": math.log(2)}
_RULES = tuple(Rules.__dataclass_fields__)


@dataclass(eq=False, kw_only=True, repr=False)
class Called(Entry):
    """There is a term for each meaning of the prediction, which the caller names with `given`.

    ``default_reduction`` is "mean" for most; ``information`` says that the loss can be counted in nats or in bits.
    """

    default_reduction: str = "mean"
    information: bool = False

    @property
    def forms(self) -> Mapping[str, Term]:
        """The term for each value of `given` ("logits", "probabilities", …); one where the prediction has one meaning."""
        return self.terms

    def form(self, given: str | None) -> tuple[str, Term]:
        """The term that the caller names; it is never guessed."""
        several = len(self.terms) > 1
        if several and isinstance(given, str) and given in self.terms:
            return given, self.terms[given]
        if given is None and not several:
            return next(iter(self.terms.items()))
        if not several:
            raise InputTypeError(f"{self.name}: its prediction has one meaning; leave given out")
        choices = " or ".join(f"given={name!r}" for name in self.forms)
        if given is None:
            raise InputTypeError(f"{self.name}: say what the prediction is: {choices}")
        raise InputError(f"{self.name}: unknown given={given!r}; expected {choices}")

    def _batch(self, arrays: tuple[Any, ...], options: dict[str, Any]) -> Batch:
        """The arrays of a call, checked and weighted."""
        given, term = self.form(options.pop("given", None))
        unit = options.pop("unit", "nats")
        if unit != "nats" and not self.information:
            raise InputTypeError(f"{self.name}: takes no unit; it is not a measure of information")
        if not isinstance(unit, str) or unit not in UNITS:
            raise InputError(f"{self.name}: unit must be 'nats' or 'bits', got {unit!r}")
        inputs = [each.name for each in term.inputs]
        arrays = self._in_order(arrays, inputs, options)
        shared = {name: options.pop(name) for name in _RULES if name in options and name not in inputs}
        shared["reduction"] = self._reduction(shared.get("reduction", self.default_reduction))
        if options:
            self._check_names(options)
        if arrays and arrays[-1] is None:
            arrays = arrays[:-1]
        if len(arrays) < len(term.inputs):
            missing = term.inputs[len(arrays)]
            raise InputTypeError(f"{self.name}: {missing.name} is missing; expected {missing.about or 'an array'}")
        if len(arrays) > len(term.inputs):
            beyond = "no target; it is a property of one distribution" if len(term.inputs) == 1 else f"{len(term.inputs)} arrays"
            raise InputTypeError(f"{self.name}: takes {beyond}; pass parameters by name")
        free = next((name for name, form in self.forms.items() if form.inputs[0].bounds == (-math.inf, math.inf)), given)
        hint = f"; if these are {free.replace('_', ' ')}, say given={free!r}" if free != given else ""
        parameters = tuple(np.asarray(value, np.float64) for value in self.bind((), options))
        cores = zip(self.parameters, term.cores[len(inputs) :], strict=True)
        beside = {each.name: options[each.name] for each, core in cores if each.name in options and not core}
        check_beside(self.name, dict(zip(inputs, arrays, strict=True)), beside | {"pos_weight": shared.get("pos_weight")})
        batch = Batch(self.name, term, arrays, parameters, Rules(**shared), hint)
        if term.of_pixels and "axis" not in shared:
            batch.refuse_images()
        batch.divisor *= UNITS[unit]
        return batch

    def _in_order(self, arrays: tuple[Any, ...], inputs: list[str], options: dict[str, Any]) -> tuple[Any, ...]:
        """The arrays of a call, those given by name, which are taken from the options, after those given by position."""
        for name in inputs[: len(arrays)]:
            if name in options:
                raise InputTypeError(f"{self.name}: {name} was given twice; the order is {', '.join(inputs)}")
        for name in inputs[len(arrays) :]:
            if name not in options:
                break
            arrays = (*arrays, options.pop(name))
        return arrays

    def _check_names(self, options: dict[str, Any]) -> None:
        allowed = list(self.__signature__.parameters)
        for name in options:
            if name not in allowed:
                raise InputTypeError(f"{self.name}: unknown argument {name!r}{did_you_mean(name, allowed)}")

    def _reduction(self, chosen: Any) -> Any:
        if not isinstance(chosen, str) or chosen not in rules.REDUCTIONS:
            raise InputError(f"{self.name}: reduction must be one of {', '.join(map(repr, rules.REDUCTIONS))}, got {chosen!r}")
        return chosen

    def _arguments(self) -> str:
        lines = [f"{each.name} : {each.about or 'array of real numbers'}" for each in self.term.inputs]
        return "\n".join(lines) + "\n"

    def _options(self) -> str:
        given = f"given : {', '.join(map(repr, self.forms))}; what the prediction is, always said\n" if len(self.forms) > 1 else ""
        unit = "unit : 'nats' or 'bits'\n" if self.information else ""
        return given + unit + docstrings.rules(self.term, self.default_reduction)

    def _details(self) -> list[tuple[str, str]]:
        return [("Returns", docstrings.returns(self)), ("Raises", docstrings.RAISES)]

    @property
    def __signature__(self) -> Signature:
        named: dict[str, Any] = {"given": None} if len(self.forms) > 1 else {}
        named |= {p.name: p.default for p in self.parameters}
        named |= docstrings.defaults(self.term) | {"reduction": self.default_reduction}
        named |= {"unit": "nats"} if self.information else {}
        return Signature(
            [
                *(Argument(each.name, Argument.POSITIONAL_OR_KEYWORD) for each in self.term.inputs),
                *(Argument(name, Argument.KEYWORD_ONLY, default=default) for name, default in named.items()),
            ]
        )
