"""``ogive suggest``: where to start for the target of a data set."""

from __future__ import annotations

import json
import shlex
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from ogive.choices import NETWORKS
from ogive.errors import InputError, did_you_mean
from ogive.suggestion import suggest as suggestion_for

FORMATS = ("text", "json")


def suggest(
    data: Annotated[str, typer.Argument(metavar="DATA", help="A file (CSV, Parquet, NPZ), or the name of a built-in data set.")],
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.  [default: the last]")] = None,
    network: Annotated[str, typer.Option(metavar="KIND", help=f"The network's layers: {', '.join(NETWORKS)}.")] = "dense",
    fast: Annotated[bool, typer.Option("--fast", help="Speed counts most.")] = False,
    overfits: Annotated[bool, typer.Option("--overfits", help="The network does better in training than in tests.")] = False,
    format: Annotated[str, typer.Option(metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")] = "text",  # noqa: A002
) -> None:
    """Name an output activation, a loss, a hidden activation and an initialiser for a target, with reasons and references."""
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}{did_you_mean(format, FORMATS)}")
    from ogive.lab.data import load
    from ogive.terminal import Terminal

    dataset = load(data, target=target)
    found = suggestion_for(_as_named(dataset.target, dataset.task.classes), network=network, fast=fast, overfits=overfits)
    terminal = Terminal()
    if format == "json":
        terminal.say(json.dumps(found.to_dict(), indent=2))
        return
    column = "" if target is None else f" --target {shlex.quote(target)}"
    terminal.say("\n".join([*dataset.notes, "", str(found), "", f"To measure: ogive compare --data {shlex.quote(data)}{column}"]))


def _as_named(numbers: NDArray[Any], classes: tuple[str, ...]) -> NDArray[Any]:
    """The target as its table has it: whole numbers, or the names of classes."""
    if not classes:
        return numbers
    try:
        names = np.array([int(name) for name in classes])
    except ValueError:
        names = np.array(classes)
    named: NDArray[Any] = names[numbers]
    return named
