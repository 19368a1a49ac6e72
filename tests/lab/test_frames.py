"""Frames of every library, and Parquet: types are taken at their word, and what is neither number nor text is refused."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pytest

from ogive.errors import InputError, InputTypeError
from ogive.lab.data import load

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS = 40
COLUMNS = {
    "size": [index * 0.5 for index in range(ROWS)],
    "count": [index * 7 % 5 for index in range(ROWS)],
    "sunny": [index % 3 == 0 for index in range(ROWS)],
    "colour": ["red", None] * (ROWS // 2),
    "kind": ["a", "b"] * (ROWS // 2),
}
LIBRARIES = {"pandas": pandas.DataFrame, "polars": polars.DataFrame, "arrow": pyarrow.table}


def _frame(**columns):
    return pandas.DataFrame({**columns, "kind": COLUMNS["kind"]})


@pytest.fixture(params=LIBRARIES)
def frame(request):
    return LIBRARIES[request.param](COLUMNS)


def test_every_library_gives_the_same_data(frame):
    dataset = load(frame)
    assert dataset.columns == ("size", "count", "sunny", "colour")
    np.testing.assert_array_equal(dataset.numeric[:3], [[0, 0, 1], [0.5, 2, 0], [1, 4, 0]])
    assert dataset.categorical[:2, 0].tolist() == ["red", None]
    assert dataset.task.classes == ("a", "b")
    assert dataset.sha256 == load(LIBRARIES["pandas"](COLUMNS)).sha256


def test_the_target_is_a_column_by_name(frame):
    dataset = load(frame, target="sunny")
    assert dataset.task.classes == ("False", "True")
    assert dataset.columns == ("size", "count", "colour", "kind")
    with pytest.raises(InputError, match=r"no column 'colr' .*did you mean 'colour'"):
        load(frame, target="colr")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_parquet_file_is_what_its_frame_is(tmp_path, library):
    path = tmp_path / "t.parquet"
    frame = LIBRARIES[library](COLUMNS)
    write = {"pandas": "to_parquet", "polars": "write_parquet"}
    getattr(frame, write[library])(path) if library in write else parquet.write_table(frame, path)
    dataset = load(path)
    assert (dataset.name, dataset.sha256) == ("t", load(frame).sha256)


@pytest.mark.parametrize("name", [None, "when"])
def test_the_index_of_a_frame_is_left_out_and_said(tmp_path, name):
    frame = pandas.DataFrame(COLUMNS).set_index(pandas.Index([(7 * row) % ROWS for row in range(ROWS)], name=name))
    frame.to_parquet(tmp_path / "t.parquet")
    for dataset in (load(frame), load(tmp_path / "t.parquet")):
        assert dataset.columns == ("size", "count", "sunny", "colour")
        assert dataset.task.classes == ("a", "b")
        assert any("Left out, for it is the frame's index" in note for note in dataset.notes)


def test_a_column_that_numbers_the_rows_is_left_out():
    assert load(_frame(**{"Unnamed: 0": range(ROWS), "size": COLUMNS["size"]})).columns == ("size",)


def test_names_that_are_numbers_are_names():
    frame = pandas.DataFrame([[index, index % 5, index % 2] for index in range(30)])
    assert load(frame, target=1).columns == ("2",), "column 0 numbers the rows"
    assert load(frame, target="1").sha256 == load(frame, target=1).sha256


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pandas.array([None, 3, 5, 3] * 10, dtype="Int64"), [np.nan, 3, 5, 3]),
        (pandas.array([None, 3.5, 5, 3] * 10, dtype="Float64"), [np.nan, 3.5, 5, 3]),
        (pandas.array([None, True, False, True] * 10, dtype="boolean"), [np.nan, 1, 0, 1]),
        (np.array([None, 3, 5.5, True] * 10, dtype=object), [np.nan, 3, 5.5, 1]),
        (np.array([1, "?", 5.5, 2] * 10, dtype=object), [1, np.nan, 5.5, 2]),
        (np.array([1, 2, 3, 4] * 10, dtype=np.uint8), [1, 2, 3, 4]),
        (np.array([1, np.nan, 3, 4] * 10, dtype=np.float32), [1, np.nan, 3, 4]),
    ],
    ids=["Int64", "Float64", "boolean", "objects", "objects and text", "uint8", "float32"],
)
def test_numbers_of_every_type(values, expected):
    np.testing.assert_array_equal(load(_frame(x=values)).numeric[:4, 0], expected)


@pytest.mark.parametrize(
    "values",
    [
        pandas.Categorical(["u", None, "v", "u"] * 10),
        pandas.array(["u", None, "v", "u"] * 10, dtype="string"),
        np.array(["u", None, "v", "u"] * 10, dtype=object),
        np.array(["u", np.nan, "v", "u"] * 10, dtype=object),
    ],
    ids=["categorical", "string", "objects", "objects with NaN"],
)
def test_text_of_every_type(values):
    assert load(_frame(x=values)).categorical[:4, 0].tolist() == ["u", None, "v", "u"]


def test_categories_that_are_numbers_are_categories():
    dataset = load(_frame(x=pandas.Categorical([10, 9] * 20)))
    assert dataset.categories == (("10", "9"),)


@pytest.mark.parametrize("missing", [[], [None]])
def test_large_whole_numbers_keep_their_digits(missing):
    nanoseconds = [1_700_000_000_000_000_000 + index for index in range(ROWS - len(missing))]
    numbers = load(_frame(x=pandas.array([*nanoseconds, *missing], dtype="Int64"))).numeric[:, 0]
    assert numbers[~np.isnan(numbers)].tolist() == [number - nanoseconds[0] for number in nanoseconds]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pandas.date_range("2024-01-01", periods=ROWS), "holds dates or times"),
        (pandas.to_timedelta(range(ROWS), unit="D"), "holds dates or times"),
        ([dt.date(2024, 1, 1)] * ROWS, "holds dates or times"),
        ([1j] * ROWS, "holds complex128"),
        ([[1, 2]] * ROWS, "holds a list"),
        (pandas.arrays.SparseArray([0] * ROWS), "Sparse"),
        ([str(index / 7) for index in range(ROWS)], "holds numbers as text .*pandas.to_numeric"),
        ([f"note {index}" for index in range(ROWS)], "is free text"),
        ([np.inf] * ROWS, "rows 0, 1, 2, 3, 4, … .*column 'x': inf is infinite"),
    ],
)
def test_what_no_network_can_take_in_is_refused_with_its_column(values, words):
    with pytest.raises(InputError, match=words) as caught:
        load(_frame(x=values))
    assert "column 'x'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_target_that_is_missing_is_refused_with_its_rows():
    with pytest.raises(InputError, match=r"target 'colour': the target is missing in rows 1, 3, 5, 7, 9, … \(20 in all\)"):
        load(pandas.DataFrame(COLUMNS), target="colour")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pandas.DataFrame([[1, 2, 3]], columns=["a", "a", "b"]), "two columns of one name"),
        (pandas.DataFrame({0: [1, 2], "0": [1, 2]}), "two columns '0'"),
        (pandas.DataFrame(COLUMNS)[:0], "no rows"),
        (pandas.DataFrame(), "no columns"),
        (pandas.DataFrame({"a": [1, 2]}), "single column"),
    ],
)
def test_a_frame_without_a_table_is_refused(frame, words):
    with pytest.raises(InputError, match=words):
        load(frame)


def test_a_lazy_frame_is_to_be_collected():
    with pytest.raises(InputTypeError, match=r"frame\.collect\(\)"):
        load(polars.DataFrame(COLUMNS).lazy())


def test_a_frame_with_its_target_beside_it():
    frame = pandas.DataFrame(COLUMNS)
    dataset = load((frame.drop(columns="kind"), frame["kind"]))
    assert dataset.columns == ("size", "count", "sunny", "colour")
    assert dataset.task.classes == ("a", "b")
    with pytest.raises(InputError, match="different indexes"):
        load((frame.drop(columns="kind"), frame["kind"][::-1]))
    with pytest.raises(InputError, match="one target for each of the 40 rows, but it has 39"):
        load((frame.drop(columns="kind"), frame["kind"].to_numpy()[1:]))


def test_a_file_that_is_no_parquet(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 broken")
    with pytest.raises(InputError, match="not a Parquet file") as caught:
        load(tmp_path / "t.parquet")
    assert "\n" not in str(caught.value)


def test_the_digits_import_none_of_the_libraries_that_they_do_not_need():
    program = """if True:
        import sys
        from ogive.lab.data import load
        from ogive.lab.preparation import Preparation
        from ogive.lab.splits import fold
        dataset = load("digits")
        split = fold(dataset).split(0, 1)
        Preparation(dataset, split.training).inputs(split.test)
        print(*sys.modules)
    """
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"sklearn", "scipy", "pandas", "polars", "pyarrow", "narwhals", "torch", "pooch"} & set(loaded) == set()
