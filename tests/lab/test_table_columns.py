"""Columns of a table: numbers, words, what is missing, what is left out, and the task that the target asks for."""

from __future__ import annotations

import numpy as np
import pytest
from lab_samples import TABLE_ROWS as ROWS
from lab_samples import said, write_table

from ogive.errors import InputError
from ogive.lab.data import load


def test_an_underscore_makes_no_number(tmp_path):
    lines = ["a,c", *(f"{index},{'xy'[index % 2]}" for index in range(30)), "1_000,x"]
    with pytest.raises(InputError, match=r"line 32, column 'a': '1_000' is not a number, but 30 of 31 cells are"):
        load(write_table(tmp_path, lines))


@pytest.mark.parametrize("odd", ["0x10", "٣", "1e", "1.2.3", "--1", "5%", "$5", "1 000"])
def test_only_plain_notation_is_a_number(tmp_path, odd):
    with pytest.raises(InputError, match=r"line 32, .* is not a number"):
        load(write_table(tmp_path, ["a,c", *(f"{index}.5,{'xy'[index % 2]}" for index in range(30)), f"{odd},x"]))


def test_few_codes_of_words_and_numbers_are_categories_and_said(tmp_path):
    dataset = load(write_table(tmp_path, ["a,c", *["1,x", "2,y", "2b,x", "3,y"] * 5]))
    assert dataset.categories == (("1", "2", "2b", "3"),)
    assert "words and numbers, such as '2b' and '1'" in said(dataset)


def test_large_whole_numbers_keep_their_digits(tmp_path):
    lines = ["t,c", *(f"{1_700_000_000_000_000_000 + 7 * index},{'xy'[index % 2]}" for index in range(30))]
    dataset = load(write_table(tmp_path, lines))
    assert dataset.numeric[:, 0].tolist() == [7.0 * index for index in range(30)]
    assert "1,700,000,000,000,000,000 is taken off" in said(dataset)


def test_unix_seconds_keep_their_digits(tmp_path):
    lines = ["t,c", *(f"{1_700_000_000 + index * 17 % 60},{'xy'[index % 2]}" for index in range(60))]
    assert len(set(load(write_table(tmp_path, lines)).numeric[:, 0])) == 60


@pytest.mark.parametrize(("cell", "word"), [("inf", "inf"), ("-Infinity", "-inf"), ("1e301", "1e+301"), ("1" * 400, "inf")])
def test_infinite_numbers_are_refused_with_their_lines(tmp_path, cell, word):
    with pytest.raises(InputError, match="lines 4, 5, column 'b': ") as caught:
        load(write_table(tmp_path, ["a,b,c", "1,2,x", "2,4,y", f"3,{cell},x", f"3,{cell},x"]))
    assert word in str(caught.value)


def test_decimal_commas_are_read_and_said(tmp_path):
    dataset = load(write_table(tmp_path, ["1,5;2,5", "2,5;3,75", "4;1,125", "3,5;-6,5e1"]), task="regression")
    assert dataset.numeric[:, 0].tolist() == [1.5, 2.5, 4, 3.5]
    assert dataset.target.tolist() == [2.5, 3.75, 1.125, -65]
    assert "'1,5' is read with a decimal comma" in said(dataset)


@pytest.mark.parametrize(
    "lines",
    [
        ["a;b", *(f"1,{100 + index};{'xy'[index % 2]}" for index in range(30))],
        ["a,b", *(f'"1,{100 + index}",{"xy"[index % 2]}' for index in range(30))],
        ["a;b;c", *(f"1.{100 + index};1,5;{'xy'[index % 2]}" for index in range(30))],
    ],
    ids=["semicolon", "quoted", "points beside commas"],
)
def test_what_may_separate_thousands_is_refused(tmp_path, lines):
    with pytest.raises(InputError, match=r"line 2, column 'a': what the (comma|point) of '1.100' means is not clear"):
        load(write_table(tmp_path, lines))


@pytest.mark.parametrize(
    ("numbers", "doubtful"),
    [(["950", "980", "1.010", "-1.040"], True), (["950", "980", "1010", "1.040"], False), (["950", "980", "1.01", "1.040"], False)],
    ids=["from 999 on", "thousands without", "other decimals"],
)
def test_points_that_may_separate_thousands_are_said(tmp_path, numbers, doubtful):
    dataset = load(write_table(tmp_path, ["a;c", *(f"{number};{'xy'[index % 2]}" for index, number in enumerate(numbers * 4))]))
    assert ("'1.010' is read as 1.01; if its point stands between thousands, take that out" in said(dataset)) is doubtful
    assert dataset.numeric.max() == max(map(float, numbers))


def test_what_is_taken_as_missing_is_said(tmp_path):
    dataset = load(write_table(tmp_path, ["a,b,s,c", *["1,2,u,x", "2,NA,,y", "?,3,v,x", ",4,n/a,y", "5,6,none,x"] * 4]))
    np.testing.assert_array_equal(np.isnan(dataset.numeric).sum(0), [8, 4])
    assert dataset.categories == (("none", "u", "v", None),)
    sentences = said(dataset)
    assert "'?' taken as missing" in sentences
    assert "'NA' taken as missing" in sentences
    assert "'n/a' taken as missing" in sentences
    assert "'a' (8 of 20), 'b' (4 of 20)" in sentences
    assert "'s' (8 of 20)" in sentences


def test_empty_and_constant_columns_are_said(tmp_path):
    dataset = load(write_table(tmp_path, ["a,b,d,c", *["1,,7,x", "2,NA,7,y"] * 5]))
    assert dataset.columns == ("a", "d")
    assert "Left out, for it is empty: 'b'." in said(dataset)
    assert "The same in every row: 'd'." in said(dataset)


@pytest.mark.parametrize("missing", ["", "NaN", "NA", " null ", "?"])
@pytest.mark.parametrize("classes", [("p", "q"), ("1", "2")])
def test_a_target_that_is_missing_is_refused_with_its_line(tmp_path, missing, classes):
    with pytest.raises(InputError, match="target 'kind': the target is missing in line 4; fill it in"):
        load(write_table(tmp_path, ["a,b,kind", f"1,2,{classes[0]}", f"3,4,{classes[1]}", f"3,4,{missing}"]))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Unnamed: 0", range(20)),
        ("", range(20)),
        ("Unnamed: 0", range(40, 0, -2)),
        ("n", range(1, 21)),
        ("customer_id", range(999, 19, -49)),
        ("PassengerId", range(1, 21)),
    ],
)
def test_a_column_that_numbers_the_rows_is_left_out_and_said(tmp_path, name, numbers):
    lines = [f"{name},width,height,colour", *(f"{number},{row}" for number, row in zip(numbers, ROWS, strict=True))]
    dataset = load(write_table(tmp_path, lines))
    assert dataset.columns == ("width", "height")
    assert f"Left out, for it numbers the rows: {name!r}." in said(dataset)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("humid", range(40, 0, -2)), ("heat_index", range(40, 0, -2)), ("id", [1, 1, *range(18)]), ("step", range(0, 40, 2))],
)
def test_a_column_that_only_looks_a_little_like_an_index_stays(tmp_path, name, numbers):
    lines = [f"{name},width,height,colour", *(f"{number},{row}" for number, row in zip(numbers, ROWS, strict=True))]
    assert load(write_table(tmp_path, lines)).columns == (name, "width", "height")


def test_the_only_feature_stays_though_it_counts(tmp_path):
    assert load(write_table(tmp_path, ["x,y", *(f"{index},{index * 1.5}" for index in range(20))])).columns == ("x",)


@pytest.mark.parametrize("shape", ["2024-01-{:02}", "{}.1.2024", "2024-01-{:02}T12:00:00Z", "{:02}:30"])
def test_dates_are_refused_with_a_way_out(tmp_path, shape):
    lines = ["when,a,c", *(f"{shape.format(index % 20 + 1)},{index},{'xy'[index % 2]}" for index in range(40))]
    with pytest.raises(InputError, match=r"column 'when' holds dates or times .* turn them into numbers"):
        load(write_table(tmp_path, lines))


@pytest.mark.parametrize(("rows", "different"), [(60, 60), (4000, 1500)])
def test_free_text_is_refused_with_a_way_out(tmp_path, rows, different):
    lines = ["a,said,c", *(f"{index % 7},word number {index % different},{'xy'[index % 2]}" for index in range(rows))]
    with pytest.raises(
        InputError, match=f"column 'said' is free text: {different} different values .* take the column out of the file or frame,"
    ):
        load(write_table(tmp_path, lines))


def test_hundreds_of_categories_in_many_rows_are_categories(tmp_path):
    lines = ["a,town,c", *(f"{index % 7},town {index % 300},{'xy'[index % 2]}" for index in range(3000))]
    assert len(load(write_table(tmp_path, lines)).categories[0]) == 300


def test_the_target_can_be_named_or_numbered(tmp_path):
    plain = load(write_table(tmp_path, ROWS))
    lines = [",".join(row.split(",")[::-1]) for row in ROWS]
    by_name = load(write_table(tmp_path, ["colour,height,width", *lines]), target="colour")
    assert by_name.columns == ("height", "width")
    assert by_name.task == plain.task
    np.testing.assert_array_equal(load(write_table(tmp_path, lines), target="1").target, plain.target)


def test_an_unknown_target_brings_a_suggestion(tmp_path):
    with pytest.raises(InputError, match="did you mean 'colour'"):
        load(write_table(tmp_path, ["width,height,colour", *ROWS]), target="color")
    with pytest.raises(InputError, match="no header, so give a number from 1 to 3"):
        load(write_table(tmp_path, ROWS), target="colour")


@pytest.mark.parametrize(
    ("cells", "kind", "classes", "reason"),
    [
        ([f"{index * 0.37 - 2.42:.2f}" for index in range(40)], "regression", (), "40 different real numbers"),
        ([str(index * 3) for index in range(40)], "regression", (), "40 different whole numbers"),
        (["0.5", "1.5"] * 20, "regression", (), "2 different real numbers"),
        (["10", "9"] * 20, "binary", ("9", "10"), "2 different whole numbers"),
        (["1", "-1", "1"], "binary", ("-1", "1"), "2 different whole numbers"),  # however few the rows are
        (["1.0", "0.0", "2.0", "1.0"] * 10, "multiclass", ("0", "1", "2"), "3 different whole numbers"),
        (["True", "False"] * 20, "binary", ("False", "True"), "text; 2 classes"),
        (["b", "a", "c", "None"] * 10, "multiclass", ("None", "a", "b", "c"), "text; 4 classes"),
    ],
)
def test_the_task_is_found_from_the_target_and_said(tmp_path, cells, kind, classes, reason):
    dataset = load(write_table(tmp_path, ["a,b,goal", *(f"{index % 7},{index % 3},{cell}" for index, cell in enumerate(cells))]))
    assert (dataset.task.kind, dataset.task.classes) == (kind, classes)
    assert reason in said(dataset)
    assert dataset.target.dtype == (np.int64 if classes else np.float64)


def test_the_task_can_be_chosen(tmp_path):
    path = write_table(tmp_path, ["a,grade", *(f"{index % 7},{index % 4}" for index in range(40))])
    assert load(path).task.kind == "multiclass"
    assert load(path, task="regression").target.tolist()[:5] == [0, 1, 2, 3, 0]
    ages = write_table(tmp_path, ["a,age", *(f"{index % 7},{index % 40}" for index in range(400))])
    assert len(load(ages, task="classification").task.classes) == 40
    with pytest.raises(InputError, match="unknown task 'regress'; did you mean 'regression'"):
        load(path, task="regress")


def test_one_number_written_in_two_ways_is_one_class_and_said(tmp_path):
    dataset = load(write_table(tmp_path, ["a,b,c", *["1,2,1", "1,3,1.0", "3,4,0"] * 5]))
    assert dataset.task.classes == ("0", "1")
    assert "'1' and '1.0' are the same number" in said(dataset)


def test_words_that_differ_only_in_case_or_spaces_are_said(tmp_path):
    cells = [f"{'New York' if index % 3 else 'new  york'},{'Yes' if index % 2 else 'yes' if index % 4 else 'no'}" for index in range(24)]
    dataset = load(write_table(tmp_path, ["city,c", *cells]))
    assert dataset.task.classes == ("Yes", "no", "yes")
    assert "Column 'c': 'Yes' and 'yes' differ only in case or spaces; they are taken as two." in said(dataset)
    assert "Column 'city': 'New York' and 'new  york' differ only in case or spaces" in said(dataset)
    assert "differ only" not in said(load(write_table(tmp_path, ROWS)))


def test_regression_needs_numbers(tmp_path):
    with pytest.raises(InputError, match="regression needs numbers, but the target is text, such as 'blue'"):
        load(write_table(tmp_path, ROWS), task="regression")
