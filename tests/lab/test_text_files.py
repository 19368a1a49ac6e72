"""Tables in text files: what is recognised is said, what may mean two things is refused with its line and a way out."""

from __future__ import annotations

import numpy as np
import pytest

from ogive.errors import InputError
from ogive.lab.data import load

ROWS = [f"{index / 2:g},{index * index % 7},{'red' if index % 3 else 'blue'}" for index in range(20)]


def _file(folder, text, name="flowers.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else "\n".join([text] if isinstance(text, str) else text).encode())
    return path


def _said(dataset) -> str:
    return " ".join(dataset.notes)


@pytest.fixture
def plain(tmp_path):
    return load(_file(tmp_path, ["width,height,colour", *ROWS]))


def test_a_csv_with_a_header(plain):
    assert plain.name == "flowers"
    assert plain.columns == ("width", "height")
    assert plain.task.classes == ("blue", "red")
    np.testing.assert_array_equal(plain.numeric[:3], [[0, 0], [0.5, 1], [1, 4]])
    assert plain.target[:4].tolist() == [0, 1, 1, 0]
    assert "comma-separated text with the header width, height, colour" in _said(plain)
    assert "column 'colour', the last" in _said(plain)


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        "\r\n".join(["width,height,colour", *ROWS, ""]).encode(),
        "\r".join(["width,height,colour", *ROWS]).encode(),
        b"\xef\xbb\xbf" + "\n".join(["width,height,colour", *ROWS]).encode(),
        [row.replace(",", ";") for row in ["width,height,colour", *ROWS]],
        [row.replace(",", "\t") for row in ["width,height,colour", *ROWS]],
        [row.replace(",", " | ") for row in ROWS],
        [" " + row.replace(",", "   ") + " " for row in ["width,height,colour", *ROWS]],
        ["", *(f"{row}\n   " for row in ROWS)],
        [f"{row}," for row in ["width,height,colour", *ROWS]],
        [f'"{row}"'.replace(",", '","') for row in ROWS],
    ],
    ids=["bare", "CRLF", "CR", "BOM", "semicolon", "tab", "bar", "spaces", "empty-lines", "trailing-comma", "quoted"],
)
def test_the_same_table_written_in_other_ways(tmp_path, plain, text):
    dataset = load(_file(tmp_path, text))
    np.testing.assert_array_equal(dataset.numeric, plain.numeric)
    np.testing.assert_array_equal(dataset.target, plain.target)
    assert dataset.task == plain.task


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.CSV"])
def test_the_delimiter_is_found_from_the_lines_and_not_from_the_name(tmp_path, plain, name):
    dataset = load(_file(tmp_path, [row.replace(",", ";") for row in ["width,height,colour", *ROWS]], name))
    assert dataset.sha256 == plain.sha256
    assert "semicolon-separated" in _said(dataset)


def test_a_delimiter_inside_quotes_separates_nothing(tmp_path):
    dataset = load(_file(tmp_path, ["w,h,c", *['"1;5",2,x', '"a,b",3,y'] * 5]))
    assert dataset.categorical[:2, 0].tolist() == ["1;5", "a,b"]


# headers


@pytest.mark.parametrize(
    ("lines", "columns"),
    [
        (["0,1,2", *ROWS], ("0", "1")),
        ([",0,1,2", *(f"{index},{row}" for index, row in enumerate(ROWS))], ("0", "1")),
        (["0,1,target", *ROWS], ("0", "1")),
        (["0,target", *(row.partition(",")[2] for row in ROWS)], ("0",)),
        ([",0,1", *(f"{index},{index * 3 % 7},{index % 2}" for index in range(20))], ("0",)),
        (["country,2019,2020", *(f"{'ab'[i % 2]},{i}.5,{i * i}.25" for i in range(20))], ("2019", "country")),
        (["p,q", "a,x", "b,y", "a,y"], ("p",)),
        (["size,colour,spam", *["big,red,spam", "small,red,ham", "big,blue,ham"] * 5], ("size", "colour")),
        (["length,spam", *["1,spam", "2,ham"] * 5], ("length",)),
    ],
    ids=[
        "pandas",
        "pandas-index",
        "target",
        "one-and-target",
        "index-and-two",
        "years",
        "words",
        "a name that is a category",
        "the same above numbers",
    ],
)
def test_a_header_is_recognised(tmp_path, lines, columns):
    dataset = load(_file(tmp_path, lines))
    assert len(dataset) == len(lines) - 1
    assert dataset.columns == columns
    assert "with the header" in _said(dataset)


@pytest.mark.parametrize(
    "lines",
    [ROWS, ["p,x", "e,x", "p,y"] * 4, ["1,2,red", *ROWS], ["NA,NA,red", *ROWS], ["5,6,7", "5,3,1", "8,6,7"] * 4],
    ids=["numbers", "words", "counting", "missing", "whole numbers"],
)
def test_a_first_line_of_data_is_not_taken_for_a_header(tmp_path, lines):
    dataset = load(_file(tmp_path, lines))
    assert len(dataset) == len(lines)
    assert "with no header" in _said(dataset)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["0,1", "5,3", "4,1"] * 3, "line 1: '0,1' may name the columns or be a row"),
        (["width,3.5,red", *ROWS], "'width' reads as a column's name"),
    ],
)
def test_a_first_line_that_may_be_either_is_refused(tmp_path, lines, words):
    with pytest.raises(InputError, match=words):
        load(_file(tmp_path, lines))


# numbers


def test_an_underscore_makes_no_number(tmp_path):
    lines = ["a,c", *(f"{index},{'xy'[index % 2]}" for index in range(30)), "1_000,x"]
    with pytest.raises(InputError, match=r"line 32, column 'a': '1_000' is not a number, but 30 of 31 cells are"):
        load(_file(tmp_path, lines))


@pytest.mark.parametrize("odd", ["0x10", "٣", "1e", "1.2.3", "--1", "5%", "$5", "1 000"])
def test_only_plain_notation_is_a_number(tmp_path, odd):
    with pytest.raises(InputError, match=r"line 32, .* is not a number"):
        load(_file(tmp_path, ["a,c", *(f"{index}.5,{'xy'[index % 2]}" for index in range(30)), f"{odd},x"]))


def test_few_codes_of_words_and_numbers_are_categories_and_said(tmp_path):
    dataset = load(_file(tmp_path, ["a,c", *["1,x", "2,y", "2b,x", "3,y"] * 5]))
    assert dataset.categories == (("1", "2", "2b", "3"),)
    assert "words and numbers, such as '2b' and '1'" in _said(dataset)


def test_large_whole_numbers_keep_their_digits(tmp_path):
    lines = ["t,c", *(f"{1_700_000_000_000_000_000 + 7 * index},{'xy'[index % 2]}" for index in range(30))]
    dataset = load(_file(tmp_path, lines))
    assert dataset.numeric[:, 0].tolist() == [7.0 * index for index in range(30)]
    assert "1,700,000,000,000,000,000 is taken off" in _said(dataset)


def test_unix_seconds_keep_their_digits(tmp_path):
    lines = ["t,c", *(f"{1_700_000_000 + index * 17 % 60},{'xy'[index % 2]}" for index in range(60))]
    assert len(set(load(_file(tmp_path, lines)).numeric[:, 0])) == 60


@pytest.mark.parametrize(("cell", "word"), [("inf", "inf"), ("-Infinity", "-inf"), ("1e301", "1e+301"), ("1" * 400, "inf")])
def test_infinite_numbers_are_refused_with_their_lines(tmp_path, cell, word):
    with pytest.raises(InputError, match="lines 4, 5, column 'b': ") as caught:
        load(_file(tmp_path, ["a,b,c", "1,2,x", "2,4,y", f"3,{cell},x", f"3,{cell},x"]))
    assert word in str(caught.value)


def test_decimal_commas_are_read_and_said(tmp_path):
    dataset = load(_file(tmp_path, ["1,5;2,5", "2,5;3,75", "4;1,125", "3,5;-6,5e1"]), task="regression")
    assert dataset.numeric[:, 0].tolist() == [1.5, 2.5, 4, 3.5]
    assert dataset.target.tolist() == [2.5, 3.75, 1.125, -65]
    assert "'1,5' is read with a decimal comma" in _said(dataset)


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
        load(_file(tmp_path, lines))


# missing cells


def test_what_is_taken_as_missing_is_said(tmp_path):
    dataset = load(_file(tmp_path, ["a,b,s,c", *["1,2,u,x", "2,NA,,y", "?,3,v,x", ",4,n/a,y", "5,6,none,x"] * 4]))
    np.testing.assert_array_equal(np.isnan(dataset.numeric).sum(0), [8, 4])
    assert dataset.categories == (("none", "u", "v", None),)
    said = _said(dataset)
    assert "'?' taken as missing" in said
    assert "'NA' taken as missing" in said
    assert "'n/a' taken as missing" in said
    assert "'a' (8 of 20), 'b' (4 of 20)" in said
    assert "'s' (8 of 20)" in said


def test_empty_and_constant_columns_are_said(tmp_path):
    dataset = load(_file(tmp_path, ["a,b,d,c", *["1,,7,x", "2,NA,7,y"] * 5]))
    assert dataset.columns == ("a", "d")
    assert "Left out, for it is empty: 'b'." in _said(dataset)
    assert "The same in every row: 'd'." in _said(dataset)


@pytest.mark.parametrize("missing", ["", "NaN", "NA", " null ", "?"])
@pytest.mark.parametrize("classes", [("p", "q"), ("1", "2")])
def test_a_target_that_is_missing_is_refused_with_its_line(tmp_path, missing, classes):
    with pytest.raises(InputError, match="target 'kind': the target is missing in line 4; fill it in"):
        load(_file(tmp_path, ["a,b,kind", f"1,2,{classes[0]}", f"3,4,{classes[1]}", f"3,4,{missing}"]))


# columns


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
    dataset = load(_file(tmp_path, lines))
    assert dataset.columns == ("width", "height")
    assert f"Left out, for it numbers the rows: {name!r}." in _said(dataset)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("humid", range(40, 0, -2)), ("heat_index", range(40, 0, -2)), ("id", [1, 1, *range(18)]), ("step", range(0, 40, 2))],
)
def test_a_column_that_only_looks_a_little_like_an_index_stays(tmp_path, name, numbers):
    lines = [f"{name},width,height,colour", *(f"{number},{row}" for number, row in zip(numbers, ROWS, strict=True))]
    assert load(_file(tmp_path, lines)).columns == (name, "width", "height")


def test_the_only_feature_stays_though_it_counts(tmp_path):
    assert load(_file(tmp_path, ["x,y", *(f"{index},{index * 1.5}" for index in range(20))])).columns == ("x",)


@pytest.mark.parametrize("shape", ["2024-01-{:02}", "{}.1.2024", "2024-01-{:02}T12:00:00Z", "{:02}:30"])
def test_dates_are_refused_with_a_way_out(tmp_path, shape):
    lines = ["when,a,c", *(f"{shape.format(index % 20 + 1)},{index},{'xy'[index % 2]}" for index in range(40))]
    with pytest.raises(InputError, match=r"column 'when' holds dates or times .* turn them into numbers"):
        load(_file(tmp_path, lines))


@pytest.mark.parametrize(("rows", "different"), [(60, 60), (4000, 1500)])
def test_free_text_is_refused_with_a_way_out(tmp_path, rows, different):
    lines = ["a,said,c", *(f"{index % 7},word number {index % different},{'xy'[index % 2]}" for index in range(rows))]
    with pytest.raises(InputError, match=f"column 'said' is free text: {different} different values .* leave the column out"):
        load(_file(tmp_path, lines))


def test_hundreds_of_categories_in_many_rows_are_categories(tmp_path):
    lines = ["a,town,c", *(f"{index % 7},town {index % 300},{'xy'[index % 2]}" for index in range(3000))]
    assert len(load(_file(tmp_path, lines)).categories[0]) == 300


# the target


def test_the_target_can_be_named_or_numbered(tmp_path, plain):
    lines = [",".join(row.split(",")[::-1]) for row in ROWS]
    by_name = load(_file(tmp_path, ["colour,height,width", *lines]), target="colour")
    assert by_name.columns == ("height", "width")
    assert by_name.task == plain.task
    np.testing.assert_array_equal(load(_file(tmp_path, lines), target="1").target, plain.target)


def test_an_unknown_target_brings_a_suggestion(tmp_path):
    with pytest.raises(InputError, match="did you mean 'colour'"):
        load(_file(tmp_path, ["width,height,colour", *ROWS]), target="color")
    with pytest.raises(InputError, match="no header, so give a number from 1 to 3"):
        load(_file(tmp_path, ROWS), target="colour")


@pytest.mark.parametrize(
    ("cells", "kind", "classes", "reason"),
    [
        ([f"{index * 0.37 - 2.42:.2f}" for index in range(40)], "regression", (), "40 different real numbers"),
        ([str(index * 3) for index in range(40)], "regression", (), "40 different whole numbers"),
        (["0.5", "1.5"] * 20, "regression", (), "2 different real numbers"),
        (["10", "9"] * 20, "binary", ("9", "10"), "2 different whole numbers"),
        (["1.0", "0.0", "2.0", "1.0"] * 10, "multiclass", ("0", "1", "2"), "3 different whole numbers"),
        (["True", "False"] * 20, "binary", ("False", "True"), "text; 2 classes"),
        (["b", "a", "c", "None"] * 10, "multiclass", ("None", "a", "b", "c"), "text; 4 classes"),
    ],
)
def test_the_task_is_found_from_the_target_and_said(tmp_path, cells, kind, classes, reason):
    dataset = load(_file(tmp_path, ["a,b,goal", *(f"{index % 7},{index % 3},{cell}" for index, cell in enumerate(cells))]))
    assert (dataset.task.kind, dataset.task.classes) == (kind, classes)
    assert reason in _said(dataset)
    assert dataset.target.dtype == (np.int64 if classes else np.float64)


def test_the_task_can_be_chosen(tmp_path):
    path = _file(tmp_path, ["a,grade", *(f"{index % 7},{index % 4}" for index in range(40))])
    assert load(path).task.kind == "multiclass"
    assert load(path, task="regression").target.tolist()[:5] == [0, 1, 2, 3, 0]
    ages = _file(tmp_path, ["a,age", *(f"{index % 7},{index % 40}" for index in range(400))])
    assert len(load(ages, task="classification").task.classes) == 40
    with pytest.raises(InputError, match="unknown task 'regress'; did you mean 'regression'"):
        load(path, task="regress")


def test_one_number_written_in_two_ways_is_one_class_and_said(tmp_path):
    dataset = load(_file(tmp_path, ["a,b,c", *["1,2,1", "1,3,1.0", "3,4,0"] * 5]))
    assert dataset.task.classes == ("0", "1")
    assert "'1' and '1.0' are the same number" in _said(dataset)


# files that cannot be read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "has no rows"),
        ("a,b,class\n", "a header and no rows"),
        ("1\n2\n", "single column"),
        ("1,2,x\n3,y\n", r"line 2: 2 cells, but the first line has 3 \(comma-separated\)"),
        ("1;2;x\n3;5;y\n3;1;2;y\n", r"line 3: 4 cells, but the first line has 3 \(semicolon-separated\)"),
        ("a,a,class\n1,2,x\n2,3,y\n", "two columns 'a'"),
        ("a,b,class\n1,2,x\n2,3,x\n", "all rows have the target 'x'"),
        ("a,b,c\n1,2,3\n2,3,3\n", "all rows have the target 3"),
        ("id,y\n5,1.5\n7,2.5\n3,0.5\n", "no column left"),
        ("a,y\n5,1e150\n7,2.5\n3,0.5\n", r"largest number is 1e\+150; give it in a unit"),
        ("a,y\n5,inf\n7,2.5\n3,0.5\n", "the target is infinite in line 2"),
        (b"\xff\xfe\x00\x01,\x80", "is not UTF-8 text .*at byte 0"),
        ('a,b,c\n1,2,x\n3,"4,y\n5,6,x\n', "line 4: unexpected end of data; mend that line"),
        ('a,b,c\n1,2,x\n3,"4"5,y\n5,6,x\n', "line 3: .* expected after"),
        ("a,b,c\n1,2,x\n3," + "4" * 200_000 + ",y\n", "line 3: field larger than field limit"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_in_one_line(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        load(_file(tmp_path, text))
    assert "flowers.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_regression_needs_numbers(tmp_path):
    with pytest.raises(InputError, match="regression needs numbers, but the target is text, such as 'blue'"):
        load(_file(tmp_path, ROWS), task="regression")
