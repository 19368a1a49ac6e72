"""What recipes measure beside or instead of a comparison: a module for each, with a function ``measure`` or ``look``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from numbers import Integral, Real
from pkgutil import iter_modules
from typing import Any

from ogive.errors import InputError, InputTypeError, UnknownNameError, did_you_mean

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def function(name: str, what: str, source: str) -> Callable[..., Any]:
    """The function ``measure`` or ``look`` of the module of that name."""
    known = [module.name for module in iter_modules(__path__)]
    found = getattr(import_module(f"{__name__}.{name}"), what, None) if name in known else None
    if found is None:
        fitting = [each for each in known if hasattr(import_module(f"{__name__}.{each}"), what)]
        raise UnknownNameError(f"unknown {what} {name!r} in {source!r}{did_you_mean(name, fitting)}")
    made: Callable[..., Any] = found
    return made


def defaults(measure: Callable[..., Any]) -> dict[str, Any]:
    """A measurement's keyword arguments with their defaults."""
    parameters = inspect.signature(measure).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


def checked(measure: Callable[..., Any], given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Arguments of a measurement, each of the type of its default.

    Raises
    ------
    InputError
        In one line: the name that is not known, or the value of another type.
    """
    known = defaults(measure)
    found = {}
    for written, value in given.items():
        name = written.replace("-", "_")
        if name not in known:
            raise UnknownNameError(f"unknown key {written!r} in {source!r}{did_you_mean(written, known)}")
        found[name] = _like(value, known[name], written)
    return found


def _like(value: Any, default: Any, name: str) -> Any:
    """The value as the default's type; a list, or text with commas, for a tuple."""
    if isinstance(default, tuple):
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, str) or not isinstance(parts, Sequence) or not parts:
            raise InputTypeError(f"{name} must be a list such as {list(default)!r}, got {value!r}")
        return tuple(_like(part.strip() if isinstance(part, str) else part, default[0], name) for part in parts)
    kind = type(default)
    if kind in (int, float) and isinstance(value, str):
        value = _number(value, kind, name)
    fits = {bool: bool, int: Integral, float: Real, str: str}[kind]
    if not isinstance(value, fits) or (kind is not bool and isinstance(value, bool)):
        raise InputTypeError(f"{name} must be {_WORDS[kind]} such as {default!r}, got {value!r}")
    return kind(value)


def _number(text: str, kind: type, name: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"{name} must be {_WORDS[kind]}, got {text!r}") from None
