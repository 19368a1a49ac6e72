"""One piece of work: a population trained for one seed, and what is known of each of its networks afterwards.

All random draws of a piece come from its stage and seed alone, so the numbers are the same whether the work is done at once,
after an interrupt, in another order, or in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ogive.lab.diagnostics import diagnose
from ogive.lab.plan import Item, Plan
from ogive.lab.population import Population, Trainer
from ogive.lab.results import Run
from ogive.lab.splits import Split

WORTH_THREADS = 8_000_000
"""Weights of a population above which its products are big enough to be shared between threads."""

_STAGE_NUMBERS = {"tune": 0, "final": 1}


@dataclass(frozen=True)
class Fold:
    """Standardised rows of one fold, as tensors; the test rows only where a run may look at them."""

    inputs: torch.Tensor
    labels: torch.Tensor
    validation_inputs: torch.Tensor
    validation_labels: torch.Tensor
    test_inputs: torch.Tensor
    test_labels: torch.Tensor


def train_item(plan: Plan, data: Split, item: Item, report: Callable[[float], None]) -> list[Run]:
    """Train one population and return what is known of each of its networks; `report` gets the share that is done."""
    fold = prepare_fold(data, item.fold)
    weights_rng, order_rng = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence((_STAGE_NUMBERS[item.stage], item.seed)).spawn(2)
    )
    arms = [plan.arms[member.arm] for member in item.members]
    rates = [member.rate for member in item.members]
    # a network that overflows is a result here, not a fault
    with torch.no_grad(), np.errstate(all="ignore"), _suitable_threads(len(arms) * plan.weights):
        started = perf_counter()
        population = Population(arms, rates, plan.layer_sizes, plan.momentum, weights_rng)
        trainer = Trainer(population, min(plan.batch_size, len(fold.inputs)))
        training_losses, validation = [], []
        for epoch in range(plan.epochs):
            order = torch.from_numpy(order_rng.permutation(len(fold.inputs)))
            training_losses.append(trainer.epoch(fold.inputs, fold.labels, order, measure=epoch == 0))
            validation.append(population.evaluate(fold.validation_inputs, fold.validation_labels))
            report((epoch + 1) / plan.epochs)
        seconds = population.activation_seconds()
        seconds += (perf_counter() - started - seconds.sum()) / population.size
        looked = _final_look(population, trainer, fold) if item.stage == "final" else None
    return [
        Run(
            stage=item.stage,
            seed=item.seed,
            fold=item.fold,
            arm=arm.name,
            rate=rate,
            training_losses=tuple(float(losses[index]) for losses in training_losses),
            validation_accuracies=tuple(float(accuracy[index]) for _, accuracy in validation),
            validation_loss=float(validation[-1][0][index]),
            seconds=float(seconds[index]),
            **(looked[index] if looked else {}),
        )
        for index, (arm, rate) in enumerate(zip(arms, rates, strict=True))
    ]


def _final_look(population: Population, trainer: Trainer, fold: Fold) -> list[dict[str, Any]]:
    """The one look at the test rows, and at the hidden units on the validation rows."""
    loss, accuracy = population.evaluate(fold.test_inputs, fold.test_labels)
    units = diagnose(population, fold.validation_inputs)
    return [
        {
            "test_loss": float(loss[index]),
            "test_accuracy": float(accuracy[index]),
            "dead": float(units.dead[index]),
            "saturated": units.saturated[index],
            "gradient_ratio": float(trainer.gradient_ratios[index]),
            "histograms": units.histograms[index],
        }
        for index in range(population.size)
    ]


def prepare_fold(data: Split, number: int) -> Fold:
    """Standardise all rows by the mean and deviation of the rows that train.

    Features that share one unit, as pixels do, share one mean and deviation; a pixel that is nearly always blank would
    otherwise be blown up by its own tiny deviation.
    """
    training, validating = data.fold(number)
    rows = data.inputs[training].astype(np.float64)
    axis = None if data.alike else 0
    mean, deviation = rows.mean(axis), rows.std(axis)
    deviation = np.where(deviation > 0, deviation, 1.0)

    def standardised(inputs: NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(((inputs - mean) / deviation).astype(np.float32))

    return Fold(
        standardised(data.inputs[training]),
        torch.from_numpy(data.labels[training]),
        standardised(data.inputs[validating]),
        torch.from_numpy(data.labels[validating]),
        standardised(data.test_inputs),
        torch.from_numpy(data.test_labels),
    )


@contextmanager
def _suitable_threads(weights: int) -> Iterator[None]:
    """One thread for small products, PyTorch's own number for big ones; the numbers are the same.

    A step on a small population is some fifty products of tens of microseconds. Threads gain little there, and on a
    machine that does something else besides, waiting for each other at the end of every product costs ten times the work.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1 if weights < WORTH_THREADS else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
