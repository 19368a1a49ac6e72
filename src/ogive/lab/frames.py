"""Tables in memory, pandas', polars' or Arrow's, and Parquet files. Narwhals reads them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from ogive.errors import InputError, InputTypeError, MissingExtraError
from ogive.lab.cells import column_of
from ogive.lab.columns import Column, Rows, dates_error, without_offset
from ogive.lab.dataset import Dataset
from ogive.lab.features import dataset_of

_INDEX_LEFT_OUT = "Left out, for it is the frame's index: {}."


def read_parquet(path: Path, target: str | None, task: str | None) -> Dataset:
    """Read a Parquet file with one row for each example."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError('Parquet files need pyarrow, which is not installed; pip install "ogive[parquet]"') from error
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{str(path)!r} is not a Parquet file that can be read ({str(error).splitlines()[0]}); write it again") from error
    stored = (table.schema.pandas_metadata or {}).get("index_columns", ())
    index = [name for name in stored if name in table.column_names]  # it stands last, where the target is looked for
    notes = [_INDEX_LEFT_OUT.format(", ".join(map(repr, index)))] if index else []
    return from_frame(table.drop_columns(index), target, task, name=path.stem, source=repr(str(path)), notes=notes)


def is_frame(data: Any) -> bool:
    """Whether this is a table of a library that narwhals knows."""
    if isinstance(data, np.ndarray):
        return False
    from narwhals.dependencies import is_into_dataframe, is_into_lazyframe

    return bool(is_into_dataframe(data) or is_into_lazyframe(data))


def from_frame(
    frame: Any, target: str | None, task: str | None, *, name: str = "frame", source: str = "the frame", notes: Sequence[str] = ()
) -> Dataset:
    """The data set of a frame, one of its columns the target (the last, where none is named)."""
    rows = Rows(source)
    return dataset_of(
        name, frame_columns(frame, rows), None if target is None else str(target), task, rows, notes=[*notes, *_index_note(frame)]
    )


def frame_columns(frame: Any, rows: Rows) -> list[Column]:
    """The columns of a frame; what their types say, number or text, is taken at its word."""
    import narwhals
    from narwhals.exceptions import DuplicateError

    try:
        table = narwhals.from_native(frame, eager_only=True)
        names = table.columns
    except DuplicateError as error:
        raise InputError(f"{rows.source} has two columns of one name; give each column a name of its own") from error
    except TypeError as error:
        raise InputTypeError(f"{rows.source} is lazy, a {type(frame).__name__}; collect it first, as with frame.collect()") from error
    if len(table) == 0 or not names:
        raise InputError(f"{rows.source} has no {'rows' if names else 'columns'}; it needs a row for each example")
    return [_column(series, str(series.name), rows) for series in table.iter_columns()]


def is_series(data: Any) -> bool:
    """Whether this is one column of a library that narwhals knows."""
    if isinstance(data, np.ndarray):
        return False
    from narwhals.dependencies import is_into_series

    return bool(is_into_series(data))


def series_column(series: Any, name: str, rows: Rows) -> Column:
    """The column that a series is."""
    import narwhals

    return _column(narwhals.from_native(series, series_only=True), name, rows)


def _column(series: Any, name: str, rows: Rows) -> Column:
    import narwhals

    dtype, missing = series.dtype, series.is_null().to_numpy()
    if missing.all():
        return Column(name, np.full(len(missing), np.nan))
    if dtype.is_integer() and not missing.any():
        return Column(name, series.to_numpy())
    if dtype.is_integer():  # taken apart, for as doubles large whole numbers would lose digits
        present, notes = without_offset(name, series.drop_nulls().to_numpy())
        values = np.full(len(missing), np.nan)
        values[~missing] = present
        return Column(name, values, tuple(notes))
    if (dtype.is_float() or dtype == narwhals.Boolean) and not missing.any():
        return Column(name, series.to_numpy())
    if dtype.is_numeric() or dtype == narwhals.Boolean:
        return Column(name, series.cast(narwhals.Float64).to_numpy())
    objects = [None if absent else value for value, absent in zip(series.to_list(), missing, strict=True)]
    if dtype == narwhals.Object:
        return object_column(name, objects, rows)
    if dtype in (narwhals.String, narwhals.Categorical, narwhals.Enum):
        return Column(name, np.array([None if value is None else str(value) for value in objects], object))
    if dtype.is_temporal():
        raise dates_error(name, str(objects[0]), rows)
    kind = getattr(series.to_native(), "dtype", dtype)
    raise InputError(f"{rows.source}, column {name!r} holds {kind}; turn it into numbers or text, or leave it out")


def object_column(name: str, values: Sequence[Any], rows: Rows) -> Column:
    """The column that Python objects are: numbers, text, or both, in which case it is read as a file's cells are."""
    present = [value for value in values if not _is_missing(value)]
    strange = next((value for value in present if not _is_plain(value)), None)
    if isinstance(strange, date | time | timedelta):
        raise dates_error(name, str(strange), rows)
    if strange is not None:
        raise InputError(
            f"{rows.source}, column {name!r} holds a {type(strange).__name__} ({str(strange)[:40]!r}); turn it into numbers or "
            "text, or leave it out"
        )
    texts = sum(isinstance(value, str) for value in present)
    if texts == len(present) > 0:
        return Column(name, np.array([None if _is_missing(value) else value for value in values], object))
    if texts:
        return column_of(name, ["" if _is_missing(value) else str(value).strip() for value in values], rows)
    if len(present) == len(values) and all(isinstance(value, Integral) for value in present):
        return Column(name, np.array(values))
    return Column(name, np.array([np.nan if _is_missing(value) else float(value) for value in values], np.float64))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, Real) and bool(value != value))


def _is_plain(value: Any) -> bool:
    """Whether a value is text or a number that an array can hold."""
    if isinstance(value, Integral):
        return -(2**63) <= int(value) < 2**63
    return isinstance(value, str | Real | Decimal | np.bool_)


def _index_note(frame: Any) -> list[str]:
    """What is said of a pandas index that is more than the numbers of the rows."""
    index: Any = getattr(frame, "index", None)
    plain = index is None or (type(index).__name__ == "RangeIndex" and index.name is None)
    return [] if plain else [_INDEX_LEFT_OUT.format(", ".join(repr(name or "") for name in index.names))]
