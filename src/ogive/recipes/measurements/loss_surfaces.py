"""Squared error against cross-entropy on a sigmoid output, and what either makes of first weights that are too small or too large."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from contourpy import contour_generator

from ogive.activations.sigmoids import sigmoid
from ogive.errors import InputError
from ogive.lab import wording
from ogive.lab.arguments import real, whole
from ogive.lab.arms import cross
from ogive.lab.comparison import compare
from ogive.lab.data import load
from ogive.lab.figures import Figure
from ogive.panel import Axis, Panel
from ogive.recipes import sensitivity
from ogive.recipes.dynamics import logistic
from ogive.recipes.dynamics.logistic import LOSSES, Surface
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.recipes.work import Work
from ogive.verdict import Verdict

FARTHEST = 1000.0
"""Of weights and inputs; far beyond it all logits are at the ends."""

LOGITS = (-10.0, -5.0, -2.0, 0.0, 2.0, 5.0)
LEAST_PUSH = 1e-5
"""Where the picture of the slopes ends."""

STYLES = ("c1", "c2")
LEVELS = (0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Of the contours, between the least and the greatest loss in the picture."""


def measure(
    work: Work,
    *,
    rows: int = 200,
    distance: float = 2.0,
    reach: float = 12.0,
    start: tuple[float, ...] = (-8.0, -4.0),
    data: str = "digits",
    target: str = "",
    losses: tuple[str, ...] = ("cross_entropy", "squared_error", "binary_cross_entropy", "sigmoid_squared_error"),
    scales: tuple[float, ...] = (0.01, 0.1, 1.0, 4.0, 16.0),
    hidden: tuple[int, ...] = (64, 32),
    seeds: int = 25,
    epochs: int = 30,
) -> Measured:
    """One sigmoid unit of a weight and a bias on rows of two classes; then networks of every loss and scale of the first weights."""
    if not (0 < real(distance, "distance") <= FARTHEST and 0 < real(reach, "reach") <= FARTHEST):
        raise InputError(f"distance and reach must be positive numbers of at most {FARTHEST:g}, got {distance!r} and {reach!r}")
    if len(start) != 2 or not all(abs(real(each, "start")) <= reach for each in start):
        raise InputError(f"start must be a weight and a bias from {-reach:g} to {reach:g}, got {list(start)}")
    dataset, seeds, epochs = load(data, target=target or None), whole(seeds, "seeds", 2), whole(epochs, "epochs", 1)
    if not all(0 < real(scale, "scales") < math.inf for scale in scales):
        raise InputError(f"scales must be positive numbers, got {list(scales)}")
    cross({"losses": list(losses), "hidden": [tuple(hidden)]}, dataset.task, epochs)  # refuses what cannot be had, before anything is done
    points = logistic.rows_of_two_classes(whole(rows, "rows", 4), distance)
    sizes = {"rows": rows, "distance": distance, "reach": reach, "start": start}
    surfaces = [
        work.record(Surface, {"surface": loss, **sizes}, partial(logistic.surface, loss, points, reach=reach, start=(start[0], start[1])))
        for loss in LOSSES
    ]
    comparisons = {
        scale: compare(
            dataset,
            losses=list(losses),
            initializers=["/".join([*[f"he_normal*{scale:g}"] * len(hidden), f"lecun_normal*{scale:g}"])],
            activations=["relu"],
            hidden=[tuple(hidden)],
            seeds=seeds,
            epochs=epochs,
            out=work.folder,
            progress=lambda what, share, scale=scale: work.progress(f"deviations × {scale:g}: {what}", share),  # type: ignore[misc]
        )
        for scale in sorted(set(scales))
    }
    trained = sensitivity.look(comparisons)
    return Measured(
        (_slopes_table(), _surfaces_table(surfaces), *trained.tables),
        (_slopes_figure(), _surfaces_figure(surfaces), *trained.figures),
        (_slopes_verdict(), *map(_surface_verdict, surfaces), *trained.verdicts),
    )


def _slopes_table() -> Table:
    logits = np.array(LOGITS)
    columns = [logistic.by_logits(loss, logits, np.ones_like(logits))[:2] for loss in LOSSES]
    rows: list[tuple[Cell, ...]] = []
    for place, logit in enumerate(LOGITS):
        rows.append((logit, rounded(float(sigmoid(logit))), *(rounded(float(own[place])) for pair in columns for own in pair)))
    return Table(
        "What a sigmoid output gives back where the class is 1",
        ("logit", "probability", *(f"{loss}{what}" for loss in LOSSES for what in ("", ", slope"))),
        tuple(rows),
        "Slope: the derivative by the logit. That of cross-entropy is p − 1; that of squared error has the sigmoid's own slope as a factor,"
        " 2 (p − 1) p (1 − p), and is never beyond 8/27, at p = 1/3.",
    )


def _slopes_verdict() -> Verdict:
    worst = LOGITS[0]
    push, weak = (abs(float(logistic.by_logits(loss, np.array([worst]), np.ones(1))[1][0])) for loss in LOSSES)
    return Verdict(
        "Where the right class has the logit {logit}, cross-entropy pushes with {push} and squared error with {weak}, {times} times less.",
        logit=wording.number(worst, "g"),
        push=f"{push:.3g}",
        weak=f"{weak:.2g}",
        times=f"{push / weak:,.0f}",
    )


def _surfaces_table(surfaces: Sequence[Surface]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for own in surfaces:
        steps = f"{len(own.path) - 1:,}" if own.arrived else f"more than {len(own.path) - 1:,}"
        rows.append((own.loss, rounded(100 * own.convex), rounded(100 * own.flat), steps))
    return Table(
        "The surfaces over a weight and a bias",
        ("loss", "convex, % of the places", "flat, % of the places", "steps down"),
        tuple(rows),
        f"Flat: a gradient below {logistic.FLAT:.0%} of the largest in the picture. Steps of all rows until at most {logistic.ARRIVED:.0%}"
        " of the rows fewer are right than at the least loss, at a rate of one over the largest second derivative there.",
    )


def _surface_verdict(own: Surface) -> Verdict:
    share = f"{100 * own.convex:.2g}"
    return Verdict(
        "The surface of {loss} is {shape}; from a start with {wrong} of the rows wrong the way down {way}.",
        loss=own.loss,
        shape=Verdict("convex everywhere") if own.convex == 1 else Verdict("convex at {share}% of the places", share=share),
        wrong=f"{own.wrong:.0%}",
        way=Verdict("takes {steps} steps" if own.arrived else "does not arrive in {steps} steps", steps=f"{len(own.path) - 1:,}"),
    )


def _slopes_figure() -> Figure:
    logits = np.linspace(-10, 10, 401)
    values, slopes = [], []
    for loss in LOSSES:
        value, slope, _ = logistic.by_logits(loss, logits, np.ones_like(logits))
        values.append(value)
        slopes.append(np.abs(slope))
    x = Axis(-10, 10, label="logit of the right class")
    panels = [
        Panel(f"losses of {' and '.join(LOSSES)} by the logit of the right class", x, Axis(-0.1, 5), title="loss"),
        Panel("sizes of their slopes, logarithmic", x, Axis(LEAST_PUSH, 2, log=True), title="size of the slope, logarithmic"),
    ]
    for panel, curves in zip(panels, (values, slopes), strict=True):
        for style, loss, curve in zip(STYLES, LOSSES, curves, strict=True):
            panel.line(logits, curve, style, loss)
    return Figure(
        "What a sigmoid output costs, and how hard it is pushed, by the logit of the right class: on the left it is confidently wrong.",
        tuple(panels),
        tuple(zip(STYLES, LOSSES, strict=True)),
    )


def _surfaces_figure(surfaces: Sequence[Surface]) -> Figure:
    return Figure(
        "The mean loss of a sigmoid unit over its weight and its bias, and the way down from the large dot until it gets as many rows right"
        " as it does at the least loss, the small dot. Grey: contours.",
        tuple(_surface_panel(own, style) for own, style in zip(surfaces, STYLES, strict=True)),
        (*((style, f"steps by {own.loss}") for own, style in zip(surfaces, STYLES, strict=True)), ("other", "contours")),
    )


def _surface_panel(own: Surface, style: str) -> Panel:
    low, high = float(own.values.min()), float(own.values.max())
    ends = float(own.places[0]), float(own.places[-1])
    panel = Panel(
        f"surface of {own.loss} from {low:.3g} to {high:.3g}, and a path of {len(own.path) - 1} steps",
        Axis(*ends, label="weight"),
        Axis(*ends, label="bias"),
        width=330,
        height=260,
        title=own.loss,
    )
    lines = contour_generator(own.places, own.places, own.values)
    for level in LEVELS:
        for line in lines.lines(low + level * (high - low)):
            points = np.asarray(line)
            panel.line(points[:, 0], points[:, 1], "other", f"{low + level * (high - low):.3g}")
    shown = own.path[np.unique(np.round(np.geomspace(1, len(own.path), 200)).astype(int)) - 1]
    panel.line(shown[:, 0], shown[:, 1], style, f"{len(own.path) - 1:,} steps")
    panel.dots(shown[:1, 0], shown[:1, 1], "c0", 5, "start")
    panel.dots(own.least[:1], own.least[1:], "c0", 3, "least loss")
    return panel
