"""Columns of numbers or text, from whatever source they come, and how a message names their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError

_EXACT = 2**53
"""Whole numbers up to here are doubles without loss."""


@dataclass(frozen=True)
class Column:
    """A named column.

    Attributes
    ----------
    values
        ``(rows,)``: real numbers, NaN where one is missing; or text (dtype object), ``None`` where it is missing.
    notes
        What was decided when it was read.
    """

    name: str
    values: NDArray[Any]
    notes: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        return self.values.dtype == object

    @property
    def missing(self) -> NDArray[np.bool_]:
        """``(rows,)``, whether nothing is there."""
        if self.is_text:
            return np.array([value is None for value in self.values], bool)
        return np.asarray(np.isnan(self.values))


class Rows:
    """How a message names the rows of a source: "line 7" of a file, "row 6" of an array."""

    def __init__(self, source: str, numbers: Sequence[int] | None = None, word: str = "row") -> None:
        self.source = source
        self._numbers, self._word = numbers, word

    def place(self, rows: NDArray[np.int64]) -> str:
        """The first few of these rows, as a person counts them."""
        shown = [str(row if self._numbers is None else self._numbers[row]) for row in rows[:5].tolist()]
        return f"{self._word}{'s' if len(rows) > 1 else ''} {', '.join(shown)}{f', … ({len(rows)} in all)' if len(rows) > 5 else ''}"


def without_offset(name: str, numbers: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """The numbers; whole ones less the smallest where some are so large that double precision would round them."""
    if numbers.dtype.kind not in "iu" or numbers.dtype.itemsize < 8:
        return numbers, []
    lowest, highest = int(numbers.min()), int(numbers.max())
    if max(highest, -lowest) <= _EXACT:
        return numbers, []
    above = numbers.astype(np.uint64) - np.uint64(lowest % 2**64)  # modulo 2⁶⁴, so that no range is too wide
    return above.astype(np.float64), [f"Column {name!r}: {lowest:,} is taken off, so that its large whole numbers keep their digits."]


def alike_note(name: str, words: Iterable[str]) -> list[str]:
    """What is said where two words of a column are one, but for case and spaces: each is a category of its own."""
    by_sound: dict[str, str] = {}
    for word in sorted(words):
        other = by_sound.setdefault("".join(word.casefold().split()), word)
        if other != word:
            return [f"Column {name!r}: {other!r} and {word!r} differ only in case or spaces; they are taken as two."]
    return []


def dates_error(name: str, example: str, rows: Rows) -> InputError:
    """What is said of a column of dates, which may mean many things to a network."""
    return InputError(
        f"{rows.source}, column {name!r} holds dates or times ({example!r}); turn them into numbers (days since the first, the month, "
        "the hour), or take the column out of the file or frame"
    )
