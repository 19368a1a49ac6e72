"""A picture as SVG in the reader's light or dark: its colours are those of the style sheet around it, or of its own."""

from __future__ import annotations

import re
from html import escape

import matplotlib as mpl

from ogive.palette import DARK, LIGHT, variables
from ogive.pictures.drawing import STYLE, Picture

_NAMES = {
    matplotlib: name
    for name, colour in LIGHT.items()
    for matplotlib in [colour if len(colour) == 7 else "#" + "".join(2 * each for each in colour[1:])]
}
_OWN = f"<style>:root {{ {variables(LIGHT)} }} @media (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}</style>"
_PREAMBLE = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_COLOUR = re.compile("|".join(_NAMES))


def themed(picture: Picture, about: str, *, alone: bool = False, outlines: bool = True) -> str:
    """The picture as SVG that says what it is `about`; `alone` with colours of its own, otherwise with those of the page that holds it.

    Letters are outlines, or left to the page's fonts.
    """
    _settle(picture)
    text = _METADATA.sub("", _PREAMBLE.sub("", picture.svg(outlines=outlines)))
    text = _COLOUR.sub(lambda found: f"var(--{_NAMES[found[0]]})", text)
    opening, rest = text.split(">", 1)
    return f'{opening} role="img" aria-label="{escape(about)}">{_OWN if alone else ""}{rest}'


def _settle(picture: Picture) -> None:
    """Lay it out once and for all, to places without the last bits, in which the solver's runs differ."""
    with mpl.rc_context(STYLE):
        if (engine := picture.get_layout_engine()) is not None:
            engine.execute(picture)
        picture.set_layout_engine(None)  # any other makes what saves the picture lay it out, and draw it, once more
    for axes in picture.axes:
        left, bottom, width, height = (round(end, 4) for end in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
