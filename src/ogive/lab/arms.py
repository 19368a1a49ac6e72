"""What is compared: an activation for each hidden layer, each layer with the initialiser recommended for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ogive import catalogue
from ogive.activation import Activation
from ogive.errors import InputError

LINEAR = "identity"
"""What a layer without an activation computes; ``none`` on the command line."""

LINEAR_INITIALIZER = "lecun_normal"
"""Where the catalogue recommends none, a linear layer: variance 1/fan_in keeps the size of what passes through it."""

EVERYWHERE = (float("-inf"), float("inf"))


@dataclass(frozen=True)
class Arm:
    """One thing that is compared."""

    name: str
    activations: tuple[str, ...]
    initializers: tuple[str, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """What each hidden layer is called on the command line and in tables."""
        return tuple(map(_shown, self.activations))

    @property
    def initializer(self) -> str:
        """The recommended initialisers in few letters, one for each different layer: ``he``, ``glorot/he``."""
        shorts = [name.removesuffix("_normal") for name in self.initializers]
        return shorts[0] if len(set(shorts)) == 1 else "/".join(shorts)


def single_arms(names: Sequence[str] | None, layers: int) -> tuple[Arm, ...]:
    """An arm for each activation, the same in every hidden layer.

    Parameters
    ----------
    names
        Names or aliases; by default every entry of the catalogue that a hidden layer can use as it stands.
    layers
        The number of hidden layers.
    """
    if names is None:
        names = [entry.name for entry in catalogue.entries("activation") if isinstance(entry, Activation) and entry.hidden]
    return tuple(_arm(name, (name,) * layers) for name in _resolve(names, "activations"))


def grid_arms(names: Sequence[str]) -> tuple[Arm, ...]:
    """An arm for each pair of activations: hidden layer 1 × hidden layer 2."""
    resolved = _resolve(names, "layers")
    return tuple(_arm(f"{_shown(first)}/{_shown(second)}", (first, second)) for first in resolved for second in resolved)


def output_initializer() -> str:
    """The initialiser of the output layer, the same for every arm: that of a linear layer, which it is."""
    return _initializer(LINEAR)


def _arm(name: str, activations: tuple[str, ...]) -> Arm:
    return Arm(_shown(name), activations, tuple(_initializer(activation) for activation in activations))


def _shown(name: str) -> str:
    return "none" if name == LINEAR else name


def _initializer(name: str) -> str:
    return catalogue.get(name, "activation").initializer or LINEAR_INITIALIZER


def _resolve(names: Sequence[str], option: str) -> list[str]:
    """The catalogue's names for what the user wrote, each usable in a hidden layer, none twice."""
    if isinstance(names, str) or not names:
        raise InputError(f"{option} must be a list of activation names such as relu, silu; got {names!r}")
    resolved: list[str] = []
    for written in names:
        name = LINEAR if written == "none" else _usable(written)
        if name in resolved:
            raise InputError(f"{option} names {_shown(name)!r} twice; leave one out")
        resolved.append(name)
    return resolved


def _usable(written: str) -> str:
    entry: Activation = catalogue.get(written, "activation")
    if not entry.trainable:
        why = "its slope is 0 everywhere, so nothing before it would learn"
    elif entry.domain != EVERYWHERE:
        why = f"it is only defined from {entry.domain[0]:g} to {entry.domain[1]:g}, and a hidden layer gives it any number"
    elif entry.learned:
        why = "it learns a parameter with the network, and arms here are fixed functions"
    elif entry.random:
        why = "it draws random numbers in training, and arms here are fixed functions"
    else:
        return entry.name
    raise InputError(f"cannot compare {entry.name!r}: {why}; leave it out")
