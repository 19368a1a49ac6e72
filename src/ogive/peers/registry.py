"""The register of other libraries' losses: functions of ours under their full names, as data on the entry that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import Parameter as Argument
from inspect import Signature, signature
from typing import Any

from ogive import catalogue
from ogive.errors import InputTypeError, UnknownNameError, closest

Function = Callable[..., Any]
_functions: dict[str, Function] = {}


def register(name: str, entry: str, function: Function) -> None:
    """Let a function answer to the full name that a library has for it, and tell the entry."""
    if name in _functions:
        raise ValueError(f"{name} is registered already")
    _functions[name] = function
    catalogue.get(entry).add_peer(name, function)


def constructor(function: Function, order: str, build: Function = partial, **defaults: Any) -> Function:
    """What makes a function of the arrays alone, as a library's class does: called with the options named in `order`.

    A default is that given here or else that of the function; what follows "*" is passed by name. `build` takes function and options.
    """
    own = signature(function).parameters
    named = order.replace(",", " ").split()
    by_name = "*" in named
    arguments = []
    for name in (each for each in named if each != "*"):
        kind = Argument.KEYWORD_ONLY if by_name else own[name].kind if name in own else Argument.POSITIONAL_OR_KEYWORD
        arguments.append(Argument(name, kind, default=defaults[name] if name in defaults else own[name].default))
    shape = Signature(arguments)

    def construct(*positional: Any, **options: Any) -> Any:
        try:
            bound = shape.bind(*positional, **options)
        except TypeError as error:
            raise InputTypeError(f"{error}; it is called with {shape}, and gives a function of the arrays") from None
        bound.apply_defaults()
        return build(function, **bound.arguments)

    construct.__signature__ = shape  # type: ignore[attr-defined]
    construct.__doc__ = f"{function.__doc__}\n\n    Called with its options, it gives a function of the arrays.\n    "
    return construct


def peer(name: str) -> Function:
    """Find another library's loss by its full name: a function of ours, over NumPy arrays, that takes and means what the library's does.

    The name of a class, such as "torch.nn.HuberLoss", leads to a function with the arguments of its constructor, which gives a function
    of the arrays. `ogive.peers` says what is kept and what is mended.

    Parameters
    ----------
    name : the full name in the library's documentation, such as "keras.losses.binary_crossentropy"

    Returns
    -------
    The function; its entry, which has the gradients, lists it under `peers`.

    Raises
    ------
    UnknownNameError (a ValueError), with the nearest name, when there is none.

    Examples
    --------
    >>> import ogive
    >>> ogive.peer("keras.losses.binary_crossentropy")([[0.0, 1.0]], [[0.0, 0.0]]).round(6)
    array([8.059048])
    >>> ogive.peer("torch.nn.MSELoss")(reduction="sum")([1.0, 2.0], [0.0, 0.0])
    np.float64(5.0)
    """
    if not isinstance(name, str):
        raise InputTypeError(f"name must be a string such as 'torch.nn.functional.mse_loss', got {name!r}")
    if name not in _functions:
        raise UnknownNameError(f"unknown name {name!r}{_nearest(name)}")
    return _functions[name]


def _nearest(name: str) -> str:
    """The end of a message about an unknown name: the full names that end in it, or that are nearly so."""
    last = name.rpartition(".")[2].casefold()
    found = [known for known in _functions if known.rpartition(".")[2].casefold() == last]
    if not found:
        library = [known for known in _functions if known.partition(".")[0] == name.partition(".")[0]]
        near = closest(name, library or _functions)
        found = [near] if near else []
    if found:
        return f"; did you mean {' or '.join(map(repr, found))}?"
    return "; every loss lists those that are made of it, as in list(ogive.huber.peers)"
