"""Mean and deviation of what goes up through many layers, with each condition of self-normalisation and without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ogive.errors import InputError
from ogive.lab.arguments import whole
from ogive.lab.figures import Figure
from ogive.panel import Axis, Panel, span
from ogive.recipes.dynamics import nets
from ogive.recipes.dynamics.layers import Array
from ogive.recipes.dynamics.layers import draws as drawn
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.signals import LARGEST
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.recipes.work import Work
from ogive.verdict import Verdict

MOST_LAYERS = 200
NEAR = 0.1
"""Mean 0 and deviation 1 are kept where neither is further off than this."""


@dataclass(frozen=True)
class Way:
    """How rows go in, and through: `standardised` or from 0 to 1, and with each layer's input added to its output or not."""

    name: str
    standardised: bool = True
    skips: bool = False


WAYS = (Way("standardised, in a row"), Way("inputs from 0 to 1", standardised=False), Way("with skips", skips=True))


@dataclass(frozen=True)
class Moments:
    """Of each layer's outputs: the mean, the deviation, and that from row to row, which is what a unit has to tell rows apart by."""

    means: Array
    deviations: Array
    from_row_to_row: Array

    @property
    def kept(self) -> bool:
        """Whether the last layer has mean 0 and deviation 1."""
        return bool(abs(self.means[-1]) <= NEAR and abs(self.deviations[-1] - 1) <= NEAR)


def measure(
    work: Work,
    *,
    networks: tuple[str, ...] = ("selu lecun_normal", "selu he_normal", "relu he_normal"),
    layers: int = 32,
    rows: int = 200,
    units: int = 100,
    draws: int = 10,
) -> Measured:
    """Send the same rows through the same draws, scaled by each net's initialiser, in each way."""
    found = nets.read_all(networks, "networks")
    sizes = {"rows": whole(rows, "rows", 2, nets.MOST_ROWS), "units": whole(units, "units", 1, nets.MOST_UNITS)}
    sizes |= {"layers": whole(layers, "layers", 2, MOST_LAYERS), "seeds": whole(draws, "draws", 1)}
    measured: dict[Net, dict[Way, Moments]] = {}
    for net in found:
        measured[net] = {
            way: work.record(Moments, {"net": net.name, "way": way.name, **sizes}, partial(_moments, net, way, **sizes)) for way in WAYS
        }
        work.progress("outputs of nets that have learned nothing", len(measured) / len(found))
    return Measured((_table(measured),), (_figure(measured),), _verdicts(measured))


def _moments(net: Net, way: Way, *, rows: int, units: int, layers: int, seeds: int) -> Moments:
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        passed = rng.standard_normal((rows, units)) if way.standardised else rng.random((rows, units))
        own = []
        for weights in drawn(rng, layers, units):
            with np.errstate(all="ignore"):
                outputs = net.activation(passed @ (net.deviation(units) * weights))
                passed = outputs + passed if way.skips else outputs
            if not (np.abs(passed) < LARGEST).all():
                raise InputError(f"the outputs of {net.name} are too large; give it smaller weights, or fewer layers")
            own.append((passed.mean(), np.square(passed).mean(), passed.var(0).mean()))
        found.append(own)
    means, squares, variances = np.mean(found, 0).T
    return Moments(means, np.sqrt(squares - means**2), np.sqrt(variances))


def _table(measured: Mapping[Net, Mapping[Way, Moments]]) -> Table:
    layers = len(next(iter(next(iter(measured.values())).values())).means)
    looks = (1, layers)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (net.name, way.name, *(rounded(own[look - 1]) for look in looks for own in (each.means, each.deviations, each.from_row_to_row)))
        for net, ways in measured.items()
        for way, each in ways.items()
    )
    headings = (f"{what}, layer {look}" for look in looks for what in ("mean", "deviation", "from row to row"))
    return Table(
        "Mean and deviation of what layers put out",
        ("net", "way", *headings),
        rows,
        "Over all rows, units and draws. From row to row: the deviation of a unit's outputs over the rows, root of the mean square over the"
        " units; where it is small beside the deviation, units differ but rows look alike. With skips: each layer's input is added to its"
        " output.",
    )


def _figure(measured: Mapping[Net, Mapping[Way, Moments]]) -> Figure:
    logarithms = [np.log(each.deviations) for ways in measured.values() for each in ways.values()]
    low, high = np.exp(span(*logarithms, [np.log(0.5), np.log(2.0)]))
    layers = len(logarithms[0])
    return Figure(
        "Standard deviation of what each layer puts out, before anything is learned. Dashed: 1.",
        tuple(_panel(net, ways, Axis(0.5, layers + 0.5, label="layer"), Axis(low, high, log=True)) for net, ways in measured.items()),
        tuple((f"c{place}", way.name) for place, way in enumerate(WAYS)),
    )


def _panel(net: Net, ways: Mapping[Way, Moments], x: Axis, y: Axis) -> Panel:
    spoken = "; ".join(f"{way.name} {each.deviations[-1]:.2g}" for way, each in ways.items())
    panel = Panel(f"standard deviation of the outputs of {net.name} by the layer; in the last: {spoken}", x, y, title=net.name)
    panel.line([x.low, x.high], [1, 1], "rule")
    for place, (way, each) in enumerate(ways.items()):
        panel.line(np.arange(1, len(each.deviations) + 1), each.deviations, f"c{place}", way.name)
    return panel


def _verdicts(measured: Mapping[Net, Mapping[Way, Moments]]) -> Sequence[Verdict]:
    ends = {(net, way): each for net, ways in measured.items() for way, each in ways.items()}
    kept = [Verdict("{net} ({way})", net=net.name, way=Verdict(way.name)) for (net, way), each in ends.items() if each.kept]
    layers = str(len(next(iter(ends.values())).means))
    start = "After {layers} layers mean 0 and deviation 1 are left, to within {near}, "
    return [
        Verdict(f"{start}of {{kept}}.", layers=layers, near=f"{NEAR:g}", kept=kept)
        if kept
        else Verdict(f"{start}of none of them.", layers=layers, near=f"{NEAR:g}"),
        *(_told(net, ways) for net, ways in measured.items()),
    ]


def _told(net: Net, ways: Mapping[Way, Moments]) -> Verdict:
    told = [
        Verdict("deviation {deviation} ({way})", deviation=f"{each.deviations[-1]:.2g}", way=Verdict(way.name))
        for way, each in ways.items()
    ]
    return Verdict("{net}: {told} in the last layer.", net=net.name, told=told)
