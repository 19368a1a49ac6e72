"""``ogive list``, ``ogive show`` and ``ogive plot``: the catalogue, a function's card, and pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ogive.errors import InputError, did_you_mean

FORMATS = ("table", "json")
CARD_FORMATS = ("text", "json")

_Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"What is printed: {', '.join(FORMATS)}.")]
_CardFormat = Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"What is printed: {', '.join(CARD_FORMATS)}.")]


def list_functions(
    activations: Annotated[bool, typer.Option("--activations", help="The elementwise ones.")] = False,
    gates: Annotated[bool, typer.Option("--gates", help="Those of two inputs.")] = False,
    axiswise: Annotated[bool, typer.Option("--axiswise", help="Those along an axis, such as softmax.")] = False,
    losses: Annotated[bool, typer.Option("--losses", help="The losses.")] = False,
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME", help="Those with it: monotone, convex, 'not smooth' …; repeatable."),
    ] = None,
    form: _Format = "table",
) -> None:
    """List the functions, all or of some kinds, and those with some properties."""
    _check_format(form, FORMATS)
    from ogive.pictures.listing import listed, print_listing, record

    chosen = {"activation": activations, "gate": gates, "axiswise": axiswise, "loss": losses}
    kinds = [kind for kind, wanted in chosen.items() if wanted] or list(chosen)
    found = listed(kinds, [name for given in properties or [] for name in given.split(",")])
    if form == "json":
        _print_json([record(entry) for entry in found])
    else:
        print_listing(found)


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A function, by any of its names.", show_default=False)],
    form: _CardFormat = "text",
) -> None:
    """Show what is known of a function: formula, plot, limits, slopes, claims, parameters, its names elsewhere, references."""
    _check_format(form, CARD_FORMATS)
    from ogive import catalogue
    from ogive.pictures.listing import print_card, record

    entry = catalogue.get(name)
    if form == "json":
        _print_json(record(entry) | {"facts": dict(entry.facts), "references": entry.references})
    else:
        print_card(entry)


def plot(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="Functions; with parameters as in 'elu(alpha=0.5)'.", show_default=False)
    ],
    slope: Annotated[bool, typer.Option("--slope", help="Draw the slopes too.")] = False,
    interval: Annotated[str | None, typer.Option(metavar="LOW,HIGH", help="Of the input.  [default: chosen]", show_default=False)] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="Of losses: prediction or margin; of softmax and its kin: score.", show_default=False),
    ] = None,
    given: Annotated[str | None, typer.Option(metavar="FORM", help="Of losses: what the prediction is.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="An .svg, .png or .pdf; without it, characters here.")] = None,
) -> None:
    """Draw functions over each other: a file in the format of its suffix, or characters on the terminal."""
    from ogive import pictures
    from ogive.pictures.listing import print_views
    from ogive.pictures.views import views
    from ogive.terminal import Terminal

    options: dict[str, Any] = {"slope": slope, "interval": _numbers(interval), "against": against, "given": given}
    if out is None:
        print_views(Terminal(), views(names, **options))
    else:
        pictures.plot(*names, **options, out=out)
        Terminal().say(f"picture  {out}")


def _numbers(interval: str | None) -> tuple[float, float] | None:
    if interval is None:
        return None
    try:
        low, high = map(float, interval.split(","))
    except ValueError:
        raise InputError(f"--interval must be two numbers with a comma, as in --interval=-4,4; got {interval!r}") from None
    return low, high


def _check_format(form: str, formats: tuple[str, ...]) -> None:
    if form not in formats:
        raise InputError(f"unknown format {form!r}{did_you_mean(form, formats)}")


def _print_json(content: Any) -> None:
    from ogive.terminal import write_out

    write_out(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
