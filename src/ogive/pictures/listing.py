"""The catalogue and its cards on a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ogive import catalogue
from ogive.errors import InputError, MissingExtraError, did_you_mean
from ogive.pictures import card
from ogive.pictures.characters import drawn
from ogive.pictures.views import View
from ogive.terminal import Terminal

_ROOM = 44
"""Columns that text needs beside a heading; where there are fewer it stands below."""

_KINDS = {"activation": "Activations", "gate": "Gates", "axiswise": "Along an axis", "loss": "Losses"}


def listed(kinds: Sequence[str], properties: Iterable[str]) -> list[Any]:
    """The entries of these kinds that have every one of these properties ("not …" for those that lack it)."""
    found = [entry for kind in kinds for entry in catalogue.entries(kind)]
    known = {_key(name): name for entry in found for name in entry.properties}
    for wanted in properties:
        negated = wanted.strip().casefold().startswith("not ")
        key = _key(wanted.strip()[4:] if negated else wanted)
        if key not in known:
            raise InputError(f"unknown property {wanted.strip()!r}{did_you_mean(wanted.strip(), known.values())}")
        found = [entry for entry in found if entry.properties.get(known[key]) is not None and entry.properties[known[key]] != negated]
    return found


def _key(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def record(entry: Any) -> dict[str, Any]:
    """An entry for programs."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "summary": entry.summary,
        "aliases": entry.aliases,
        "formula": entry.formula,
        "parameters": {each.name: each.default for each in entry.parameters},
        "properties": entry.properties,
    }


def print_listing(found: Sequence[Any]) -> None:
    """Print the entries, those of a kind together, each with its properties and what it is."""
    terminal = Terminal()
    for kind, heading in _KINDS.items():
        own = [entry for entry in found if entry.kind == kind]
        if own:
            terminal.print(Text(heading, style="bold"))
            _print_rows(terminal, [(entry.name, f"{entry.summary}{_written(entry.properties)}") for entry in own], hang=2)
            terminal.print()
    count = f"{len(found)} function{'' if len(found) == 1 else 's'}"
    terminal.say(f"{count}; ogive show NAME tells more" if found else "no function has all of these properties")


def _written(properties: dict[str, bool]) -> str:
    names = ", ".join(name.replace("_", " ") for name, so in properties.items() if so)
    return f" [{names}]" if names else ""


def print_card(entry: Any) -> None:
    """Print all that is known of an entry."""
    terminal = Terminal()
    heading = Text(terminal.plain(entry.name), style="bold")
    terminal.print(heading.append(f"  {entry.kind}", style="not bold dim"))
    for paragraph in card.prose(entry):
        terminal.print(Text(terminal.plain(paragraph)))
    terminal.print()
    try:
        print_views(terminal, card.seen(entry))
    except MissingExtraError as error:
        terminal.print(Text(terminal.plain(str(error)), style="dim"))
    terminal.print()
    _print_rows(terminal, card.rows(entry))


def print_views(terminal: Terminal, views: Sequence[View]) -> None:
    """Print views in characters."""
    dots, colours = terminal.can_show("⣿"), terminal.color_system is not None
    for view in views:
        picture = drawn(view, terminal.width, dots=dots, colours=colours)
        if len(views) > 1:
            terminal.print(Text(terminal.plain(view.title), style="bold"))
        terminal.print(Text.from_ansi(picture), no_wrap=True, crop=True)
        terminal.print(Text(terminal.plain(f"over {view.label}"), style="dim"))


def _print_rows(terminal: Terminal, rows: Sequence[tuple[str, str]], hang: int = 0) -> None:
    """Headings with their text beside them, or below where the terminal is narrow."""
    plain = [(terminal.plain(heading), terminal.plain(text)) for heading, text in rows]
    indent = max((len(heading) for heading, _ in plain), default=0) + 2
    if terminal.width < indent + hang + _ROOM:
        for heading, text in plain:
            terminal.print(Text(heading, style="bold"))
            terminal.print(Padding(Text(text), (0, 0, 0, 2), expand=False))
        return
    layout = Table.grid(padding=(0, 2, 0, 0))
    layout.add_column(no_wrap=True, style="bold")
    layout.add_column()
    for heading, text in plain:
        layout.add_row(Text(heading), Text(text))
    terminal.print(Padding(layout, (0, 0, 0, hang), expand=False))
