"""The catalogue: every function once, found by its name or by any of the names that the field uses for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from ogive.errors import InputError, InputTypeError, UnknownNameError, closest, did_you_mean


class Named(Protocol):
    """What the catalogue needs of an entry."""

    name: str
    aliases: tuple[str, ...]
    kind: str


_FEW = 30  # names that a message can hold
_entries: dict[str, Any] = {}
_index: dict[str, Any] = {}


def _key(name: str) -> str:
    """The spelling that counts: ``LeakyReLU``, ``leaky_relu`` and ``leaky-relu`` are one name."""
    return "".join(character for character in name.casefold() if character.isalnum())


def register(entry: Named) -> None:
    """Put an entry into the catalogue; a name that is taken already is a mistake in the entry."""
    keys = {_key(name) for name in (entry.name, *entry.aliases)}
    for key in keys:
        if key in _index:
            raise ValueError(f"{entry.name}: the name {key!r} belongs to {_index[key].name} already")
    _entries[entry.name] = entry
    _index.update(dict.fromkeys(keys, entry))


def get(name: Any, kind: str | None = None) -> Any:
    """Find a function by name or alias, whatever the case and the separators.

    Parameters
    ----------
    name : a name or alias, such as "silu", "Swish" or "LeakyReLU"; an entry is returned as it is.
    kind : "activation", "gate", "axiswise" or "loss", to look among these alone.

    Returns
    -------
    The entry: a callable with `slope`, `gradient` or `vjp`, and its facts as attributes.

    Raises
    ------
    UnknownNameError (a ValueError), with the nearest name, when there is none.

    Examples
    --------
    >>> import ogive
    >>> ogive.get("Swish")
    <activation 'silu'>
    """
    _check_kind(kind)
    if not isinstance(name, str):
        name = next((each.name for each in _entries.values() if each is name), name)
    if not isinstance(name, str):
        raise InputTypeError(f"name must be a string such as 'relu', got {name!r}")
    entry = _index.get(_key(name))
    if entry is None or (kind is not None and entry.kind != kind):
        raise UnknownNameError(f"unknown {kind or 'function'} {name!r}{_nearest(name, kind)}")
    return entry


def _nearest(name: str, kind: str | None) -> str:
    """The end of a message about an unknown name: what is called nearly so, by whatever name, or where all names are."""
    other = _index.get(_key(name))
    if other is not None:
        return f"; its kind is {other.kind!r}"
    made_of = next((entry for entry in entries(kind) if name in entry.peers), None)
    if made_of is not None:
        return f"; ogive.peer({name!r}) gives it, made of {made_of.name!r}"
    spellings = {key: entry.name for key, entry in _index.items() if kind in (None, entry.kind)}
    near = closest(_key(name.rpartition(".")[2]), spellings, 0.75)  # of hundreds, some name is always half alike
    if near is not None:
        return f"; did you mean {spellings[near]!r}?"
    choices = names(kind)
    return f"; choose from {', '.join(choices)}" if len(choices) <= _FEW else "; ogive.names() has them all"


def _check_kind(kind: str | None) -> None:
    if kind is None:
        return
    kinds = list(dict.fromkeys(entry.kind for entry in _entries.values()))
    if kind not in kinds:
        raise InputError(f"unknown kind {kind!r}{did_you_mean(str(kind), kinds)}")


def entries(kind: str | None = None) -> Iterator[Any]:
    """The entries of a kind ("activation", "gate", "axiswise" or "loss"), or all, in the order of the catalogue."""
    _check_kind(kind)
    return (entry for entry in _entries.values() if kind is None or entry.kind == kind)


def names(kind: str | None = None) -> list[str]:
    """The names of the entries of a kind ("activation", "gate", "axiswise" or "loss"), or of all.

    Examples
    --------
    >>> import ogive
    >>> "relu" in ogive.names("activation")
    True
    """
    return [entry.name for entry in entries(kind)]
