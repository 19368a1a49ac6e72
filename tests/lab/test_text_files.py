"""Tables in text files: what is recognised is said, what may mean two things is refused with its line and a way out."""

from __future__ import annotations

import numpy as np
import pytest
from lab_samples import TABLE_ROWS as ROWS
from lab_samples import said, write_table

from ogive.errors import InputError
from ogive.lab.data import load


@pytest.fixture
def plain(tmp_path):
    return load(write_table(tmp_path, ["width,height,colour", *ROWS]))


def test_a_csv_with_a_header(plain):
    assert plain.name == "flowers"
    assert plain.columns == ("width", "height")
    assert plain.task.classes == ("blue", "red")
    np.testing.assert_array_equal(plain.numeric[:3], [[0, 0], [0.5, 1], [1, 4]])
    assert plain.target[:4].tolist() == [0, 1, 1, 0]
    assert "comma-separated text with the header width, height, colour" in said(plain)
    assert "column 'colour', the last" in said(plain)


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
    dataset = load(write_table(tmp_path, text))
    np.testing.assert_array_equal(dataset.numeric, plain.numeric)
    np.testing.assert_array_equal(dataset.target, plain.target)
    assert dataset.task == plain.task


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.CSV"])
def test_the_delimiter_is_found_from_the_lines_and_not_from_the_name(tmp_path, plain, name):
    dataset = load(write_table(tmp_path, [row.replace(",", ";") for row in ["width,height,colour", *ROWS]], name))
    assert dataset.sha256 == plain.sha256
    assert "semicolon-separated" in said(dataset)


def test_a_delimiter_inside_quotes_separates_nothing(tmp_path):
    dataset = load(write_table(tmp_path, ["w,h,c", *['"1;5",2,x', '"a,b",3,y'] * 5]))
    assert dataset.categorical[:2, 0].tolist() == ["1;5", "a,b"]


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
    dataset = load(write_table(tmp_path, lines))
    assert len(dataset) == len(lines) - 1
    assert dataset.columns == columns
    assert "with the header" in said(dataset)


@pytest.mark.parametrize(
    "lines",
    [ROWS, ["p,x", "e,x", "p,y"] * 4, ["1,2,red", *ROWS], ["NA,NA,red", *ROWS], ["5,6,7", "5,3,1", "8,6,7"] * 4],
    ids=["numbers", "words", "counting", "missing", "whole numbers"],
)
def test_a_first_line_of_data_is_not_taken_for_a_header(tmp_path, lines):
    dataset = load(write_table(tmp_path, lines))
    assert len(dataset) == len(lines)
    assert "with no header" in said(dataset)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["0,1", "5,3", "4,1"] * 3, "line 1: '0,1' may name the columns or be a row"),
        (["width,3.5,red", *ROWS], "'width' reads as a column's name"),
    ],
)
def test_a_first_line_that_may_be_either_is_refused(tmp_path, lines, words):
    with pytest.raises(InputError, match=words):
        load(write_table(tmp_path, lines))


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
        load(write_table(tmp_path, text))
    assert "flowers.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
