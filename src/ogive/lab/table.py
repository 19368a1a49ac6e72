"""The ranked table in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ogive.lab.plan import Plan
from ogive.lab.summary import Row, explanations

PLAIN_WIDTH = 100
"""Columns where the output is no terminal."""


def console_for(*, stderr: bool = False) -> Console:
    """A console that prints whole lines where nobody's terminal decides the width."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)


def print_table(console: Console, title: str, plan: Plan, rows: Sequence[Row]) -> None:
    """Print the table, the grid of layers where that is what was compared, and what the columns mean."""
    console.print(ranked_table(title, rows))
    if plan.layers_grid:
        console.print()
        console.print(grid_table(plan, rows))
    console.print()
    for heading, meaning in explanations(plan):
        line = Text(f"{heading:9}", style="bold")
        line.append(meaning, style="not bold dim")
        console.print(_hanging(line))


def ranked_table(title: str, rows: Sequence[Row]) -> Table:
    """One row for each arm, best first."""
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("", justify="right")
    table.add_column("activation", overflow="fold")
    table.add_column("init", overflow="fold")
    for heading in ("accuracy", "loss", "rate", "dead", "sat.", "grad.", "div.", "time"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*cells(row), style="bold" if row.rank == 1 else "")
    return table


def cells(row: Row) -> tuple[str, ...]:
    """A row in words and rounded numbers, as the terminal and the report show it."""
    return (
        str(row.rank),
        row.arm.name,
        row.arm.initializer,
        f"{100 * row.accuracy.mean:.2f} ± {100 * row.accuracy.half_width:.2f}%",
        f"{row.loss:.3f}",
        f"{row.rate:g}{'*' if row.rate_at_edge else ''}",
        _percent(row.dead),
        "–" if row.saturated is None else _percent(row.saturated),
        "–" if math.isnan(row.gradient_ratio) else f"{row.gradient_ratio:.2g}",
        f"{row.diverged}/{row.runs}",
        f"{row.seconds:.2f} s",
    )


def grid_table(plan: Plan, rows: Sequence[Row]) -> Table:
    """Test accuracy by the activations of hidden layer 1 (down) and hidden layer 2 (across)."""
    accuracy = grid(plan, rows)
    names = list(dict.fromkeys(second for _, second in accuracy))
    table = Table(
        title="hidden layer 1 ↓ × 2 →",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
    )
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for first in names:
        table.add_row(first, *(f"{accuracy[first, second].accuracy.mean:.4f}" for second in names))
    return table


def grid(plan: Plan, rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """The rows of a grid of layers by the pair of names, in the order of the plan."""
    found = {row.arm: row for row in rows}
    return {(arm.layers[0], arm.layers[1]): found[arm] for arm in plan.arms}


def _percent(share: float) -> str:
    return "0%" if share == 0 else f"{100 * share:.1f}%" if share < 0.0995 else f"{100 * share:.0f}%"


def _hanging(line: Text) -> Table:
    """The line with its continuation indented under the meaning."""
    layout = Table.grid(padding=0)
    layout.add_column(width=9, no_wrap=True)
    layout.add_column()
    layout.add_row(line[:9], line[9:])
    return layout
