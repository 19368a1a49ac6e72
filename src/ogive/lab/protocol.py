"""The protocol of a fair comparison: tune every arm alike on validation data, then train every arm on all seeds.

Each piece of work is one population for one seed. All its random draws come from that seed alone, so the numbers are the
same whether the work is done at once, after an interrupt, or in another order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
from ogive.lab.store import Store

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the whole work that is done."""

WORTH_THREADS = 8_000_000
"""Weights of a population above which its products are big enough to be shared between threads."""

_STAGE_NUMBERS = {"tune": 0, "final": 1}
_FIXED_COST = 12
"""What a step costs besides its networks, in networks: it keeps the time left honest between big and small populations."""


@dataclass(frozen=True)
class Fold:
    """Standardised rows of one fold, as tensors; the test rows only where a run may look at them."""

    inputs: torch.Tensor
    labels: torch.Tensor
    validation_inputs: torch.Tensor
    validation_labels: torch.Tensor
    test_inputs: torch.Tensor
    test_labels: torch.Tensor


def carry_out(plan: Plan, data: Split, alike: bool, store: Store, progress: Progress) -> None:
    """Do all work of the plan that the store does not hold yet, and store each piece as it is done."""
    tuning = plan.tuning_items()
    final_cost = sum(_cost(item) for item in plan.final_items(dict.fromkeys(range(len(plan.arms)), plan.rates[0])))
    total = sum(map(_cost, tuning)) + final_cost
    done = _work(plan, data, alike, store, tuning, lambda cost: progress("tuning learning rates", cost / total))
    chosen = chosen_rates(plan, store.runs("tune"))
    final = plan.final_items({arm: chosen[plan.arms[arm].name] for arm in range(len(plan.arms))})
    _work(plan, data, alike, store, final, lambda cost: progress("training", (done + cost) / total))


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


def chosen_rates(plan: Plan, runs: Iterable[Run]) -> dict[str, float]:
    """Each arm's learning rate: the highest mean validation accuracy over the tuning seeds, and of equals the lowest loss.

    Accuracy, because that is what the table ranks by: on the digits it picks rates with better test accuracy than the loss
    does, which prefers smaller ones. A rate at which any network's loss is no number is out; where all are, the smallest
    is taken.
    """
    reached: dict[tuple[str, float], list[Run]] = defaultdict(list)
    for run in runs:
        reached[run.arm, run.rate].append(run)

    def merit(arm: str, rate: float) -> tuple[float, float, float]:
        losses = [run.validation_loss for run in reached[arm, rate]]
        if not np.isfinite(losses).all():
            return -np.inf, -np.inf, -rate
        accuracy = np.mean([run.validation_accuracies[-1] for run in reached[arm, rate]])
        return float(accuracy), -float(np.mean(losses)), -rate

    return {arm.name: max(plan.rates, key=lambda rate: merit(arm.name, rate)) for arm in plan.arms}


def _work(plan: Plan, data: Split, alike: bool, store: Store, items: Sequence[Item], report: Callable[[float], None]) -> float:
    """Do what is not done of the items; return their cost."""
    stored, done = store.done(), 0.0
    for item in items:
        if item.key not in stored:
            fold = prepare_fold(data, item.fold, alike)
            store.save(item.key, train_item(plan, item, fold, partial(_report_part, report, done, _cost(item))))
        done += _cost(item)
    return done


def _report_part(report: Callable[[float], None], done: float, cost: float, share: float) -> None:
    """Report a share of an item as cost that is done."""
    report(done + share * cost)


def train_item(plan: Plan, item: Item, fold: Fold, report: Callable[[float], None]) -> list[Run]:
    """Train one population and return what is known of each of its networks."""
    weights_rng, order_rng = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence((_STAGE_NUMBERS[item.stage], item.seed)).spawn(2)
    )
    arms = [plan.arms[member.arm] for member in item.members]
    rates = [member.rate for member in item.members]
    with (
        torch.no_grad(),
        np.errstate(all="ignore"),
        _suitable_threads(len(arms) * plan.weights),
    ):  # a network that overflows is a result here, not a fault
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


def prepare_fold(data: Split, number: int, alike: bool) -> Fold:
    """Standardise all rows by the mean and deviation of the rows that train.

    With ``alike`` the features share one unit (pixels) and one mean and deviation; a pixel that is nearly always blank
    would otherwise be blown up by its own tiny deviation.
    """
    training, validating = data.fold(number)
    rows = data.inputs[training].astype(np.float64)
    axis = None if alike else 0
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


def _cost(item: Item) -> float:
    return len(item.members) + _FIXED_COST
