"""Gradient descent where all inputs of a unit are positive, and where they have both signs: the way it takes, and how often the gradients
of all of a unit's weights have one sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.arguments import real, whole
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.figures import Figure
from ogive.lab.problem import Problem
from ogive.lab.splits import fold
from ogive.panel import Axis, Panel
from ogive.recipes.dynamics import nets, signs, two_weights
from ogive.recipes.dynamics.layers import Array
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.signs import Training
from ogive.recipes.dynamics.two_weights import MINIMUM, NEAR, START, Descent
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.recipes.work import Work
from ogive.verdict import Verdict

MOST_STEPS = 20_000
WIDTHS = (2, 10, 100)
LEVELS = (4, 2, 1, 0.5, 0.2, 0.05, 0.01)
"""The contours, as shares of the loss at the start."""

REACH = np.array([1.2, 0.8])
"""Of the picture, from the middle of the way."""

COUNTS = ("steps, all rows", "steps, one row", "least to most")

LABELS = ("first weight", "second weight")

Shares = Mapping[Net, Mapping[int, float]]


def measure(
    work: Work,
    *,
    networks: tuple[str, ...] = ("sigmoid", "tanh", "relu"),
    rows: int = 1000,
    orders: int = 51,
    data: str = "digits",
    target: str = "",
    hidden: tuple[int, ...] = (32, 32),
    batches: tuple[int, ...] = (1, 8, 32, 128),
    steps: int = 300,
    rate: float = 0.1,
    seeds: int = 5,
) -> Measured:
    """A linear unit of two weights above a layer, in several orders of the rows; then networks that learn the data."""
    found, trainings = nets.read_all(networks, "networks"), _trainings(hidden, batches, steps, rate)
    rows, orders, seeds = whole(rows, "rows", 2, nets.MOST_ROWS), whole(orders, "orders", 1), whole(seeds, "seeds", 1)
    dataset = load(data, target=target or None)
    inputs, classes = _training_rows(dataset)
    if trainings[-1].batch > len(inputs):
        raise InputError(f"batches must be at most the {len(inputs):,} training rows of {dataset.name}, got {trainings[-1].batch:,}")
    way = {"rows": rows, "seeds": orders, "most": MOST_STEPS}
    downs = {}
    for net in found:
        down = partial(two_weights.measure, net.activation, **way)
        downs[net] = work.record(Descent, {"layer": net.activation.name, **way}, down)
    conditions = {net: [two_weights.condition(net.activation, width) for width in WIDTHS] for net in found}
    shares: dict[Net, dict[int, float]] = {net: {} for net in found}
    for place, net in enumerate(found):
        settings = {"net": net.name, "data_sha256": dataset.sha256, "seeds": seeds}
        for each in trainings:
            signed = partial(signs.measure, net, inputs, classes, each, seeds)
            shares[net][each.batch] = work.remembered(settings | asdict(each), signed)
        work.progress("signs of the gradients in training", (place + 1) / len(found))
    return Measured(
        (_surface_table(downs, conditions), _signs_table(shares, dataset.name, seeds)),
        (_figure(downs),),
        (*(_way_verdict(net, own) for net, own in downs.items()), *(_signs_verdict(net, own) for net, own in shares.items())),
    )


def _trainings(hidden: tuple[int, ...], batches: tuple[int, ...], steps: int, rate: float) -> list[Training]:
    units = tuple(whole(each, "hidden", 1, nets.MOST_UNITS) for each in hidden)
    if len(units) < 2:
        raise InputError(f"hidden must have two layers or more, for the units of the second are looked at, got {list(units)}")
    if not real(rate, "rate") > 0:
        raise InputError(f"rate must be a positive number, got {rate!r}")
    sizes = sorted({whole(each, "batches", 1) for each in batches})
    return [Training(units, size, whole(steps, "steps", 1), rate) for size in sizes]


def _training_rows(dataset: Dataset) -> tuple[Array, NDArray[np.int64]]:
    """The first training part, scaled as the lab does it."""
    if dataset.task.kind == "regression":
        raise InputError(f"the data must have classes, but those of {dataset.name} have none; give others")
    folds = fold(dataset)
    part = Problem(dataset, folds).prepared(None if folds.official else 0, 1).training
    return part.inputs.astype(np.float64), np.asarray(part.targets, np.int64)


def _surface_table(downs: Mapping[Net, Descent], conditions: Mapping[Net, list[float]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for net, own in downs.items():
        few, many = np.min(own.one_row_steps), np.max(own.one_row_steps)
        single = (rounded(float(np.median(own.one_row_steps))), f"{few} to {many}", rounded(100 * own.one_signed))
        rows.append((net.activation.name, *map(rounded, conditions[net]), own.all_rows_steps, *single))
    return Table(
        "A unit with two weights above a layer",
        ("layer", *(f"condition, {width} inputs" for width in WIDTHS), *COUNTS, "of one sign, %"),
        tuple(rows),
        "Condition: how many times as curved the surface of the squared error is along its steepest direction as along its flattest, where"
        f" the inputs are independent, of mean m and variance v: 1 + inputs · m²/v. Steps until {NEAR:.0%} of the first distance is left,"
        " each at the best learning rate for it; those of one row are medians over orders of the rows. Of one sign: steps of one row in"
        " which no two weights are pushed in opposite directions.",
    )


def _signs_table(shares: Shares, data: str, seeds: int) -> Table:
    batches = list(next(iter(shares.values())))
    return Table(
        "Gradients of one sign in networks that learn, %",
        ("layer", *(f"batch of {batch}" for batch in batches)),
        tuple((net.activation.name, *(rounded(100 * own[batch]) for batch in batches)) for net, own in shares.items()),
        f"{data}, mean of {seeds} seeds: how often, over the steps and the units of the second hidden layer that a gradient reaches, no two"
        " of a unit's weights are pushed in opposite directions.",
    )


def _way_verdict(net: Net, own: Descent) -> Verdict:
    return Verdict(
        "Above {layer}, {share}% of the steps of one row push both weights the same way; it takes {single} of them, or {all} of all rows,"
        " to the minimum.",
        layer=net.activation.name,
        share=f"{rounded(100 * own.one_signed):g}",
        single=f"{np.median(own.one_row_steps):g}",
        all=str(own.all_rows_steps),
    )


def _signs_verdict(net: Net, own: Mapping[int, float]) -> Verdict:
    told = [Verdict("{share}% in batches of {size}", share=f"{rounded(100 * share):g}", size=str(batch)) for batch, share in own.items()]
    return Verdict("In networks of {layer} all gradients of a unit have one sign in {told}.", layer=net.activation.name, told=told)


def _figure(downs: Mapping[Net, Descent]) -> Figure:
    return Figure(
        "The way of two weights down the surface of the squared error, from the large dot to the small one, above each layer. The second"
        " weight has to shrink while the first grows. Grey: the surface's contours.",
        tuple(_panel(net, own) for net, own in downs.items()),
        (("c1", "steps of all rows"), ("c2", "steps of one row"), ("other", "contours")),
    )


def _panel(net: Net, own: Descent) -> Panel:
    middle = (START + MINIMUM) / 2
    x, y = (
        Axis(float(place - reach), float(place + reach), label=label) for place, reach, label in zip(middle, REACH, LABELS, strict=True)
    )
    panel = Panel(
        f"paths above {net.activation.name}: {own.all_rows_steps} steps of all rows, {len(own.one_row) - 1} of one row",
        x,
        y,
        width=330,
        height=220,
        title=f"above {net.activation.name}",
    )
    for level in LEVELS:
        panel.line(*_along_and_up(two_weights.contour(own.curvature, level)), "other", f"{level:g} of the loss at the start")
    panel.line(*_along_and_up(own.one_row), "c2", f"{len(own.one_row) - 1} steps of one row")
    panel.line(*_along_and_up(own.all_rows), "c1", f"{own.all_rows_steps} steps of all rows")
    panel.dots(START[:1], START[1:], "c0", 5, "start")
    panel.dots(MINIMUM[:1], MINIMUM[1:], "c0", 3, "minimum")
    return panel


def _along_and_up(points: Array) -> tuple[Array, Array]:
    return points[:, 0], points[:, 1]
