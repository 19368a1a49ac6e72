"""The target of a data set: whether it asks for a class or for a number is found from its values, and said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError, did_you_mean
from ogive.lab.columns import Column, Rows, alike_note, without_offset
from ogive.lab.task import Task
from ogive.targets import MOST_CLASSES, ROWS_OF_A_CLASS

TASKS = ("classification", "regression")

_SIZES = (1e-100, 1e100)
"""What a target's largest number may be, so that the squares of errors are numbers."""


def target_of(column: Column, task: str | None, rows: Rows) -> tuple[NDArray[Any], Task, list[str]]:
    """The target's numbers (int64 class numbers, or float64), its task, and how the task was found.

    Parameters
    ----------
    task
        ``"classification"`` or ``"regression"``; by default text, booleans and few different whole numbers are classes.
    """
    if task is not None and task not in TASKS:
        raise InputError(f"unknown task {task!r}{did_you_mean(task, TASKS)}")
    place = f"{rows.source}, target {column.name!r}"
    missing = np.flatnonzero(column.missing)
    if len(missing):
        raise InputError(f"{place}: the target is missing in {rows.place(missing)}; fill it in, or remove these rows")
    if column.is_text and task == "regression":
        raise InputError(f"{place}: regression needs numbers, but the target is text, such as {column.values[0][:40]!r}")
    if not column.is_text and not np.isfinite(column.values).all():
        bad = np.flatnonzero(~np.isfinite(column.values))
        raise InputError(f"{place}: the target is infinite in {rows.place(bad)}; mend or remove these rows")
    different, numbers = np.unique(column.values.astype(str) if column.is_text else column.values, return_inverse=True)
    if len(different) < 2:
        raise InputError(f"{place}: all rows have the target {different.tolist()[0]!r}; there must be at least two values to tell apart")
    if task == "regression" or (task is None and not _looks_like_classes(column, different)):
        real, said = without_offset(column.name, column.values)
        return _measured(real.astype(np.float64), place), Task(), [_reason(column, different, task), *said]
    classes = tuple(_class_name(value) for value in different.tolist())
    return numbers.astype(np.int64), Task(classes), [_reason(column, different, task), *alike_note(column.name, classes)]


def _looks_like_classes(column: Column, different: NDArray[Any]) -> bool:
    if column.is_text or different.dtype == bool or different.tolist() in ([0, 1], [-1, 1]):
        return True
    whole = bool((different == np.floor(different)).all())
    return whole and len(different) <= MOST_CLASSES and len(column.values) >= ROWS_OF_A_CLASS * len(different)


def _measured(numbers: NDArray[np.float64], place: str) -> NDArray[np.float64]:
    """The numbers, where squares of their errors are numbers too."""
    largest = np.abs(numbers).max()
    if not _SIZES[0] <= largest <= _SIZES[1]:
        raise InputError(
            f"{place}: its largest number is {largest:g}; give it in a unit that brings it between {_SIZES[0]:g} and {_SIZES[1]:g}"
        )
    return numbers


def _reason(column: Column, different: NDArray[Any], task: str | None) -> str:
    """The sentence that says what the task is, and why."""
    count = len(different)
    if task is not None:
        return f"Task: {task}, as asked; {count} different values."
    if column.is_text or different.dtype == bool:
        return f"Task: classification, for the target is {'text' if column.is_text else 'true or false'}; {count} classes."
    if _looks_like_classes(column, different):
        return f"Task: classification, for the target has {count} different whole numbers."
    whole = "whole" if (different == np.floor(different)).all() else "real"
    return f"Task: regression, for the target has {count} different {whole} numbers."


def _class_name(value: Any) -> str:
    """The class as a person writes it: whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
