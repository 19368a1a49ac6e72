"""Views drawn by matplotlib, in the style of all of ogive's pictures. No display is needed, and no global state is touched."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ogive.errors import MissingExtraError
from ogive.palette import LIGHT, SERIES
from ogive.pictures.views import Curve, View

try:
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtraError('pictures need matplotlib; install with: pip install "ogive[plot]"') from error

STYLE: Any = {
    "axes.edgecolor": LIGHT["line"], "axes.facecolor": LIGHT["paper"], "axes.grid": True, "axes.labelcolor": LIGHT["soft"],
    "axes.labelsize": 9, "axes.titlecolor": LIGHT["ink"], "axes.titlelocation": "left", "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.spines.right": False, "axes.spines.top": False, "axes.axisbelow": True, "axes.formatter.use_mathtext": True,
    "figure.facecolor": LIGHT["paper"], "figure.dpi": 100, "savefig.dpi": 200, "font.size": 9,
    "grid.color": LIGHT["band"], "grid.linewidth": 1.0, "legend.frameon": False, "legend.handlelength": 3.2,
    "legend.labelcolor": LIGHT["ink"], "lines.linewidth": 1.8, "lines.scale_dashes": False, "svg.hashsalt": "ogive", "svg.fonttype": "path",
    "xtick.color": LIGHT["soft"], "ytick.color": LIGHT["soft"], "xtick.bottom": False, "ytick.left": False,
}  # fmt: skip

_WIDTH, _HEIGHT = 4.8, 3.4  # inches of a view


class Picture(Figure):
    """A figure that notebooks show as it is, with or without ``%matplotlib``."""

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Save it, in the style that it was drawn in."""
        with mpl.rc_context(STYLE):
            super().savefig(*arguments, **options)

    def _repr_svg_(self) -> str:
        drawn = io.StringIO()
        self.savefig(drawn, format="svg", metadata={"Date": None})
        return drawn.getvalue()


def draw(views: Sequence[View]) -> Picture:
    """The views side by side."""
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(_WIDTH * len(views), _HEIGHT), layout="constrained")
        for axes, view in zip(picture.subplots(1, len(views), squeeze=False)[0], views, strict=True):
            _draw(axes, view)
        _add_legends(picture, views)
        return picture


def _add_legends(picture: Picture, views: Sequence[View]) -> None:
    """One below the views where all have the same lines; otherwise one in each, where it hides least."""
    names = [[curve.name for curve in view.curves] for view in views]
    if len(views) > 1 and all(own == names[0] for own in names):
        handles, labels = picture.axes[0].get_legend_handles_labels()
        picture.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8)
        return
    for axes, own in zip(picture.axes, names, strict=True):
        if len(own) > 1:
            axes.legend(fontsize=8 if len(own) < 8 else 7, ncols=1 if len(own) < 7 else 2)


def _draw(axes: Axes, view: View) -> None:
    axes.set_title(view.title)
    axes.set_xlabel(view.label)
    if view.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    elif view.low <= 0 <= view.high:
        axes.axhline(0, color=LIGHT["line"], linewidth=1)
    x = view.curves[0].x
    if not view.logarithmic and x[0] <= 0 <= x[-1]:
        axes.axvline(0, color=LIGHT["line"], linewidth=1)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(view.low, view.high)
    place = 0
    for curve in view.curves:
        if curve.aid:
            axes.plot(curve.x, curve.y, color=LIGHT["grey"], linewidth=5, alpha=0.5, label=curve.name, zorder=1.5)
        else:
            _draw_curve(axes, curve, place)
            place += 1


def _draw_curve(axes: Axes, curve: Curve, place: int) -> None:
    colour, dashes = list(SERIES.items())[place % len(SERIES)]
    width = 1.8 if place < len(SERIES) else 1.0
    line = (0, tuple(0.75 * dash for dash in dashes)) if dashes else "solid"  # pixels as points
    axes.plot(curve.x, curve.y, color=LIGHT[colour], linestyle=line, linewidth=width, label=curve.name)
    for x, y in curve.dots:
        axes.plot([x], [y], "o", color=LIGHT[colour], markersize=3 * width)
