"""A column of a text file: whether its cells are numbers or words, which are missing, and what cannot be decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ogive.errors import InputError
from ogive.lab.columns import Column, Rows

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""What may be a decimal comma, and may as well separate thousands."""

_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_MISSING = frozenset(("", "?", "-", ".", "na", "n/a", "#n/a", "nan", "null", "none", "missing"))
"""How tables write, in a column of numbers, that one is not known."""

_NO_WORD = frozenset(("", "?", "na", "n/a", "#n/a", "nan", "null"))
"""How they write it in a column of words: what can hardly be a word."""

_FEW = 20
"""A column of at most as many different values may be codes, some of them written as numbers."""


def is_number(cell: str, *, commas: bool = False) -> bool:
    """Whether a cell is a number in plain notation; with `commas`, one in which a comma may be the decimal point too.

    ``1_000``, which Python reads as a number, is none, nor are the digits of other scripts.

    >>> is_number("-1.5e3"), is_number("1_000"), is_number("1,5", commas=True)
    (True, False, True)
    """
    return _NUMBER.fullmatch(cell) is not None or (commas and _COMMA.fullmatch(cell) is not None)


def is_missing(cell: str) -> bool:
    """Whether a cell of a column of numbers says that the number is not known."""
    return cell.casefold() in _MISSING


def decides_commas(cell: str) -> bool:
    """Whether the comma of a number can only be a decimal one, as in ``1,5`` and ``0,125`` but not in ``1,234``."""
    return "," in cell and _COMMA.fullmatch(cell) is not None and _GROUPED.fullmatch(cell) is None


def column_of(name: str, cells: Sequence[str], rows: Rows, *, decimal_commas: bool = False) -> Column:
    """The column that stripped cells are.

    Parameters
    ----------
    decimal_commas
        Whether ``1,5`` is a number in this file.
    """
    different = set(cells)
    numbers = {cell for cell in different if is_number(cell) or _INFINITE.fullmatch(cell)}
    commas = {cell for cell in different - numbers if is_number(cell, commas=True)}
    words = {cell for cell in different - numbers - commas if not is_missing(cell)}
    if words:
        return _words(name, cells, numbers | commas, words, rows)
    notes = []
    _check_commas(name, cells, numbers | commas, rows, decimal_commas=decimal_commas)
    if commas:
        notes.append(f"Column {name!r}: {min(commas)!r} is read with a decimal comma.")
    notes += _missing_note(name, different - numbers - commas)
    codes = [cell for cell in numbers if re.match(r"[+-]?0[0-9]", cell)]
    if codes:
        notes.append(f"Column {name!r}: {min(codes)!r} is read as the number {float(min(codes)):g}.")
    whole = {cell: int(cell) for cell in numbers if _WHOLE.fullmatch(cell)}
    if len(whole) == len(different) and all(-(2**63) <= number < 2**63 for number in whole.values()):
        return Column(name, np.array([whole[cell] for cell in cells], np.int64), tuple(notes))
    rounded = [cell for cell, number in whole.items() if int(float(number)) != number]
    if rounded:
        notes.append(f"Column {name!r}: whole numbers such as {rounded[0]} are rounded to 53 bits.")
    values = {cell: np.nan if is_missing(cell) else float(cell.replace(",", ".")) for cell in different}
    if len(different) <= _FEW:
        notes += _same_note(name, {cell: values[cell] for cell in numbers})
    return Column(name, np.array([values[cell] for cell in cells], np.float64), tuple(notes))


def _missing_note(name: str, written: set[str]) -> list[str]:
    shown = sorted(written - {""})
    return [f"Column {name!r}: {' and '.join(map(repr, shown))} taken as missing."] if shown else []


def _same_note(name: str, values: dict[str, float]) -> list[str]:
    """Of few different numbers, which are written in two ways, for as words they would be two classes."""
    ordered = sorted(values, key=lambda cell: (values[cell], cell))
    same = [f"{first!r} and {second!r}" for first, second in pairwise(ordered) if values[first] == values[second]]
    return [f"Column {name!r}: {same[0]} are the same number."] if same else []


def _words(name: str, cells: Sequence[str], numbers: set[str], words: set[str], rows: Rows) -> Column:
    """Text, where it cannot be a column of numbers with a few slips."""
    numeric = [index for index, cell in enumerate(cells) if cell in numbers]
    if len(numeric) * 2 > len(cells) and len(numbers) > _FEW:
        slips = np.array([index for index, cell in enumerate(cells) if cell in words])
        raise InputError(
            f"{rows.source}, {rows.place(slips)}, column {name!r}: {cells[slips[0]][:40]!r} is not a number, but {len(numeric)} of "
            f"{len(cells)} cells are; write numbers plainly, as in 1000.5, and leave a cell empty where the number is not known"
        )
    missing = {cell for cell in set(cells) if cell.casefold() in _NO_WORD}
    notes = _missing_note(name, missing)
    if numbers:
        notes.append(f"Column {name!r} has words and numbers, such as {min(words)!r} and {min(numbers)!r}: all are categories.")
    return Column(name, np.array([None if cell in missing else cell for cell in cells], object), tuple(notes))


def _check_commas(name: str, cells: Sequence[str], numbers: set[str], rows: Rows, *, decimal_commas: bool) -> None:
    """Refuse a number whose comma or point may be the decimal one or stand between thousands."""
    points = {cell for cell in numbers if "." in cell}
    doubtful = points if decimal_commas else {cell for cell in numbers if "," in cell}
    if not doubtful:
        return
    first = next(index for index, cell in enumerate(cells) if cell in doubtful)
    why = "other numbers of the file have decimal commas" if decimal_commas else "it may be a decimal one"
    raise InputError(
        f"{rows.source}, {rows.place(np.array([first]))}, column {name!r}: what the {'point' if decimal_commas else 'comma'} of "
        f"{cells[first]!r} means is not clear, for {why}; write numbers with a decimal point and nothing between thousands"
    )
