"""Hidden units through which no gradient passes, over the training, by the learning rate and the first bias."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive import initializers, kernel
from ogive.errors import InputError
from ogive.lab.arguments import real, whole
from ogive.lab.data import load
from ogive.lab.factors import FACTORS
from ogive.lab.figures import Figure
from ogive.lab.outputs import output_loss
from ogive.lab.problem import Problem
from ogive.lab.splits import fold
from ogive.panel import Axis, Panel
from ogive.recipes.measured import Measured, Table
from ogive.recipes.measurements.descent import activation_of, dead_units, first_layers, outputs
from ogive.recipes.work import Work
from ogive.verdict import Verdict

MOST_NETWORKS = 10_000
"""Of an activation; all of them train at once."""

DEFINITION = (
    "A unit is dead where no row of the training data passes a gradient through it; mean of the hidden layers, and of the networks that"
    " did not overflow (– where all did)."
)


def measure(
    work: Work,
    *,
    data: str = "digits",
    target: str = "",
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
    task = load(data, target=target or None)
    if not task.task.classes:
        raise InputError(f"dead_units trains on classes, but the data {data!r} has a number to predict; give digits, iris or the like")
    shape = next(factor for factor in FACTORS if factor.name == "hidden").read(hidden, task.task)
    for value, name in ((steps, "steps"), (batch_size, "batch_size"), (seeds, "seeds"), (looks, "looks")):
        whole(value, name, 1)
    if not all(0 < real(rate, "learning_rates") < math.inf for rate in learning_rates):
        raise InputError(f"learning_rates must be positive numbers, got {list(learning_rates)}")
    if not all(map(math.isfinite, biases)):
        raise InputError(f"biases must be numbers, got {list(biases)}")
    if (count := len(learning_rates) * len(biases) * seeds) > MOST_NETWORKS:
        raise InputError(f"learning_rates × biases × seeds are {count:,} networks at once; give fewer, {MOST_NETWORKS:,} at most")
    names = [activation_of(name) for name in activations]
    settings = {"data_sha256": task.sha256, "hidden": shape, "initializer": initializers.get(initializer).name, "steps": steps}
    settings |= {"learning_rates": learning_rates, "biases": biases, "batch_size": batch_size, "seeds": seeds, "looks": looks}
    found = {}
    for place, name in enumerate(names):
        work.progress("training", place / len(names))
        found[name] = work.remembered({**settings, "activation": name}, partial(_trained, Problem(task, fold(task)), name, settings))
    return _shown(found, settings)


def _trained(problem: Problem, activation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The networks of an activation with every learning rate × bias × seed: dead units at each look, and the accuracy at the end."""
    rates, biases, seeds = (settings[name] for name in ("learning_rates", "biases", "seeds"))
    kinds = (len(rates), len(biases), seeds)
    prepared, batch = problem.prepared(0, 1), settings["batch_size"]
    inputs, targets = prepared.training.inputs, prepared.training.targets
    rate, bias = (
        np.broadcast_to(np.array(each, np.float32), kinds) for each in (np.reshape(rates, (-1, 1, 1)), np.reshape(biases, (-1, 1)))
    )
    sizes = (inputs.shape[1], *settings["hidden"], problem.dataset.task.outputs)
    layers = first_layers(activation, sizes, settings["initializer"], bias.ravel(), seeds)
    loss, rng = output_loss("cross_entropy", classes=True), np.random.default_rng(0)
    when = np.unique(np.linspace(0, settings["steps"], settings["looks"] + 1).astype(int)).tolist()
    dead = []
    with np.errstate(all="ignore"), kernel.subnormals_flushed():  # a network that overflows is a result here
        for step in range(settings["steps"] + 1):
            if step in when:
                dead.append(dead_units(layers, inputs))
            rows = rng.integers(len(inputs), size=batch)
            passed, slopes = inputs[rows][None], []
            for layer in layers[:-1]:
                passed, own = layer.forward(passed, rng)
                slopes.append(own)
            sums, _ = layers[-1].forward(passed)
            _, errors = loss.values_and_errors(sums, np.broadcast_to(targets[rows], sums.shape[:2]))
            errors /= np.float32(batch)
            for layer, own in zip(reversed(layers), [np.ones_like(sums), *reversed(slopes)], strict=True):
                errors = layer.backward(errors, own, rate.reshape(-1, 1, 1))
        right = (outputs(layers, prepared.validation.inputs).argmax(2) == prepared.validation.targets).mean(1)
    first = np.array([each[0] for each in dead])  # look, network, unit
    shares = np.array([np.mean([layer.mean(1) for layer in each], 0) for each in dead]).reshape(-1, *kinds)
    return {
        "looks": when,
        "dead": _mean(shares).tolist(),
        "accuracy": right.reshape(kinds).mean(2).tolist(),
        "overflowed": np.isnan(shares[-1]).mean(2).tolist(),
        "died": int((first == 1).any(0).sum()),
        "revived": int(((first[:-1] == 1) & (first[1:] == 0)).any(0).sum()),
    }


def _mean(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the last axis of what is a number; NaN where nothing is."""
    known = np.isfinite(shares)
    counts = known.sum(-1)
    return np.where(counts > 0, np.where(known, shares, 0).sum(-1) / np.maximum(counts, 1), np.nan)


def _shown(found: Mapping[str, Any], settings: Mapping[str, Any]) -> Measured:
    rates, biases, steps = (settings[name] for name in ("learning_rates", "biases", "steps"))

    def table(title: str, of: str, note: str) -> Table:
        ends = {name: np.array(each[of])[-1] if of == "dead" else np.array(each[of]) for name, each in found.items()}
        rows = [
            (rate, bias, *(None if np.isnan(end[i, j]) else f"{100 * end[i, j]:.1f}" for end in ends.values()))
            for i, rate in enumerate(rates)
            for j, bias in enumerate(biases)
        ]
        return Table(title, ("rate", "bias", *ends), tuple(rows), note)

    middle = len(biases) // 2
    return Measured(
        (
            table(f"Dead units after {steps:,} steps, %", "dead", DEFINITION),
            table(
                "Accuracy on validation rows, %",
                "accuracy",
                f"Mean of {settings['seeds']} seeds; 10% is a guess where there are ten classes.",
            ),
        ),
        (
            _figure(
                found,
                f"by learning rate, bias {_signed(biases[middle])} at first",
                {f"rate {rate:g}": (i, middle) for i, rate in enumerate(rates)},
            ),
            *(
                _figure(found, f"by first bias, learning rate {rate:g}", {f"bias {_signed(bias)}": (i, j) for j, bias in enumerate(biases)})
                for i, rate in enumerate(rates)
                if i == len(rates) // 2
            ),
        ),
        _verdicts(found, rates, biases),
    )


def _signed(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _figure(found: Mapping[str, Any], what: str, lines: Mapping[str, tuple[int, int]]) -> Figure:
    panels = []
    for name, each in found.items():
        dead = 100 * np.array(each["dead"])
        spoken = "; ".join(f"{label} {dead[-1][place]:.1f}" for label, place in lines.items())
        panel = Panel(
            f"dead units of {name}, %, {what}; at the end: {spoken}",
            Axis(0, each["looks"][-1]),
            Axis(-3, 103),
            width=150,
            height=100,
            title=name,
        )
        for number, (label, (rate, bias)) in enumerate(lines.items()):
            panel.line(each["looks"], dead[:, rate, bias], f"c{number}", f"{name}, {label}")
        panels.append(panel)
    legend = tuple((f"c{number}", label) for number, label in enumerate(lines))
    return Figure(f"Dead hidden units in percent over the steps, {what}.", tuple(panels), legend, small=True)


def _verdicts(found: Mapping[str, Any], rates: Sequence[float], biases: Sequence[float]) -> list[Verdict]:
    ends = {name: np.array(each["dead"])[-1] for name, each in found.items()}
    seen = {name: end for name, end in ends.items() if np.isfinite(end).any()}
    never = [name for name in seen if not np.nan_to_num(found[name]["dead"]).any()]
    said = []
    for name, end in sorted(seen.items(), key=lambda each: -np.nanmax(each[1])):
        if name in never:
            continue
        rate, bias = divmod(int(np.nanargmax(end)), len(biases))
        died, revived = found[name]["died"], found[name]["revived"]
        again = "; of {died} units of the first layer that were dead at a look, {revived} came back"
        said.append(
            Verdict(
                "{name}: {least} to {most} of the hidden units are dead at the end, most at rate {rate} and bias {bias}{again}.",
                name=name,
                least=f"{np.nanmin(end):.1%}",
                most=f"{np.nanmax(end):.1%}",
                rate=f"{rates[rate]:g}",
                bias=_signed(biases[bias]),
                again=Verdict(again, died=f"{died:,}", revived=f"{revived:,}") if died else "",
            )
        )
    overflowed = {name: 100 * float(np.mean(each["overflowed"])) for name, each in found.items()}
    lost = [f"{name} {percent:.0f}%" for name, percent in overflowed.items() if percent]
    return [
        *said,
        *([Verdict("No unit was dead at any look with {these}.", these=never)] if never else []),
        *([Verdict("Networks that overflowed: {these}.", these=lost)] if lost else []),
    ]
