"""Which rows train, which validate, and which are looked at once, at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.dataset import Dataset

FOLDS = 5
TEST_SHARE = 0.2
SPLIT_SEED = 0


@dataclass(frozen=True)
class Split:
    """A data set divided: a test set that tuning never sees, and the rest dealt into stratified folds."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]
    test_inputs: NDArray[np.float32]
    test_labels: NDArray[np.int64]
    alike: bool
    """Whether all features share one unit."""

    def fold(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Masks of the rows that train and of those that validate in the given fold."""
        validates = self.folds == number
        return ~validates, validates


def split(dataset: Dataset) -> Split:
    """Hold out the test set (the official one, or a stratified fifth) and deal the rest into folds.

    Raises
    ------
    InputError
        Where a class has too few rows for every fold and the test set to see it.
    """
    if len(dataset.classes) < 2:
        raise InputError(f"the data {dataset.name!r} has a single class, {dataset.classes[0]!r}; it needs at least two to tell apart")
    held_out = dataset.test_inputs is None or dataset.test_labels is None
    needed = FOLDS + 1 if held_out else FOLDS
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    smallest = int(counts.argmin())
    if counts[smallest] < needed:
        raise InputError(
            f"class {dataset.classes[smallest]!r} of the data {dataset.name!r} has {counts[smallest]} rows, but {FOLDS} folds"
            f"{' and a test set' if held_out else ''} need at least {needed}; add rows, or remove that class"
        )
    parts = _deal(dataset.labels, counts, TEST_SHARE if held_out else 0.0)
    if dataset.test_inputs is not None and dataset.test_labels is not None:
        return Split(dataset.inputs, dataset.labels, parts, dataset.test_inputs, dataset.test_labels, dataset.alike)
    kept, test = parts >= 0, parts < 0
    return Split(dataset.inputs[kept], dataset.labels[kept], parts[kept], dataset.inputs[test], dataset.labels[test], dataset.alike)


def _deal(labels: NDArray[np.int64], counts: NDArray[np.intp], test_share: float) -> NDArray[np.int64]:
    """Each row's fold, −1 for the test set: every class is shuffled and dealt on, like cards, from where the last ended."""
    rng = np.random.default_rng(SPLIT_SEED)
    parts = np.empty(len(labels), np.int64)
    next_fold = 0
    for label, count in enumerate(counts):
        rows = rng.permutation(np.flatnonzero(labels == label))
        tested = min(max(round(test_share * int(count)), 1), int(count) - FOLDS) if test_share else 0
        parts[rows[:tested]] = -1
        parts[rows[tested:]] = (next_fold + np.arange(count - tested)) % FOLDS
        next_fold = (next_fold + int(count) - tested) % FOLDS
    return parts
