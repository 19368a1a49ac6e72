"""The pictures of the report, as SVG text that takes its ink from the page around it."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ogive import catalogue
from ogive.lab.diagnostics import histogram_edges
from ogive.lab.outcome import Outcome
from ogive.lab.results import Run
from ogive.lab.summary import Row

INK = "#123456"
"""Stands for the colour of the page's text, and is replaced by it."""

COLOURS = (
    "#3b82f6",
    "#f97316",
    "#16a34a",
    "#dc2626",
    "#a855f7",
    "#a16207",
    "#ec4899",
    "#64748b",
    "#84cc16",
    "#06b6d4",
    "#6366f1",
    "#eab308",
)
"""Readable on white and on black."""

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ogive",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def accuracies(outcome: Outcome) -> str:
    """Every arm's test accuracy: the mean, its interval, and each seed."""
    rows = outcome.table
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 0.9 + 0.3 * len(rows)))
        axes = figure.subplots()
        for place, row in enumerate(rows):
            colour = _colour(outcome, row.arm.name)
            axes.plot(
                [100 * value for value in row.accuracies],
                [place] * row.runs,
                "o",
                color=colour,
                alpha=0.35,
                markersize=4,
                markeredgewidth=0,
            )
            axes.errorbar(
                100 * row.accuracy.mean, place, xerr=100 * row.accuracy.half_width, fmt="D", color=colour, markersize=6, capsize=4
            )
        axes.set_yticks(range(len(rows)), [row.arm.name for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel("test accuracy, %: mean with 95% interval (diamond), each seed (dots)")
        axes.grid(axis="x", color=INK, alpha=0.12)
        axes.set_xlim(*_accuracy_limits(rows))
        return _svg(figure)


def learning_curves(outcome: Outcome) -> str:
    """Training loss and validation accuracy after each epoch, mean over the seeds."""
    epochs = np.arange(1, outcome.plan.epochs + 1)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 4.6))
        left, right = figure.subplots(1, 2)
        for row in outcome.table:
            runs = _runs(outcome, row)
            style = {"color": _colour(outcome, row.arm.name), "linestyle": _dashes(outcome, row.arm.name), "linewidth": 1.5}
            marker = "o" if len(epochs) == 1 else None
            left.plot(epochs, np.mean([run.training_losses for run in runs], axis=0), marker=marker, label=row.arm.name, **style)
            right.plot(epochs, 100 * np.mean([run.validation_accuracies for run in runs], axis=0), marker=marker, **style)
        left.set(yscale="log", xlabel="epoch", title="training loss (cross-entropy, nats)")
        left.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        left.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
        left.yaxis.set_minor_formatter(NullFormatter())
        right.set(xlabel="epoch", title="validation accuracy, %")
        for axes in (left, right):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.grid(color=INK, alpha=0.12)
        figure.legend(loc="outside lower center", ncols=_legend_columns(outcome))
        return _svg(figure)


def tuning(outcome: Outcome) -> str:
    """Validation accuracy at every learning rate, mean over the tuning seeds; the chosen one is marked."""
    reached: dict[tuple[str, float], list[float]] = defaultdict(list)
    for run in outcome.tuning_runs:
        reached[run.arm, run.rate].append(100 * run.validation_accuracies[-1])
    rates = outcome.plan.rates
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 3.9))
        axes = figure.subplots()
        for row in outcome.table:
            means = [float(np.mean(reached[row.arm.name, rate])) for rate in rates]
            colour = _colour(outcome, row.arm.name)
            axes.plot(rates, means, color=colour, linestyle=_dashes(outcome, row.arm.name), linewidth=1.5, label=row.arm.name)
            axes.plot(row.rate, means[rates.index(row.rate)], "o", color=colour, markersize=7)
        axes.set(xscale="log", xlabel="learning rate (dot: chosen)", title="validation accuracy, %, after tuning runs")
        axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(color=INK, alpha=0.12)
        figure.legend(loc="outside lower center", ncols=_legend_columns(outcome))
        return _svg(figure)


def histograms(outcome: Outcome) -> str:
    """What the hidden layers put out on the validation rows after training: one panel an arm, one line a layer."""
    rows, columns = outcome.table, 4
    lines = -(-len(rows) // columns)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 0.5 + 1.75 * lines))
        panels = np.atleast_2d(figure.subplots(lines, columns, squeeze=False))
        for axes in panels.flat[len(rows) :]:
            axes.set_visible(False)
        for axes, row in zip(panels.flat, rows, strict=False):
            _histogram_panel(axes, row, _runs(outcome, row))
        handles = [_layer_line(layer) for layer in range(len(outcome.plan.hidden))]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
        figure.supylabel("share of outputs, %", fontsize=10, color=INK)
        return _svg(figure)


def _histogram_panel(axes: Any, row: Row, runs: Sequence[Run]) -> None:
    for layer, name in enumerate(row.arm.activations):
        counts = np.sum([run.histograms[layer] for run in runs], axis=0)
        share = 100 * counts / max(counts.sum(), 1)
        edges = histogram_edges(catalogue.get(name, "activation"))
        line = _layer_line(layer)
        axes.stairs(share, edges, color=line.get_color(), linewidth=1.3, alpha=0.9, fill=False)
        axes.stairs(share, edges, color=line.get_color(), alpha=0.18, fill=True)
    axes.set_title(row.arm.name)
    axes.set_yscale("symlog", linthresh=1, linscale=0.6)
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()


def _layer_line(layer: int) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=COLOURS[layer % len(COLOURS)], linewidth=2, label=f"hidden layer {layer + 1}")


def _accuracy_limits(rows: Sequence[Row]) -> tuple[float, float]:
    """Wide enough for the intervals and the seeds, not for the impossible."""
    values = [value for row in rows for value in (row.accuracy.low, row.accuracy.high, *row.accuracies)]
    low, high = 100 * min(values), 100 * max(values)
    margin = max(0.05 * (high - low), 0.1)
    return max(low - margin, 0 - margin), min(high + margin, 100 + margin)


def _runs(outcome: Outcome, row: Row) -> list[Run]:
    return [run for run in outcome.runs if run.arm == row.arm.name]


def _index(outcome: Outcome, name: str) -> int:
    return [arm.name for arm in outcome.plan.arms].index(name)


def _legend_columns(outcome: Outcome) -> int:
    """As many names as fit side by side."""
    longest = max(len(arm.name) for arm in outcome.plan.arms)
    return max(1, min(6, 84 // (longest + 6)))


def _colour(outcome: Outcome, name: str) -> str:
    """An arm's colour, the same in every picture."""
    return COLOURS[_index(outcome, name) % len(COLOURS)]


def _dashes(outcome: Outcome, name: str) -> str:
    """Solid for the first arms; where the colours come round again, the dashes tell them apart."""
    return ("-", "--", ":", "-.")[_index(outcome, name) // len(COLOURS) % 4]


def _svg(figure: Figure) -> str:
    """The figure without what only a file needs, in the ink and the font of the page, as wide as its place."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"font: ([^;\"]*?)px [^;\"]*", r"font: \1px sans-serif", text)
    return re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" role="img" xmlns:xlink="http://www.w3.org/1999/xlink">', text, count=1
    )
