"""What can be named as data, what a data set's hash says, and what is refused at the door."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest
from sklearn import datasets

from ogive.errors import InputError, InputTypeError, MissingExtraError
from ogive.lab import builtin
from ogive.lab.builtin import TABLES
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.splits import fold
from ogive.lab.task import Task


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_of_scikit_learn(name):
    raw = {"scaled": False} if name == "diabetes" else {}
    given = getattr(datasets, f"load_{name}")(**raw)
    dataset = load(name)
    np.testing.assert_array_equal(dataset.numeric, given.data)
    np.testing.assert_array_equal(dataset.target, given.target)
    assert dataset.columns == tuple(given.feature_names)
    assert dataset.task.classes == tuple(str(label) for label in given.get("target_names", ()))
    assert dataset.alike == (name == "digits")
    assert fold(dataset).training_rows >= 0.59 * len(dataset)


def test_the_digits_are_the_same_where_scikit_learn_keeps_no_such_file(monkeypatch, tmp_path):
    expected = load("digits").sha256
    monkeypatch.setattr(builtin, "find_spec", lambda _name: types.SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    assert load("digits").sha256 == expected


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(builtin, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"pip install \"ogive\[lab\]\""):
        load("iris")


def _made(**changes) -> Dataset:
    made = Dataset(
        name="made",
        numeric=np.array([[1.0, 2], [3, np.nan]]),
        categorical=np.array([["u"], [None]], object),
        target=np.array([0, 1]),
        task=Task(("a", "b")),
        official_test=np.array([False, True]),
        columns=("p", "q", "r"),
    )
    return dataclasses.replace(made, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"numeric": np.array([[1.0, 2], [3, 4]])},
        {"numeric": np.array([[1.0, 2], [np.nan, 3]])},
        {"categorical": np.array([["u"], ["v"]], object)},
        {"categorical": np.array([[None], ["u"]], object)},
        {"target": np.array([1, 0])},
        {"task": Task(("a", "c"))},
        {"official_test": np.array([True, False])},
        {"official_test": None},
        {"columns": ("p", "q", "s")},
        {"alike": True},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_hash_changes_with_all_that_decides_a_number(changes):
    assert _made(**changes).sha256 != _made().sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other", "notes": ("another sentence",)},
        {"numeric": np.asfortranarray([[1.0, 2], [3, -np.nan]])},
        {"numeric": np.array([[1, 2], [3, np.nan]], ">f4")},
        {"target": np.array([-0.0, 1.0])},
    ],
    ids=["name", "layout", "dtype", "zero"],
)
def test_the_hash_does_not_change_with_the_way_that_numbers_are_held(changes):
    assert _made(**changes).sha256 == _made().sha256


def test_the_hash_of_the_digits_stays():
    """It is part of the key of every stored network: a change here makes all results of the past strangers."""
    assert load("digits").sha256[:16] == "d693c8fab74d471a"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"data": "digitz"}, "unknown data 'digitz'; .*; did you mean 'digits'"),
        ({"data": "nowhere.csv"}, "no file 'nowhere.csv'"),
        ({"data": "nowhere.xlsx"}, r"unknown data 'nowhere.xlsx'.*\.csv, \.tsv, \.txt, \.npz, \.parquet"),
        ({"data": "digits", "target": "kind"}, "target is for tables of your own"),
        ({"data": "digits", "task": "regression"}, "task is for tables of your own"),
        ({"data": "digits", "data_dir": "."}, "data_dir is the folder of the files of mnist or fashion_mnist"),
        ({"data": "a.csv", "data_dir": "."}, "but the data is 'a.csv'; leave it out"),
        ({"data": (np.ones((9, 1)), np.arange(9)), "target": "y"}, "y is the target; leave it out"),
    ],
)
def test_what_is_not_there_or_not_asked_for_is_refused(arguments, words):
    with pytest.raises(InputError, match=words) as caught:
        load(arguments.pop("data"), **arguments)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is not a file"):
        load(tmp_path / "folder.csv")


@pytest.mark.parametrize("data", [None, 3, np.ones((3, 3)), (np.ones((3, 3)),), [1, 2]])
def test_what_is_no_data_is_refused(data):
    with pytest.raises(InputTypeError, match="data must be a name, a path, a frame, or"):
        load(data)


def test_arrays_in_a_file_have_no_column_to_name(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.ones((9, 1)), y=np.arange(9))
    with pytest.raises(InputError, match="holds arrays, and y is the target"):
        load(tmp_path / "a.npz", target="y")
