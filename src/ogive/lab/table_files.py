"""Tables of the user's own: CSV files, and NPZ files without pickles."""

from __future__ import annotations

import csv
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError, did_you_mean
from ogive.lab.dataset import Dataset

_MISSING = ("", "nan", "na", "n/a", "null", "none", "inf", "-inf")
"""How tables write that a class is not known."""


def read_csv(path: Path, target: str | None) -> Dataset:
    """Read a CSV file of numbers with one column of class names.

    The first line is a header where any of its feature cells is not a number. A cell that is no finite number is an
    error that names its line and column, never a silent drop.
    """
    lines = _csv_lines(path)
    width = len(lines[0][1])
    if width < 2:
        raise InputError(f"{str(path)!r} has a single column; it needs feature columns and a class column, comma-separated")
    for number, cells in lines:
        if len(cells) != width:
            raise InputError(f"{str(path)!r}, line {number}: {len(cells)} cells, but the first line has {width}; mend that line")
    header = _header(lines[0][1])
    names = header or [str(position) for position in range(1, width + 1)]
    column = _target_column(path, names, target, has_header=header is not None)
    rows = lines[1:] if header else lines
    if not rows:
        raise InputError(f"{str(path)!r} has a header and no rows; it needs a row for each example")
    features = [position for position in range(width) if position != column]
    inputs = np.empty((len(rows), len(features)), np.float32)
    for index, (number, cells) in enumerate(rows):
        for place, position in enumerate(features):
            inputs[index, place] = _finite_number(cells[position], path, number, names[position])
        if cells[column].strip().casefold() in _MISSING:
            raise InputError(
                f"{str(path)!r}, line {number}: the class (column {names[column]!r}) is missing: {cells[column]!r}; "
                "fill it in or remove the line"
            )
    classes, labels = _encode([cells[column].strip() for _, cells in rows])
    return _checked(Dataset(path.stem, inputs, labels, classes), path)


def read_npz(path: Path) -> Dataset:
    """Read an NPZ file with arrays ``x`` and ``y``, and ``x_test`` and ``y_test`` where there is a test set."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name.lower(): np.asarray(archive[name]) for name in archive.files}
    except MemoryError as error:
        raise InputError(f"{str(path)!r} claims arrays larger than this machine's memory; check the file") from error
    except (ValueError, TypeError, AttributeError, OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"{str(path)!r} is not an NPZ file of plain arrays; write it with numpy.savez(path, x=..., y=...), without objects"
        ) from error
    if not {"x", "y"} <= arrays.keys():
        raise InputError(f"{str(path)!r} holds the arrays {', '.join(sorted(arrays)) or '(none)'}; it needs x (rows) and y (classes)")
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise InputError(f"{str(path)!r} has only one of x_test and y_test; give both, or none and a fifth is held out")
    inputs, targets = _rows(arrays, "x", "y", path)
    alike = arrays["x"].ndim > 2  # images: their pixels share one unit
    classes, labels = _encode(targets)
    if "x_test" not in arrays:
        return _checked(Dataset(path.stem, inputs, labels, classes, alike=alike), path)
    test_inputs, test_targets = _rows(arrays, "x_test", "y_test", path)
    unseen = sorted(set(test_targets) - set(classes))
    if unseen:
        raise InputError(f"{str(path)!r}: y_test has the class {unseen[0]!r}, which y lacks; nothing could learn it")
    if test_inputs.shape[1] != inputs.shape[1]:
        raise InputError(f"{str(path)!r}: x has {inputs.shape[1]} features a row and x_test {test_inputs.shape[1]}; they must agree")
    numbers = {name: index for index, name in enumerate(classes)}
    test_labels = np.array([numbers[name] for name in test_targets], np.int64)
    return _checked(Dataset(path.stem, inputs, labels, classes, test_inputs, test_labels, alike=alike), path)


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that hold something, with their numbers in the file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{str(path)!r} is not a CSV text file ({error}); save it as comma-separated UTF-8") from error
    if not lines:
        raise InputError(f"{str(path)!r} has no rows; it needs a row for each example")
    return lines


def _header(cells: list[str]) -> list[str] | None:
    """The cells as column names, or ``None`` where the line reads as data: a number among the features."""
    return None if any(_is_number(cell) for cell in cells) else [cell.strip() for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _target_column(path: Path, names: list[str], target: str | None, *, has_header: bool) -> int:
    if target is None:
        return len(names) - 1
    if target in names:
        return names.index(target)
    hint = did_you_mean(target, names) if has_header else f"; it has no header, so give a number from 1 to {len(names)}"
    raise InputError(f"{str(path)!r} has no column {target!r} (--target){hint}")


def _finite_number(cell: str, path: Path, line: int, column: str) -> np.float32:
    place = f"{str(path)!r}, line {line}, column {column!r}"
    if not cell.strip():
        raise InputError(f"{place}: the cell is empty; fill it in or remove the line")
    try:
        value = float(cell)
    except ValueError:
        raise InputError(
            f"{place}: {cell.strip()[:40]!r} is not a number; encode text as numbers, or name the class column with --target"
        ) from None
    return _finite(np.float64(value), place)


def _finite(value: np.float64, place: str) -> np.float32:
    with np.errstate(over="ignore"):
        single = np.float32(value)
    if not np.isfinite(single):
        raise InputError(f"{place}: {value} is not a finite float32; fill missing values in, or remove the row")
    return single


def _rows(arrays: dict[str, NDArray[np.generic]], x: str, y: str, path: Path) -> tuple[NDArray[np.float32], list[str]]:
    """Flattened float32 rows and their class names."""
    inputs, targets = arrays[x], arrays[y]
    if inputs.ndim < 2 or 0 in inputs.shape[1:] or inputs.dtype.kind not in "fiub":
        raise InputError(
            f"{str(path)!r}: {x} must be numbers with a row for each example, but it is {inputs.dtype} of shape {inputs.shape}"
        )
    if targets.ndim != 1 or len(targets) != len(inputs):
        raise InputError(
            f"{str(path)!r}: {y} must be one class for each of the {len(inputs)} rows of {x}, but its shape is {targets.shape}"
        )
    if len(inputs) == 0:
        raise InputError(f"{str(path)!r}: {x} has no rows; it needs a row for each example")
    if targets.dtype.kind not in "biufSU":
        raise InputError(f"{str(path)!r}: {y} must be numbers or text, one class for each row, but it is {targets.dtype}")
    if targets.dtype.kind == "f" and not np.isfinite(targets).all():
        raise InputError(f"{str(path)!r}: {y} has NaN or infinity in row {int(np.argmin(np.isfinite(targets)))}; remove those rows")
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(inputs.reshape(len(inputs), -1), np.float32)
    bad = np.argwhere(~np.isfinite(single))
    if len(bad):
        row, column = bad[0]
        _finite(np.float64(single[row, column]), f"{str(path)!r}: {x}, row {row}, feature {column}")
    return single, [str(value) for value in targets.tolist()]


def _encode(targets: list[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Class names in order (numbers as numbers) and each row's index among them."""
    distinct = set(targets)
    numeric = all(_is_number(name) for name in distinct)
    classes = tuple(sorted(distinct, key=lambda name: (float(name), name)) if numeric else sorted(distinct))
    numbers = {name: index for index, name in enumerate(classes)}
    return classes, np.array([numbers[name] for name in targets], np.int64)


def _checked(dataset: Dataset, path: Path) -> Dataset:
    """The dataset, with duplicates of one class name (1 and 1.0) refused: they would count as two classes."""
    if all(_is_number(name) for name in dataset.classes):
        for first, second in pairwise(dataset.classes):
            if float(first) == float(second):
                raise InputError(f"{str(path)!r}: the classes {first!r} and {second!r} are the same number; write it one way")
    return dataset
