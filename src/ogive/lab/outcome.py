"""What a comparison found: every network's numbers, and what they say of the arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.arms import Arm, confounds
from ogive.lab.dataset import Dataset
from ogive.lab.networks import Networks
from ogive.lab.protocol import sign_of
from ogive.lab.study import Study, software
from ogive.lab.task import Metric
from ogive.lab.tuning import Tuning
from ogive.lab.verdicts import Pair, Verdicts, compare_scores
from ogive.lab.wording import counted

RESULTS_FILE = "results.sqlite"
MANY = 0.05
"""The share of test rows that a network may know from training beyond which a reader is told."""

NO_KERNELS = "Networks were trained without compiled kernels, several times slower; their numbers depend on the processor."


@dataclass(frozen=True)
class ArmResult:
    """What is known of one arm.

    Attributes
    ----------
    tuning
        The learning rates that it tried; ``None`` where one was given.
    rates
        The learning rate of its networks, by the test fold (``None`` for the data's own test rows).
    networks
        Those of it that are compared.
    """

    arm: Arm
    tuning: Tuning | None
    rates: Mapping[int | None, float]
    networks: Networks

    def values(self, metric: str, part: str = "test") -> NDArray[np.float64]:
        """A metric of every network, in the order of the seeds."""
        return self.networks.metrics[part][metric]


@dataclass(frozen=True)
class Outcome:
    """A finished comparison.

    Attributes
    ----------
    study
        What was compared.
    dataset
        What it was compared on.
    arms
        What is known of each arm, in the order of the study.
    baseline
        Each metric of what knows only the training targets, averaged over the test parts.
    test_rows, training_rows
        Rows of one test part, and of one training part.
    folder
        Where the results file is.
    asked
        What was asked for that the study does not show, by the option's name: the data's path or name, the column, the kind of
        task, the precision.
    """

    study: Study
    dataset: Dataset
    arms: tuple[ArmResult, ...]
    baseline: Mapping[str, float]
    test_rows: int
    training_rows: int
    folder: Path
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metric(self) -> Metric:
        """The metric that learning rates and verdicts go by."""
        return self.dataset.task.metrics[0]

    @property
    def scores(self) -> NDArray[np.float64]:
        """That metric on the test rows, ``(arm, test part, seed)``, turned so that higher is better.

        What is no finite number counts as `worst`.
        """
        values = np.where(np.isfinite(self._signed), self._signed, self.worst)
        return values.reshape(len(values), -1, self.study.test_parts).transpose(0, 2, 1)  # seed after seed takes the next test part

    @property
    def worst(self) -> float:
        """The lowest finite score that was seen, the baseline's among them."""
        finite = self._signed[np.isfinite(self._signed)]
        return float(min(finite.min(initial=np.inf), sign_of(self.metric) * self.baseline[self.metric.name]))

    @property
    def _signed(self) -> NDArray[np.float64]:
        """The metric as scores, ``(arm, seed)``."""
        return sign_of(self.metric) * np.array([result.values(self.metric.name) for result in self.arms])

    @cached_property
    def verdicts(self) -> Verdicts | None:
        """What the runs say of each arm and each pair of arms; ``None`` for one arm, which has nothing to be compared with."""
        if len(self.arms) < 2:
            return None
        return compare_scores(self.scores, correction=self.correction, margin=self.study.margin, resolution=self.resolution)

    def wider_than(self, half_width: float) -> list[Pair]:
        """The pairs whose difference is not known to ± `half_width`."""
        pairs = self.verdicts.pairs if self.verdicts is not None else ()
        return [pair for pair in pairs if pair.difference.half_width > half_width]

    @property
    def correction(self) -> float:
        """Test rows over training rows where the test part rotates, for then the test parts and the training parts of seeds overlap."""
        return 0.0 if self.study.official_test else self.test_rows / self.training_rows

    @property
    def resolution(self) -> float:
        """The smallest difference of two scores: one row of a test part, where the metric counts rows."""
        return 1 / self.test_rows if self.metric.percent else 0.0

    @cached_property
    def title(self) -> str:
        """One line: the data, how much was trained."""
        study = self.study
        return f"{study.data}: {counted(len(self.arms), 'arm')}, {counted(study.seeds, 'seed')}, {study.length}"

    @cached_property
    def notes(self) -> list[str]:
        """What a reader should know."""
        slow = software()["kernels"] == "definitions"
        return [*self.dataset.notes, *self._leaks(), *confounds(self.study.arms), *self._too_big_batches(), *([NO_KERNELS] if slow else [])]

    def _leaks(self) -> list[str]:
        """What makes test rows easier than new ones would be."""
        copies = ", ".join(map(repr, self.dataset.copies_of_target))
        seen, tested = self.dataset.rows_seen_before, self.dataset.tested_rows
        told = [f"The same as the target, which leaves nothing to learn: {copies}."] if copies else []
        if seen > MANY * tested:
            told.append(
                f"{seen:,} of {tested:,} test rows are like a training row in every column, the target too, and may be known by heart;"
                " where they are copies, leave all but one of them out."
            )
        return told

    def _too_big_batches(self) -> list[str]:
        """Batch sizes that are all rows at once, whatever they are called."""
        big = sorted({arm.setup.batch_size for arm in self.study.arms if arm.setup.batch_size > self.training_rows})
        if not big:
            return []
        written = ", ".join(f"{size:,}" for size in big)
        return [f"No batch has more than the {self.training_rows:,} training rows: batch size {written} means all of them at once."]

    @property
    def results_path(self) -> Path:
        """The SQLite file with every network's numbers."""
        return self.folder / RESULTS_FILE
