"""What a network takes in: every digit of the data, nothing that the training rows do not know."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy._core import _multiarray_umath as numpy_core
from sklearn.preprocessing import OneHotEncoder

import ogive
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.preparation import Preparation
from ogive.lab.problem import Problem
from ogive.lab.splits import fold
from ogive.lab.task import Task


def _dataset(numeric=None, categorical=None, target=None, *, alike=False) -> Dataset:
    rows = len(numeric if numeric is not None else categorical)
    return Dataset(
        name="made",
        numeric=np.empty((rows, 0)) if numeric is None else np.asarray(numeric),
        categorical=np.empty((rows, 0), object) if categorical is None else np.array(categorical, object),
        target=np.arange(rows) % 2 if target is None else np.asarray(target, float),
        task=Task(("a", "b")) if target is None else Task(),
        columns=("x",),
        alike=alike,
    )


def _all(dataset: Dataset) -> np.ndarray:
    return np.arange(len(dataset))


def _standardised(column: np.ndarray) -> np.ndarray:
    return (column - column.mean()) / column.std()


STEPS = np.tile(np.arange(60.0), 3)


@pytest.mark.parametrize("offset", [0, 1_700_000_000, 1_700_000_000_000, -(2**52)])
@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_large_offsets_keep_their_digits(offset, dtype):
    dataset = _dataset((STEPS + offset).astype(dtype)[:, None])
    inputs = Preparation(dataset, _all(dataset)).inputs(_all(dataset))
    np.testing.assert_allclose(inputs[:, 0], _standardised(STEPS), atol=1e-6)


@pytest.mark.parametrize("factor", [1e-307, 1e-200, 1e-30, 1e30, 1e200, 1e299])
def test_huge_and_tiny_numbers_are_scaled_like_any_others(factor):
    dataset = _dataset((STEPS * factor / 60)[:, None])
    inputs = Preparation(dataset, _all(dataset)).inputs(_all(dataset))
    np.testing.assert_allclose(inputs[:, 0], _standardised(STEPS), atol=1e-6)


def test_the_smallest_numbers_that_there_are_are_told_apart():
    dataset = _dataset(np.array([[0.0], [5e-324]] * 50))
    assert set(Preparation(dataset, _all(dataset)).inputs(_all(dataset))[:, 0]) == {0.0, 1.0}


def test_numbers_are_centred_and_scaled_by_the_training_rows_alone():
    numbers = np.random.default_rng(0).lognormal(size=(300, 4))
    training = np.arange(0, 300, 2)
    prepared = Preparation(_dataset(numbers), training).inputs(np.arange(300))
    expected = (numbers - numbers[training].mean(0)) / numbers[training].std(0)
    np.testing.assert_allclose(prepared, expected, rtol=1e-6, atol=1e-6)
    assert prepared.dtype == np.float32


def test_numbers_that_are_alike_share_one_mean_and_deviation():
    pixels = np.random.default_rng(0).integers(0, 256, (700, 300)).astype(np.uint8)
    training = np.arange(100, 600)
    prepared = Preparation(_dataset(pixels, alike=True), training).inputs(np.arange(700))
    np.testing.assert_allclose(prepared, (pixels - pixels[training].mean()) / pixels[training].std(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int8, np.float16, np.float32, np.uint64])
def test_every_dtype_of_numbers_is_taken(dtype):
    numbers = (np.arange(200).reshape(100, 2) % 7 > 3).astype(dtype)
    dataset = _dataset(numbers)
    expected = np.column_stack([_standardised(column.astype(float)) for column in numbers.T])
    np.testing.assert_allclose(Preparation(dataset, _all(dataset)).inputs(_all(dataset)), expected, rtol=1e-6)


def test_the_layout_in_memory_does_not_change_a_bit():
    numbers = np.random.default_rng(0).normal(size=(5000, 7))
    wide = np.zeros((10_000, 21))
    wide[::2, ::3] = numbers
    prepared = [
        Preparation(_dataset(given), np.arange(0, 5000, 3)).inputs(np.arange(5000))
        for given in (numbers, np.asfortranarray(numbers), wide[::2, ::3])
    ]
    np.testing.assert_array_equal(prepared[0], prepared[1])
    np.testing.assert_array_equal(prepared[0], prepared[2])


def test_the_order_and_choice_of_the_rows_asked_for_does_not_matter():
    dataset = load("iris")
    preparation = Preparation(dataset, fold(dataset).split(0, 1).training)
    rows = np.random.default_rng(0).permutation(150)[:70]
    np.testing.assert_array_equal(preparation.inputs(rows), preparation.inputs(np.arange(150))[rows])


@pytest.mark.parametrize("constant", [0.1, 1e300, 3])
def test_a_column_that_training_does_not_know_to_vary_is_zero_everywhere(constant):
    numbers = np.column_stack([np.arange(10.0), np.full(10, constant)])
    numbers[9, 1] = -7  # not a training row
    inputs = Preparation(_dataset(numbers), np.arange(8)).inputs(np.arange(10))
    assert (inputs[:, 1] == 0).all()
    assert (inputs[:, 0] != 0).all()


def test_missing_numbers_become_the_training_median_and_a_column_says_where():
    numbers = np.array([[1.0], [np.nan], [3], [11], [np.nan], [1000]])
    preparation = Preparation(_dataset(numbers), np.arange(4))
    filled = np.array([1, 3, 3, 11, 3, 1000.0])
    expected = (filled - filled[:4].mean()) / filled[:4].std()
    inputs = preparation.inputs(np.arange(6))
    np.testing.assert_allclose(inputs[:, 0], expected, rtol=1e-6)
    assert inputs[:, 1].tolist() == [0, 1, 0, 0, 1, 0]


def test_what_is_missing_only_outside_the_training_rows_has_no_untrained_weight():
    numbers = np.array([[1.0], [2], [3], [np.nan]])
    inputs = Preparation(_dataset(numbers), np.arange(3)).inputs(np.arange(4))
    assert inputs[3].tolist() == [0, 0], "the median is the mean here, and the column that says where is 0"


def test_a_column_without_a_number_in_the_training_rows_is_zero():
    numbers = np.array([[np.nan], [np.nan], [5.0], [7.0]])
    inputs = Preparation(_dataset(numbers), np.arange(2)).inputs(np.arange(4))
    assert inputs.tolist() == [[0, 0]] * 4


def test_every_category_has_a_column_and_those_that_training_lacks_are_zero():
    words = [["red"], ["blue"], ["red"], ["green"], [None], ["blue"]]
    inputs = Preparation(_dataset(categorical=words), np.arange(3)).inputs(np.arange(6))
    blue, green, red, missing = 0, 1, 2, 3
    expected = np.zeros((6, 4))
    expected[[0, 2], red] = expected[[1, 5], blue] = 1
    np.testing.assert_array_equal(inputs, expected)
    assert inputs[3, green] == inputs[4, missing] == 0


def test_categories_are_as_scikit_learn_gives_them_when_fitted_on_the_training_rows_alone():
    words = np.random.default_rng(0).geometric(0.2, (60, 2)).astype(str).astype(object)  # many of them in one row alone
    dataset = _dataset(categorical=words)
    folds = fold(dataset)
    unseen = 0
    for test in range(5):
        training = folds.split(test, (test + 1) % 5).training
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(words[training])
        known = np.concatenate(
            [np.isin(all_of_them, own) for all_of_them, own in zip(dataset.categories, encoder.categories_, strict=True)]
        )
        inputs = Preparation(dataset, training).inputs(_all(dataset))
        np.testing.assert_array_equal(inputs[:, known], encoder.transform(words))
        assert (inputs[:, ~known] == 0).all(), "a weight that no training row moves says nothing about any other"
        unseen += (~known).sum()
    assert unseen > 5


def test_missing_text_is_a_category_of_its_own():
    inputs = Preparation(_dataset(categorical=[["x"], [None], ["y"], [None]]), np.arange(4)).inputs(np.arange(4))
    assert inputs.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_every_split_has_as_many_features():
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(60, 2))
    numbers[7, 1] = np.nan
    words = rng.choice(["a", "b", "c"], (60, 1)).astype(object)
    words[11, 0] = "seen once"
    dataset = _dataset(numbers, words)
    folds = fold(dataset)
    splits = [folds.split(test, validation) for test in range(5) for validation in range(5) if test != validation]
    preparations = [Preparation(dataset, split.training) for split in splits]
    assert dataset.features == 2 + 1 + 4
    for split, preparation in zip(splits, preparations, strict=True):
        assert preparation.inputs(split.test).shape == (len(split.test), 7)
        assert np.isfinite(preparation.inputs(_all(dataset))).all()


def test_nothing_is_learnt_from_rows_that_do_not_train():
    dataset = load("breast_cancer")
    split = fold(dataset).split(0, 1)
    inputs = Preparation(dataset, split.training).inputs(split.training)
    outside = np.setdiff1d(np.arange(len(dataset)), split.training)
    dataset.numeric[outside] *= -1e6
    np.testing.assert_array_equal(Preparation(dataset, split.training).inputs(split.training), inputs)


def test_a_target_of_numbers_is_scaled_by_the_training_rows_and_back():
    target = np.random.default_rng(0).normal(1e6, 3, 50)
    preparation = Preparation(_dataset(np.zeros((50, 1)), target=target), np.arange(30))
    scaled = preparation.targets(np.arange(50))
    assert scaled[:30].mean() == pytest.approx(0, abs=1e-9)
    assert scaled[:30].std() == pytest.approx(1)
    np.testing.assert_allclose(preparation.unscaled(scaled.astype(np.float32)), target, rtol=1e-9)


def test_classes_are_handed_on_as_they_are():
    dataset = _dataset(np.zeros((6, 1)))
    preparation = Preparation(dataset, np.arange(4))
    assert preparation.targets(np.array([5, 0])).tolist() == [1, 0]
    scores = np.ones((1, 6, 2), np.float32)
    assert preparation.unscaled(scores) is scores


BITS = """if True:
    import hashlib
    import numpy as np
    from ogive.lab.data import load
    from ogive.lab.preparation import Preparation
    from ogive.lab.splits import fold
    from ogive.lab.task import Task
    digest = hashlib.sha256()
    dataset = load("digits")
    folds = fold(dataset)
    for validation_fold in range(1, 5):
        split = folds.split(0, validation_fold)
        digest.update(Preparation(dataset, split.training).inputs(split.test).tobytes())
    rng = np.random.default_rng(0)
    table = load((rng.lognormal(size=(999, 7)), rng.normal(size=999)))
    preparation = Preparation(table, np.arange(0, 999, 2))
    digest.update(preparation.inputs(np.arange(999)).tobytes() + preparation.targets(np.arange(999)).tobytes())
    for task in (Task(("a", "b")), Task(tuple("abcde")), Task()):
        outputs = rng.normal(size=(3, 999, task.outputs)).astype(np.float32)
        target = rng.integers(0, task.outputs, 999)
        for metric in task.metrics:
            digest.update(metric(outputs, target).tobytes() if task.classes else metric(outputs, table.target).tobytes())
    print(digest.hexdigest())
"""


@pytest.mark.skipif("avx2" not in ogive.kernel.config().get("supported_sets", ()), reason="no instruction set that fuses")
def test_no_bit_depends_on_the_processor():
    """What newer processors do in wider registers comes to the same on older ones, as long as they fuse products and sums."""
    newer = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]
    older = {"NPY_DISABLE_CPU_FEATURES": " ".join(newer), "OGIVE_INSTRUCTION_SET": "avx2"}
    digests = {
        subprocess.run([sys.executable, "-c", BITS], env=os.environ | settings, capture_output=True, text=True, check=True).stdout
        for settings in ({}, older)
    }
    assert len(digests) == 1


def test_another_process_gets_the_data_and_prepares_its_own_rows():
    dataset = load("iris")
    problem = Problem(dataset, fold(dataset))
    inputs = problem.prepared(0, 1).training.inputs
    assert len(pickle.dumps(problem)) == len(pickle.dumps(Problem(dataset, problem.folds)))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(problem)).prepared(0, 1).training.inputs, inputs)


def test_rows_that_are_not_kept_are_the_same_rows():
    dataset = load("iris")
    official = replace(dataset, official_test=np.arange(len(dataset)) % 3 == 0)
    test = Problem(official, fold(official)).prepared(None, 1).test
    assert not test.kept
    np.testing.assert_array_equal(test.some_inputs(np.arange(40, 60)), np.roll(test.inputs, -40, axis=0)[:20])
