"""Which columns are features, and the data set that they make: an index, free text or dates are found and said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError, did_you_mean
from ogive.lab.cells import is_missing, is_number
from ogive.lab.columns import Column, Rows, alike_note, dates_error, without_offset
from ogive.lab.dataset import Dataset
from ogive.lab.target import target_of

MOST_CATEGORIES = 1000
"""A text column of more different values is refused, for each would be one more input."""

_FEW_CATEGORIES = 20
"""So many different values may stand in most of the rows of a small table and be categories still."""

_LARGEST = 1e300
_SHOWN = 6

_INDEX_NAME = re.compile(r"(?i:unnamed: ?\d+|(.*[_\W])?id|(row[_\W]?)?index|rownames|row|level_\d+|__index_level_\d+__|)|.*[a-z]I[Dd]")
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
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"{rows.source} has two columns {twice[0]!r}; give each column a name of its own")
    if target is not None and target not in names:
        raise InputError(f"{rows.source} has no column {target!r} (target){did_you_mean(target, names)}")
    if len(columns) < 2:
        raise InputError(f"{rows.source} has a single column; it needs a target and at least one column to tell it from")
    answer = columns[-1 if target is None else names.index(target)]
    values, found, reason = target_of(answer, task, rows)
    others = [column for column in columns if column is not answer]
    empty = [column.name for column in others if column.missing.all()]
    indexes = [column.name for column in others if may_have_index and _is_index(column, first=column is columns[0] and len(others) > 1)]
    kept = [column for column in others if column.name not in {*empty, *indexes}]
    numbers, texts = ([column for column in kept if column.is_text is is_text] for is_text in (False, True))
    numeric, said = _side_by_side(numbers, len(values), rows)
    categorical, said_of_texts = _texts(texts, len(values), rows)
    all_notes = (
        *notes,
        *([f"Target: column {answer.name!r}, the last."] if target is None else []),
        *answer.notes,
        *reason,
        *_note("Left out, for it numbers the rows", map(repr, indexes)),
        *_note("Left out, for it is empty", map(repr, empty)),
        *(note for column in kept for note in column.notes),
        *said,
        *said_of_texts,
    )
    if not kept:
        raise InputError(f"{rows.source} has no column left to tell the target from: {' '.join(all_notes)}")
    ordered = tuple(column.name for column in [*numbers, *texts])
    return Dataset(name, numeric, categorical, values, found, official_test, ordered, all_notes, alike)


def numeric_notes(table: NDArray[Any], names: Sequence[str], rows: Rows) -> list[str]:
    """What a reader should know of columns of numbers; infinite ones are refused."""
    bad = np.argwhere(np.isinf(table) if table.dtype != np.float64 else np.abs(table) > _LARGEST)
    if len(bad):
        at_fault = np.unique(bad[bad[:, 1] == bad[0, 1], 0])
        raise InputError(
            f"{rows.source}, {rows.place(at_fault)}, column {names[bad[0, 1]]!r}: {table[tuple(bad[0])]} is infinite or beyond "
            f"{_LARGEST:g}; mend it, or leave it empty where it is not known"
        )
    missing = np.isnan(table).sum(axis=0) if table.dtype.kind == "f" else np.zeros(len(names), int)
    shown = [f"{name!r} ({count} of {len(table)})" for name, count in zip(names, missing, strict=True) if count]
    constant = [repr(name) for name, same in zip(names, (table == table[0]).all(axis=0), strict=True) if same]
    return [
        *_note("Missing numbers become the median of the training rows, and one more column says where", shown),
        *_note("The same in every row", constant),
    ]


def _side_by_side(columns: Sequence[Column], length: int, rows: Rows) -> tuple[NDArray[Any], list[str]]:
    """Columns of numbers as one array, and what a reader should know of them."""
    if not columns:
        return np.empty((length, 0)), []
    taken, notes = [], []
    for column in columns:
        values, said = without_offset(column.name, column.values)
        taken.append(values)
        notes += said
    table = np.ascontiguousarray(np.column_stack(taken))
    return table, [*notes, *numeric_notes(table, [column.name for column in columns], rows)]


def _texts(columns: Sequence[Column], length: int, rows: Rows) -> tuple[NDArray[np.object_], list[str]]:
    """Columns of text as one array, and what a reader should know of them."""
    table = np.empty((length, len(columns)), object)
    categories, missing = [], []
    alike: list[str] = []
    for position, column in enumerate(columns):
        table[:, position] = column.values
        absent = int(column.missing.sum())
        categories.append(f"{column.name!r} ({_checked_categories(column, rows)})")
        if absent:
            missing.append(f"{column.name!r} ({absent} of {length})")
        alike += alike_note(column.name, {value for value in column.values if value is not None})
    return table, [
        *_note("Text, with the number of categories", categories),
        *_note("Missing text is a category of its own", missing),
        *alike,
    ]


def _note(what: str, traits: Iterable[str]) -> list[str]:
    """One sentence for all columns that share a trait."""
    columns = list(traits)
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return [f"{what}: {', '.join(columns[:_SHOWN])}{more}."] if columns else []


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


def _checked_categories(column: Column, rows: Rows) -> int:
    """How many categories a column of text has, where it is no free text, dates, or numbers in disguise."""
    texts = [value for value in column.values if value is not None]
    different = set(texts)
    place = f"{rows.source}, column {column.name!r}"
    if any(all(pattern.fullmatch(text.strip()) for text in different) for pattern in _DATES):
        raise dates_error(column.name, texts[0], rows)
    few = len(different) <= max(_FEW_CATEGORIES, min(MOST_CATEGORIES, len(texts) // 2))
    if not few and all(is_number(text) or is_missing(text) for text in different):
        raise InputError(f"{place} holds numbers as text ({texts[0]!r}); turn them into numbers, as with pandas.to_numeric")
    if not few:
        raise InputError(
            f"{place} is free text: {len(different)} different values in {len(texts)} rows, such as {texts[0][:40]!r}; "
            "take the column out of the file or frame, or turn it into numbers or a few categories"
        )
    return len(different)
