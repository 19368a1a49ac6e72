"""The outputs of every layer by the initialiser, before anything is learned, and what each initialiser costs in learning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from ogive.lab import wording
from ogive.lab.arguments import whole
from ogive.lab.comparison import Comparison, compare
from ogive.lab.data import load
from ogive.lab.figures import Figure
from ogive.panel import Axis, Panel
from ogive.recipes.dynamics import nets, signals
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.signals import NEAR, Signal
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.recipes.work import Work
from ogive.verdict import Verdict

AT_THE_ENDS = 0.25
"""A net's outputs are at the ends of their range where more than this share of the last layer's is."""

ALIKE = 0.05
"""They are alike where their standard deviation in the last layer is below this share of the inputs', which is 1."""


def measure(
    work: Work,
    *,
    networks: tuple[str, ...] = ("sigmoid normal(1)", "sigmoid normal(0.01)", "sigmoid glorot_normal"),
    rows: int = 1000,
    units: int = 100,
    layers: int = 5,
    draws: int = 10,
    data: str = "digits",
    target: str = "",
    seeds: int = 10,
    epochs: int = 10,
) -> Measured:
    """Nets of equal layers without biases; then the same hidden layers, with biases, trained on data with each initialiser."""
    found = nets.read_all(networks, "networks")
    dataset, seeds, epochs = load(data, target=target or None), whole(seeds, "seeds", 2), whole(epochs, "epochs", 1)
    sizes = {"rows": whole(rows, "rows", 2, nets.MOST_ROWS), "units": whole(units, "units", 1, nets.MOST_UNITS)}
    sizes["layers"] = whole(layers, "layers", 1, 50)
    sizes["seeds"] = whole(draws, "draws", 1)
    shown = {net: work.record(Signal, {"net": net.name, **sizes}, partial(signals.measure, net, **sizes)) for net in found}
    comparisons = {}
    for activation in dict.fromkeys(net.activation.name for net in found):
        comparisons[activation] = compare(
            dataset,
            activations=[activation],
            initializers=[net.initializer.name for net in found if net.activation.name == activation],
            hidden=[(units,) * layers],
            seeds=seeds,
            epochs=epochs,
            out=work.folder,
            progress=lambda what, share, name=activation: work.progress(f"{name}: {what}", share),  # type: ignore[misc]
        )
    return Measured(
        (_outputs(shown), _theory(shown), _learning(comparisons)),
        tuple(_figure({net: own for net, own in shown.items() if net.activation.name == activation}) for activation in comparisons),
        (*(verdict(net, own) for net, own in shown.items()), *(sentence for own in comparisons.items() for sentence in _learned(*own))),
    )


def state(signal: Signal) -> str:
    """What becomes of the outputs."""
    if np.nansum([signal.low[-1], signal.high[-1]]) > AT_THE_ENDS and np.isfinite(signal.high[-1]):
        return "at the ends"
    return "alike" if signal.deviations[-1] < ALIKE else "spread"


def _outputs(shown: Mapping[Net, Signal]) -> Table:
    layers = range(1, 1 + _layers(shown))
    rows: list[tuple[Cell, ...]] = []
    for net, signal in shown.items():
        shares = [None if np.isnan(own[-1]) else rounded(100 * own[-1]) for own in (signal.low, signal.middle, signal.high, signal.zeros)]
        rows.append((net.name, *map(rounded, signal.deviations), *shares, state(signal)))
    return Table(
        "Standard deviation of what each layer puts out, and where the last layer's outputs are, %",
        ("net", *(f"layer {layer}" for layer in layers), "low end", "middle", "high end", "exactly 0", "outputs"),
        tuple(rows),
        f"Of the last layer the share within {NEAR} of each end of the activation's range and of its value at 0. At the ends: more than"
        f" {AT_THE_ENDS:.0%} there; alike: deviation below {ALIKE}; spread: neither.",
    )


def _layers(shown: Mapping[Net, Signal]) -> int:
    return len(next(iter(shown.values())).deviations)


def _theory(shown: Mapping[Net, Signal]) -> Table:
    layers = range(1, 1 + _layers(shown))
    rows: list[tuple[Cell, ...]] = []
    for net, signal in shown.items():
        rows.append((net.name, "measured", *map(rounded, signal.second_moments)))
        rows.append((net.name, "infinite width", *map(rounded, signal.predicted)))
    return Table(
        "Mean square of the outputs, beside theory",
        ("net", "", *(f"layer {layer}" for layer in layers)),
        tuple(rows),
        "Layers of infinite width: B. Poole et al., Exponential expressivity in deep neural networks through transient chaos, NeurIPS 2016,"
        " arXiv:1606.05340, section 2.",
    )


def _learning(comparisons: dict[str, Comparison]) -> Table:
    rows = []
    first = next(iter(comparisons.values()))
    second = first.dataset.task.metrics[-1]
    for activation, comparison in comparisons.items():
        for row in comparison.summary.rows:
            rates = [wording.rate(rate) for rate in (min(row.result.rates.values()), max(row.result.rates.values()))]
            rows.append(
                (
                    f"{activation} {row.result.arm.hidden_initializers}",
                    wording.estimate(comparison.metric, row.score),
                    rounded(row.metrics[second.name]),
                    f"{row.diverged} of {row.networks}",
                    "–".join(dict.fromkeys(rates)),
                    row.letters,
                )
            )
    return Table(
        "What it costs in learning",
        ("net", wording.heading(first.metric), wording.heading(second), "learned nothing", "rates chosen", "group"),
        tuple(rows),
        f"{first.study.data}, {wording.counted(first.study.seeds, 'seed')}, {wording.counted(first.study.epochs, 'epoch')}, hidden layers"
        f" {first.arms[0].arm.level('hidden')} with biases, an output layer of its own initialiser, each with the learning rate that"
        " validation chose. Learned nothing: a last training loss no better than that of the best constant. Nets of one activation that"
        " share a letter are not told apart.",
    )


def verdict(net: Net, signal: Signal) -> Verdict:
    """What the last layer puts out."""
    last, entry = len(signal.deviations), net.activation
    if state(signal) == "at the ends":
        low, high = (wording.number(entry.claim(end), "g") for end in entry.range)
        share = f"{100 * (signal.low[-1] + signal.high[-1]):.0f}%"
        what = Verdict("{share} of the outputs are within {near} of {low} or {high}", share=share, near=str(NEAR), low=low, high=high)
    else:
        how = "all outputs are alike" if state(signal) == "alike" else "the outputs are spread"
        what = Verdict(f"{how}, with a deviation of {{deviation}}", deviation=f"{signal.deviations[-1]:.2g}")
    return Verdict("{net}: in layer {layer} {what}.", net=net.name, layer=str(last), what=what)


def _learned(activation: str, comparison: Comparison) -> list[Verdict]:
    """Which initialisers the training tells apart."""
    rows = comparison.summary.rows
    best = [row.result.arm.hidden_initializers for row in rows if row.rank == 1]
    nothing = [row for row in rows if row.diverged > row.networks / 2]
    sentences = []
    if len(best) < len(rows):
        apart = Verdict(", which are not told apart") if len(best) > 1 else ""
        score = wording.estimate(comparison.metric, rows[0].score)
        sentences.append(Verdict("{name} learns best from {best}{apart}: {score}.", name=activation, best=best, apart=apart, score=score))
    elif len(rows) > 1:
        seeds = str(comparison.study.seeds)
        sentences.append(Verdict("{name}: {seeds} seeds do not tell its initialisers apart.", name=activation, seeds=seeds))
    if nothing:
        told = [
            Verdict(
                "{name} ({count} of {all} networks)",
                name=row.result.arm.hidden_initializers,
                count=str(row.diverged),
                all=str(row.networks),
            )
            for row in nothing
        ]
        sentences.append(
            Verdict("{name} learns nothing from {told} at the learning rates that validation chose.", name=activation, told=told)
        )
    return sentences


def _figure(shown: Mapping[Net, Signal]) -> Figure:
    layers = _layers(shown)
    return Figure(
        f"{next(iter(shown)).activation.name}: histograms of the outputs of each layer before anything is learned, lying on their sides."
        f" Widths grow with the root of the share, so that rare outputs show; what is beyond {signals.REACH:g} counts in the last bar."
        " Dashed: 0.",
        tuple(_panel(net, signal, layers) for net, signal in shown.items()),
        small=True,
    )


def _panel(net: Net, signal: Signal, layers: int) -> Panel:
    edges, ticks = signal.edges, tuple((float(layer), str(layer)) for layer in range(1, layers + 1))
    room = 0.03 * (edges[-1] - edges[0])
    spoken = ", ".join(f"layer {layer} {value:.2g}" for layer, value in enumerate(signal.deviations, 1))
    panel = Panel(
        f"histograms of the outputs of {net.name}, {state(signal)}; standard deviations: {spoken}",
        Axis(0.4, layers + 0.6, ticks=ticks, label="layer"),
        Axis(float(edges[0] - room), float(edges[-1] + room)),
        width=150,
        height=110,
        title=net.name,
    )
    panel.line([0.4, layers + 0.6], [0, 0], "rule")
    for layer, bars in enumerate(signal.bars, 1):
        half = 0.42 * np.repeat(np.sqrt(bars / bars.max()), 2)
        ys = np.repeat(edges, 2)[1:-1]
        name = f"layer {layer}: deviation {signal.deviations[layer - 1]:.3g}"
        panel.area(np.concatenate([layer + half, (layer - half)[::-1]]), np.concatenate([ys, ys[::-1]]), "c1", name)
    return panel
