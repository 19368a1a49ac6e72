"""A figure as an SVG file, for texts that hold pictures by their name; drawn by matplotlib, in the reader's light or dark."""

from __future__ import annotations

from typing import Any

from ogive.lab.figures import Figure

COLUMNS, SMALL_COLUMNS = 2, 4


def laid_out(figure: Figure) -> Any:
    """The picture: panels side by side in rows, the legend below."""
    from ogive.pictures.drawing import drawn

    return drawn(figure.panels, figure.legend, SMALL_COLUMNS if figure.small else COLUMNS)


def sheet(figure: Figure) -> str:
    """The picture as a file's content."""
    from ogive.pictures.themed import themed

    return themed(laid_out(figure), figure.caption, alone=True)
