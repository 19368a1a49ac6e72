"""What makes test rows easier than new ones would be: columns that are the target, rows that also train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from outcomes import outcome

from ogive.lab.data import BUILT_IN, IMAGES, load
from ogive.lab.dataset import Dataset
from ogive.lab.task import Task


@pytest.mark.parametrize("rows", [30, 3000])
def test_columns_that_are_the_target_are_found(rows):
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, rows)
    target[:3] = 0, 1, 2
    nearly = np.where(np.arange(rows) == rows - 1, (target + 1) % 3, target)
    numeric = np.column_stack([target, nearly, 7.5 - target, target == 0, np.ones(rows), rng.normal(size=rows)]).astype(float)
    words = np.array([["setosa", "virginica", "versicolor"][label] for label in target], object)[:, None]
    classes = Task(("a", "b", "c"))
    dataset = Dataset("made", numeric, words, target, classes, columns=tuple("abcdefg"))
    assert dataset.copies_of_target == ("a", "c", "g")
    measured = rng.normal(size=rows)
    numbers = np.column_stack([measured, measured + 1e-9, -measured])
    assert Dataset("made", numbers, np.empty((rows, 0), object), measured, Task(), columns=tuple("abc")).copies_of_target == ("a",)


def made(numeric, target, words=None, **others) -> Dataset:
    categorical = np.empty((len(target), 0), object) if words is None else np.array(words, object).reshape(-1, 1)
    return Dataset("made", np.asarray(numeric, float).reshape(-1, 1), categorical, np.asarray(target), Task(("a", "b")), **others)


def test_rows_that_come_again_are_counted_with_their_target_and_words():
    assert made([1, 2, 3, 4], [0, 1, 0, 1]).rows_seen_before == 0
    assert made([1, 2, 1, 1, np.nan, np.nan], [0, 1, 0, 1, 1, 1]).rows_seen_before == 4
    assert made([1, 1, 1], [0, 0, 0], ["x", "y", "x"]).rows_seen_before == 2


def test_of_an_official_test_set_those_count_that_train_too():
    numbers, tests = [1, 1, 2, 2, 3, 3], np.array([0, 0, 0, 1, 1, 1], bool)
    dataset = made(numbers, [0] * 6, official_test=tests)
    assert (dataset.rows_seen_before, dataset.tested_rows) == (1, 3)


def test_copied_rows_are_pointed_out():
    found = outcome()
    assert not any("by heart" in note for note in found.notes)
    twice = replace(found.dataset, numeric=found.dataset.numeric // 20, target=found.dataset.target // 10)
    [note] = [note for note in replace(found, dataset=twice).notes if "by heart" in note]
    assert note.startswith("1,797 of 1,797 test rows are like a training row in every column")


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - set(IMAGES)))
def test_built_in_data_have_hardly_any_row_twice(name):
    dataset = load(name)
    assert dataset.rows_seen_before <= 0.02 * len(dataset)
