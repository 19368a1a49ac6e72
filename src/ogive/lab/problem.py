"""A data set made ready for training: its folds, and the standardised rows of each split."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.dataset import Dataset
from ogive.lab.preparation import SCALINGS, Preparation
from ogive.lab.splits import Folds, Split


@dataclass
class Part:
    """Some rows of a data set, as the networks of one split take them in.

    Attributes
    ----------
    kept
        Whether their inputs stay in memory once they are made. Big ones that are looked at once are made some at a time.
    """

    preparation: Preparation
    rows: NDArray[np.int64]
    truth: NDArray[Any]
    kept: bool

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def inputs(self) -> NDArray[np.float32]:
        """``(row, feature)``."""
        return self.preparation.inputs(self.rows)

    @cached_property
    def targets(self) -> NDArray[Any]:
        """As the networks learn them; `truth` is as they were."""
        return self.preparation.targets(self.rows)

    def some_inputs(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The inputs of some of the rows; beyond the last row they begin again."""
        places = places % len(self)
        return self.inputs[places] if self.kept else self.preparation.inputs(self.rows[places])


@dataclass(frozen=True)
class Prepared:
    """The rows of one split. Nothing of the rows that are held out went into how the others are scaled."""

    preparation: Preparation
    training: Part
    validation: Part
    test: Part


@dataclass
class Problem:
    """What is to be learned."""

    dataset: Dataset
    folds: Folds
    _prepared: dict[tuple[int | None, int, str], Prepared] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """Without the rows that are prepared: another process makes its own sooner than it gets these."""
        return {**vars(self), "_prepared": {}}

    def baseline(self, split: Split, rows: NDArray[np.int64]) -> dict[str, float]:
        """Each metric, on some rows, of the best constant prediction that a split's training rows know."""
        target = self.dataset.target
        return self.dataset.task.baseline(target[split.training], target[rows])

    def prepared(self, test_fold: int | None, validation_fold: int, scaling: str = SCALINGS[0]) -> Prepared:
        """The rows of a split, scaled in one of ``SCALINGS``; the last few splits are kept."""
        key = (test_fold, validation_fold, scaling)
        if key not in self._prepared:
            if len(self._prepared) >= KEPT:
                self._prepared.pop(next(iter(self._prepared)))
            split = self.folds.split(test_fold, validation_fold)
            self._prepared[key] = self._prepare(split, scaling)
        return self._prepared[key]

    def _prepare(self, split: Split, scaling: str) -> Prepared:
        preparation = Preparation(self.dataset, split.training, scaling)
        parts = ((split.training, True), (split.validation, True), (split.test, not self.folds.official))
        return Prepared(preparation, *(Part(preparation, rows, self.dataset.target[rows], kept) for rows, kept in parts))


KEPT = 10
"""Splits held in memory; five folds have ten pairs."""
