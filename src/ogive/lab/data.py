"""The data a comparison runs on: handwritten digits, MNIST, or a table of the user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ogive.errors import InputError
from ogive.lab.dataset import Dataset

BUILT_IN = ("digits", "mnist")
"""The names that ``--data`` knows; anything else is a path."""

TABLE_SUFFIXES = (".csv", ".npz")


def load(data: str, data_dir: Path | None = None, target: str | None = None) -> Dataset:
    """Load a built-in data set by name, or a CSV or NPZ file by path.

    Parameters
    ----------
    data
        ``"digits"``, ``"mnist"``, or the path of a ``.csv`` or ``.npz`` file.
    data_dir
        Folder of the four MNIST files; by default the environment variable ``OGIVE_MNIST_DIR``, else a download.
    target
        Name of the CSV column that holds the classes; the last one by default.

    Raises
    ------
    InputError
        In one line: what is wrong with the data, where, and what to do.
    """
    if target is not None and Path(data).suffix.lower() != ".csv":
        raise InputError(f"--target names a column of a CSV file, but the data is {data!r}; leave --target out")
    if data_dir is not None and data != "mnist":
        raise InputError(f"--data-dir is the folder of the MNIST files, but the data is {data!r}; add --data mnist")
    if data == "digits":
        return _digits()
    if data == "mnist":
        from ogive.lab.mnist import load_mnist

        return load_mnist(data_dir)
    return _table(Path(data), target)


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return Dataset(
        name="digits",
        inputs=np.asarray(digits.data, np.float32),
        labels=np.asarray(digits.target, np.int64),
        classes=tuple(str(name) for name in digits.target_names),
        alike=True,
    )


def _table(path: Path, target: str | None) -> Dataset:
    from ogive.lab.table_files import read_csv, read_npz

    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(
            f"unknown data {str(path)!r}; give one of {', '.join(BUILT_IN)}, or a file that ends in {' or '.join(TABLE_SUFFIXES)}"
        )
    if not path.exists():
        raise InputError(f"no file {str(path)!r}; check the path that --data gives")
    if not path.is_file():
        raise InputError(f"{str(path)!r} is not a file; --data takes a {' or '.join(TABLE_SUFFIXES)} file")
    if path.stat().st_size == 0:
        raise InputError(f"{str(path)!r} is empty; it needs a row for each example")
    try:
        return read_csv(path, target) if suffix == ".csv" else read_npz(path)
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror or error}; check its permissions") from error
