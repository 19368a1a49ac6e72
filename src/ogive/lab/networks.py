"""What is known of the networks of one arm together: columns and sums, for there may be thousands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.lab.member import Stream
from ogive.lab.results import Trained

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Networks:
    """The networks of one arm that are compared, in the order of the seeds.

    Attributes
    ----------
    streams
        What each drew, and which rows it saw: the same for every arm.
    metrics
        ``metrics["test"]["accuracy"]``: ``(networks,)``.
    training_loss, gradient_ratio, diverged, seconds
        ``(networks,)``, as of `Trained`; the loss is that of the last epoch.
    course
        How they came there.
    """

    streams: tuple[Stream, ...]
    metrics: Mapping[str, Mapping[str, Numbers]]
    training_loss: Numbers
    gradient_ratio: Numbers
    diverged: NDArray[np.bool_]
    seconds: Numbers
    course: Course

    def __len__(self) -> int:
        return len(self.streams)


@dataclass(frozen=True)
class Course:
    """What several networks did while they trained, and what is left in their layers.

    Attributes
    ----------
    training_losses, validation_curve
        Their median after each epoch, and at each of the ``checkpoints``; what is no number counts as infinite.
    dead, saturated
        Their mean over the networks and hidden layers at each checkpoint; NaN where there is none.
    activations, gradients
        ``(layer, bar)``: counts of all networks.
    """

    training_losses: Numbers
    checkpoints: tuple[int, ...]
    validation_curve: Numbers
    dead: Numbers
    saturated: Numbers
    activations: NDArray[np.int64]
    gradients: NDArray[np.int64]


def gathered(streams: tuple[Stream, ...], networks: Iterable[Trained]) -> Networks:
    """The networks of these streams, which are looked at one by one and let go."""
    columns: dict[Any, Numbers] = {}
    checkpoints: tuple[int, ...] = ()
    activations: Any = 0
    gradients: Any = 0
    for place, each in enumerate(networks):
        for name, value in _numbers(each).items():
            if place == 0:
                columns[name] = np.empty((len(streams), *value.shape))
            columns[name][place] = value
        checkpoints = each.checkpoints
        activations, gradients = activations + np.array(each.activations, np.int64), gradients + np.array(each.gradients, np.int64)
    metrics: dict[str, dict[str, Numbers]] = {}
    for name in [name for name in columns if isinstance(name, tuple)]:
        metrics.setdefault(name[0], {})[name[1]] = columns[name]
    return Networks(
        streams=streams,
        metrics=metrics,
        training_loss=columns["training_losses"][:, -1].copy(),
        gradient_ratio=columns["gradient_ratio"],
        diverged=columns["diverged"] == 1,
        seconds=columns["seconds"],
        course=Course(
            training_losses=_median(columns["training_losses"]),
            checkpoints=checkpoints,
            validation_curve=_median(columns["validation_curve"]),
            dead=_mean_share(columns["dead"]),
            saturated=_mean_share(columns["saturated"]),
            activations=activations,
            gradients=gradients,
        ),
    )


def _numbers(trained: Trained) -> dict[Any, Numbers]:
    """What one network adds to each column: metrics by part and name, the rest by the names of `Trained`."""
    metrics = {(part, name): value for part, named in trained.metrics.items() for name, value in named.items()}
    others = ("training_losses", "validation_curve", "dead", "saturated", "gradient_ratio", "diverged", "seconds")
    return {name: np.array(value, np.float64) for name, value in (metrics | {name: getattr(trained, name) for name in others}).items()}


def _median(curves: Numbers) -> Numbers:
    """The median over the networks at each place."""
    return np.asarray(np.median(np.where(np.isnan(curves), np.inf, curves), axis=0))


def _mean_share(shares: Numbers) -> Numbers:
    """The mean over networks and layers, ``(network, look, layer)``, of those that are known."""
    known = np.isfinite(shares)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, shares, 0).sum((0, 2)) / known.sum((0, 2)))
