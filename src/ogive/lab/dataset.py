"""A data set: rows of numbers and text, their target, and what a reader should know of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.task import Task

_SOME_ROWS = 1000

_BLOCK = 1 << 18
"""Numbers handled at once, so that a big table of bytes is never held as a table of doubles too."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows to learn from, as they were measured: nothing is scaled, filled in or rounded yet.

    Attributes
    ----------
    name
        A word for titles and folder names.
    numeric
        ``(rows, n)``, any real dtype; NaN where a number is missing.
    categorical
        ``(rows, m)``, text, ``None`` where it is missing; ``m`` may be 0.
    target
        ``(rows,)``: int64 class numbers, or float64 (regression).
    task
        What the target asks for.
    official_test
        ``(rows,)``, whether a row belongs to the official test set; ``None`` where there is none.
    columns
        The names of the numeric columns, then of the categorical ones.
    notes
        Sentences that a reader of the results should know: what was recognised, decided and left out.
    alike
        Whether all numeric columns share one unit, as pixels do, and so one standardisation.
    """

    name: str
    numeric: NDArray[Any]
    categorical: NDArray[np.object_]
    target: NDArray[Any]
    task: Task
    official_test: NDArray[np.bool_] | None = None
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alike: bool = False

    def __len__(self) -> int:
        return len(self.target)

    @property
    def features(self) -> int:
        """The columns that a network takes in: the numbers, where numbers are missing, and one for each category."""
        return int(self.numeric.shape[1]) + len(self.missing) + sum(map(len, self.categories))

    @cached_property
    def missing(self) -> NDArray[np.int64]:
        """The numeric columns in which some number is missing."""
        if self.numeric.dtype.kind != "f":
            return np.empty(0, np.int64)
        return np.flatnonzero(np.isnan(self.numeric).any(axis=0))

    @cached_property
    def copies_of_target(self) -> tuple[str, ...]:
        """The columns that are the target again, or name its classes by other words: whoever has them has nothing left to learn."""
        names = self.columns or tuple(f"column {number}" for number in range(self.numeric.shape[1] + self.categorical.shape[1]))
        numeric, categorical = (self._copies(table) for table in (self.numeric, self.categorical))
        return tuple(names[place] for place in (*numeric, *(self.numeric.shape[1] + categorical)))

    def _copies(self, table: NDArray[Any]) -> NDArray[np.int64]:
        """The columns of a table that have one value for each class and another for every other, or the target's own numbers."""
        classes, first = np.unique(self.target, return_index=True)
        places = first[self.target] if self.task.classes else None
        found = np.arange(table.shape[1])
        for rows in (slice(0, _SOME_ROWS), slice(None)):  # few columns are left for all rows
            own = table[rows][:, found]
            expected = self.target[rows, None] if places is None else table[places[rows]][:, found]
            found = found[(own == expected).all(axis=0)]
        if places is None:
            return found
        return found[[len(set(table[first, column].tolist())) == len(classes) for column in found]] if len(found) else found

    @cached_property
    def tested_rows(self) -> int:
        """How many rows test networks: those of the official test set, or all in turn."""
        return len(self) if self.official_test is None else int(self.official_test.sum())

    @cached_property
    def rows_seen_before(self) -> int:
        """How many of these have another that trains and is like them in every column, the target too."""
        numbers = np.ascontiguousarray(self.numeric)
        rows = zip(numbers, self.categorical, self.target.tolist(), strict=True)
        marks = [hash((own.tobytes(), *words, answer)) for own, words, answer in rows]
        if self.official_test is None:
            return sum(count for count in Counter(marks).values() if count > 1)
        trained = {mark for mark, tests in zip(marks, self.official_test, strict=True) if not tests}
        return sum(mark in trained for mark, tests in zip(marks, self.official_test, strict=True) if tests)

    @cached_property
    def categories(self) -> tuple[tuple[str | None, ...], ...]:
        """The values of each categorical column in order, ``None`` last where some are missing."""
        return tuple(tuple(sorted(set(column), key=lambda value: (value is None, value or ""))) for column in self.categorical.T)

    @cached_property
    def sha256(self) -> str:
        """What the numbers and names are, independent of the file and the dtypes they came in."""
        digest = hashlib.sha256(json.dumps([self.numeric.shape, self.columns, self.task.classes, self.alike]).encode())
        for array in (self.numeric, self.target, self.official_test):
            for block in _blocks(array):
                block[np.isnan(block)] = np.nan  # one of its many bit patterns
                digest.update((block + 0.0).tobytes())  # and one zero
        digest.update(json.dumps(self.categorical.tolist()).encode())
        return digest.hexdigest()


def _blocks(array: NDArray[Any] | None) -> Iterator[NDArray[np.float64]]:
    """The numbers in order, as little-endian doubles, some at a time."""
    if array is not None and array.size:
        rows = max(1, _BLOCK * len(array) // array.size)
        for first in range(0, len(array), rows):
            yield np.array(array[first : first + rows], "<f8", order="C")
