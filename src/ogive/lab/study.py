"""A study: what is compared, on what, how often; fixed before it starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ogive import kernel
from ogive.lab.arms import Arm
from ogive.lab.member import Member, Stream
from ogive.lab.splits import FOLDS
from ogive.lab.wording import counted
from ogive.version import __version__

MOST_SEEDS = 1_000
"""Where adding seeds ends."""


@dataclass(frozen=True)
class Study:
    """Everything that decides the numbers of a comparison.

    Attributes
    ----------
    data, data_sha256, rows, features, task
        The data set, in the fewest words.
    official_test
        Whether the data set names its own test rows; otherwise each fifth of the rows is the test part in turn.
    arms
        What is compared.
    seeds
        Networks of each arm that are compared.
    rates
        Learning rates that every tuned arm tries; ``None`` for a search that looks around the best.
    epochs
        Of the arm that has most.
    margin
        A difference of the first metric smaller than this does not matter in practice.
    """

    data: str
    data_sha256: str
    rows: int
    features: int
    task: Mapping[str, Any]
    official_test: bool
    arms: tuple[Arm, ...]
    seeds: int
    epochs: int
    rates: tuple[float, ...] | None
    margin: float

    @property
    def length(self) -> str:
        """How long networks train."""
        steps = self.arms[0].setup.steps
        return counted(self.epochs, "epoch") if steps is None else counted(steps, "step")

    @property
    def problem(self) -> dict[str, Any]:
        """What decides a network's numbers beside the network's own settings."""
        return {"data_sha256": self.data_sha256, "task": dict(self.task), "software": software()}

    @property
    def sha256(self) -> str:
        """The name of the study."""
        return hashlib.sha256(json.dumps([asdict(self), self.problem], sort_keys=True, default=str).encode()).hexdigest()

    def tuning_streams(self) -> list[Stream]:
        """Where learning rates are tried: once for each pair of folds that can be held out, or for each fold that validates."""
        if self.official_test:
            return [Stream("tune", fold, None, fold) for fold in range(FOLDS)]
        pairs = [(test, validation) for test in range(FOLDS) for validation in range(test + 1, FOLDS)]
        return [Stream("tune", seed, test, validation) for seed, (test, validation) in enumerate(pairs)]

    def final_stream(self, seed: int) -> Stream:
        """Where the network of a seed is compared: every fold is the test part in turn, and each of the others validates in turn."""
        if self.official_test:
            return Stream("final", seed, None, seed % FOLDS)
        test = seed % FOLDS
        return Stream("final", seed, test, (test + 1 + seed // FOLDS % (FOLDS - 1)) % FOLDS)

    def test_folds(self) -> list[int | None]:
        """Every test part."""
        return [None] if self.official_test else list(range(FOLDS))

    @property
    def test_parts(self) -> int:
        """The test parts that its networks are compared on: fewer seeds than folds leave some folds out."""
        return 1 if self.official_test else min(self.seeds, FOLDS)

    def finals(self, arm: Arm, rates: Mapping[int | None, float], seeds: int) -> Iterator[Member]:
        """An arm's networks that are compared, at the rate that was chosen for each test part."""
        variants = {fold: arm.variant(rate) for fold, rate in rates.items()}
        for seed in range(seeds):
            stream = self.final_stream(seed)
            yield Member(arm.setup, variants[stream.test_fold], stream)


def software() -> dict[str, str]:
    """What the last bits of the numbers depend on besides the settings: sets that fuse agree, so they count as one."""
    config = kernel.config()
    sets = {"definitions": "definitions", "baseline": "baseline"}
    kernels = sets.get(config["kernels"]) or sets.get(config["instruction_set"], "fused")
    return {"ogive": __version__, "kernels": kernels, "numpy": np.__version__}
