"""``ogive recipe``: what there is, a recipe's file, and running it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ogive.errors import InputError, did_you_mean
from ogive.lab.options import from_command_line

if TYPE_CHECKING:
    from ogive.recipes.measured import Table
    from ogive.terminal import Terminal

FORMATS = ("table", "json", "md", "html")


def recipe(
    name: Annotated[str | None, typer.Argument(metavar="[NAME|FILE.toml]", help="Which to run.  [default: list them]")] = None,
    show: Annotated[bool, typer.Option("--show", help="Print its file instead.")] = False,
    write: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Write its file, to be changed and run.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Run its small form, in seconds.")] = False,
    data: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Other data, such as digits.")] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.  [default: the last]")] = None,
    data_dir: Annotated[str | None, typer.Option(metavar="DIR", help="Folder of the files of mnist or fashion_mnist.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N", help="Networks of each arm.")] = None,
    workers: Annotated[str | None, typer.Option(metavar="N", help="Processes side by side.  [default: all usable processors]")] = None,
    memory: Annotated[str | None, typer.Option(metavar="SIZE", help="Memory for what trains at once, such as 4GB.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the results.  [default: ogive-runs/NAME]")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the report goes, .html or .md.  [default: NAME.html]")] = None,
    format: Annotated[str, typer.Option(metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")] = "table",  # noqa: A002
) -> None:
    """Run what shows the claims about activations and losses, published results beside ours; without a name, list what there is.

    Prints tables and verdicts and writes a results file and a report. Interrupt it with Ctrl-C; the same command goes on.
    """
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}{did_you_mean(format, FORMATS)}")
    given = {"data": data, "target": target, "data_dir": data_dir, "seeds": seeds, "workers": workers, "memory": memory}
    if name is None:
        _list(format)
    elif show or write is not None:
        _file(name, write)
    else:
        _run(name, quick, out, report, from_command_line(given), format)


def _list(form: str) -> None:
    from ogive.recipes import reading
    from ogive.terminal import Terminal, hanging, write_out

    found = [reading.read(name) for name in reading.names()]
    if form == "json":
        entries = [{"name": each.name, "title": each.title, "why": each.why, "takes": each.takes, "needs": each.needs} for each in found]
        write_out(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
        return
    terminal = Terminal()
    indent = max(len(each.name) for each in found) + 2
    for each in found:
        terminal.print(hanging(each.name, terminal.plain(f"{each.title}; {each.takes}, needs {each.needs}"), indent))
    terminal.say(
        "\nogive recipe NAME runs one, with --quick in seconds; --write my.toml writes its file to be changed: ogive recipe my.toml"
    )


def _file(name: str, path: Path | None) -> None:
    from ogive.files import write_whole
    from ogive.recipes.reading import SUFFIX, read
    from ogive.terminal import write_out

    text = read(name).text
    if path is None:
        write_out(text)
        return
    if path.suffix != SUFFIX:
        raise InputError(f"a recipe's file ends in {SUFFIX}, got {str(path)!r}")
    if path.exists():
        raise InputError(f"{str(path)!r} is there already; name another file, or move it away")
    write_whole(text, path, "recipe")


def _run(name: str, quick: bool, out: Path | None, report: Path | None, changes: dict[str, Any], form: str) -> None:
    from ogive.lab.progress import shown_progress
    from ogive.lab.workers import usable_processors
    from ogive.recipes import measurements, reading
    from ogive.recipes.result import report_path
    from ogive.recipes.running import run

    place = None if report is None else report_path(report)
    measure = reading.read(name).measure
    if measure is None:
        changes.setdefault("workers", usable_processors())
    elif unfit := [key for key in changes if key not in measurements.defaults(measurements.function(measure, "measure", name))]:
        flags = ", ".join(f"--{key.replace('_', '-')}" for key in unfit)
        raise InputError(f"the recipe {name!r} has nothing to do with {flags}; leave that out")
    with shown_progress() as progress:
        result = run(name, quick=quick, out=out, progress=progress, changes=changes)
    _print(result, result.report(place), form)


def _print(result: Any, path: Path, form: str) -> None:
    from ogive.lab import export
    from ogive.lab.table import print_table
    from ogive.terminal import Terminal, write_out

    if form == "json":
        content = {"verdicts": list(result.verdicts), "tables": [vars(table) for table in result.tables]}
        content |= {} if result.comparison is None else {"comparison": json.loads(export.as_json(result.comparison.summary))}
        write_out(export.json_text(content))
    elif form == "md":
        write_out(result.markdown())
    elif form == "html":
        write_out(path.read_text(encoding="utf-8"))
    else:
        terminal = Terminal()
        if result.comparison is not None:
            print_table(terminal, result.comparison.summary)
            for note in result.comparison.notes:
                terminal.say(f"Note: {note}")
        for table in result.tables:
            _print_table(terminal, table)
        terminal.print()
        for sentence in result.verdicts:
            terminal.say(sentence)
        terminal.say(f"\nresults  {result.results_path}\nreport   {path}")


def _print_table(terminal: Terminal, table: Table) -> None:
    """In a narrow terminal several, one below the other, each with the first column: numbers stay whole."""
    from rich import box
    from rich import table as rich
    from rich.text import Text

    columns = [[terminal.plain(text) for text in texts] for texts in zip(table.columns, *table.texts(), strict=True)]
    least = [_least_width(texts, words=number > 0 and table.is_text(number)) for number, texts in enumerate(columns)]
    terminal.print()
    terminal.print(Text(terminal.plain(table.title), style="bold"))
    for numbers in _side_by_side(least, terminal.width):
        shown = rich.Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
        for number in numbers:
            justify: Any = "left" if table.is_text(number) else "right"
            shown.add_column(Text(columns[number][0]), justify=justify, min_width=least[number], no_wrap=number == 0, overflow="fold")
        for row in zip(*(columns[number][1:] for number in numbers), strict=True):
            shown.add_row(*map(Text, row))
        terminal.print(shown)
    if table.note:
        terminal.print(Text(terminal.plain(table.note), style="dim"))


def _least_width(texts: Sequence[str], *, words: bool) -> int:
    """Of a heading and the cells below it: headings are broken between words, and cells where they are words."""
    heading, *cells = texts
    return max(map(len, (*heading.split(), *(part for cell in cells for part in (cell.split() if words else [cell])))))


def _side_by_side(least: Sequence[int], width: int) -> list[list[int]]:
    """The numbers of the columns that there is room for beside the first, in as many groups as it takes."""
    groups: list[list[int]] = [[0]]
    for number in range(1, len(least)):
        if len(groups[-1]) > 1 and sum(least[each] + 2 for each in (*groups[-1], number)) > width + 1:
            groups.append([0])
        groups[-1].append(number)
    return groups
