"""A figure as an SVG file, for texts that hold pictures by their name; drawn by matplotlib, in the reader's light or dark."""

from __future__ import annotations

from ogive.lab.figures import Figure

COLUMNS, SMALL_COLUMNS = 2, 4


def sheet(figure: Figure) -> str:
    """The panels side by side in rows, the legend below."""
    from ogive.pictures.drawing import drawn
    from ogive.pictures.themed import themed

    return themed(drawn(figure.panels, figure.legend, SMALL_COLUMNS if figure.small else COLUMNS), figure.caption, alone=True)
