"""What a measurement gives: tables, pictures, and what follows from them in a sentence each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ogive.lab.figures import Figure
from ogive.verdict import Verdict

_NUMBER = re.compile(r"(< )?[+−-]?\d|–$")

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """A table with a title.

    Attributes
    ----------
    columns
        The headings.
    rows
        For each heading a number, text, or nothing.
    note
        What a reader should know of it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def texts(self) -> list[list[str]]:
        """The cells as they are shown."""
        return [[_text(cell) for cell in row] for row in self.rows]

    def is_text(self, column: int) -> bool:
        """Whether a column is of words, not of numbers, however they are written."""
        return any(isinstance(row[column], str) and not _NUMBER.match(str(row[column])) for row in self.rows)


@dataclass(frozen=True)
class Measured:
    """What is shown of a measurement, and the verdicts that it comes to."""

    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    verdicts: Sequence[Verdict] = ()


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.4g}".replace("-", "−") if isinstance(cell, float) else str(cell)


def rounded(value: float) -> float:
    """To three digits, so that nothing that is stored depends on the last bits that a processor gave."""
    return float(f"{value:.3g}")
