"""Arrays of rows and their targets: NumPy's, whatever becomes one, and NPZ files, which are never unpickled."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.arrays import any_array, check_alignment
from ogive.errors import InputError, InputTypeError
from ogive.lab.cells import column_of
from ogive.lab.columns import Column, Rows
from ogive.lab.dataset import Dataset
from ogive.lab.features import dataset_of, numeric_notes
from ogive.lab.frames import frame_columns, is_frame, is_series, object_column, series_column
from ogive.lab.target import target_of


def read_npz(path: Path, task: str | None) -> Dataset:
    """Read an NPZ file of ``x`` and ``y`` (or ``x_train`` and ``y_train``), and ``x_test`` and ``y_test`` where there is a test set."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: np.asarray(archive[name]) for name in archive.files}
    except MemoryError as error:
        raise InputError(f"{str(path)!r} claims arrays larger than this machine's memory; check the file") from error
    except (ValueError, TypeError, AttributeError, OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"{str(path)!r} is not an NPZ file of plain arrays; write it with numpy.savez(path, x=..., y=...), without objects"
        ) from error
    arrays: dict[str, NDArray[Any]] = {}
    written: dict[str, str] = {}
    for name, array in stored.items():
        key = name.lower().removesuffix("_train")
        if key in arrays:
            raise InputError(f"{str(path)!r} holds both {written[key]!r} and {name!r}; keep the one that is meant")
        arrays[key], written[key] = array, name
    if not {"x", "y"} <= arrays.keys():
        raise InputError(
            f"{str(path)!r} holds the arrays {', '.join(sorted(stored)) or '(none)'}; it needs x (rows) and y (their targets), or x_train"
            " and y_train; x_test and y_test are a test set"
        )
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise InputError(f"{str(path)!r} has only one of x_test and y_test; give both, or none")
    test = (arrays["x_test"], arrays["y_test"]) if "x_test" in arrays else None
    return from_arrays(arrays["x"], arrays["y"], task, test=test, name=path.stem, source=repr(str(path)))


def from_arrays(
    x: Any, y: Any, task: str | None, *, test: tuple[Any, Any] | None = None, name: str = "arrays", source: str = "the data"
) -> Dataset:
    """The data set of rows `x` (an array with any number of axes, or a frame) and their targets `y`.

    Parameters
    ----------
    test
        The rows and targets of an official test set, as arrays.
    """
    rows = Rows(source)
    if is_frame(x):
        check_alignment("load", {"X": x, "y": y})
        features = frame_columns(x, rows)
        target = _target(y, "y", len(features[0].values), rows)
        return dataset_of(name, [*features, target], target.name, task, rows)
    numbers = _rows(x, "x", rows)
    target = _target(y, "y", len(numbers), rows)
    official_test = None
    if test is not None:
        training_rows = len(numbers)
        numbers, target = _joined(numbers, target, test, rows)
        official_test = np.arange(len(numbers)) >= training_rows
    names = [f"feature {index}" for index in range(numbers[0].size)]
    table, images = np.ascontiguousarray(numbers.reshape(len(numbers), -1)), numbers.ndim > 2  # pixels share one unit
    if table.dtype.kind in "UO" or table.dtype in (np.int64, np.uint64):
        columns = [_column(column, values, rows) for column, values in zip(names, table.T, strict=True)]
        dataset = dataset_of(name, [*columns, target], "y", task, rows, official_test=official_test, alike=images, may_have_index=False)
    else:
        values, found, reason = target_of(target, task, rows)
        notes = (*target.notes, *reason, *numeric_notes(table, names, rows))
        dataset = Dataset(name, table, np.empty((len(table), 0), object), values, found, official_test, tuple(names), notes, images)
    _check_seen(dataset, rows)
    return dataset


def _rows(x: Any, name: str, rows: Rows) -> NDArray[Any]:
    """The array with a row for each example."""
    if hasattr(x, "toarray"):
        raise InputTypeError(f"{rows.source}: {name} is a sparse {type(x).__name__}; make it dense, as with {name}.toarray()")
    array = any_array("load", name, x)
    if array.ndim < 2 or 0 in array.shape[1:] or array.dtype.names or array.dtype.kind not in "biufUO":
        raise InputError(
            f"{rows.source}: {name} must be numbers with a row for each example, but it is {array.dtype} of shape {array.shape}"
            f"{f'; one number a row is {name}.reshape(-1, 1)' if array.ndim == 1 else ''}"
        )
    if len(array) == 0:
        raise InputError(f"{rows.source}: {name} has no rows; it needs a row for each example")
    return array.astype(np.float64) if array.dtype == np.longdouble else array


def _target(y: Any, name: str, length: int, rows: Rows) -> Column:
    """The target's column, from an array or a series."""
    if is_series(y):
        column = series_column(y, "y", rows)
    else:
        array = any_array("load", name, y)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise InputError(f"{rows.source}: {name} must be one target for each row, but its shape is {array.shape}")
        if array.dtype.kind == "S":
            array = array.astype(str)
        if array.dtype.kind not in "biufUO":
            raise InputError(f"{rows.source}: {name} must be numbers or text, one for each row, but it is {array.dtype}")
        column = _column("y", array, rows)
    if len(column.values) != length:
        raise InputError(f"{rows.source}: {name} must be one target for each of the {length} rows, but it has {len(column.values)}")
    return column


def _column(name: str, values: NDArray[Any], rows: Rows) -> Column:
    if values.dtype.kind in "biuf":
        return Column(name, values)
    if values.dtype.kind == "O":
        return object_column(name, values.tolist(), rows)
    return column_of(name, [cell.strip() for cell in values.tolist()], rows)


def _joined(numbers: NDArray[Any], target: Column, test: tuple[Any, Any], rows: Rows) -> tuple[NDArray[Any], Column]:
    """The rows and targets with those of the test set after them."""
    test_numbers = _rows(test[0], "x_test", rows)
    test_target = _target(test[1], "y_test", len(test_numbers), rows)
    if test_numbers.shape[1:] != numbers.shape[1:]:
        raise InputError(
            f"{rows.source}: a row of x has the shape {numbers.shape[1:]} and one of x_test {test_numbers.shape[1:]}; they must agree"
        )
    if test_target.is_text != target.is_text:
        raise InputError(f"{rows.source}: y holds {'text' if target.is_text else 'numbers'} and y_test does not; they must agree")
    values = np.concatenate([target.values, test_target.values])
    return np.concatenate([numbers, test_numbers]), Column("y", values, (*target.notes, *test_target.notes))


def _check_seen(dataset: Dataset, rows: Rows) -> None:
    """No class of the test set may be one that no other row has."""
    if dataset.official_test is None or not dataset.task.classes:
        return
    unseen = np.setdiff1d(dataset.target[dataset.official_test], dataset.target[~dataset.official_test])
    if len(unseen):
        raise InputError(f"{rows.source}: y_test has the class {dataset.task.classes[unseen[0]]!r}, which y lacks; nothing could learn it")
