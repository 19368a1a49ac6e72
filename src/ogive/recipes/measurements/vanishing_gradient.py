"""How much of the gradient reaches the first layers of nets of several depths, and how much can reach them at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from ogive.errors import InputError
from ogive.lab.arguments import whole
from ogive.lab.figures import Figure
from ogive.lab.wording import number
from ogive.panel import Axis, Panel, span
from ogive.recipes.dynamics import gradients, nets
from ogive.recipes.dynamics.gradients import Gradients
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.recipes.work import Work
from ogive.verdict import Verdict

LOST = 1e-3
"""The gradient is lost on the way where the first layer gets less than this share of the last one's."""

COLOURS = 6

Measurements = Mapping[Net, Sequence[Gradients]]


def measure(
    work: Work,
    *,
    networks: tuple[str, ...] = ("sigmoid", "tanh", "relu", "selu"),
    depths: tuple[int, ...] = (2, 5, 10, 20),
    rows: int = 200,
    units: int = 100,
    draws: int = 10,
) -> Measured:
    """Nets of equal layers without biases and a linear output layer, random classes of standard normal rows, nothing learned.

    The depths are a set: one that is named twice is measured once.
    """
    found = nets.read_all(networks, "networks")
    depths = tuple(sorted({whole(depth, "depths", 2, 100) for depth in depths}))
    sizes = {"rows": whole(rows, "rows", 2, nets.MOST_ROWS), "units": whole(units, "units", 1, nets.MOST_UNITS), "layers": depths[-1]}
    problems = [gradients.problem(seed, **sizes) for seed in range(whole(draws, "draws", 1))]
    measured: dict[Net, list[Gradients]] = {net: [] for net in found}
    for place, net in enumerate(found):
        for depth in depths:
            settings = {"net": net.name, "depth": depth, "draws": draws, **sizes}
            with np.errstate(all="ignore"):  # what is no number is refused below
                measured[net].append(work.record(Gradients, settings, partial(gradients.measure, net, depth, problems)))
        work.progress("gradients of nets that have learned nothing", (place + 1) / len(found))
    for net, own in ((net, own) for net, each in measured.items() for own in each):
        if not np.isfinite(own.weights).all() or not own.weights.all():
            raise InputError(f"the gradient of {net.name} in {own.depth} layers is 0 or no number; leave that net out, or that depth")
    return Measured(
        (_shares(measured), _factors(measured, units)),
        (_layers_figure(measured), _depths_figure(measured)),
        (*(verdict(net, own) for net, own in measured.items()), bound_verdict(measured)),
    )


def _shares(measured: Measurements) -> Table:
    depths = [each.depth for each in next(iter(measured.values()))]
    shown = depths if len(depths) < 8 else [depths[round(place)] for place in np.linspace(0, len(depths) - 1, 6)]
    return Table(
        "The first layer's gradient as a share of the last hidden layer's",
        ("net", *(f"{depth} layers" for depth in shown)),
        tuple((net.name, *(rounded(_share(each)) for each in own if each.depth in shown)) for net, own in measured.items()),
        "Norm of the loss's derivative by the weights of a layer; geometric mean over the draws.",
    )


def _factors(measured: Measurements, units: int) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for net, own in measured.items():
        deepest = own[-1]
        predicted = gradients.predicted_factor(net, deepest.depth, units)
        closest = max(each.closest for each in own)
        rows.append((net.name, *map(rounded, (deepest.factor, predicted, gradients.steepest(net), deepest.most, closest))))
    return Table(
        f"What one layer does to the gradient on its way back, in nets of {max(own[-1].depth for own in measured.values())} layers",
        ("net", "multiplied by", "at infinite width", "steepest slope", "at most by", "closest to the bound"),
        tuple(rows),
        "Of the derivative by the layers' sums, geometric mean over the layers. At most: the steepest slope times the spectral norm of the"
        " weights, of which the bound is the product over all layers above; closest: the largest share of its bound that the gradient of"
        " any layer of any net reached. Infinite width: S. Schoenholz et al., Deep information propagation, ICLR 2017, arXiv:1611.01232.",
    )


def _share(each: Gradients) -> float:
    return float(each.weights[0] / each.weights[-1])


def verdict(net: Net, own: Sequence[Gradients]) -> Verdict:
    """What becomes of the gradient in the deepest net."""
    deepest = own[-1]
    share = _share(deepest)
    left = number(share, ".2g")
    what = "is lost on the way" if share < LOST else "arrives" if share < 1 / LOST else "explodes"
    return Verdict(
        "{net}: in {depth} layers the gradient {what}; the first layer gets {left} of what the last one gets, each layer multiplies it by"
        " {factor}.",
        net=net.name,
        depth=str(deepest.depth),
        what=Verdict(what),
        left=left,
        factor=f"{deepest.factor:.3g}",
    )


def bound_verdict(measured: Measurements) -> Verdict:
    """Whether the bound held in every layer of every net."""
    every = [each for own in measured.values() for each in own]
    layers, held = sum(each.depth for each in every), all(each.closest <= 1 for each in every)
    start, bound = "Slopes and weights bound what comes back: ", " the product of the steepest slopes and the weights' norms above it."
    if held:
        return Verdict(f"{start}no gradient of {{layers}} layers exceeds{bound}", layers=f"{layers:,}")
    return Verdict(f"{start}some gradients exceed{bound}")


def _layers_figure(measured: Measurements) -> Figure:
    depths = [each.depth for each in next(iter(measured.values()))]
    shown = sorted({depths[round(place)] for place in np.linspace(0, len(depths) - 1, 4)})
    legend = [(f"c{place}", f"{depth} layers") for place, depth in enumerate(shown)]
    logarithms = [np.log(each.weights) for own in measured.values() for each in own]
    low, high = np.exp(span(*logarithms, [0.0, 3.0]))
    y = Axis(float(low), float(high), log=True)
    return Figure(
        "Norm of the gradient by the weights of each hidden layer, before anything is learned. Thin and dashed: what it would be if each"
        " layer back multiplied it by the activation's steepest slope. Thick: what it cannot exceed, the product of the steepest slopes and"
        " of the weights' norms. Both for the deepest net, where they are within the picture.",
        tuple(_layers_panel(net, [each for each in own if each.depth in shown], y) for net, own in measured.items()),
        (*legend, ("rule", f"steepest slope alone, {shown[-1]} layers"), ("margin", f"the bound, {shown[-1]} layers")),
    )


def _layers_panel(net: Net, own: Sequence[Gradients], y: Axis) -> Panel:
    deepest, slope = own[-1], gradients.steepest(net)
    layers = np.arange(1, deepest.depth + 1)
    alone = deepest.weights[-1] * slope ** (deepest.depth - layers)
    spoken = "; ".join(f"{each.depth} layers {each.weights[0]:.2g} to {each.weights[-1]:.2g}" for each in own)
    panel = Panel(
        f"norm of the gradient from the first to the last hidden layer of {net.name}: {spoken}",
        Axis(0.5, deepest.depth + 0.5, ticks=_ticks(deepest.depth), label="layer"),
        y,
        title=f"{net.name}, steepest slope {slope:.3g}",
    )
    panel.line(layers, deepest.bounds, "margin", f"cannot exceed, {deepest.depth} layers")
    panel.line(layers, alone, "rule", "if each layer multiplied by the steepest slope")
    for place, each in enumerate(own):
        panel.line(np.arange(1, each.depth + 1), each.weights, f"c{place}", f"{each.depth} layers")
    return panel


def _depths_figure(measured: Measurements) -> Figure:
    curves = {net: np.array([_share(each) for each in own]) for net, own in measured.items()}
    depths = [each.depth for each in next(iter(measured.values()))]
    low, high = np.exp(span(*(np.log(curve) for curve in curves.values())))
    spoken = "; ".join(f"{net.name} {curve[-1]:.2g}" for net, curve in curves.items())
    panel = Panel(
        f"first layer's share of the last one's gradient by the number of layers; at {depths[-1]}: {spoken}",
        Axis(min(depths) - 0.5, max(depths) + 0.5, ticks=_ticks(max(depths)), label="hidden layers"),
        Axis(min(low, 0.5), max(high, 2.0), log=True),
        title="the first layer's gradient, share of the last one's",
    )
    panel.line([min(depths) - 0.5, max(depths) + 0.5], [1, 1], "rule")
    styles = {net: f"c{place % COLOURS}" for place, net in enumerate(curves)}
    for net, curve in curves.items():
        panel.line(depths, curve, styles[net], net.name)
    return Figure("What is left of the gradient in the first layer.", (panel,), tuple((own, net.name) for net, own in styles.items()))


def _ticks(last: int) -> tuple[tuple[float, str], ...]:
    """Whole numbers of layers."""
    return tuple((value, label) for value, label in Axis(0, last).labels() if value == int(value) and value > 0)
