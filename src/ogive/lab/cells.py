"""A column of a text file: whether its cells are numbers or words, which are missing, and what cannot be decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.columns import Column, Rows, without_offset

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r"[0-9eE.+-]*")
"""The characters of which ``float`` makes nothing but numbers in plain notation."""

_WHOLE = re.compile(r"[0-9+-]+")
_CODE = re.compile(r"^[+-]?0[0-9]+$", re.MULTILINE)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""What may be a decimal comma, and may as well separate thousands."""

_POINT_OF_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")

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


def is_numeric(cells: Sequence[str]) -> bool:
    """Whether there are numbers, commas allowed, and nothing else but what is missing."""
    if _plain_numbers(cells) is not None:
        return True
    present = [cell for cell in cells if not is_missing(cell)]
    return bool(present) and (_plain_numbers(present) is not None or all(is_number(cell, commas=True) for cell in set(present)))


def decides_commas(cells: Sequence[str]) -> bool:
    """Whether commas of these numbers can only be decimal ones, as in ``1,5`` and ``0,125`` but not in ``1,234``."""
    with_commas = {cell for cell in cells if "," in cell}
    return any(_COMMA.fullmatch(cell) and not _GROUPED.fullmatch(cell) for cell in with_commas) and is_numeric(cells)


def column_of(name: str, cells: Sequence[str], rows: Rows, *, decimal_commas: bool = False) -> Column:
    """The column that stripped cells are.

    Parameters
    ----------
    decimal_commas
        Whether ``1,5`` is a number in this file.
    """
    absent: set[str] = set()
    present, numbers = cells, _plain_numbers(cells)
    if numbers is None:
        absent = {cell for cell in set(cells) if is_missing(cell)}
        present = [cell for cell in cells if cell not in absent]
        numbers = _plain_numbers(present)
    if numbers is None:
        different = set(present)
        written = {cell for cell in different if is_number(cell, commas=True) or _INFINITE.fullmatch(cell)}
        if written != different:
            return _words(name, cells, written, different - written, rows)
        numbers = [float(cell.replace(",", ".")) for cell in present]
    notes = _missing_note(name, absent)
    notes += _comma_note(name, cells, set(present), rows, decimal_commas=decimal_commas)
    notes += _writing_notes(name, present, numbers)
    values = np.full(len(cells), np.nan)
    values[[cell not in absent for cell in cells]] = numbers
    whole = _whole_numbers(present)
    if whole is None:
        return Column(name, values, tuple(notes))
    if not absent:
        return Column(name, whole, tuple(notes))
    less, said = without_offset(name, whole)
    values[~np.isnan(values)] = less
    return Column(name, values, (*notes, *said))


def _plain_numbers(cells: Sequence[str]) -> list[float] | None:
    """The cells as numbers, where all are in plain notation; one look at all characters together, for tables are long."""
    if _PLAIN.fullmatch("".join(cells)) is None:
        return None
    try:
        return list(map(float, cells))
    except ValueError:
        return None


def _whole_numbers(cells: Sequence[str]) -> NDArray[np.int64] | None:
    """The cells as whole numbers, where all are and 64 bits hold them."""
    if _WHOLE.fullmatch("".join(cells)) is None:
        return None
    try:
        return np.array(list(map(int, cells)), np.int64)
    except (ValueError, OverflowError):
        return None


def _missing_note(name: str, written: set[str]) -> list[str]:
    shown = sorted(written - {""})
    return [f"Column {name!r}: {' and '.join(map(repr, shown))} taken as missing."] if shown else []


def _comma_note(name: str, cells: Sequence[str], different: set[str], rows: Rows, *, decimal_commas: bool) -> list[str]:
    """What is said of decimal commas; a comma or point that may be the decimal one or stand between thousands is refused."""
    commas = {cell for cell in different if "," in cell}
    doubtful = {cell for cell in different if "." in cell} if decimal_commas else commas
    if doubtful:
        first = next(index for index, cell in enumerate(cells) if cell in doubtful)
        why = "other numbers of the file have decimal commas" if decimal_commas else "it may be a decimal one"
        raise InputError(
            f"{rows.source}, {rows.place(np.array([first]))}, column {name!r}: what the {'point' if decimal_commas else 'comma'} of "
            f"{cells[first]!r} means is not clear, for {why}; write numbers with a decimal point and nothing between thousands"
        )
    return [f"Column {name!r}: {min(commas)!r} is read with a decimal comma."] if commas else []


def _writing_notes(name: str, cells: Sequence[str], numbers: Sequence[float]) -> list[str]:
    """What the numbers no longer show: leading zeros, and of few numbers, which are written in two ways."""
    code = _CODE.search("\n".join(cells))
    notes = [f"Column {name!r}: {code[0]!r} is read as the number {float(code[0]):g}."] if code else []
    notes += _thousands_note(name, cells)
    if len(set(numbers)) <= _FEW:
        values = dict(sorted(zip(cells, numbers, strict=True), key=lambda pair: (pair[1], pair[0])))
        same = next((pair for pair in pairwise(values) if values[pair[0]] == values[pair[1]]), None)
        notes += [f"Column {name!r}: {same[0]!r} and {same[1]!r} are the same number."] if same else []
    return notes


def _thousands_note(name: str, cells: Sequence[str]) -> list[str]:
    """Where numbers go on from 999 to 1.000, as some write thousands."""
    pointed = [cell for cell in cells if "." in cell]
    if not pointed or not all(map(_POINT_OF_THOUSANDS.fullmatch, pointed)):
        return []
    plain = max((abs(float(cell)) for cell in cells if "." not in cell), default=0)
    if not 100 <= plain < 1000:
        return []
    return [f"Column {name!r}: {pointed[0]!r} is read as {float(pointed[0]):g}; if its point stands between thousands, take that out."]


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
