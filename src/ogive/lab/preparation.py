"""From rows as they were measured to what a network takes in; all that is learnt for it comes from the training rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.dataset import Dataset

SCALINGS = ("standardized", "unit")
"""To a mean of 0 and a deviation of 1, or from 0 at the training rows' lowest number to 1 at their highest."""

_BLOCK = 1 << 17
"""Numbers in double precision at once, whose sums are added up: a part of a cache, and no copy of the whole table."""

_FEW = 1 << 14
"""Numbers scaled at once: little enough that the system does not hand out their memory anew each time."""


class Preparation:
    """The inputs and targets of the networks that train on some rows of a data set.

    Numbers are centred and scaled, to a mean of 0 and a deviation of 1 unless asked otherwise, in double precision, so that a column of
    large numbers that hardly differ keeps its digits, and only then rounded to float32. Missing numbers become the training rows' median,
    and one more column says where. Text becomes one column of 0 and 1 for each category. What does not vary in the training
    rows, such as a category that none of them has, is 0 in all rows: a network would take it in by weights that it never trained.

    Parameters
    ----------
    dataset
        The rows.
    training
        The numbers of the rows to learn from.
    scaling
        One of ``SCALINGS``.
    """

    def __init__(self, dataset: Dataset, training: NDArray[np.int64], scaling: str = SCALINGS[0]) -> None:
        self._dataset, self._training, self._scaling = dataset, training, scaling
        self._imputer, self._encoder = _imputer(dataset, training), _encoder(dataset)
        flags = self._flags(training)
        self._varies = flags.any(axis=0) & ~flags.all(axis=0)
        target = np.zeros(1) if dataset.task.classes else dataset.target[training]
        self._target_centre, self._target_deviation = target.mean(), target.std() or 1.0

    def inputs(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What a network takes in of these rows, ``(len(rows), dataset.features)``."""
        numbers = self._dataset.numeric.shape[1]
        centre, deviation = self._standard
        inputs = np.empty((len(rows), self._dataset.features), np.float32)
        with np.errstate(over="ignore"):  # a row that lies 10³⁸ deviations off becomes infinite, and what is made of it counts as wrong
            for block in self._blocks(len(rows), _FEW):
                scaled = self._numbers(rows[block])
                scaled -= centre
                scaled /= deviation
                inputs[block, :numbers] = scaled
        inputs[:, numbers:] = self._flags(rows) * self._varies
        return inputs

    def targets(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """What a network is to give for these rows: class numbers, or real numbers centred and scaled by the training rows."""
        target: NDArray[Any] = self._dataset.target[rows]
        return target if self._dataset.task.classes else (target - self._target_centre) / self._target_deviation

    def unscaled(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Outputs as the metrics take them: scores of classes as they are, numbers in the unit of the target."""
        return outputs if self._dataset.task.classes else outputs.astype(np.float64) * self._target_deviation + self._target_centre

    @cached_property
    def _standard(self) -> tuple[Any, Any]:
        """What is subtracted from the columns and what they are divided by, from the training rows; one number where they are alike.

        Mean and deviation are taken of what lies between 0 at the lowest and 1 at the highest number: no offset costs digits, nothing
        overflows, and as both ends are there, the variance is at least 1 / 2n, so the difference below keeps its digits.
        """
        axis = None if self._dataset.alike else 0
        blocks = [self._training[block] for block in self._blocks(len(self._training))]
        ends = [(numbers.min(axis), numbers.max(axis)) for numbers in map(self._filled, blocks)]
        low, high = (np.float64(each) for each in (np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)))
        varies = high > low
        width = np.where(varies, high - low, 1.0)
        if self._scaling == "unit":
            return low, np.where(varies, width, np.inf)  # divided by infinity, nothing is left
        total, squares = 0.0, 0.0
        for rows in blocks:
            share = (self._numbers(rows) - low) / width
            total, squares = total + share.sum(axis), squares + np.square(share).sum(axis)
        count = len(self._training) * (self._dataset.numeric.shape[1] if self._dataset.alike else 1)
        mean = total / count
        deviation = width * np.sqrt(squares / count - mean * mean)
        smallest = np.finfo(np.float64).smallest_subnormal
        return low + mean * width, np.where(varies, np.maximum(deviation, smallest), np.inf)

    def _blocks(self, rows: int, numbers: int = _BLOCK) -> list[slice]:
        size = max(1, numbers // max(1, self._dataset.numeric.shape[1]))
        return [slice(first, first + size) for first in range(0, rows, size)]

    def _numbers(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The numeric columns of these rows, filled in. In the order of rows whatever the table's is, for sums depend on it."""
        return np.array(self._filled(rows), np.float64, order="C")

    def _filled(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """The numeric columns of these rows, as the table has them, and what is missing filled in."""
        numbers = self._dataset.numeric[rows]
        if self._imputer is not None:
            missing = self._dataset.missing
            numbers = numbers.astype(np.float64)
            numbers[:, missing] = self._imputer.transform(numbers[:, missing])
        return numbers

    def _flags(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Columns of 0 and 1: where a number is missing, then where each category is."""
        missing: NDArray[np.float32] = np.isnan(self._dataset.numeric[np.ix_(rows, self._dataset.missing)]).astype(np.float32)
        if self._encoder is None:
            return missing
        return np.concatenate([missing, self._encoder.transform(self._dataset.categorical[rows])], axis=1)


# scikit-learn takes a second to import, so only data that need it wait for it.


def _imputer(dataset: Dataset, training: NDArray[np.int64]) -> Any:
    if not len(dataset.missing):
        return None
    from sklearn.impute import SimpleImputer

    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    return imputer.fit(dataset.numeric[np.ix_(training, dataset.missing)].astype(np.float64))


def _encoder(dataset: Dataset) -> Any:
    """One column for each category of all rows, so that networks of every split have one shape: a number of columns and nothing else.

    Nothing is learnt from it: `Preparation.inputs` makes the columns 0 in all rows whose category no training row has.
    """
    if not dataset.categories:
        return None
    from sklearn.preprocessing import OneHotEncoder

    categories = [np.array(values, dtype=object) for values in dataset.categories]
    return OneHotEncoder(categories=categories, sparse_output=False, dtype=np.float32).fit(dataset.categorical[:1])
