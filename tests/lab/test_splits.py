"""The test set and the folds: every class in each, nothing in two, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from ogive.errors import InputError
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.splits import FOLDS, split


def _dataset(counts: list[int]) -> Dataset:
    labels = np.repeat(np.arange(len(counts)), counts)
    inputs = np.arange(len(labels), dtype=np.float32)[:, None]
    return Dataset("made", inputs, labels, tuple("abcdefgh"[: len(counts)]))


def test_the_digits_are_divided_alike():
    parts = split(load("digits"))
    assert len(parts.inputs) + len(parts.test_inputs) == 1797
    assert len(parts.test_inputs) == pytest.approx(0.2 * 1797, abs=5)
    share = np.bincount(parts.test_labels) / np.bincount(np.concatenate([parts.labels, parts.test_labels]))
    np.testing.assert_allclose(share, 0.2, atol=0.01)
    sizes = np.bincount(parts.folds)
    assert sizes.max() - sizes.min() <= 1
    np.testing.assert_array_equal(parts.folds, split(load("digits")).folds)


@pytest.mark.parametrize("counts", [[6, 6], [6, 7, 100], [31, 12, 9]])
def test_every_class_is_everywhere_and_no_row_twice(counts):
    parts = split(_dataset(counts))
    rows = np.concatenate([parts.inputs, parts.test_inputs])[:, 0]
    assert sorted(rows) == list(range(sum(counts)))
    assert set(parts.test_labels) == set(range(len(counts)))
    for fold in range(FOLDS):
        training, validating = parts.fold(fold)
        assert set(parts.labels[validating]) == set(parts.labels[training]) == set(range(len(counts)))


def test_an_official_test_set_is_kept():
    given = _dataset([5, 9])
    given = Dataset("made", given.inputs, given.labels, given.classes, given.inputs[:2] + 1000, given.labels[:2])
    parts = split(given)
    assert len(parts.inputs) == 14
    assert parts.test_inputs[:, 0].tolist() == [1000, 1001]


@pytest.mark.parametrize(("counts", "words"), [([5, 50], "class 'a' .* has 5 rows"), ([50], "single class")])
def test_too_little_is_refused(counts, words):
    with pytest.raises(InputError, match=words):
        split(_dataset(counts))
