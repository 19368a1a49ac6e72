"""Which columns are features, and the data set that they make: what is an index, free text or a date is found and said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError, did_you_mean
from ogive.lab.columns import Column, Rows
from ogive.lab.dataset import Dataset
from ogive.lab.target import target_of

MOST_CATEGORIES = 1000
"""Above as many different texts a column is refused: each would be one more input."""

_LARGEST = 1e300
_EXACT = 2**53
"""Whole numbers up to here are doubles without loss."""

_INDEX_NAME = re.compile(r"(?i:unnamed: ?\d+|(.*[_\W])?(id|index)|rownames|row|level_\d+|__index_level_\d+__|)|.*[a-z]I[Dd]")
_DATES = (
    re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?"),
    re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})([T ].*)?"),
    re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"),
)


def dataset_of(
    name: str,
    columns: Sequence[Column],
    target: str | None,
    task: str | None,
    rows: Rows,
    *,
    official_test: NDArray[np.bool_] | None = None,
    notes: Sequence[str] = (),
    alike: bool = False,
    may_have_index: bool = True,
) -> Dataset:
    """The data set that these columns are, one of them the target (the last, where none is named)."""
    names = [column.name for column in columns]
    repeated = [name for index, name in enumerate(names) if name in names[:index]]
    if repeated:
        raise InputError(f"{rows.source} has two columns {repeated[0]!r}; give each column a name of its own")
    if target is not None and target not in names:
        raise InputError(f"{rows.source} has no column {target!r} (target){did_you_mean(target, names)}")
    if len(columns) < 2:
        raise InputError(f"{rows.source} has a single column; it needs a target and at least one column to tell it from")
    answer = columns[-1 if target is None else names.index(target)]
    values, found_task, said = target_of(answer, task, rows)
    heading = (f"Target: column {answer.name!r}, the last.",) if target is None else ()
    all_notes = [*notes, *heading, *answer.notes, *said]
    numeric, categorical = [], []
    for column in columns:
        if column is answer:
            continue
        all_notes += column.notes
        if may_have_index and _is_index(column, first=column is columns[0] and len(columns) > 2):
            all_notes.append(f"Column {column.name!r} numbers the rows: left out.")
            continue
        kept, said = _feature(column, rows)
        all_notes += said
        if kept is not None:
            (categorical if kept.is_text else numeric).append(kept)
    if not numeric and not categorical:
        raise InputError(f"{rows.source} has no column left to tell the target from: {' '.join(all_notes)}")
    return Dataset(
        name=name,
        numeric=_side_by_side([column.values for column in numeric], len(values), np.float64),
        categorical=_side_by_side([column.values for column in categorical], len(values), object),
        target=values,
        task=found_task,
        official_test=official_test,
        columns=tuple(column.name for column in [*numeric, *categorical]),
        notes=tuple(all_notes),
        alike=alike,
    )


def _side_by_side(columns: list[NDArray[Any]], rows: int, empty: type) -> NDArray[Any]:
    return np.ascontiguousarray(np.column_stack(columns)) if columns else np.empty((rows, 0), empty)


def _feature(column: Column, rows: Rows) -> tuple[Column | None, list[str]]:
    """The column as a feature, or ``None`` where it is left out, and what a reader should know of it."""
    missing = int(column.missing.sum())
    if missing == len(column.values):
        return None, [f"Column {column.name!r} is empty: left out."]
    notes = []
    if column.is_text:
        _check_text(column, rows)
        levels = len(set(column.values)) - bool(missing)
        notes.append(f"Column {column.name!r}: text, {levels} {'category' if levels == 1 else 'categories'}.")
        if missing:
            notes.append(f"Column {column.name!r}: {missing} of {len(column.values)} cells are missing, a category of their own.")
        return column, notes
    _check_numbers(column, rows)
    if missing:
        notes.append(
            f"Column {column.name!r}: {missing} of {len(column.values)} cells are missing; they become the median of the training rows, "
            "and one more column says where."
        )
    values = column.values
    if values.dtype.kind in "iu" and values.size and max(int(values.max()), -int(values.min())) > _EXACT:
        offset = int(values.min())
        values = np.array([value - offset for value in values.tolist()], np.float64)
        notes.append(f"Column {column.name!r}: {offset:,} is taken off, so that such large whole numbers keep their digits.")
    if not missing and (values == values[0]).all():
        notes.append(f"Column {column.name!r} is the same in every row.")
    return Column(column.name, values), notes


def _is_index(column: Column, *, first: bool) -> bool:
    """Whether the column counts the rows, or has a name like one that does and another whole number or word in every row."""
    values = column.values
    if column.missing.any() or len(values) < 3:
        return False
    named = _INDEX_NAME.fullmatch(column.name.strip()) is not None
    if column.is_text:
        return named and len(set(values)) == len(values)
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any():
        return False
    counts = values[0] in (0, 1) and bool((np.diff(numbers) == 1).all())
    return (counts and first) or (named and len(np.unique(values)) == len(values))


def _check_text(column: Column, rows: Rows) -> None:
    texts = [value for value in column.values if value is not None]
    if any(all(pattern.fullmatch(text.strip()) for text in texts) for pattern in _DATES):
        raise InputError(
            f"{rows.source}, column {column.name!r} holds dates or times ({texts[0]!r}); turn them into numbers (days since the first, "
            "the month, the hour), or leave the column out"
        )
    different = len(set(texts))
    if different > MOST_CATEGORIES or (different > 20 and different > len(texts) / 2):
        raise InputError(
            f"{rows.source}, column {column.name!r} is free text: {different} different values in {len(texts)} rows, such as "
            f"{texts[0][:40]!r}; leave the column out, or turn it into numbers or a few categories"
        )


def _check_numbers(column: Column, rows: Rows) -> None:
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(np.abs(column.values.astype(np.float64)) > _LARGEST)
    if len(bad):
        raise InputError(
            f"{rows.source}, {rows.place(bad)}, column {column.name!r}: {column.values[bad[0]]} is infinite or beyond {_LARGEST:g}; "
            "mend it, or leave the cell empty where it is not known"
        )
