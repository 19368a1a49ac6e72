"""What the catalogue's entries have in common: names, formula, parameters, references, and a docstring made from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ogive import formula as formulas
from ogive.errors import InputError, InputTypeError, did_you_mean

Expression = float | str
"""A number, or a formula in the entry's parameters."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an entry; arrays broadcast against the input.

    `default` may be None: then the caller must give it. `low` and `high` bound what is accepted, both included. `slope` is the derivative
    of the value with respect to this parameter, a definition like the entry's own.
    """

    name: str
    about: str
    default: float | None
    low: float = -math.inf
    high: float = math.inf
    learned: bool = False
    slope: Callable[..., Any] | None = None

    def check(self, entry: str, value: Any) -> None:
        """Refuse what is not a finite number inside the bounds."""
        if hasattr(value, "detach"):  # a PyTorch tensor, perhaps in training
            value = value.detach().cpu().numpy()
        try:
            fits = np.all(np.isfinite(value) & (np.asarray(value) >= self.low) & (np.asarray(value) <= self.high))
        except TypeError:
            raise InputTypeError(f"{entry}: {self.name} must be a real number or an array of them, got {value!r}") from None
        if not fits:
            bounds = f" from {self.low:g} to {self.high:g}" if (self.low, self.high) != (-math.inf, math.inf) else ""
            raise InputError(f"{entry}: {self.name} must be finite{bounds}, got {value!r}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """One function of the catalogue. Its docstring ends with the mathematics, so that the two cannot disagree."""

    name: str
    description: str
    formula: str
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    native: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...]

    kind = "function"

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.description.split("\n", 1)[0]

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return formulas.latex(self.formula)

    def __repr__(self) -> str:
        return f"<{self.kind} '{self.name}'>"

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        from ogive.catalogue import get  # the catalogue holds entries, so it imports this module

        return get, (self.name,)

    def _details(self) -> list[tuple[str, str]]:
        """Heading and text of what only this kind of entry has to say."""
        return []

    def _docstring(self) -> str:
        sections = [
            ("Parameters", "\n".join(f"{parameter.name} : {parameter.about}" for parameter in self.parameters)),
            *self._details(),
            ("Formula", self.formula),
            ("Also known as", ", ".join(self.aliases)),
            ("References", "\n".join(f"* {reference}" for reference in self.references)),
        ]
        parts = [f"{heading}\n{'-' * len(heading)}\n{text}" for heading, text in sections if text]
        return "\n\n".join([self.description, *parts]) + "\n"

    def bind(self, positional: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters in order, defaults filled in, each inside its domain."""
        if not positional and not named:
            defaults = tuple(parameter.default for parameter in self.parameters)
            if None not in defaults:
                return defaults
        names = [parameter.name for parameter in self.parameters]
        if len(positional) > len(names):
            raise InputTypeError(
                f"{self.name}: takes at most {len(names)} parameters ({', '.join(names) or 'none'}), got {len(positional)}"
            )
        given = dict(zip(names, positional, strict=False))
        for name, value in named.items():
            if name not in names:
                hint = did_you_mean(name, names) if names else "; it takes no parameters"
                raise InputTypeError(f"{self.name}: unknown parameter {name!r}{hint}")
            if name in given:
                raise InputTypeError(f"{self.name}: {name} was given twice")
            given[name] = value
        return tuple(self._value(parameter, given) for parameter in self.parameters)

    def _value(self, parameter: Parameter, given: dict[str, Any]) -> Any:
        value = given.get(parameter.name, parameter.default)
        if value is None:
            raise InputTypeError(f"{self.name}: {parameter.name} must be given: {parameter.about}")
        if value is not parameter.default:
            parameter.check(self.name, value)
        return np.asarray(value) if isinstance(value, list | tuple) else value
