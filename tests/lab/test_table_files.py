"""Tables of the user's own: what is read, and what is refused with the place and the remedy."""

from __future__ import annotations

import numpy as np
import pytest

from ogive.errors import InputError
from ogive.lab.data import load

ROWS = ["1.5,2,red", "3,4e-1,blue", "-5,6,red"]


def _csv(folder, text):
    path = folder / "flowers.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_csv_with_a_header(tmp_path):
    dataset = load(_csv(tmp_path, "\n".join(["width,height,colour", *ROWS, ""])))
    assert dataset.name == "flowers"
    assert dataset.classes == ("blue", "red")
    np.testing.assert_allclose(dataset.inputs, [[1.5, 2], [3, 0.4], [-5, 6]])
    assert dataset.labels.tolist() == [1, 0, 1]


def test_a_csv_without_a_header(tmp_path):
    assert len(load(_csv(tmp_path, "\n".join(ROWS))).inputs) == 3


def test_the_class_column_can_be_named(tmp_path):
    path = _csv(tmp_path, "kind,a,b\n10,1,2\n9,3,4\n10,5,6")
    dataset = load(path, target="kind")
    assert dataset.classes == ("9", "10"), "numbers are ordered as numbers"
    np.testing.assert_allclose(dataset.inputs, [[1, 2], [3, 4], [5, 6]])
    assert load(_csv(tmp_path, "10,1,2\n9,3,4"), target="1").classes == ("9", "10")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "has no rows"),
        ("a,b,class\n", "a header and no rows"),
        ("1\n2\n", "single column"),
        ("1,2,x\n3,y\n", "line 2: 2 cells, but the first line has 3"),
        ("1,2,x\n3,oops,y\n", r"line 2, column '2': 'oops' is not a number"),
        ("a,b,class\n1,nan,x\n", r"line 2, column 'b': nan is not a finite"),
        ("1,inf,x\n", "inf is not a finite"),
        ("1,1e99,x\n", "1e\\+99 is not a finite float32"),
        ("1,,x\n", "the cell is empty"),
        ("1,2,\n", "the class .* is missing"),
        ("1,2,1\n3,4,1.0\n", "the same number"),
    ],
)
def test_a_bad_csv_is_refused_with_its_place(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        load(_csv(tmp_path, text))
    assert "flowers.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00\x01,\x80")
    with pytest.raises(InputError, match="not a CSV text file"):
        load(str(tmp_path / "x.csv"))


def test_an_unknown_column_brings_a_suggestion(tmp_path):
    with pytest.raises(InputError, match="did you mean 'colour'"):
        load(_csv(tmp_path, "\n".join(["width,height,colour", *ROWS])), target="color")
    with pytest.raises(InputError, match="a number from 1 to 3"):
        load(_csv(tmp_path, "\n".join(ROWS)), target="colour")


def test_npz_with_images_and_a_test_set(tmp_path):
    path = tmp_path / "images.npz"
    x, y = np.arange(24, dtype=np.uint8).reshape(6, 2, 2), np.array([0, 1] * 3)
    np.savez(path, x=x, y=y, x_test=x[:2], y_test=y[:2])
    dataset = load(str(path))
    assert dataset.inputs.shape == (6, 4)
    assert dataset.test_inputs.shape == (2, 4)
    assert dataset.alike
    np.savez(path, X=x.reshape(6, 4), Y=y)
    assert not load(str(path)).alike
    assert load(str(path)).test_inputs is None


X, Y = np.ones((4, 2)), np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": X}, "holds the arrays a; it needs x"),
        ({"x": X, "y": Y, "x_test": X}, "only one of x_test and y_test"),
        ({"x": X, "y": Y[:3]}, "one class for each of the 4 rows"),
        ({"x": X[:, 0], "y": Y}, "must be numbers with a row"),
        ({"x": X.astype(str), "y": Y}, "must be numbers"),
        ({"x": X * np.nan, "y": Y}, "x, row 0, feature 0: nan"),
        ({"x": X, "y": Y * np.nan}, "y has NaN or infinity in row 0"),
        ({"x": X[:0], "y": Y[:0]}, "has no rows"),
        ({"x": X, "y": Y, "x_test": X, "y_test": Y + 1}, "class '2', which y lacks"),
        ({"x": X, "y": Y, "x_test": X[:, :1], "y_test": Y}, "2 features a row and x_test 1"),
        ({"x": np.array([[object()]]), "y": np.array([0])}, "not an NPZ file of plain arrays"),
    ],
)
def test_a_bad_npz_is_refused(tmp_path, arrays, words):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=words) as caught:
        load(str(tmp_path / "a.npz"))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_npz(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(InputError, match="not an NPZ file"):
        load(str(tmp_path / "a.npz"))


def test_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no file"):
        load(str(tmp_path / "nowhere.csv"))
    with pytest.raises(InputError, match="unknown data 'digitz'"):
        load("digitz")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is not a file"):
        load(str(tmp_path / "folder.csv"))
    with pytest.raises(InputError, match="leave --target out"):
        load("digits", target="kind")
    with pytest.raises(InputError, match="add --data mnist"):
        load("digits", data_dir=tmp_path)


@pytest.mark.parametrize("missing", ["NaN", "NA", "inf", " null "])
def test_a_class_that_is_not_known_is_refused(tmp_path, missing):
    path = _csv(tmp_path, f"a,b,kind\n1,2,p\n3,4,{missing}\n")
    with pytest.raises(InputError, match="line 3: the class"):
        load(str(path), None, None)


def test_damaged_archives_are_refused_and_never_unpickled(tmp_path):
    bare = tmp_path / "bare.npz"
    with bare.open("wb") as file:
        np.save(file, np.zeros(3))
    packed = tmp_path / "packed.npz"
    np.savez_compressed(packed, x=np.random.default_rng(0).normal(size=(50, 4)), y=np.arange(50) % 2)
    content = bytearray(packed.read_bytes())
    content[60:80] = b"\xff" * 20
    packed.write_bytes(content)
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, x=np.array([{}], dtype=object), y=np.array([0]))
    for path in (bare, packed, pickled):
        with pytest.raises(InputError, match="not an NPZ file of plain arrays"):
            load(str(path), None, None)
