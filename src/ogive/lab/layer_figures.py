"""The pictures of what goes on inside the networks: outputs and gradients of each layer, dead and saturated units over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ogive import catalogue
from ogive.lab.figures import Figure, arms_legend, back_to_front, epochs
from ogive.lab.networks import Course
from ogive.lab.results import GRADIENT_POWERS, activation_edges, gradient_edges
from ogive.lab.summary import Row, Summary
from ogive.panel import Axis, Panel, span

SHARES = Axis(0.1, 100, log=True)
"""Of a histogram: logarithmic, so that rare values show."""


def activations(summary: Summary) -> Figure | None:
    """Histograms of the outputs of each hidden layer."""
    if not _hidden_layers(summary):
        return None
    return Figure(
        "Outputs of the hidden units on validation rows after training, all networks together: percent of outputs in each of 40 bars. Where"
        " the function is not bounded, the last bar holds everything beyond it.",
        tuple(
            _histograms(
                row,
                "outputs",
                row.result.networks.course.activations,
                [activation_edges(catalogue.get(name, "activation")) for name in row.result.arm.activations],
            )
            for row in summary.rows
        ),
        _layers_legend(_hidden_layers(summary)),
        small=True,
    )


def gradients(summary: Summary) -> Figure:
    """Histograms of the size of the loss's derivatives by each layer's sums."""
    low, high = (int(power) for power in GRADIENT_POWERS)
    ticks = tuple((power, f"1e{power}".replace("-", "−")) for power in range(low, high + 1, 4))
    return Figure(
        "Size of the derivatives of the loss by each layer's sums after training, all networks together: percent in each bar. The first bar"
        " holds zeros and everything below, the last everything above.",
        tuple(
            _histograms(
                row, "gradients", row.result.networks.course.gradients, [gradient_edges()] * (len(row.result.arm.activations) + 1), ticks
            )
            for row in summary.rows
        ),
        _layers_legend(_hidden_layers(summary), output=True),
        small=True,
    )


def units(summary: Summary) -> Figure | None:
    """Dead and saturated hidden units over the training; nothing where there are none."""
    panels = [
        _units_panel(summary, "dead units, %", lambda course: course.dead),
        _units_panel(summary, "saturated units, %", lambda course: course.saturated),
    ]
    shown = tuple(panel for panel in panels if panel)
    return Figure("Mean over the hidden layers and the networks of each arm.", shown, arms_legend(summary)) if shown else None


def _histograms(
    row: Row,
    what: str,
    counts: NDArray[np.int64],
    edges: Sequence[NDArray[np.float64]],
    ticks: tuple[tuple[float, str], ...] | None = None,
) -> Panel:
    x = Axis(min(float(each[0]) for each in edges), max(float(each[-1]) for each in edges), ticks=ticks)
    spoken = ", ".join(
        f"layer {layer} {_middle(own, own_edges):.2g}" for layer, (own, own_edges) in enumerate(zip(counts, edges, strict=True), 1)
    )
    panel = Panel(f"histogram of {what} of {row.name}; median bar: {spoken}", x, SHARES, width=150, height=100, title=row.name)
    for layer, (own, own_edges) in enumerate(zip(counts, edges, strict=True)):
        panel.stairs(own_edges, np.maximum(100 * own / max(own.sum(), 1), 1e-3), f"layer layer{layer}", f"{row.name}, layer {layer + 1}")
    return panel


def _units_panel(summary: Summary, title: str, shares_of: Callable[[Course], NDArray[np.float64]]) -> Panel | None:
    courses = {row.name: row.result.networks.course for row in summary.rows}
    curves = {name: (course.checkpoints, 100 * shares_of(course)) for name, course in courses.items()}
    if not any(np.nan_to_num(curve).any() for _, curve in curves.values()):
        return None
    spoken = "; ".join(f"{name} {curve[-1]:.3g}" for name, (_, curve) in curves.items() if np.isfinite(curve[-1]))
    _, high = span(*(curve for _, curve in curves.values()))
    panel = Panel(f"{title} over the epochs; after the last: {spoken}", epochs(summary), Axis(0, high), title=title)
    for row, style in back_to_front(summary):
        panel.line(*curves[row.name], style, row.name)
    return panel


def _middle(counts: NDArray[np.int64], edges: NDArray[np.float64]) -> float:
    """The middle of the bar that holds the median."""
    bar = int(np.searchsorted(counts.cumsum(), counts.sum() / 2))
    return float(edges[bar : bar + 2].mean())


def _hidden_layers(summary: Summary) -> int:
    return max(len(row.result.arm.activations) for row in summary.rows)


def _layers_legend(hidden: int, *, output: bool = False) -> tuple[tuple[str, str], ...]:
    found = [(f"layer{layer}", f"hidden layer {layer + 1}") for layer in range(hidden)]
    return (*found, (f"layer{hidden}", "output layer")) if output else tuple(found)
