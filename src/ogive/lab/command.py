"""``ogive compare``: the options, the progress, and what is printed at the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ogive.errors import InputError
from ogive.lab.plan import DEFAULT_BATCH_SIZE, DEFAULT_HIDDEN, DEFAULT_RATES, DEFAULT_SEEDS

Number = TypeVar("Number", int, float)


def _joined(numbers: Sequence[float]) -> str:
    """Numbers as an option takes them."""
    return ",".join(f"{number:g}" for number in numbers)


def compare(
    data: Annotated[str, typer.Option(metavar="NAME|FILE", help="digits, mnist, or a .csv or .npz file.")] = "digits",
    activations: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Activations to compare.  [default: all that fit a hidden layer]")
    ] = None,
    layers: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Compare every pair in hidden layer 1 × hidden layer 2; none is an activation here.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the four MNIST files.  [default: OGIVE_MNIST_DIR, else a download]")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="CSV column of the classes.  [default: the last]")] = None,
    hidden: Annotated[str, typer.Option(metavar="N,N,…", help="Units of each hidden layer.")] = _joined(DEFAULT_HIDDEN),
    seeds: Annotated[int, typer.Option(metavar="N", help="Networks trained for each activation.")] = DEFAULT_SEEDS,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Passes over the training rows.  [default: 30, fewer for big data]")
    ] = None,
    batch_size: Annotated[int, typer.Option(metavar="N", help="Rows of a training step.")] = DEFAULT_BATCH_SIZE,
    rates: Annotated[str, typer.Option(metavar="R,R,…", help="Learning rates to choose from.")] = _joined(DEFAULT_RATES),
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the results.  [default: ogive-runs/DATA-HASH]")] = None,
) -> None:
    """Train the same network with each activation function on your data, each tuned alike, and rank them.

    Prints a ranked table and writes a results file and an HTML report. Interrupt it with Ctrl-C; the same command goes on.
    """
    from ogive.lab.comparison import compare as run
    from ogive.lab.progress import shown_progress
    from ogive.lab.table import console_for, print_table
    from ogive.lab.workers import usable_processors

    with shown_progress() as progress:
        try:
            comparison = run(
                data,
                activations=_names(activations, "--activations"),
                layers=_names(layers, "--layers"),
                data_dir=data_dir,
                target=target,
                hidden=_numbers(hidden, int, "--hidden"),
                seeds=seeds,
                epochs=epochs,
                batch_size=batch_size,
                rates=_numbers(rates, float, "--rates"),
                out=out,
                workers=usable_processors(),
                progress=progress,
            )
        except KeyboardInterrupt:
            progress.stop()
            print(f"ogive: stopped at {progress.share:.0%}; what is done is kept, and the same command goes on from there", file=sys.stderr)
            raise
    report = comparison.report()
    console = console_for()
    print_table(console, comparison.title, comparison.plan, comparison.table)
    for note in comparison.notes:
        console.print(f"Note: {note}", markup=False)
    console.print(f"\nresults  {comparison.results_path}\nreport   {report}", soft_wrap=True, markup=False)


def _names(text: str | None, option: str) -> list[str] | None:
    """The names between the commas."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise InputError(f"{option} must be names with commas between them, such as relu,silu; got {text!r}")
    return names


def _numbers(text: str, kind: type[Number], option: str) -> list[Number]:
    """The numbers between the commas."""
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise InputError(f"{option} must be {what} with commas between them; got {text!r}") from None
