"""The data a comparison runs on: a built-in table, images, a file, a frame or arrays of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ogive.errors import InputError, InputTypeError, did_you_mean
from ogive.lab.builtin import TABLES, load_builtin
from ogive.lab.dataset import Dataset

IMAGES = ("mnist", "fashion_mnist")

BUILT_IN = (*TABLES, *IMAGES)
"""The names that ``--data`` knows; anything else is a path."""

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXT_SUFFIXES, ".npz", ".parquet")


def load(data: Any, *, data_dir: str | Path | None = None, target: str | None = None, task: str | None = None) -> Dataset:
    """Load a data set by name, from a file, a frame or arrays, and say in its notes what was recognised.

    Parameters
    ----------
    data
        One of ``BUILT_IN``; the path of a CSV, TSV, TXT, Parquet or NPZ file; a pandas or polars frame; ``(X, y)``; or what this
        function has returned.
    data_dir
        Folder of the four files of ``"mnist"`` or ``"fashion_mnist"``; by default an environment variable names it, else
        they are downloaded.
    target
        The column of a table to predict: its name, or its number where a file has no header; the last one by default.
    task
        ``"classification"`` or ``"regression"``; by default found from the target.

    Returns
    -------
    Dataset
        Everything as it was measured; :class:`~ogive.lab.preparation.Preparation` makes inputs of it.

    Raises
    ------
    InputError
        In one line: what is wrong with the data, where, and what to do.
    MissingExtraError
        Where a library is not installed that only this kind of data needs.

    Examples
    --------
    >>> load("iris").task.classes
    ('setosa', 'versicolor', 'virginica')
    """
    built_in = isinstance(data, str) and data in BUILT_IN
    if data_dir is not None and (not built_in or data not in IMAGES):
        raise InputError(f"data_dir is the folder of the files of {' or '.join(IMAGES)}, but the data is {_shown(data)}; leave it out")
    if built_in:
        for option, value in (("target", target), ("task", task)):
            if value is not None:
                raise InputError(f"{option} is for tables of your own, but the data is {data!r}; leave it out")
        if data in TABLES:
            return load_builtin(data)
        from ogive.lab.mnist import load_images

        return load_images(data, None if data_dir is None else Path(data_dir))
    if isinstance(data, Dataset):
        return data
    if isinstance(data, str | Path):
        return _file(Path(data), target, task)
    if isinstance(data, tuple) and len(data) == 2:
        if target is not None:
            raise InputError("target names a column, but the data is (X, y), and y is the target; leave it out")
        from ogive.lab.array_data import from_arrays

        return from_arrays(*data, task)
    from ogive.lab.frames import from_frame, is_frame

    if is_frame(data):
        return from_frame(data, target, task)
    raise InputTypeError(f"data must be a name, a path, a frame, or (X, y); got {_shown(data)}")


def _shown(data: Any) -> str:
    return repr(str(data)) if isinstance(data, str | Path) else f"a {type(data).__name__}"


def _file(path: Path, target: str | None, task: str | None) -> Dataset:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"unknown data {str(path)!r}; files end in {', '.join(SUFFIXES)}{did_you_mean(str(path), BUILT_IN)}")
    if not path.exists():
        raise InputError(f"no file {str(path)!r}; check the path")
    if not path.is_file():
        raise InputError(f"{str(path)!r} is not a file; give a file that ends in {', '.join(SUFFIXES)}")
    if path.stat().st_size == 0:
        raise InputError(f"{str(path)!r} is empty; it needs a row for each example")
    try:
        if suffix in TEXT_SUFFIXES:
            from ogive.lab.text_files import read_text

            return read_text(path, target, task)
        if suffix == ".parquet":
            from ogive.lab.frames import read_parquet

            return read_parquet(path, target, task)
        if target is not None:
            raise InputError(f"target names a column, but {str(path)!r} holds arrays, and y is the target; leave it out")
        from ogive.lab.array_data import read_npz

        return read_npz(path, task)
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror or error}; check its permissions") from error
