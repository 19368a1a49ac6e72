"""Tables in text files: CSV, TSV and their kin. The delimiter and the header are found from the lines, and said."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from operator import itemgetter
from pathlib import Path

from ogive.errors import InputError
from ogive.lab.cells import column_of, decides_commas, is_missing, is_number, is_numeric
from ogive.lab.columns import Rows
from ogive.lab.dataset import Dataset
from ogive.lab.features import dataset_of

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
_LOOKED_AT = 200
"""The lines that decide the delimiter."""

Line = tuple[int, list[str]]
"""A line's number in the file, and its stripped cells."""


def read_text(path: Path, target: str | None, task: str | None) -> Dataset:
    """Read a file of delimited text with one row for each example."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            delimiter = _delimiter(list(islice(file, _LOOKED_AT)))
            file.seek(0)
            lines = list(_lines(file, delimiter, strict=True))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{str(path)!r} is not UTF-8 text ({error.reason} at byte {error.start}); save it as comma-separated UTF-8"
        ) from error
    except csv.Error as error:
        raise InputError(f"{str(path)!r}, {error}; mend that line, or save the file as comma-separated UTF-8 anew") from error
    if not lines:
        raise InputError(f"{str(path)!r} has no rows; it needs a row for each example")
    _check_widths(path, lines, delimiter)
    return _dataset(path, lines, target, task, f"Read as {_DELIMITERS[delimiter]}-separated text")


def _dataset(path: Path, lines: Sequence[Line], target: str | None, task: str | None, found: str) -> Dataset:
    """The data set of lines that are all as long; `found` begins the sentence that says how they were read."""
    header = _has_header(path, [cells for _, cells in lines], target)
    names = [" ".join(name.split()) for name in lines[0][1]] if header else [str(position) for position in range(1, len(lines[0][1]) + 1)]
    body = lines[1:] if header else lines
    if not body:
        raise InputError(f"{str(path)!r} has a header and no rows; it needs a row for each example")
    columns = list(zip(*(cells for _, cells in body), strict=True))
    if len(columns) > 1 and not any(columns[-1]) and (not header or not names[-1]):  # every line ends in a delimiter
        names, columns = names[:-1], columns[:-1]
    if target is not None and not header and target not in names:
        raise InputError(f"{str(path)!r} has no column {target!r} (target); it has no header, so give a number from 1 to {len(names)}")
    rows = Rows(repr(str(path)), [number for number, _ in body], "line")
    decimal_commas = any(map(decides_commas, columns))
    read = [column_of(name, cells, rows, decimal_commas=decimal_commas) for name, cells in zip(names, columns, strict=True)]
    shown = f"the header {', '.join(names[:4])}{', …' if len(names) > 4 else ''}" if header else "no header"
    return dataset_of(path.stem, read, target, task, rows, notes=[f"{found} with {shown}."])


def _check_widths(path: Path, lines: Sequence[Line], delimiter: str) -> None:
    width = len(lines[0][1])
    for number, cells in lines:
        if len(cells) != width:
            raise InputError(
                f"{str(path)!r}, line {number}: {len(cells)} cells, but the first line has {width} "
                f"({_DELIMITERS[delimiter]}-separated); mend that line"
            )


def _lines(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[Line]:
    """The lines that hold something; where it is strict, quotes must be closed, for an open one takes in all lines that follow."""
    spaced = delimiter == " "  # any number of spaces separate, and those at the ends do not
    reader = csv.reader((line.strip() for line in lines) if spaced else lines, delimiter=delimiter, skipinitialspace=spaced, strict=strict)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that gives most lines the same number of cells, and of those the one whose cells hold no other delimiter."""

    def merit(delimiter: str) -> tuple[float, float, float]:
        parsed = [cells for _, cells in _lines(lines, delimiter)]
        width, agreeing = max(Counter(map(len, parsed)).items(), key=itemgetter(1), default=(1, 0))
        if width == 1:
            return 0.0, 0.0, 0.0
        cells = [cell for row in parsed for cell in row]
        numbers = [cell for cell in cells if is_number(cell, commas=True)]
        mixed = [cell for cell in set(cells) - set(numbers) if any(other in cell for other in ",;\t|")]
        return agreeing / len(parsed), -len(mixed) / len(cells), len(numbers) / len(cells)

    return max(_DELIMITERS, key=merit) if any(line.strip() for line in lines) else ","


def _has_header(path: Path, lines: list[list[str]], target: str | None) -> bool:
    """Whether the first line names the columns.

    It does where words stand above numbers; where all columns are words, where few of its cells come again below. The
    names may be numbers that count, as pandas writes where columns have no names. What may be either is refused.
    """
    first, below = lines[0], list(zip(*lines[1:], strict=True))
    numbers = [cell for cell in first if is_number(cell, commas=True)]
    if not below:
        return not numbers
    pairs = list(zip(first, below, strict=True))
    named = [(cell, column) for cell, column in pairs if not is_number(cell, commas=True) and not is_missing(cell)]
    words = [cell for cell, column in named if is_numeric(column)]
    if target is not None and target in first and not is_number(target):
        words.append(target)
    again = [cell for cell, column in named if cell in column]
    if not numbers:
        return bool(words) or 2 * len(again) < len(named)
    if words and (again or not _count(numbers)):
        raise InputError(
            f"{str(path)!r}, line 1: {words[0]!r} reads as a column's name, and {numbers[0]!r} as a number; name every column, or none"
        )
    if words:
        return True
    if again or not _count(numbers):
        return False
    beside = bool(named) or (not first[0] and _count(below[0]))
    fractions = any(is_number(cell) and _has_fractions(column) for cell, column in pairs)
    if (numbers[0] == "0" and (beside or len(numbers) >= 3)) or (fractions and len(numbers) >= 2):
        return True
    if numbers[0] == "0" and len(numbers) == len(first) > 1:
        raise InputError(f"{str(path)!r}, line 1: {','.join(first)!r} may name the columns or be a row; name the columns by words")
    return False


def _has_fractions(column: Sequence[str]) -> bool:
    """Whether all numbers of the column are written with a decimal point."""
    return is_numeric(column) and all("." in cell for cell in set(column) if not is_missing(cell))


def _count(numbers: Sequence[str]) -> bool:
    """Whether these are whole numbers, each one more than the one before."""
    return all(cell.isdecimal() for cell in numbers) and all(int(after) - int(before) == 1 for before, after in pairwise(numbers))
