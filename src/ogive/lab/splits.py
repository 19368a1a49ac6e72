"""Which rows train, which validate, and which are looked at once, at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.dataset import Dataset
from ogive.lab.wording import counted

FOLDS = 5
OFFICIAL = -1
"""The number of the official test rows, which are in no fold."""

_SEED = 0
_ROWS_OF_A_FOLD = 2
"""The fewest rows whose target has a variance to explain."""


@dataclass(frozen=True, eq=False)
class Split:
    """One way to divide the rows: the numbers of those that train, validate and test, each in rising order."""

    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Folds:
    """The rows dealt into folds that are alike.

    Attributes
    ----------
    number
        ``(rows,)``, each row's fold, ``0 … FOLDS − 1``; ``OFFICIAL`` for the official test rows.
    """

    number: NDArray[np.int64]

    @property
    def official(self) -> bool:
        """Whether there is an official test set; otherwise each fold in turn is the test set."""
        return bool((self.number == OFFICIAL).any())

    @property
    def training_rows(self) -> int:
        """The fewest training rows of any split, so that every network can make as many steps as these allow."""
        sizes = np.sort(np.bincount(self.number[self.number != OFFICIAL], minlength=FOLDS))
        return int(sizes[:-1].sum() if self.official else sizes[:-2].sum())

    @property
    def validation_rows(self) -> int:
        """The fewest validation rows of any split, so that every network can be looked at on as many."""
        return int(np.bincount(self.number[self.number != OFFICIAL], minlength=FOLDS).min())

    def split(self, test_fold: int | None, validation_fold: int) -> Split:
        """The rows of one network.

        Parameters
        ----------
        test_fold
            The fold that tests; ``None`` for the official test rows.
        validation_fold
            The fold that validates; all other folds train.
        """
        if (test_fold is None) != self.official:
            there_is = "None, for there is an" if self.official else "a fold, for there is no"
            raise InputError(f"test_fold must be {there_is} official test set; got {test_fold}")
        if validation_fold not in range(FOLDS) or test_fold not in {None, *range(FOLDS)} - {validation_fold}:
            raise InputError(f"test_fold and validation_fold must be two folds of 0 to {FOLDS - 1}; got {test_fold} and {validation_fold}")
        test = OFFICIAL if test_fold is None else test_fold
        tests, validates = self.number == test, self.number == validation_fold
        official = self.number == OFFICIAL
        return Split(*(np.flatnonzero(rows) for rows in (~(tests | validates | official), validates, tests)))


def fold(dataset: Dataset) -> Folds:
    """Deal all rows but the official test set's into folds, the same every time.

    The folds are stratified: each has its share of every class, or of every part of the range of the target (regression).

    Raises
    ------
    InputError
        Where the folds cannot be alike: a class has fewer rows than there are folds, or the target hardly varies.
    """
    number = np.full(len(dataset), OFFICIAL, np.int64)
    rows = np.arange(len(dataset)) if dataset.official_test is None else np.flatnonzero(~dataset.official_test)
    rng = np.random.default_rng(_SEED)
    if dataset.task.classes:
        _check_classes(dataset, rows)
        number[rows] = _deal_classes(dataset.target[rows], len(dataset.task.classes), rng)
    else:
        number[rows] = _deal_numbers(dataset.target[rows], rng)
        _check_numbers(dataset, number)
    return Folds(number)


def _deal_classes(labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Each row's fold: the classes one after the other, each shuffled, dealt like cards."""
    number = np.empty(len(labels), np.int64)
    by_class = np.concatenate([rng.permutation(np.flatnonzero(labels == label)) for label in range(classes)])
    number[by_class] = np.arange(len(labels)) % FOLDS
    return number


def _deal_numbers(target: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Each row's fold: of every five neighbours in the order of the target (equals shuffled) one goes to each fold."""
    number = np.empty(len(target), np.int64)
    order = np.lexsort((rng.permutation(len(target)), target))
    rounds = -(-len(target) // FOLDS)
    number[order] = rng.permuted(np.tile(np.arange(FOLDS), (rounds, 1)), axis=1).ravel()[: len(target)]
    return number


def _check_classes(dataset: Dataset, rows: NDArray[np.int64]) -> None:
    official = dataset.target[:0] if dataset.official_test is None else dataset.target[dataset.official_test]
    if len(official) and official.min() == official.max():
        raise InputError(f"the official test set of the data {dataset.name!r} has a single class; it needs at least two to tell apart")
    counts = np.bincount(dataset.target[rows], minlength=len(dataset.task.classes))
    smallest = int(counts.argmin())
    if counts[smallest] < FOLDS:
        of = "" if dataset.official_test is None else " besides the official test rows"
        raise InputError(
            f"class {dataset.task.classes[smallest]!r} of the data {dataset.name!r} has {counts[smallest]} "
            f"{'row' if counts[smallest] == 1 else 'rows'}{of}, but {FOLDS} folds need at least {FOLDS}; add rows, remove that class, "
            "or choose another target"
        )


def _check_numbers(dataset: Dataset, number: NDArray[np.int64]) -> None:
    for part in np.unique(np.append(number, range(FOLDS))):
        values = dataset.target[number == part]
        if len(values) < _ROWS_OF_A_FOLD or values.min() == values.max():
            where = "the official test set" if part == OFFICIAL else "a fold"
            raise InputError(
                f"the target of the data {dataset.name!r} does not vary in {where} of {counted(len(values), 'row')}; add rows, or choose "
                "another target"
            )
