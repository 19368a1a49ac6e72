"""The arguments of methods that take what calling their entry takes, by name: `help(ogive.huber.gradient)` shows them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter as Argument
from inspect import Signature, signature
from types import FunctionType, MethodType
from typing import Any, TypeVar, cast

Method = TypeVar("Method", bound=Callable[..., Any])

_OF_RESULTS = {"out", "where", "keepdims"}
"""A method that takes these says so itself."""


def called_alike(method: Method) -> Method:
    """Let ``*arrays`` and ``**options`` of a method stand for the arguments of its entry, which its signature then names."""
    return cast(Method, _CalledAlike(cast(FunctionType, method)))


class _CalledAlike:
    """Gives each entry a copy of the method, with a signature of its own, when it is first asked for."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function

    def __get__(self, entry: Any, kind: type | None = None) -> Any:
        function = self.function
        if entry is None:
            return function
        own = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
        own.__kwdefaults__ = function.__kwdefaults__
        update_wrapper(own, function)
        own.__signature__ = _filled_in(signature(function), signature(entry))  # type: ignore[attr-defined]
        entry.__dict__[function.__name__] = bound = MethodType(own, entry)  # which Python finds first from then on
        return bound


def _filled_in(shape: Signature, call: Signature) -> Signature:
    """The arguments of a method, those of the call in the place of its ``*`` and ``**``."""
    found: dict[str, Argument] = {}
    for each in shape.parameters.values():
        if each.kind is Argument.VAR_POSITIONAL:
            found |= {name: part for name, part in call.parameters.items() if part.kind < each.kind and name not in found}
        elif each.kind is Argument.VAR_KEYWORD:
            known = found.keys() | _OF_RESULTS
            found |= {name: part for name, part in call.parameters.items() if part.kind > Argument.VAR_POSITIONAL and name not in known}
        else:
            found[each.name] = each
    return Signature([each.replace(annotation=each.empty) for each in found.values()])
