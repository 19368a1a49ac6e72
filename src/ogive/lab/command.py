"""``ogive compare``: its options, the progress, and what is printed at the end."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from ogive.errors import InputError, did_you_mean
from ogive.lab.options import OPTIONS, from_command_line, from_toml

FORMATS = ("table", "json", "csv", "md", "html")
_HELP = """Train the same network with each activation function on your data, each tuned alike, and say which are better.

    Prints a table and writes a results file and an HTML report. Interrupt it with Ctrl-C; the same command goes on.
    Give several levels of any of --{first} … --{last} to compare them: levels of different options cross.
    A STUDY is a TOML file with the same keys, such as activations = ["relu", "silu"]; options overrule it.
    """


def _with_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function that takes any keywords one option for each that `compare` knows."""
    study = Annotated[Path | None, typer.Argument(metavar="[STUDY.toml]", help="A file with the same keys.", show_default=False)]
    form = Annotated[str, typer.Option(metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")]
    parameters = [Parameter("study", Parameter.KEYWORD_ONLY, default=None, annotation=study)]
    for option in OPTIONS:
        annotation = Annotated[str | None, typer.Option(option.flag, metavar=option.metavar, help=option.meaning, show_default=False)]
        parameters.append(Parameter(option.key, Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    parameters.append(Parameter("format", Parameter.KEYWORD_ONLY, default="table", annotation=form))
    function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    function.__doc__ = _HELP.format(first="activations", last="batch-sizes")
    return function


@_with_options
def compare(*, study: Path | None, format: str, **given: str | None) -> None:  # noqa: A002 - the option's name
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}{did_you_mean(format, FORMATS)}")
    arguments = {**(from_toml(study) if study else {}), **from_command_line(given)}

    from ogive.lab.comparison import compare as run
    from ogive.lab.progress import shown_progress
    from ogive.lab.workers import usable_processors

    arguments.setdefault("workers", usable_processors())
    with shown_progress() as progress:
        comparison = run(**arguments, progress=progress)
    _print(comparison, format)


def _print(comparison: Any, form: str) -> None:
    from ogive.lab.table import print_table
    from ogive.terminal import Terminal, write_out

    path = comparison.report()
    if form == "html":
        write_out(path.read_text(encoding="utf-8"))
    elif form != "table":
        from ogive.lab import export

        write_out(export.FORMATS[form](comparison.summary))
    else:
        terminal = Terminal()
        print_table(terminal, comparison.summary)
        for note in comparison.notes:
            terminal.say(f"Note: {note}")
        terminal.say(f"\nresults  {comparison.results_path}\nreport   {path}")
