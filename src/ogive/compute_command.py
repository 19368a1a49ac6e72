"""``ogive compute``: a function at numbers that are typed."""

from __future__ import annotations

import json
from typing import Annotated, Any

import numpy as np
import typer

from ogive.errors import InputError, did_you_mean

DTYPES = ("float64", "float32", "float16")
FORMATS = ("text", "json")


def compute(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A function, with parameters as in 'elu(alpha=0.5)'.", show_default=False)],
    numbers: Annotated[
        list[str],
        typer.Argument(metavar="NUMBERS...", help="What it takes: 1,-2.5 is a row, '1,2;3,4' two, 0 a number alone.", show_default=False),
    ],
    slope: Annotated[bool, typer.Option("--slope", help="The slope too; of a loss, its gradient.")] = False,
    curvature: Annotated[bool, typer.Option("--curvature", help="The curvature too; of a loss, its Hessian's diagonal.")] = False,
    given: Annotated[str | None, typer.Option(metavar="FORM", help="Of losses: what the prediction is.", show_default=False)] = None,
    reduction: Annotated[str | None, typer.Option(metavar="HOW", help="Of losses: mean, sum, none.", show_default=False)] = None,
    dtype: Annotated[str, typer.Option(metavar="DTYPE", help=f"Of the first numbers: {', '.join(DTYPES)}.")] = "float64",
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")] = "text",
) -> None:
    """Compute a function at numbers: its value, slope and curvature."""
    from ogive import calls
    from ogive.terminal import Terminal, write_out

    for option, chosen, known in (("--dtype", dtype, DTYPES), ("--format", form, FORMATS)):
        if chosen not in known:
            raise InputError(f"unknown {option} {chosen!r}{did_you_mean(chosen, known)}")
    entry, parameters = calls.function(name)
    arrays = [calls.array(each) for each in numbers]
    arrays = [arrays[0].astype(dtype), *(each.astype(dtype) if each.dtype.kind == "f" else each for each in arrays[1:])]
    options = parameters | {key: value for key, value in (("given", given), ("reduction", reduction)) if value is not None}
    found = _computed(entry, arrays, options, slope=slope, curvature=curvature)
    if form == "json":
        write_out(json.dumps({key: _finite(value) for key, value in found.items()}, indent=2) + "\n")
        return
    width = max(map(len, found))
    for key, value in found.items():
        Terminal().say(f"{key:{width}}  {calls.text(value)}")


def _computed(entry: Any, arrays: list[Any], options: dict[str, Any], *, slope: bool, curvature: bool) -> dict[str, Any]:
    """What is asked for, by name."""
    names = ("gradient", "hessian") if entry.kind == "loss" else ("slope", "curvature")
    wanted = [name for name, chosen in zip(names, (slope, curvature), strict=True) if chosen]
    for name in wanted:
        if not hasattr(entry, name):
            raise InputError(f"{entry.name}: its derivative is a matrix and no {name}; leave it out, or call ogive.{entry.name}.vjp")
    found = {"value": entry(*arrays, **options)}
    for name in wanted:
        derived = getattr(entry, name)(*arrays, **options)
        if isinstance(derived, tuple):  # by each of its inputs
            found |= {f"{name} by {each.name}": part for each, part in zip(entry.term.differentiated, derived, strict=True)}
        else:
            found[name] = derived
    return found


def _finite(value: Any) -> Any:
    """As JSON takes it, which has no infinity and no NaN."""
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return _finite(np.asarray(value).tolist())
