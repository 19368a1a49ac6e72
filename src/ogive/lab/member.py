"""Members: networks, each with everything that decides its numbers, and the hash that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ogive.lab.population import Variant

NUMBERS = 2
"""Raised whenever what a member's numbers mean changes."""

Stage = Literal["tune", "final"]


@dataclass(frozen=True)
class Recipe:
    """What networks that train side by side share."""

    hidden: tuple[int, ...]
    bias: bool
    loss: str
    optimizer: str
    schedule: str
    batch_size: int
    epochs: int


@dataclass(frozen=True)
class Stream:
    """What is drawn, and which rows train.

    Attributes
    ----------
    stage
        Networks that choose a learning rate draw other numbers than those that are compared.
    seed
        Decides the first weights and the order of the rows.
    test_fold, validation_fold
        Held out. Without a test fold the data's official test rows are; the rows of all other folds train.
    """

    stage: Stage
    seed: int
    test_fold: int | None
    validation_fold: int


@dataclass(frozen=True)
class Member:
    """One network."""

    recipe: Recipe
    variant: Variant
    stream: Stream

    def settings(self, problem: Mapping[str, Any]) -> dict[str, Any]:
        """Everything that decides the numbers, as plain JSON values."""
        own = {**asdict(self.recipe), **asdict(self.variant), **asdict(self.stream)}
        plain: dict[str, Any] = json.loads(json.dumps({**problem, **own, "numbers": NUMBERS}))
        return plain

    def key(self, problem: Mapping[str, Any]) -> str:
        """The member's name: the same for the same numbers."""
        return hashlib.sha256(json.dumps(self.settings(problem), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Piece:
    """Networks that train as one population: every variant on every stream."""

    recipe: Recipe
    variants: tuple[Variant, ...]
    streams: tuple[Stream, ...]

    def members(self) -> Iterator[Member]:
        """The networks in the order of the population."""
        return (Member(self.recipe, variant, stream) for variant in self.variants for stream in self.streams)

    def __len__(self) -> int:
        return len(self.variants) * len(self.streams)


def pieces(members: Sequence[Member], most: int) -> list[Piece]:
    """Members as populations of at most that many: those of one recipe together, each variant with all its streams.

    Which networks train together changes no number, only the time.
    """
    streams: dict[tuple[Recipe, Variant], dict[Stream, None]] = {}
    for member in members:
        streams.setdefault((member.recipe, member.variant), {})[member.stream] = None
    alike: dict[tuple[Recipe, tuple[Stream, ...]], list[Variant]] = {}
    for (recipe, variant), needed in streams.items():
        alike.setdefault((recipe, tuple(sorted(needed, key=_order))), []).append(variant)
    found = []
    for (recipe, needed_streams), variants in alike.items():
        variants.sort(key=lambda variant: (variant.activations, variant.initializers, variant.rate))
        for some in _dealt(needed_streams, most):
            dealt = _dealt(variants, max(1, most // len(some)))
            found += [Piece(recipe, tuple(together), tuple(some)) for together in dealt]
    return found


def _order(stream: Stream) -> tuple[Any, ...]:
    return (stream.stage, stream.seed, -1 if stream.test_fold is None else stream.test_fold, stream.validation_fold)


def _dealt(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    """As few parts as possible of at most that many, of nearly equal size."""
    count = -(-len(items) // most)
    for part in range(count):
        yield items[part * len(items) // count : (part + 1) * len(items) // count]
