"""Members: networks, each with everything that decides its numbers, and the hash that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ogive.lab.population import Variant

NUMBERS = 4
"""Raised whenever what a member's numbers mean changes."""

Stage = Literal["tune", "final"]


@dataclass(frozen=True)
class Setup:
    """How networks are set up that train side by side: all but their activations, initialisers, rates and draws.

    Attributes
    ----------
    inputs
        How features are scaled.
    bias
        What the biases of the hidden layers are at first; ``None`` for no biases at all.
    reduction
        Whether gradients are those of a batch's mean loss or of its sum.
    steps
        Where given, training ends after so many, in the last of the epochs.
    """

    inputs: str
    hidden: tuple[int, ...]
    bias: float | None
    loss: str
    reduction: str
    optimizer: str
    schedule: str
    batch_size: int
    epochs: int
    steps: int | None


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

    setup: Setup
    variant: Variant
    stream: Stream

    def settings(self, problem: Mapping[str, Any]) -> dict[str, Any]:
        """Everything that decides the numbers, as JSON takes it."""
        return {**problem, **vars(self.setup), **vars(self.variant), **vars(self.stream), "numbers": NUMBERS}

    def key(self, problem: Mapping[str, Any]) -> str:
        """The member's name: the same for the same numbers."""
        return hashlib.sha256(json.dumps(self.settings(problem), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Piece:
    """Networks that train as one population.

    Attributes
    ----------
    variants
        For each row of networks one variant on every stream, alike but for their learning rates.
    """

    setup: Setup
    variants: tuple[tuple[Variant, ...], ...]
    streams: tuple[Stream, ...]

    def members(self) -> Iterator[Member]:
        """The networks in the order of the population."""
        return (Member(self.setup, each, stream) for row in self.variants for each, stream in zip(row, self.streams, strict=True))

    def __len__(self) -> int:
        return len(self.variants) * len(self.streams)


def pieces(members: Iterable[Member], most: int) -> list[Piece]:
    """Members as populations of at most that many, of one setup each.

    The data of a stream are brought together once for all that train on it, so that few streams with many rows of networks are fastest.
    Which networks train together changes no number, only the time.
    """
    rates: dict[tuple[Setup, Variant], dict[Stream, list[Variant]]] = {}
    for member in dict.fromkeys(members):
        kind = rates.setdefault((member.setup, replace(member.variant, rate=0.0)), {})
        kind.setdefault(member.stream, []).append(member.variant)
    alike: dict[tuple[Setup, tuple[Stream, ...]], list[tuple[Variant, ...]]] = {}
    for (setup, _), by_stream in rates.items():
        for streams, row in _rows(by_stream):
            alike.setdefault((setup, streams), []).append(row)
    found = []
    for (setup, streams), rows in alike.items():
        rows.sort(key=lambda row: (row[0].activations, row[0].initializers, row[0].rate))
        stream_parts, row_parts = _parts(len(streams), len(rows), most)
        for places in _dealt(range(len(streams)), stream_parts):
            for together in _dealt(rows, row_parts):
                some = tuple(tuple(row[place] for place in places) for row in together)
                found.append(Piece(setup, some, tuple(streams[place] for place in places)))
    return found


def _parts(streams: int, rows: int, most: int) -> tuple[int, int]:
    """Into how many parts to deal the streams and the rows: as few pieces as possible, and of those with the fewest streams in each."""
    fitting = ((parts, -(-rows // (most // -(-streams // parts)))) for parts in range(-(-streams // most), streams + 1))
    return min(fitting, key=lambda each: (each[0] * each[1], -each[0]))


def _rows(by_stream: Mapping[Stream, list[Variant]]) -> Iterator[tuple[tuple[Stream, ...], tuple[Variant, ...]]]:
    """The streams that have a first learning rate with it, those that have a second, and so on."""
    left = {stream: sorted(by_stream[stream], key=lambda variant: variant.rate) for stream in sorted(by_stream, key=_order)}
    while left:
        yield tuple(left), tuple(variants[0] for variants in left.values())
        left = {stream: variants[1:] for stream, variants in left.items() if len(variants) > 1}


def _order(stream: Stream) -> tuple[Any, ...]:
    return (stream.stage, stream.seed, -1 if stream.test_fold is None else stream.test_fold, stream.validation_fold)


def _dealt(items: Sequence[Any], count: int) -> Iterator[Sequence[Any]]:
    """That many parts of nearly equal size."""
    for part in range(count):
        yield items[part * len(items) // count : (part + 1) * len(items) // count]
