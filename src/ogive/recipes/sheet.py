"""A figure's panels as one SVG file, for texts that hold pictures by their name."""

from __future__ import annotations

import re
from html import escape
from textwrap import dedent

from ogive.lab.figures import Figure
from ogive.lab.report import render_page
from ogive.svg import LETTER

GAP = 16
COLUMNS, SMALL_COLUMNS = 2, 4
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_SWATCH = 32
_LINE = 18


def sheet(figure: Figure) -> str:
    """The panels side by side in rows, the legend below."""
    columns = min(len(figure.panels), SMALL_COLUMNS if figure.small else COLUMNS)
    sizes = [tuple(map(float, found.groups())) for panel in figure.panels if (found := _SIZE.search(panel))]
    widths = [max(width for width, _ in sizes[column::columns]) for column in range(columns)]
    heights = [max(height for _, height in sizes[row : row + columns]) for row in range(0, len(sizes), columns)]
    parts = []
    for place, (panel, (width, height)) in enumerate(zip(figure.panels, sizes, strict=True)):
        row, column = divmod(place, columns)
        x = GAP + sum(widths[:column]) + GAP * column
        y = GAP + sum(heights[: row + 1]) + GAP * row - height
        parts.append(panel.replace("<svg ", f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" ', 1))
    wide, top = sum(widths) + GAP * (columns + 1), sum(heights) + GAP * (len(heights) + 1)
    legend, high = _legend(figure, wide, top)
    style = dedent(render_page("style.css.j2", layers=8))
    size = f'viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(figure.caption)}"><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="var(--paper)"/>{"".join(parts)}{legend}</svg>\n'
    )


def _legend(figure: Figure, wide: float, top: float) -> tuple[str, float]:
    """Its text, and where it ends."""
    if not figure.legend:
        return "", top
    parts, x, y = [], float(GAP), top
    for style, name in figure.legend:
        needed = _SWATCH + LETTER * 1.1 * len(name) + GAP
        if x > GAP and x + needed > wide:
            x, y = float(GAP), y + _LINE
        parts.append(f'<path class="line {style}" d="M{x:g},{y:g}h24"/><text x="{x + _SWATCH:g}" y="{y + 4:g}">{escape(name)}</text>')
        x += needed
    return f'<g class="panel">{"".join(parts)}</g>', y + _LINE
