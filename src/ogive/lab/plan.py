"""What a comparison will do, fixed before it starts, and the hash that names it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import ogive
from ogive import kernel
from ogive.lab.arms import Arm
from ogive.lab.splits import FOLDS

RESULTS_FORMAT = 1
"""Raised whenever the results file, or what its numbers mean, changes."""

TUNING_SEEDS = FOLDS
"""One for each fold, so that every row but the test set's validates once."""

MOMENTUM = 0.9
DEFAULT_HIDDEN = (64, 32)
DEFAULT_SEEDS = 10
DEFAULT_BATCH_SIZE = 32
DEFAULT_RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)

LARGEST_ITEM = 32_000_000
"""Weights trained at once: four bytes each, held twice (weight and velocity). Bigger populations are cut by arms."""


@dataclass(frozen=True)
class Member:
    """One network to train: an arm at a learning rate."""

    arm: int
    rate: float


@dataclass(frozen=True)
class Item:
    """A piece of work that is stored whole or not at all: some arms' networks for one seed."""

    stage: str
    seed: int
    part: int
    members: tuple[Member, ...]

    @property
    def key(self) -> str:
        return f"{self.stage}-{self.seed}-{self.part}"

    @property
    def fold(self) -> int:
        """The fold that validates; the others train."""
        return self.seed % FOLDS


@dataclass(frozen=True)
class Plan:
    """Everything that decides the numbers of a comparison."""

    data: str
    data_sha256: str
    features: int
    classes: int
    arms: tuple[Arm, ...]
    hidden: tuple[int, ...]
    rates: tuple[float, ...]
    seeds: int
    epochs: int
    batch_size: int
    layers_grid: bool
    tuning_seeds: int = TUNING_SEEDS
    momentum: float = MOMENTUM
    folds: int = FOLDS
    results_format: int = RESULTS_FORMAT
    made_with: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def settings(self) -> dict[str, object]:
        """The plan as plain JSON values."""
        settings: dict[str, object] = json.loads(json.dumps(dataclasses.asdict(self)))
        return settings

    @property
    def sha256(self) -> str:
        """The name of the run: the same for the same numbers."""
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        return (self.features, *self.hidden, self.classes)

    @property
    def weights(self) -> int:
        """The weights of one network."""
        return sum(below * above for below, above in pairwise(self.layer_sizes))

    def tuning_items(self) -> list[Item]:
        """Every arm at every learning rate, for the tuning seeds."""
        return self._items("tune", self.tuning_seeds, dict.fromkeys(range(len(self.arms)), self.rates))

    def final_items(self, chosen: Mapping[int, float]) -> list[Item]:
        """Every arm at its chosen learning rate, for all seeds."""
        return self._items("final", self.seeds, {arm: (rate,) for arm, rate in chosen.items()})

    def _items(self, stage: str, seeds: int, rates: Mapping[int, Sequence[float]]) -> list[Item]:
        arms_at_once = max(1, LARGEST_ITEM // (self.weights * len(rates[0])))
        groups = [range(first, min(first + arms_at_once, len(self.arms))) for first in range(0, len(self.arms), arms_at_once)]
        return [
            Item(stage, seed, part, tuple(Member(arm, rate) for arm in group for rate in rates[arm]))
            for seed in range(seeds)
            for part, group in enumerate(groups)
        ]


def software() -> dict[str, str]:
    """What the last bits of the numbers depend on besides the plan."""
    import numpy as np
    import torch

    config = kernel.config()
    return {
        "ogive": ogive.__version__,
        "numpy": np.__version__,
        "torch": torch.__version__,
        "kernels": f"{config['kernels']} {config.get('instruction_set', '')}".strip(),
    }


def default_epochs(rows: int) -> int:
    """Thirty passes over small data; fewer over big data, where each makes more steps, but at least five."""
    return max(5, min(30, 50_000 // max(rows, 1)))
