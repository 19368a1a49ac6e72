"""Arrays and NPZ files: every layout and dtype of numbers, nothing unpickled, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from ogive.errors import InputError, InputTypeError
from ogive.lab.data import load

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.arange(40) % 2


def _npz(folder, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


@pytest.mark.parametrize("names", [("x", "y"), ("X", "y"), ("X", "Y")])
def test_an_npz_file_is_what_its_arrays_are(tmp_path, names):
    dataset = load(_npz(tmp_path, **dict(zip(names, (X, Y), strict=True))))
    assert dataset.name == "a"
    assert dataset.sha256 == load((X, Y)).sha256
    assert dataset.official_test is None
    assert not dataset.alike


def test_an_npz_file_with_both_x_and_capital_x_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds both 'x' and 'X'; keep the one that is meant"):
        load(_npz(tmp_path, x=X, X=-X, y=Y))


def test_images_with_an_official_test_set(tmp_path):
    x = np.arange(160, dtype=np.uint8).reshape(40, 2, 2)
    dataset = load(_npz(tmp_path, x=x, y=Y, x_test=x[:6], y_test=Y[:6]))
    as_keras_names_them = load(_npz(tmp_path, x_train=x, y_train=Y, x_test=x[:6], y_test=Y[:6]))
    assert as_keras_names_them.sha256 == dataset.sha256
    assert dataset.numeric.shape == (46, 4)
    assert dataset.numeric.dtype == np.uint8
    assert dataset.alike
    np.testing.assert_array_equal(np.flatnonzero(dataset.official_test), range(40, 46))
    np.testing.assert_array_equal(dataset.target[40:], Y[:6])


@pytest.mark.parametrize(
    "given",
    [
        np.asfortranarray(X),
        np.repeat(X, 2, axis=0)[::2],
        np.ascontiguousarray(X[::-1])[::-1],
        X.astype(">f8"),
        X.tolist(),
        X.astype(np.longdouble),
        X.astype(object),
    ],
    ids=["Fortran", "strided", "reversed", "big-endian", "lists", "long double", "objects"],
)
def test_every_layout_gives_the_same_data(given):
    dataset = load((given, Y))
    assert dataset.sha256 == load((X, Y)).sha256
    assert dataset.numeric.flags.c_contiguous
    np.testing.assert_array_equal(dataset.numeric, X)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.float32])
def test_numbers_are_kept_as_they_were_measured(dtype):
    numbers = (X > 0).astype(dtype)
    np.testing.assert_array_equal(load((numbers, Y)).numeric, numbers)


def test_numbers_of_a_unix_clock_keep_their_digits(tmp_path):
    seconds = (1_700_000_000 + np.arange(40) % 60)[:, None]
    for given in (seconds, seconds.astype(float)):
        np.testing.assert_array_equal(load(_npz(tmp_path, x=given, y=Y)).numeric, seconds)


@pytest.mark.parametrize("offset", [1_700_000_000_000_000_000, -(2**63), 2**63])
def test_the_largest_whole_numbers_keep_their_digits(offset):
    dtype = np.uint64 if offset == 2**63 else np.int64
    numbers = np.array([[offset + index] for index in range(40)], dtype)
    dataset = load((numbers, Y))
    assert dataset.numeric[:, 0].tolist() == list(range(40))
    assert f"{offset:,} is taken off" in " ".join(dataset.notes)


def test_a_target_of_large_whole_numbers_keeps_its_digits():
    dataset = load((X, 1_700_000_000_000_000_000 + np.arange(40)))
    assert dataset.target.tolist() == list(range(40))
    assert "is taken off" in " ".join(dataset.notes)


def test_missing_numbers_are_said():
    dataset = load((np.where(X > 1.5, np.nan, X), Y))
    assert any("Missing numbers become" in note for note in dataset.notes)


def test_columns_of_objects_and_of_text_are_read_one_by_one():
    mixed = np.array([[1.5, "u"], [2, None]] * 20, dtype=object)
    assert load((mixed, Y)).categories == (("u", None),)
    assert load((mixed, Y)).numeric[:2, 0].tolist() == [1.5, 2]
    assert load((np.array([["1.5", "u"], ["2", "v"]] * 20), Y)).numeric[:2, 0].tolist() == [1.5, 2]


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (Y > 0, ("False", "True")),
        (Y.astype(np.float32), ("0", "1")),
        (Y[:, None], ("0", "1")),
        (np.where(Y, "b", "a"), ("a", "b")),
        (np.where(Y, b"b", b"a"), ("a", "b")),
        (np.where(Y, "b", "a").astype(object), ("a", "b")),
        (np.array([1, 1.0] * 19 + [0, 0.0], dtype=object), ("0", "1")),
        (X[:, 0], ()),
    ],
    ids=["bool", "float32", "column", "text", "bytes", "objects", "1 and 1.0", "real"],
)
def test_targets_of_every_type(target, classes):
    assert load((X, target)).task.classes == classes


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X[:, 0], Y, r"x must be numbers with a row for each example.* x\.reshape\(-1, 1\)"),
        (X * 1j, Y, "it is complex128"),
        (np.zeros((40, 2), "M8[s]"), Y, "it is datetime64"),
        (np.zeros(40, [("a", float)]), Y, "x must be numbers"),
        (np.zeros((40, 0)), Y, "x must be numbers"),
        (X[:0], Y[:0], "x has no rows"),
        (X, Y[:-1], "one target for each of the 40 rows, but it has 39"),
        (X, np.eye(2)[Y], r"one target for each row, but its shape is \(40, 2\)"),
        (X, Y * 1j, "y must be numbers or text"),
        (X, np.where(Y, np.nan, 1), r"target is missing in rows 1, 3, 5, 7, 9, … \(20 in all\)"),
        (X, np.where(Y, np.inf, 1), "target is infinite in rows 1, 3"),
        (X, Y * 0, "all rows have the target 0"),
        (np.where(X > 2, np.inf, X), Y, "row.* inf is infinite"),
        (np.where(X > 2, np.inf, X).astype(np.float32), Y, "row.* inf is infinite"),
        (np.where(X > 2, -np.inf, X).astype(np.float16), Y, "row.* -inf is infinite"),
        (np.array([[1, object()]] * 40), Y, "holds a object"),
        (np.array([[1, 2**70]] * 40), Y, "holds a int"),
        ([[1], [1, 2]], [0, 1], "rectangular array"),
    ],
)
def test_bad_arrays_are_refused(x, y, words):
    with pytest.raises(InputError, match=words):
        load((x, y))


def test_a_sparse_matrix_is_to_be_made_dense():
    with pytest.raises(InputTypeError, match=r"sparse csr_matrix; make it dense, as with x\.toarray\(\)"):
        load((scipy.sparse.csr_matrix(X), Y))


def test_a_masked_array_is_to_be_filled():
    with pytest.raises(InputTypeError, match=r"masked array.* x\.filled"):
        load((np.ma.array(X, mask=X > 1), Y))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": X}, "holds the arrays a; it needs x"),
        ({"x": X, "y": Y, "x_train": X}, "holds both 'x' and 'x_train'"),
        ({"x": X, "y": Y, "x_test": X}, "only one of x_test and y_test"),
        ({"x": X, "y": Y, "x_test": X, "y_test": Y + 1}, "y_test has the class '2', which y lacks"),
        ({"x": X, "y": Y, "x_test": X[:, :1], "y_test": Y}, r"a row of x has the shape \(3,\) and one of x_test \(1,\)"),
        ({"x": X, "y": Y, "x_test": X, "y_test": np.where(Y, "b", "a")}, "y holds numbers and y_test does not"),
        ({"x": X, "y": Y, "x_test": X, "y_test": Y[1:]}, "y_test must be one target for each of the 40 rows"),
        ({"x": X, "y": Y, "x_test": np.array(1.0), "y_test": Y}, "x_test must be numbers with a row for each example"),
        ({"x": X, "y": Y, "x_test": X, "y_test": np.array(1)}, "y_test must be one target for each row"),
        ({"x": np.array([[object()]]), "y": np.array([0])}, "not an NPZ file of plain arrays"),
    ],
)
def test_a_bad_npz_is_refused(tmp_path, arrays, words):
    with pytest.raises(InputError, match=words) as caught:
        load(_npz(tmp_path, **arrays))
    assert "a.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


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
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 broken")
    for path in (bare, packed, pickled, tmp_path / "cut.npz"):
        with pytest.raises(InputError, match="not an NPZ file of plain arrays"):
            load(path)
