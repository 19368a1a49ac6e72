"""Nets as recipes write them: an activation, and the initialiser of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ogive import catalogue, initializers
from ogive.activation import Activation
from ogive.errors import InputError
from ogive.initializers import Initializer
from ogive.lab.arms import LINEAR_INITIALIZER
from ogive.lab.factors import EVERYWHERE

MOST_UNITS, MOST_ROWS = 4096, 100_000
"""Of a layer, and of what goes through it; beyond them a typing mistake is likelier than a plan."""


@dataclass(frozen=True)
class Net:
    """Layers of one activation without biases, their weights drawn by one initialiser."""

    activation: Activation
    initializer: Initializer

    @property
    def name(self) -> str:
        """As `read` takes it."""
        return f"{self.activation.name} {self.initializer.name}"

    def deviation(self, units: int) -> float:
        """The standard deviation of a weight between layers of that many units."""
        return self.initializer.std(units, units)


def read(written: str) -> Net:
    """The net that is written so: "relu he_normal"; "relu" alone has the initialiser that is recommended for it.

    >>> read("selu").name
    'selu lecun_normal'
    """
    name, _, initializer = written.strip().partition(" ")
    entry: Activation = catalogue.get(name, "activation")
    if entry.random or entry.domain != EVERYWHERE:
        why = "draws random numbers" if entry.random else "is not defined everywhere"
        raise InputError(f"{entry.name} {why}, and a net here needs a fixed function of any number; leave it out")
    return Net(entry, initializers.get(initializer.strip() or entry.initializer or LINEAR_INITIALIZER))


def read_all(written: Sequence[str], name: str) -> list[Net]:
    """Nets, none twice."""
    found = [read(each) for each in written]
    for place, net in enumerate(found):
        if net in found[:place]:
            raise InputError(f"{name} has {net.name!r} twice; leave one out")
    return found
