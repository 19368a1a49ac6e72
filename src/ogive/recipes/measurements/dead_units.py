"""Hidden units through which no gradient passes, over the training, by the learning rate and the first bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive import catalogue, initializers, kernel
from ogive.errors import InputError
from ogive.lab.data import load
from ogive.lab.factors import FACTORS
from ogive.lab.figures import Figure
from ogive.lab.outputs import output_loss
from ogive.lab.problem import Problem
from ogive.lab.splits import fold
from ogive.recipes.measured import Measured, Table
from ogive.recipes.work import Work
from ogive.svg import Axis, Panel

Array = NDArray[np.float32]

PIECES = 2
"""Linear pieces of a maxout unit."""

DEAD = np.finfo(np.float32).eps
"""A slope that is no more than this passes nothing on."""


class Layer:
    """One hidden layer of many networks, whatever its activation: elementwise, with a learned or a random slope, or maxout."""

    def __init__(self, activation: str, weights: Array, bias: Array) -> None:
        self.entry = catalogue.get(activation)
        self.pieces = PIECES if self.entry.kind == "axiswise" else 1
        self.weights = weights
        self.biases = np.repeat(bias, weights.shape[2], 2)
        learned = self.entry.kind == "activation" and self.entry.learned
        self.slope = np.full((len(weights), 1, 1), self.entry.parameters[0].default, np.float32) if learned else None

    def forward(self, inputs: Array, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        """Outputs, and the derivative of each by its sums; with random numbers where it trains."""
        self.inputs = inputs
        self.sums = np.empty((len(self.weights), inputs.shape[1], self.weights.shape[2]), np.float32)
        kernel.product(inputs, self.weights, self.sums, bias=self.biases)
        if self.pieces > 1:
            pieces = self.sums.reshape(*self.sums.shape[:2], -1, self.pieces)
            outputs = self.entry(pieces)
            return outputs, self.entry.vjp(pieces, np.ones_like(outputs)).reshape(self.sums.shape)
        parameters = () if self.slope is None else (self.slope,)
        outputs, slopes = self.entry.value_and_slope(self.sums, *parameters, **({"rng": rng} if self.entry.random else {}))
        return outputs, slopes

    def backward(self, errors: Array, slopes: Array, rates: Array) -> Array:
        """Learn from the derivatives by its outputs; returns those by its inputs."""
        if self.slope is not None:
            own = self.entry.slope(self.sums, self.slope, wrt=self.entry.parameters[0].name)
            learned = (errors * own).sum((1, 2), keepdims=True)
        errors = np.repeat(errors, self.pieces, 2) * slopes
        below = np.empty((len(errors), errors.shape[1], self.weights.shape[1]), np.float32)
        kernel.product(errors, self.weights.transpose(0, 2, 1), below)
        errors *= -rates
        kernel.product(self.inputs.transpose(0, 2, 1), errors, self.weights, 1.0)
        self.biases += errors.sum(1, keepdims=True)
        if self.slope is not None:
            self.slope -= rates * learned
        return below

    def dead(self, slopes: Array) -> NDArray[np.bool_]:
        """The units of each network through which no row passes a gradient, ``(network, unit)``."""
        largest = np.abs(slopes).max(1)
        return np.asarray(largest.reshape(len(largest), -1, self.pieces).max(2) <= DEAD)


def measure(
    work: Work,
    *,
    data: str = "digits",
    activations: tuple[str, ...] = ("relu", "leaky_relu", "prelu", "rrelu", "elu", "selu", "gelu", "maxout"),
    hidden: str = "64-64",
    initializer: str = "he_normal",
    learning_rates: tuple[float, ...] = (0.01, 0.1, 0.3, 1.0),
    biases: tuple[float, ...] = (-1.0, 0.0, 1.0),
    steps: int = 2000,
    batch_size: int = 32,
    seeds: int = 5,
    looks: int = 20,
) -> Measured:
    """Train networks with each activation, learning rate and first bias of the hidden layers, and count the dead units as they go.

    Plain gradient descent on the cross-entropy; weights, rows and their order are drawn alike for all.
    """
    task = load(data)
    if not task.task.classes:
        raise InputError(f"dead_units trains on classes, but the data {data!r} has a number to predict; give digits, iris or the like")
    shape = next(factor for factor in FACTORS if factor.name == "hidden").read(hidden, task.task)
    for value, name in ((steps, "steps"), (batch_size, "batch_size"), (seeds, "seeds"), (looks, "looks"), (min(learning_rates), "learning_rates")):
        if not value > 0:
            raise InputError(f"{name} must be above 0, got {value}")
    names = [catalogue.get(name).name for name in activations]
    settings = {"data_sha256": task.sha256, "hidden": shape, "initializer": initializers.get(initializer).name, "steps": steps}
    settings |= {"learning_rates": learning_rates, "biases": biases, "batch_size": batch_size, "seeds": seeds, "looks": looks}
    found = {}
    for place, name in enumerate(names):
        work.progress("training", place / len(names))
        found[name] = work.remembered({**settings, "activation": name}, lambda name=name: _trained(Problem(task, fold(task)), name, settings))
    return _shown(found, settings)


def _trained(problem: Problem, activation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The networks of an activation with every learning rate × bias × seed: dead units at each look, and the accuracy at the end."""
    rates, biases, seeds = (settings[name] for name in ("learning_rates", "biases", "seeds"))
    kinds = (len(rates), len(biases), seeds)
    prepared, batch = problem.prepared(0, 1), settings["batch_size"]
    inputs, targets = prepared.training.inputs, prepared.training.targets
    layers = _layers(activation, (inputs.shape[1], *settings["hidden"], problem.dataset.task.outputs), settings)
    rate = np.broadcast_to(np.array(rates, np.float32)[:, None, None], kinds).reshape(-1, 1, 1)
    loss, rng = output_loss("cross_entropy", classes=True), np.random.default_rng(0)
    when = np.unique(np.linspace(0, settings["steps"], settings["looks"] + 1).astype(int)).tolist()
    dead = []
    with np.errstate(all="ignore"), kernel.subnormals_flushed():  # a network that overflows is a result here
        for step in range(settings["steps"] + 1):
            if step in when:
                dead.append(_dead(layers, inputs))
            rows = rng.integers(len(inputs), size=batch)
            passed, slopes = inputs[rows][None], []
            for layer in layers[:-1]:
                passed, own = layer.forward(passed, rng)
                slopes.append(own)
            sums, _ = layers[-1].forward(passed)
            _, errors = loss.values_and_errors(sums, np.broadcast_to(targets[rows], sums.shape[:2]))
            errors /= np.float32(batch)
            for layer, own in zip(reversed(layers), [np.ones_like(sums), *reversed(slopes)], strict=True):
                errors = layer.backward(errors, own, rate)
        right = (_outputs(layers, prepared.validation.inputs).argmax(2) == prepared.validation.targets).mean(1)
    first = np.array([each[0] for each in dead])  # look, network, unit
    return {
        "looks": when,
        "dead": np.array([np.mean([layer.mean(1) for layer in each], 0) for each in dead]).reshape(-1, *kinds).mean(3).tolist(),
        "accuracy": right.reshape(kinds).mean(2).tolist(),
        "died": int(first.any(0).sum()),
        "revived": int((first[:-1] & ~first[1:]).any(0).sum()),
    }


def _layers(activation: str, sizes: Sequence[int], settings: Mapping[str, Any]) -> list[Layer]:
    """The layers of all networks at first; every rate and bias has the weights of its seed."""
    rates, biases, seeds = len(settings["learning_rates"]), settings["biases"], settings["seeds"]
    rngs = [np.random.default_rng((1, seed)) for seed in range(seeds)]
    starts = np.broadcast_to(np.array(biases, np.float32)[None, :, None], (rates, len(biases), seeds)).reshape(-1, 1, 1)
    layers, last = [], len(sizes) - 2
    for number, (below, above) in enumerate(pairwise(sizes)):
        own = activation if number < last else "identity"
        pieces = PIECES if catalogue.get(own).kind == "axiswise" else 1
        deviation = initializers.get(settings["initializer"] if number < last else "lecun_normal").std(below, above)
        drawn = np.stack([rng.standard_normal((below, above * pieces), np.float32) * np.float32(deviation) for rng in rngs])
        weights = np.tile(drawn, (rates * len(biases), 1, 1))
        layers.append(Layer(own, weights, starts if number < last else np.zeros_like(starts)))
    return layers


def _dead(layers: Sequence[Layer], inputs: Array) -> list[NDArray[np.bool_]]:
    passed, found = inputs[None], []
    for layer in layers[:-1]:
        passed, slopes = layer.forward(passed)
        found.append(layer.dead(slopes))
    return found


def _outputs(layers: Sequence[Layer], inputs: Array) -> Array:
    passed = inputs[None]
    for layer in layers:
        passed, _ = layer.forward(passed)
    return passed


def _shown(found: Mapping[str, Any], settings: Mapping[str, Any]) -> Measured:
    rates, biases, steps = (settings[name] for name in ("learning_rates", "biases", "steps"))
    headings = ("activation", *(f"rate {rate:g}, bias {bias:g}" for rate in rates for bias in biases))

    def table(title: str, of: str, note: str) -> Table:
        ends = {name: np.array(each[of])[-1] if of == "dead" else np.array(each[of]) for name, each in found.items()}
        return Table(title, headings, tuple((name, *(f"{100 * share:.1f}" for share in end.ravel())) for name, end in ends.items()), note)

    middle = len(biases) // 2
    return Measured(
        (
            table(f"Dead units after {steps:,} steps, %", "dead", "No row of the training data passes a gradient; mean of the hidden layers."),
            table("Accuracy on validation rows, %", "accuracy", f"Mean of {settings['seeds']} seeds; 10% is a guess where there are ten classes."),
        ),
        (
            _figure(found, f"by learning rate, bias {biases[middle]:g} at first", {f"rate {rate:g}": (i, middle) for i, rate in enumerate(rates)}),
            *(
                _figure(found, f"by first bias, learning rate {rate:g}", {f"bias {bias:g}": (i, j) for j, bias in enumerate(biases)})
                for i, rate in enumerate(rates)
                if i == len(rates) // 2
            ),
        ),
        _verdicts(found, rates, biases),
    )


def _figure(found: Mapping[str, Any], what: str, lines: Mapping[str, tuple[int, int]]) -> Figure:
    panels = []
    for name, each in found.items():
        dead = 100 * np.array(each["dead"])
        spoken = "; ".join(f"{label} {dead[-1][place]:.1f}" for label, place in lines.items())
        panel = Panel(f"dead units of {name}, %, {what}; at the end: {spoken}", Axis(0, each["looks"][-1]), Axis(-3, 103), width=150, height=100, title=name)
        for number, (label, (rate, bias)) in enumerate(lines.items()):
            panel.line(each["looks"], dead[:, rate, bias], f"c{number}", f"{name}, {label}")
        panels.append(panel.svg())
    legend = tuple((f"c{number}", label) for number, label in enumerate(lines))
    return Figure(f"Dead hidden units in percent over the steps, {what}.", tuple(panels), legend, small=True)


def _verdicts(found: Mapping[str, Any], rates: Sequence[float], biases: Sequence[float]) -> list[str]:
    ends = {name: np.array(each["dead"])[-1] for name, each in found.items()}
    never = [name for name, each in found.items() if not np.any(each["dead"])]
    said = []
    for name, end in sorted(ends.items(), key=lambda each: -each[1].max()):
        if name in never:
            continue
        rate, bias = np.unravel_index(end.argmax(), end.shape)
        revived = f"; of {found[name]['died']:,} units of the first layer that were dead at a look, {found[name]['revived']:,} came back"
        said.append(
            f"{name}: {100 * end.min():.1f}% to {100 * end.max():.1f}% of the hidden units are dead at the end, most at rate {rates[rate]:g} and"
            f" bias {biases[bias]:g}{revived if found[name]['died'] else ''}."
        )
    return [*said, f"No unit was dead at any look with {', '.join(never)}."] if never else said
