"""``ogive suggest``: where to start for the target of a data set, or for a task."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from ogive.choices import NETWORKS, PAIRINGS, TASKS
from ogive.errors import InputError, did_you_mean
from ogive.suggestion import suggest as suggestion_for

FORMATS = ("text", "json")
KINDS = (*TASKS, *PAIRINGS)
"""What a task is called: common names, and the kinds of target."""


def suggest(
    data: Annotated[
        str,
        typer.Argument(metavar="DATA|TASK", help=f"A file (CSV, Parquet, NPZ), a built-in data set, or a task: {', '.join(KINDS)}."),
    ],
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.  [default: the last]")] = None,
    network: Annotated[str, typer.Option(metavar="KIND", help=f"The network's layers: {', '.join(NETWORKS)}.")] = "dense",
    fast: Annotated[bool, typer.Option("--fast", help="Speed counts most.")] = False,
    overfits: Annotated[bool, typer.Option("--overfits", help="The network does better in training than in tests.")] = False,
    format: Annotated[str, typer.Option(metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")] = "text",  # noqa: A002
) -> None:
    """Name an output activation, a loss, a hidden activation and an initialiser for a target or a task, with reasons and references."""
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}{did_you_mean(format, FORMATS)}")
    from ogive.lab.data import BUILT_IN, load
    from ogive.terminal import Terminal

    known: dict[str, Any] = {"network": network, "fast": fast, "overfits": overfits}
    if data in KINDS:
        if target is not None:
            raise InputError(f"--target is a column of a file, but {data!r} is a task; leave it out, or name a file")
        found, notes, measured = suggestion_for(data, **known), [], "YOUR.csv"
    else:
        if not Path(data).suffix and data not in BUILT_IN:
            raise InputError(f"{data!r} is no data set, no task and no file with a suffix{did_you_mean(data, [*BUILT_IN, *KINDS])}")
        dataset = load(data, target=target)
        found = suggestion_for(_as_named(dataset.target, dataset.task.classes), **known)
        notes, measured = list(dataset.notes), shlex.quote(data) + ("" if target is None else f" --target {shlex.quote(target)}")
    terminal = Terminal()
    if format == "json":
        terminal.say(json.dumps(found.to_dict(), indent=2))
        return
    terminal.say("\n".join([*notes, "", str(found), "", f"To measure: ogive compare --data {measured}"]))


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
