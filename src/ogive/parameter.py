"""A parameter of an entry, and how the parameters of a call are bound: by position or name, defaults filled in, domains checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive.errors import InputError, InputTypeError, did_you_mean


@dataclass(frozen=True)
class Parameter:
    """A parameter of an entry; arrays broadcast against the input; a `whole` one is a class number of its own, one for all; a `switch`
    is off or on, 0 or 1.

    `default` may be None: then the caller must give it; a tuple is the default of a vector, whose core dimension the signature names.
    `low` and `high` bound what is accepted, both included. `slope` is the derivative of the value with respect to this parameter,
    a definition like the entry's own.
    """

    name: str
    about: str
    default: float | tuple[float, ...] | None
    low: float = -math.inf
    high: float = math.inf
    learned: bool = False
    whole: bool = False
    switch: bool = False
    slope: Callable[..., Any] | None = None

    @property
    def meaning(self) -> str:
        """What it is, and its default."""
        return f"{self.about}; {'always given' if self.default is None else f'{self.default} by default'}"

    def check(self, entry: str, value: Any) -> None:
        """Refuse what is not a finite number inside the bounds."""
        if hasattr(value, "detach"):  # a PyTorch tensor, perhaps in training
            value = value.detach().cpu()
            value = (value if value.is_complex() else value.double()).numpy()  # NumPy lacks some of its dtypes
        try:
            numbers = np.asarray(value)
            if numbers.dtype.kind == "c":
                raise TypeError
            fits = np.all(np.isfinite(numbers) & (numbers >= self.low) & (numbers <= self.high))
        except (TypeError, ValueError):  # NumPy makes no array of rows of different lengths
            raise InputTypeError(f"{entry}: {self.name} must be a real number or an array of them, got {value!r}") from None
        if fits and self.whole and not (np.ndim(value) == 0 and float(value).is_integer()):
            raise InputError(f"{entry}: {self.name} must be one whole number, got {value!r}")
        if self.switch and (np.ndim(value) or value not in (0, 1)):
            raise InputError(f"{entry}: {self.name} must be True or False, got {value!r}")
        if not fits:
            bounds = f" from {self.low:g} to {self.high:g}" if (self.low, self.high) != (-math.inf, math.inf) else ""
            bounds = " and positive" if (self.low, self.high) == (math.ulp(0.0), math.inf) else bounds
            raise InputError(f"{entry}: {self.name} must be finite{bounds}, got {value!r}")


def bind(entry: str, parameters: tuple[Parameter, ...], positional: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The parameters in order, defaults filled in, each inside its domain."""
    if not positional and not named:
        defaults = tuple(parameter.default for parameter in parameters)
        if None not in defaults:
            return defaults
    names = [parameter.name for parameter in parameters]
    if len(positional) > len(names):
        raise InputTypeError(f"{entry}: takes at most {len(names)} parameters ({', '.join(names) or 'none'}), got {len(positional)}")
    given = dict(zip(names, positional, strict=False))
    for name, value in named.items():
        if name not in names:
            hint = did_you_mean(name, names) if names else "; it takes no parameters"
            raise InputTypeError(f"{entry}: unknown parameter {name!r}{hint}")
        if name in given:
            raise InputTypeError(f"{entry}: {name} was given twice")
        given[name] = value
    return tuple(_value(entry, parameter, given) for parameter in parameters)


def _value(entry: str, parameter: Parameter, given: dict[str, Any]) -> Any:
    value = given.get(parameter.name, parameter.default)
    if value is None:
        raise InputTypeError(f"{entry}: {parameter.name} must be given: {parameter.about}")
    if value is not parameter.default:
        parameter.check(entry, value)
    return np.asarray(value) if isinstance(value, list | tuple) else value
