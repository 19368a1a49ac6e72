"""Views drawn in characters by uniplot, for any terminal: in Braille dots with colours, or in plain letters."""

from __future__ import annotations

import numpy as np

from ogive.errors import MissingExtraError
from ogive.pictures.views import View

_PLAIN_FRAME = str.maketrans("─│┌┐└┘┤├┬┴┼▁", "-|+++++++++_")
_LETTERS = list("+xo*~.#@%&=^")
_HEIGHT = 14
_LABELS = 10  # beside the frame: numbers along y
_WIDEST = 72


def drawn(view: View, width: int, *, dots: bool, colours: bool) -> str:
    """A view in lines of at most `width` characters: with Braille `dots` or in ASCII alone, and with ANSI `colours` or none.

    Without colours different letters tell the lines apart, so there are no dots either where there are several.
    """
    try:
        from uniplot import plot_to_string
    except ImportError as error:
        raise MissingExtraError('plots in a terminal need uniplot; install with: pip install "ogive[plot]"') from error
    telling = dots and (colours or len(view.curves) == 1)
    curves = sorted(view.curves, key=lambda curve: not curve.aid)  # what is only there to compare with lies beneath
    text: str = plot_to_string(
        xs=[curve.x for curve in curves],
        ys=[np.where(np.isfinite(curve.y), curve.y, np.nan) for curve in curves],
        legend_labels=[curve.name for curve in curves] if len(view.curves) > 1 else None,
        lines=True,
        color=colours and len(view.curves) > 1,
        character_set="braille" if telling else "ascii",
        force_ascii_characters=_LETTERS,
        x_as_log=view.logarithmic,
        y_min=view.low,
        y_max=view.high,
        width=max(min(width - _LABELS, _WIDEST), 10),
        height=_HEIGHT,
        line_length_hard_cap=width,
    )
    return text if dots else text.translate(_PLAIN_FRAME)
