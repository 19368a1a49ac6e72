"""A data set made ready for training: its folds, and the standardised rows of each split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.dataset import Dataset
from ogive.lab.preparation import Preparation
from ogive.lab.splits import Folds, Split


@dataclass(frozen=True)
class Part:
    """Some rows: float32 inputs ``(row, feature)``, and the targets as the network learns them and as they were."""

    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    truth: NDArray[Any]


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
    _prepared: dict[tuple[int | None, int], Prepared] = field(default_factory=dict)

    def prepared(self, test_fold: int | None, validation_fold: int) -> Prepared:
        """The rows of a split; the last few splits are kept."""
        key = (test_fold, validation_fold)
        if key not in self._prepared:
            if len(self._prepared) >= KEPT:
                self._prepared.pop(next(iter(self._prepared)))
            split = self.folds.split(test_fold, validation_fold)
            self._prepared[key] = self._prepare(split)
        return self._prepared[key]

    def _prepare(self, split: Split) -> Prepared:
        preparation = Preparation(self.dataset, split.training)
        parts = (
            Part(preparation.inputs(rows), preparation.targets(rows), self.dataset.target[rows])
            for rows in (split.training, split.validation, split.test)
        )
        return Prepared(preparation, *parts)


KEPT = 10
"""Splits held in memory; five folds have ten pairs."""
