"""Panels drawn by matplotlib, in the style of all of ogive's pictures. No display is needed, and no global state is touched."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ogive.errors import InputError, MissingExtraError
from ogive.palette import LIGHT, SERIES
from ogive.panel import LETTER, Area, Aside, Dots, Line, Panel
from ogive.pictures.panels import panel, styles
from ogive.pictures.views import View

try:
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
except ImportError as error:
    raise MissingExtraError('pictures need matplotlib; install with: pip install "ogive[plot]"') from error
except ValueError as error:  # it reads its settings when it is loaded
    raise InputError(f"matplotlib refuses its settings: {error}; mend them (MPLBACKEND, matplotlibrc), or leave them out") from error

STYLE: Any = {
    "axes.edgecolor": LIGHT["line"], "axes.facecolor": LIGHT["paper"], "axes.grid": True, "axes.labelcolor": LIGHT["soft"],
    "axes.labelsize": 9, "axes.titlecolor": LIGHT["ink"], "axes.titlelocation": "left", "axes.titlesize": 10, "axes.titleweight": "bold",
    "axes.spines.right": False, "axes.spines.top": False, "axes.axisbelow": True,
    "figure.facecolor": LIGHT["paper"], "figure.dpi": 100, "savefig.dpi": 200, "font.size": 9, "text.color": LIGHT["soft"],
    "grid.color": LIGHT["line"], "grid.linewidth": 0.6, "legend.frameon": False, "legend.handlelength": 3.2, "legend.fontsize": 8,
    "legend.labelcolor": LIGHT["ink"], "lines.scale_dashes": False, "svg.hashsalt": "ogive", "svg.fonttype": "path",
    "xtick.color": LIGHT["soft"], "ytick.color": LIGHT["soft"], "xtick.bottom": False, "ytick.left": False,
}  # fmt: skip

INCH = 80
"""Pixels of a panel in an inch."""

_POINT = 72 / INCH
_BESIDE, _BELOW = 30, 62  # pixels around an area: numbers and words at its axes

_COLOURS = {f"c{place}": colour for place, colour in enumerate(SERIES)} | {
    "aid": "grey", "other": "grey", "open": "grey", "better": "good", "worse": "bad", "equivalent": "one", "margin": "one",
}  # fmt: skip
_DASHES: dict[str, tuple[float, ...]] = {f"c{place}": dashes for place, dashes in enumerate(SERIES.values())} | {"rule": (3, 3)}
_WIDTHS = {"aid": 5, "bar": 10, "interval": 2.5, "margin": 9, "other": 1.2, "rule": 1, "thin": 1}
_OPACITIES = {"aid": 0.5, "band": 0.22, "faint": 0.35, "margin": 0.22}
_WHOLE = {"bar", "interval"}


class Picture(Figure):
    """A figure that notebooks show as it is, with or without ``%matplotlib``."""

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Save it, in the style that it was drawn in."""
        with mpl.rc_context(STYLE):
            super().savefig(*arguments, **options)

    def svg(self, *, outlines: bool = True) -> str:
        """As SVG, its letters drawn as outlines, or left to the fonts of whoever shows it."""
        text = io.StringIO()
        with mpl.rc_context({**STYLE, "svg.fonttype": "path" if outlines else "none"}):
            super().savefig(text, format="svg", metadata={"Date": None})
        return text.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(views: Sequence[View]) -> Picture:
    """The views side by side; what their lines are stands below where there are several."""
    named = [(style, curve.name) for view in views if len(view.curves) > 1 for style, curve in zip(styles(view), view.curves, strict=True)]
    return drawn([panel(view) for view in views], list(dict.fromkeys(named)), len(views))


def drawn(panels: Sequence[Panel], legend: Sequence[tuple[str, str]], columns: int) -> Picture:
    """The panels in rows of so many columns, with the legend, styles and their meanings, below."""
    lines = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    widths = [max(_width(line[place]) for line in lines if place < len(line)) for place in range(min(columns, len(panels)))]
    heights = [max(each.height for each in line) + _BELOW for line in lines]
    with mpl.rc_context(STYLE):
        fitting = _fitting(legend, sum(widths)) if legend else 1
        room = 20 * -(-len(legend) // fitting)
        picture = Picture(figsize=(sum(widths) / INCH, (sum(heights) + room) / INCH), layout="constrained")
        grid = picture.add_gridspec(len(lines), len(widths), width_ratios=widths, height_ratios=heights)
        for place, each in enumerate(panels):
            _draw(picture.add_subplot(grid[divmod(place, columns)]), each)
        if legend:
            picture.legend(handles=_handles(legend), loc="outside lower left", ncols=fitting)
    return picture


def _width(of: Panel) -> float:
    """Of a panel with the words beside it."""
    return of.width + _BESIDE + LETTER * max([len(label) for _, label in of.y.labels()] or [0])


def _fitting(legend: Sequence[tuple[str, str]], width: float) -> int:
    """How many columns of a legend have room."""
    longest = max(len(name) for _, name in legend)
    return max(1, min(len(legend), int(width / (LETTER * longest + 60))))


def _handles(legend: Sequence[tuple[str, str]]) -> list[Line2D]:
    return [Line2D([], [], label=name, **_look(style)) for style, name in legend]


def _look(style: str) -> dict[str, Any]:
    """What matplotlib calls the words of a style."""
    words = style.split()
    dashes = next((_DASHES[word] for word in words if word in _DASHES), ()) if not _WHOLE & {*words} else ()
    return {
        "color": LIGHT[next((_COLOURS[word] for word in words if word in _COLOURS), "soft")],
        "linewidth": _POINT * next((_WIDTHS[word] for word in words if word in _WIDTHS), 1.8),
        "linestyle": (0, tuple(_POINT * dash for dash in dashes)) if dashes else "solid",
        "alpha": next((_OPACITIES[word] for word in words if word in _OPACITIES), 1.0),
    }


def _draw(axes: Axes, of: Panel) -> None:
    axes.set_title(of.title)
    for axis, scale, ends, set_ticks in (
        (of.x, axes.set_xscale, axes.set_xlim, axes.set_xticks),
        (of.y, axes.set_yscale, axes.set_ylim, axes.set_yticks),
    ):
        if axis.log:
            scale("log", nonpositive="mask")
        ends(axis.low, axis.high)
        labels = axis.labels()
        set_ticks([value for value, _ in labels], [label for _, label in labels])
        set_ticks([], minor=True)
    axes.set_xlabel(of.x.label)
    axes.set_ylabel(of.y.label)
    for mark in of.marks:
        if isinstance(mark, Line):
            caps: Any = "butt" if "bar" in mark.style else "round"
            axes.plot(mark.xs, mark.ys, label=mark.name, solid_capstyle=caps, **_look(mark.style))
        elif isinstance(mark, Area):
            look = _look(mark.style)
            axes.fill(mark.xs, mark.ys, color=look["color"], alpha=look["alpha"], linewidth=0)
        elif isinstance(mark, Dots):
            _draw_dots(axes, of, mark)
        else:
            _draw_aside(axes, mark)


def _draw_dots(axes: Axes, of: Panel, mark: Dots) -> None:
    places, look = of.x.places(mark.xs), _look(mark.style)
    common: Any = {
        "color": look["color"],
        "alpha": look["alpha"],
        "markersize": 2 * _POINT * mark.radius,
        "linestyle": "",
        "markeredgewidth": 0,
    }
    inside = (places >= 0) & (places <= 1)
    axes.plot(mark.xs[inside], mark.ys[inside], "o", **common)
    for beyond, end, marker in ((places < 0, of.x.low, "<"), (places > 1, of.x.high, ">")):
        if beyond.any():
            axes.plot(np.full(int(beyond.sum()), end), mark.ys[beyond], marker, clip_on=False, **common)


def _draw_aside(axes: Axes, mark: Aside) -> None:
    across, side = (0.03, "left") if mark.low else (0.97, "right")
    axes.text(across, mark.y, mark.words, transform=axes.get_yaxis_transform(), ha=side, va="center", fontsize=8)
