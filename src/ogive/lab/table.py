"""The table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from ogive.lab.findings import findings
from ogive.lab.headings import Column, columns, legend
from ogive.lab.summary import Row, Summary
from ogive.terminal import Terminal, hanging


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
        terminal.print(hanging(terminal.plain(heading), terminal.plain(meaning), indent))


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
