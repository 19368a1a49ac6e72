"""The folds: every class in each, nothing in two, the same every time."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ogive.errors import InputError
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.splits import FOLDS, OFFICIAL, fold
from ogive.lab.task import Task


def _classes(counts: list[int], official: int = 0) -> Dataset:
    """As many rows of each class, and as many more of each for an official test set."""
    target = np.concatenate([np.repeat(np.arange(len(counts)), counts), np.repeat(np.arange(len(counts)), official)])
    tests = np.arange(len(target)) >= sum(counts)
    return Dataset(
        "made",
        np.zeros((len(target), 1)),
        np.empty((len(target), 0), object),
        target,
        Task(tuple("abcdefgh"[: len(counts)])),
        official_test=tests if official else None,
    )


def _numbers(target: np.ndarray, official_test: np.ndarray | None = None) -> Dataset:
    return Dataset("made", np.zeros((len(target), 1)), np.empty((len(target), 0), object), target.astype(float), Task(), official_test)


@pytest.mark.parametrize("counts", [[5, 5], [6, 7, 100], [31, 12, 9], [360, 359, 361]])
def test_every_class_has_its_share_of_every_fold(counts):
    dataset = _classes(counts)
    number = fold(dataset).number
    for label, count in enumerate(counts):
        shares = np.bincount(number[dataset.target == label], minlength=FOLDS)
        assert shares.sum() == count
        assert shares.max() - shares.min() <= 1
    assert np.ptp(np.bincount(number)) <= 1


def test_every_part_of_the_range_of_a_target_is_in_every_fold():
    target = np.random.default_rng(0).lognormal(size=103)
    number = fold(_numbers(target)).number
    ranks = np.argsort(np.argsort(target))
    for first in range(0, 100, 5):
        assert set(number[(ranks >= first) & (ranks < first + 5)]) == set(range(FOLDS))


def test_a_target_that_is_mostly_zero_varies_in_every_fold():
    target = np.append(np.zeros(500), np.arange(1, 8))
    number = fold(_numbers(target)).number
    assert all(np.ptp(target[number == part]) > 0 for part in range(FOLDS))


@pytest.mark.parametrize("dataset", [_classes([40, 9]), _numbers(np.arange(33) ** 2)], ids=["classes", "numbers"])
def test_the_rows_are_dealt_the_same_way_every_time_and_not_in_order(dataset):
    number = fold(dataset).number
    np.testing.assert_array_equal(number, fold(dataset).number)
    assert not (number == np.arange(len(dataset)) % FOLDS).all()


@pytest.mark.parametrize("dataset", [_classes([31, 12, 9]), _classes([31, 12, 9], official=4)], ids=["folds", "official"])
def test_no_row_is_in_two_parts_and_none_is_left_out(dataset):
    folds = fold(dataset)
    tests = [None] if folds.official else list(range(FOLDS))
    sizes = []
    for test_fold in tests:
        for validation_fold in set(range(FOLDS)) - {test_fold}:
            split = folds.split(test_fold, validation_fold)
            assert sorted(np.concatenate([split.training, split.validation, split.test])) == list(range(len(dataset)))
            assert all(set(dataset.target[part]) == {0, 1, 2} for part in (split.training, split.validation, split.test))
            sizes.append(len(split.training))
    assert folds.training_rows == min(sizes)


def test_the_official_test_rows_test_and_nothing_else():
    dataset = _classes([20, 30], official=7)
    folds = fold(dataset)
    assert folds.official
    np.testing.assert_array_equal(folds.number == OFFICIAL, dataset.official_test)
    np.testing.assert_array_equal(folds.split(None, 3).test, np.flatnonzero(dataset.official_test))


def test_five_folds_of_a_quarter_of_the_training_rows():
    folds = fold(load("digits"))
    assert folds.training_rows == pytest.approx(0.6 * 1797, abs=2)
    assert not folds.official


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (_classes([4, 50]), "class 'a' .* has 4 rows, but 5 folds need at least 5"),
        (_classes([1, 50]), "has 1 row, but"),
        (_classes([4, 50], official=3), "has 4 rows besides the official test rows"),
        (dataclasses.replace(_classes([9, 9]), official_test=np.arange(18) < 3), "official test set .* single class"),
        (_numbers(np.append(np.zeros(50), 1)), "does not vary in a fold"),
        (_numbers(np.arange(6)), "does not vary in a fold of 1 row;"),
        (_numbers(np.append(np.arange(20), [1, 1]), np.arange(22) > 19), "does not vary in the official test set of 2 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_too_little_is_refused(dataset, words):
    with pytest.raises(InputError, match=words) as caught:
        fold(dataset)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("test_fold", "validation_fold"), [(1, 1), (5, 0), (0, 5), (-1, 0), (None, 0)])
def test_folds_that_do_not_exist_are_refused(test_fold, validation_fold):
    with pytest.raises(InputError, match="fold"):
        fold(_classes([9, 9])).split(test_fold, validation_fold)


def test_an_official_test_set_is_not_exchanged_for_a_fold():
    with pytest.raises(InputError, match="test_fold must be None"):
        fold(_classes([9, 9], official=2)).split(0, 1)
