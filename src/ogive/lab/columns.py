"""Columns of numbers or text, from whatever source they come, and how a message names their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
        return np.equal(self.values, None) if self.is_text else np.isnan(self.values)


class Rows:
    """How a message names the rows of a source: "line 7" of a file, "row 6" of an array."""

    def __init__(self, source: str, numbers: Sequence[int] | None = None, word: str = "row") -> None:
        self.source = source
        self._numbers, self._word = numbers, word

    def place(self, rows: NDArray[np.int64]) -> str:
        """The first few of these rows, as a person counts them."""
        shown = [str(row if self._numbers is None else self._numbers[row]) for row in rows[:5].tolist()]
        return f"{self._word}{'s' if len(rows) > 1 else ''} {', '.join(shown)}{f', … ({len(rows)} in all)' if len(rows) > 5 else ''}"
