"""One piece of work: a population trained, and what is known of each of its networks afterwards.

All random draws of a network come from its stream alone, and no number of one depends on what trains beside it; so the results are
the same whether the work is done at once or in pieces, after an interrupt, in another order, or in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ogive import kernel
from ogive.lab import diagnostics
from ogive.lab.member import Piece, Stream
from ogive.lab.optimizers import OPTIMIZERS, SCHEDULES
from ogive.lab.outputs import OutputLoss, output_loss
from ogive.lab.population import Population, Workspace
from ogive.lab.problem import Part, Prepared, Problem
from ogive.lab.results import BARS, Trained

Array = NDArray[np.float32]
Places = NDArray[np.int64]
Report = Callable[[float], None]

ROWS_AT_ONCE = 128
"""Rows of one evaluation, so that memory stays small; as many are diagnosed, if every split has them."""

ROWS_LOOKED_AT = 4 * ROWS_AT_ONCE
"""Validation rows of a point of the curve, if there are more: a curve needs fewer than a choice, and the rest costs as much as an epoch."""

BATCHES_AT_ONCE = 1 << 22
"""Bytes of the batches that are brought together at once, if more than one: fewer calls, and they stay in the cache."""

CHECKPOINTS = 10
MEASURED_STEPS = 10
"""Steps of the first epoch, evenly spread, in which the gradients of the first and the last layer are compared."""

_STAGES = {"tune": 0, "final": 1}


def train(problem: Problem, piece: Piece, report: Report) -> list[Trained]:
    """Train one population and return what is known of its networks, in their order; `report` gets the share that is done."""
    # a network that overflows is a result here, not a fault
    with np.errstate(all="ignore"), kernel.subnormals_flushed(), threadpool_limits(1):
        started = perf_counter()
        trainer = Trainer(problem, piece)
        for epoch in range(1, piece.setup.epochs + 1):
            trainer.train_epoch(epoch)
            report(epoch / piece.setup.epochs)
        seconds = trainer.population.activation_seconds()
        seconds += (perf_counter() - started - seconds.sum()) / trainer.population.size
        return trainer.results(seconds)


class Trainer:
    """Trains a population epoch by epoch, and looks at it."""

    def __init__(self, problem: Problem, piece: Piece) -> None:
        setup, task = piece.setup, problem.dataset.task
        self.piece, self.task = piece, task
        splits = [(stream.test_fold, stream.validation_fold) for stream in piece.streams]
        prepared = {split: problem.prepared(*split, setup.inputs) for split in dict.fromkeys(splits)}
        self.prepared = [prepared[split] for split in splits]
        weights_and_orders = [_generators(stream) for stream in piece.streams]
        self.orders = [order for _, order in weights_and_orders]
        features = self.prepared[0].training.inputs.shape[1]
        sizes = (features, *setup.hidden, task.outputs)
        self.population = Population(piece.variants, [weights for weights, _ in weights_and_orders], sizes, bias=setup.bias)
        self.optimizer = OPTIMIZERS[setup.optimizer](self.population)
        self.loss: OutputLoss = output_loss(setup.loss, classes=task.kind != "regression")
        self.batch_size = min(setup.batch_size, problem.folds.training_rows)
        self.steps = problem.folds.training_rows // self.batch_size
        self.all_steps = setup.epochs * self.steps if setup.steps is None else setup.steps
        self.loss_share = 1 / self.batch_size if setup.reduction == "mean" else 1.0
        self.work = self.population.workspace(self.batch_size)
        targets = {split: self.loss.target(each.training.targets, task.outputs) for split, each in prepared.items()}
        self.targets = [targets[split] for split in splits]
        self.steps_at_once = min(self.steps, max(1, BATCHES_AT_ONCE // (4 * len(piece.streams) * self.batch_size * features)))
        self.inputs = np.empty((len(piece.streams), self.steps_at_once * self.batch_size, features), np.float32)
        self.looked_at = _spread(problem.folds.validation_rows, ROWS_LOOKED_AT)
        self.diagnosed_rows = min(ROWS_AT_ONCE, len(self.looked_at))
        self.compared = piece.streams[0].stage == "final"
        last = setup.epochs
        self.checkpoints = sorted({round(last * (look + 1) / CHECKPOINTS) for look in range(CHECKPOINTS)} - {0}) if self.compared else []
        self.training_losses: list[NDArray[np.float64]] = []
        self.gradient_logarithms = np.zeros(self.population.size)
        self.looks: list[dict[str, Any]] = []

    def train_epoch(self, epoch: int) -> None:
        """Train once over the rows of every stream in its own order; rows that fill no whole batch wait for the next order."""
        if self.training_losses and np.isnan(self.population.parameters).all():  # no step changes that
            self.training_losses.append(self.training_losses[-1])
        else:
            self._train_epoch(epoch)
        self._look_after(epoch)

    def _look_after(self, epoch: int) -> None:
        if epoch in self.checkpoints:
            self.looks.append(self._look(last=epoch == self.checkpoints[-1]))

    def _train_epoch(self, epoch: int) -> None:
        orders = [order.permutation(len(each.training)) for order, each in zip(self.orders, self.prepared, strict=True)]
        losses = np.zeros(self.population.size)
        done = (epoch - 1) * self.steps
        steps = min(self.steps, self.all_steps - done)
        measured = set(np.linspace(0, steps - 1, MEASURED_STEPS).astype(int)) if epoch == 1 and self.compared else set()
        for step, (inputs, targets) in enumerate(self._batches(orders, steps)):
            schedule = SCHEDULES[self.piece.setup.schedule]((done + step) / self.all_steps)
            losses += self._step(inputs, targets, schedule, measure=step in measured)
        if measured:
            self.gradient_logarithms /= len(measured)
        self.training_losses.append(losses / (steps * self.batch_size))

    def _batches(self, orders: Sequence[NDArray[np.int64]], count: int) -> Iterator[tuple[Array, NDArray[Any]]]:
        """The inputs of every stream and the targets of every network, batch by batch; some batches are brought together at once."""
        for first in range(0, count, self.steps_at_once):
            steps = min(self.steps_at_once, count - first)
            rows = [order[first * self.batch_size : (first + steps) * self.batch_size] for order in orders]
            for each, own, inputs in zip(self.prepared, rows, self.inputs, strict=True):
                np.take(each.training.inputs, own, 0, out=inputs[: len(own)], mode="clip")
            of_streams = [
                target[own].reshape(steps, self.batch_size, *target.shape[1:]) for target, own in zip(self.targets, rows, strict=True)
            ]
            targets = self._of_networks(np.stack(of_streams, 1), 1)
            for step in range(steps):
                yield self.inputs[:, step * self.batch_size : (step + 1) * self.batch_size], targets[step]

    def _step(self, inputs: Array, targets: NDArray[Any], schedule: float, *, measure: bool) -> NDArray[np.float64]:
        """One batch forward, back and down; returns each network's summed loss."""
        population, layers = self.population, self.population.layers
        sums = population.forward(inputs, self.work)
        losses, errors = self.loss.values_and_errors(sums, targets)
        rates = population.rates * np.float32(schedule)
        errors *= np.float32(self.loss_share)
        self.optimizer.scale(errors, rates)
        norms: dict[int, NDArray[np.float64]] = {}

        def meet(number: int, errors: Array) -> None:
            below = self.work.outputs[number - 1] if number else inputs
            self.optimizer.meet(layers[number], below, errors)
            if measure and number in (0, len(layers) - 1):
                gradient = np.empty_like(layers[number].weights)
                kernel.product(below.transpose(0, 2, 1), errors, gradient)
                norms[number] = np.sqrt(np.square(gradient, dtype=np.float64).sum((1, 2)))

        population.backward(errors, self.work, meet)
        self.optimizer.step(rates)
        if measure:
            self.gradient_logarithms += np.log(norms[0] / norms[len(layers) - 1])
        return losses

    def _of_networks(self, of_streams: NDArray[Any], axis: int) -> NDArray[Any]:
        """What every stream has along an axis, for every network."""
        return np.concatenate([of_streams] * len(self.piece.variants), axis)

    def results(self, seconds: NDArray[np.float64]) -> list[Trained]:
        """What is known of every network at the end."""
        parts = ["validation", "test"] if self.compared or self.piece.streams[0].test_fold is not None else ["validation"]
        metrics = {part: self._metrics(self._outputs(part), part) for part in parts}
        gradients = self._gradient_bars() if self.compared else None
        last = self.looks[-1]["activations"] if self.looks else None
        baselines = [self._baseline(each) for each in self.prepared]
        checkpoints, found = tuple(self.checkpoints), []
        for network in range(self.population.size):
            losses = tuple(float(each[network]) for each in self.training_losses)
            looks: dict[str, Any] = {}
            if gradients is not None and last is not None:
                looks = {
                    "checkpoints": checkpoints,
                    "validation_curve": tuple(look["score"][network] for look in self.looks),
                    "dead": tuple(tuple(look["dead"][network].tolist()) for look in self.looks),
                    "saturated": tuple(tuple(look["saturated"][network]) for look in self.looks),
                    "activations": _tuples(last[network]),
                    "gradients": _tuples(gradients[network]),
                    "gradient_ratio": float(np.exp(self.gradient_logarithms[network])),
                }
            found.append(
                Trained(
                    metrics={part: {name: values[network] for name, values in named.items()} for part, named in metrics.items()},
                    training_losses=losses,
                    diverged=not losses[-1] < baselines[network % len(baselines)],
                    seconds=float(seconds[network]),
                    **looks,
                )
            )
        return found

    def _baseline(self, each: Prepared) -> float:
        """The mean training loss of the best constant prediction."""
        target = each.training.targets
        numbers = np.eye(self.task.outputs)[target] if self.loss.classes else target.astype(np.float64).reshape(-1, 1)
        return self.loss.baseline(numbers)

    def _look(self, *, last: bool) -> dict[str, Any]:
        """How the networks and their hidden units do on some validation rows now; at the last look also histograms."""
        found: dict[str, Any] = {}

        def diagnose(rows: slice, work: Workspace) -> None:
            if rows.start == 0:
                found["dead"], found["saturated"] = diagnostics.dead_and_saturated(self.population, work, self.diagnosed_rows)
                if last:
                    found["activations"] = diagnostics.activation_bars(self.population, work, self.diagnosed_rows)

        outputs = self._outputs("validation", self.looked_at, diagnose)
        first = self.task.metrics[0]
        found["score"] = self._metrics(outputs, "validation", self.looked_at, (first,))[first.name]
        return found

    def _part(self, each: Prepared, name: str) -> Part:
        part: Part = getattr(each, name)
        return part

    def _outputs(self, name: str, places: Places | None = None, look: Callable[[slice, Workspace], None] | None = None) -> Array:
        """The last sums of every network for some rows of a part, or all; streams with fewer rows than the longest have their first
        repeated.
        """
        parts = [self._part(each, name) for each in self.prepared]
        if places is None:
            places = np.arange(max(len(part) for part in parts))
        outputs = np.empty((self.population.size, len(places), self.task.outputs), np.float32)
        inputs = np.empty((len(parts), min(len(places), ROWS_AT_ONCE), self.population.layer_sizes[0]), np.float32)
        for first in range(0, len(places), ROWS_AT_ONCE):
            rows = slice(first, min(first + ROWS_AT_ONCE, len(places)))
            count = rows.stop - first
            np.stack([part.some_inputs(places[rows]) for part in parts], out=inputs[:, :count])
            work = self.population.workspace(count)
            outputs[:, rows] = self.population.forward(inputs[:, :count], work)
            if look is not None:
                look(rows, work)
        return outputs

    def _metrics(
        self, outputs: Array, name: str, places: Places | None = None, metrics: Sequence[Any] | None = None
    ) -> dict[str, list[float]]:
        """The task's metrics of every network on some rows of a part, or all, by name."""
        streams = len(self.prepared)
        found = {metric.name: [0.0] * self.population.size for metric in metrics or self.task.metrics}
        for stream, each in enumerate(self.prepared):
            part = self._part(each, name)
            truth = part.truth if places is None else part.truth[places]
            own = each.preparation.unscaled(outputs[stream::streams, : len(truth)])
            for metric in metrics or self.task.metrics:
                found[metric.name][stream::streams] = [float(value) for value in metric(own, truth)]
        return found

    def _gradient_bars(self) -> NDArray[np.int64]:
        """The derivatives of the validation rows' loss by every layer's sums, ``(network, layer, bar)``."""
        places = self.looked_at[: self.diagnosed_rows]
        inputs = np.stack([each.validation.inputs[places] for each in self.prepared])
        targets = np.stack([self.loss.target(each.validation.targets[places], self.task.outputs) for each in self.prepared])
        work = self.population.workspace(len(places))
        sums = self.population.forward(inputs, work)
        _, errors = self.loss.values_and_errors(sums, self._of_networks(targets, 0))
        bars = np.zeros((self.population.size, len(self.population.layers), BARS), np.int64)

        def meet(number: int, errors: Array) -> None:
            bars[:, number] = diagnostics.gradient_bars(errors)

        self.population.backward(errors, work, meet)
        return bars


def _generators(stream: Stream) -> list[np.random.Generator]:
    """Those of a stream's first weights and of the order of its rows."""
    return [np.random.default_rng(seed) for seed in np.random.SeedSequence((_STAGES[stream.stage], stream.seed)).spawn(2)]


def _spread(count: int, most: int) -> Places:
    """At most so many numbers below `count`, evenly spread, as are the first ``ROWS_AT_ONCE`` of them, for rows may be sorted."""
    places = np.linspace(0, count - 1, min(count, most)).astype(np.int64)
    rounds = -(-len(places) // ROWS_AT_ONCE)
    return np.concatenate([places[first::rounds] for first in range(rounds)])


def _tuples(bars: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row.tolist()) for row in bars)
