"""The table in the terminal, whatever the terminal can show."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ogive.errors import OutputError
from ogive.lab.findings import findings
from ogive.lab.headings import Column, columns, legend
from ogive.lab.summary import Row, Summary

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""

CLOSED = "what reads it was closed"

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

PLAIN_SIGNS = {"±": "+/-", "−": "-", "–": "-", "≈": "~", "∞": "inf", "²": "2", "×": "x", "↓": "down", "→": "across", "…": "..."}
"""What stands for a sign that the terminal's encoding lacks."""


class Terminal(Console):
    """A console that prints whole lines where nobody's terminal decides the width, and no sign that its encoding lacks."""

    def __init__(self, *, stderr: bool = False, **settings: Any) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, **settings)
        if not self.is_terminal and "width" not in settings:
            self.width = PLAIN_WIDTH

    def on_broken_pipe(self) -> None:
        """Say so."""
        raise OutputError(CLOSED)

    def plain(self, text: str) -> str:
        """The text in signs that can be encoded, without those that would command the terminal: names come from other people's files."""
        text = CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            for sign, words in PLAIN_SIGNS.items():
                text = text if _encodes(sign, self.encoding) else text.replace(sign, words)
            text = text.encode(self.encoding, "replace").decode(self.encoding)
        return text

    def say(self, text: str) -> None:
        """Print a paragraph, whose paths and names are no markup."""
        self.print(Text(self.plain(text)), soft_wrap=True)


def print_table(terminal: Terminal, summary: Summary) -> None:
    """Print the table with the columns that there is room for, what follows from it, and what they mean."""
    all_columns = columns(summary)
    shown = fitting(all_columns, summary.rows, terminal)
    left_out = [column.heading for column in all_columns if column not in shown]
    terminal.print(_table(summary, shown, terminal))
    terminal.print()
    for sentence in findings(summary):
        terminal.print(Text(terminal.plain(sentence)))
    terminal.print()
    explained = [(heading, meaning) for heading, meaning in legend(summary) if heading in {column.heading for column in shown}]
    if left_out:
        explained.append(("", f"A wider terminal, the report and --format csv also show: {', '.join(left_out)}."))
    indent = max(len(terminal.plain(heading)) for heading, _ in explained) + 1
    for heading, meaning in explained:
        terminal.print(_hanging(terminal.plain(heading), terminal.plain(meaning), indent))


def fitting(all_columns: Sequence[Column], rows: Sequence[Row], terminal: Terminal) -> list[Column]:
    """The columns that there is room for: those of least worth are left out first, but never the names and the first metric."""
    shown = list(all_columns)
    widths = {column.heading: max(len(terminal.plain(text)) for text in _texts(column, rows)) for column in shown}
    while sum(widths[column.heading] + 2 for column in shown) > terminal.width + 1:
        least = min(reversed(shown), key=lambda column: column.worth)
        if least.worth >= max(column.worth for column in all_columns):
            break
        shown.remove(least)
    return shown


def _texts(column: Column, rows: Sequence[Row]) -> list[str]:
    return [*_heading(column).split("\n"), *(column.cell(row) for row in rows)]


def _heading(column: Column) -> str:
    """On several lines, where the cells below are narrow numbers."""
    return column.heading if column.text else column.heading.replace(" ", "\n")


def _table(summary: Summary, shown: Sequence[Column], terminal: Terminal) -> Table:
    title = Text(terminal.plain(summary.outcome.title))
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in shown:
        words = column.text
        table.add_column(
            Text(terminal.plain(_heading(column))),
            justify="left" if words else "right",
            no_wrap=column.worth < max(each.worth for each in shown),
            overflow="fold",
        )
    for row in summary.rows:
        cells = [Text(terminal.plain(column.cell(row))) for column in shown]
        table.add_row(*cells, style="bold" if row.rank == 1 else "")
    return table


def _hanging(heading: str, meaning: str, indent: int) -> Table:
    """A heading with its meaning beside it."""
    layout = Table.grid(padding=0)
    layout.add_column(width=indent, no_wrap=True)
    layout.add_column()
    layout.add_row(Text(heading, style="bold"), Text(meaning, style="dim"))
    return layout


def _encodes(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def write_out(text: str) -> None:
    """Write text for programs to standard output, in UTF-8 whatever the terminal."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise OutputError(CLOSED) from None
