"""The arms of a comparison: what the levels of its factors cross to."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ogive import catalogue
from ogive.errors import InputError
from ogive.lab.factors import FACTORS, LINEAR, RECOMMENDED, levels_of
from ogive.lab.member import Setup
from ogive.lab.population import Variant
from ogive.lab.task import Task

LINEAR_INITIALIZER = "lecun_normal"
"""Where the catalogue recommends none, a linear layer: variance 1/fan_in keeps the size of what passes through it."""


@dataclass(frozen=True)
class Arm:
    """One combination of levels.

    Attributes
    ----------
    name
        The levels of the factors that differ between the arms.
    levels
        Every factor's level, as it is written.
    """

    name: str
    levels: tuple[tuple[str, str], ...]
    setup: Setup
    activations: tuple[str, ...]
    initializers: tuple[str, ...]
    rate: float | None

    def level(self, factor: str) -> str:
        """The level of a factor, as it is written."""
        return dict(self.levels)[factor]

    @property
    def hidden_initializers(self) -> str:
        """The initialiser of the hidden layers, or of each where they differ."""
        own = self.initializers[:-1]
        return own[0] if len(set(own)) == 1 else "/".join(own)

    def variant(self, rate: float) -> Variant:
        """The arm's networks at a learning rate."""
        return Variant(self.activations, self.initializers, rate)


def cross(given: Mapping[str, Any], task: Task, epochs: int, *, steps: int | None = None, rows: int = 1) -> tuple[Arm, ...]:
    """Every combination of the levels.

    Parameters
    ----------
    given
        Levels by the factor's ``option``: a list, or one level alone. Factors that are left out have their default level.
    task
        What is to be learned; it decides the default loss.
    epochs
        Of every network.
    steps
        Instead of epochs: batches of these `rows` that every network trains on.
    """
    levels = {factor.name: levels_of(factor, given.get(factor.option), task) for factor in FACTORS}
    varied = [name for name, own in levels.items() if len(own) > 1] or [FACTORS[0].name]
    arms = []
    for combination in itertools.product(*(own.items() for own in levels.values())):
        written = dict(zip(levels, (text for text, _ in combination), strict=True))
        values = dict(zip(levels, (value for _, value in combination), strict=True))
        batch_size = min(values["batch size"], rows)
        length = {"epochs": epochs if steps is None else -(-steps // (rows // batch_size)), "steps": steps}
        arms.append(_arm(", ".join(written[name] for name in varied), written, values, length))
    _refuse_twins(arms)
    return tuple(arms)


def _refuse_twins(arms: Sequence[Arm]) -> None:
    """An arm that is another under a second name would seem to confirm it."""
    names: dict[Any, str] = {}
    for arm in arms:
        network = (arm.setup, arm.activations, arm.initializers, arm.rate)
        if network in names:
            raise InputError(f"the arms {names[network]!r} and {arm.name!r} are the same network; leave out a level that tells them apart")
        names[network] = arm.name


def layer_pairs(names: Sequence[str]) -> list[str]:
    """The levels of the activation for every pair of names: hidden layer 1 × hidden layer 2."""
    return [f"{first}/{second}" for first in names for second in names]


def recommended_initializers(arms: Sequence[Arm]) -> str:
    """What "recommended" stood for: each initialiser of hidden layers with the activations that have it."""
    by_initializer: dict[str, dict[str, None]] = {}
    for arm in arms:
        if RECOMMENDED in arm.level("initializer"):
            by_initializer.setdefault(arm.hidden_initializers or LINEAR_INITIALIZER, {})[arm.level("activation")] = None
    return "; ".join(f"{own} with {', '.join(names)}" for own, names in by_initializer.items())


def confounds(arms: Sequence[Arm]) -> list[str]:
    """What differs between arms beside the levels that were asked for, in words."""
    recommended = [arm for arm in arms if RECOMMENDED in arm.level("initializer")]
    if len({arm.hidden_initializers for arm in recommended}) < 2:
        return []
    groups = recommended_initializers(arms)
    drawn = dict.fromkeys(name for arm in recommended for name in arm.initializers[: len(arm.setup.hidden)])
    return [
        f"Each activation has the initialiser recommended for it ({groups}), so a difference between these groups may be the"
        f" initialiser's; --initializers {','.join(drawn)} crosses the two."
    ]


def _arm(name: str, written: Mapping[str, str], values: Mapping[str, Any], length: Mapping[str, Any]) -> Arm:
    hidden = values["hidden"]
    activations = _spread_over(values["activation"], len(hidden), "activation", written)
    given = values["initializer"]
    output = given[-1] if len(given) == len(hidden) + 1 and len(hidden) > 0 else RECOMMENDED
    own = _spread_over(given[: len(hidden)] if len(given) > len(hidden) else given, len(hidden), "initializer", written)
    resolved = [
        _recommended(activation) if initializer == RECOMMENDED else initializer
        for activation, initializer in zip((*activations, LINEAR), (*own, output), strict=True)
    ]
    setup = Setup(
        inputs=values["inputs"],
        hidden=hidden,
        bias=values["bias"],
        loss=values["loss"],
        reduction=values["reduction"],
        optimizer=values["optimizer"],
        schedule=values["schedule"],
        batch_size=values["batch size"],
        **length,
    )
    return Arm(name, tuple(written.items()), setup, activations, tuple(resolved), values["learning rate"])


def _spread_over(names: tuple[str, ...], layers: int, what: str, written: Mapping[str, str]) -> tuple[str, ...]:
    if len(names) not in (1, layers):
        raise InputError(
            f"{what} {written[what]!r} names {len(names)} layers, but hidden {written['hidden']!r} has {layers}; name one, or {layers}"
        )
    return names * layers if len(names) == 1 else names


def _recommended(activation: str) -> str:
    return catalogue.get(activation, "activation").initializer or LINEAR_INITIALIZER
