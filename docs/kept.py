"""The pictures of a recipe's full run as data, docs/recipes/NAME.json, which `make docs` draws, and what is written in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ogive.files import write_whole
from ogive.lab.figures import Figure
from ogive.panel import Area, Aside, Axis, Dots, Line, Mark, Panel

FOLDER = Path(__file__).parent / "recipes"
MARKS: dict[str, type[Mark]] = {kind.__name__: kind for kind in (Area, Aside, Dots, Line)}

DIGITS = 5
"""Of each number: more than a picture shows, and fewer than those in which processors differ."""


def keep(figures: Iterable[Figure], name: str) -> None:
    """Store the pictures of a recipe."""
    lines = [json.dumps(_figure(each), ensure_ascii=False) for each in figures]
    write_whole("[\n" + ",\n".join(lines) + "\n]\n", FOLDER / f"{name}.json", "pictures' data")


@cache
def pictures(name: str) -> list[Figure]:
    """Those that are stored of a recipe."""
    return [_read(each) for each in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))]


def said(figure: Figure, say: Callable[[str], str]) -> Figure:
    """The same picture with what `say` makes of all that is written in it."""
    panels = tuple(_said_panel(panel, say) for panel in figure.panels)
    return replace(figure, caption=say(figure.caption), panels=panels, legend=tuple((style, say(label)) for style, label in figure.legend))


def _figure(figure: Figure) -> dict[str, Any]:
    return {**vars(figure), "panels": [_panel(panel) for panel in figure.panels]}


def _panel(panel: Panel) -> dict[str, Any]:
    axes = {name: {**vars(axis), "low": _short(axis.low), "high": _short(axis.high)} for name, axis in (("x", panel.x), ("y", panel.y))}
    return {**vars(panel), **axes, "marks": [{"mark": type(mark).__name__, **_mark(mark)} for mark in panel.marks]}


def _mark(mark: Mark) -> dict[str, Any]:
    return {name: [_short(each) for each in part] if isinstance(part, np.ndarray) else part for name, part in vars(mark).items()}


def _short(value: float) -> float | None:
    """Nothing stands for what is no finite number, which no picture shows."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def _read(content: Mapping[str, Any]) -> Figure:
    panels = tuple(map(_read_panel, content["panels"]))
    return Figure(content["caption"], panels, tuple((style, label) for style, label in content["legend"]), content["small"])


def _read_panel(content: Mapping[str, Any]) -> Panel:
    x, y = (_read_axis(content[name]) for name in "xy")
    panel = Panel(content["about"], x, y, width=content["width"], height=content["height"], title=content["title"])
    for mark in content["marks"]:
        given = {name: np.array(part, np.float64) if isinstance(part, list) else part for name, part in mark.items() if name != "mark"}
        panel.marks.append(MARKS[mark["mark"]](**given))
    return panel


def _read_axis(content: Mapping[str, Any]) -> Axis:
    ticks = content["ticks"]
    return Axis(**{**content, "ticks": None if ticks is None else tuple((value, label) for value, label in ticks)})


def _said_panel(panel: Panel, say: Callable[[str], str]) -> Panel:
    x, y = (_said_axis(axis, say) for axis in (panel.x, panel.y))
    said = Panel(panel.about, x, y, width=panel.width, height=panel.height, title=say(panel.title))
    said.marks = [replace(mark, words=say(mark.words)) if isinstance(mark, Aside) else mark for mark in panel.marks]
    return said


def _said_axis(axis: Axis, say: Callable[[str], str]) -> Axis:
    ticks = None if axis.ticks is None else tuple((value, say(label)) for value, label in axis.ticks)
    return replace(axis, label=say(axis.label), ticks=ticks)
