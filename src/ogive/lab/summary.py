"""The ranked table of a comparison: one row for each arm, and a line on what each column means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ogive.lab.arms import Arm
from ogive.lab.plan import Plan
from ogive.lab.results import Run
from ogive.lab.statistics import Estimate, geometric_mean, mean_interval


@dataclass(frozen=True)
class Row:
    """What the runs of one arm come to.

    Attributes
    ----------
    rank
        By mean test accuracy, then by mean test loss.
    accuracy
        Mean test accuracy over the seeds, with its 95% interval.
    accuracies
        The test accuracy of each seed.
    loss
        Mean test cross-entropy; infinite where a run's was no number.
    rate, rate_at_edge
        The learning rate that tuning chose, and whether it is the smallest or largest that was tried.
    dead, saturated
        Mean shares of hidden units; ``saturated`` is ``None`` where no layer is flat on both sides.
    gradient_ratio
        Geometric mean over the runs where it is a number.
    diverged, runs
        How many runs ended no better than guessing, of how many.
    seconds
        Mean time for one network.
    """

    rank: int
    arm: Arm
    accuracy: Estimate
    accuracies: tuple[float, ...]
    loss: float
    rate: float
    rate_at_edge: bool
    dead: float
    saturated: float | None
    gradient_ratio: float
    diverged: int
    runs: int
    seconds: float


def summarise(plan: Plan, runs: Sequence[Run]) -> list[Row]:
    """Turn the final runs into the table's rows, best first."""
    rows = [_row(plan, arm, [run for run in runs if run.arm == arm.name]) for arm in plan.arms]
    rows.sort(key=lambda row: (-row.accuracy.mean, row.loss))
    return [replace(row, rank=rank) for rank, row in enumerate(rows, start=1)]


def explanations(plan: Plan) -> list[tuple[str, str]]:
    """Each column's heading and what it means, in few words."""
    guess = math.log(plan.classes)
    return [
        (
            "accuracy",
            f"mean over {plan.seeds} seeds on the test set, which tuning never saw, ± 95% interval (Student's t). It covers what a seed"
            " changes: initial weights, batch order, validation fold; not another test set. Overlapping intervals do not rank.",
        ),
        ("init", "initialiser recommended for the activation; biases start at 0; the output layer has the same one in every arm."),
        ("loss", "mean cross-entropy on the test set, in nats."),
        (
            "rate",
            f"learning rate with the best validation accuracy (mean of {plan.tuning_seeds} tuning seeds), of"
            f" {', '.join(f'{rate:g}' for rate in plan.rates)}; * = at an end of these, so a better one may lie beyond (--rates).",
        ),
        ("dead", "hidden units with slope 0 on every validation row after training."),
        (
            "sat.",
            "hidden units in their flat part (slope under 5% of the steepest) on over half of the validation rows; – where the"
            " function is not flat on both sides.",
        ),
        ("grad.", "gradient norm of the first layer's weights against the last's: geometric mean over the first epoch's steps."),
        (
            "div.",
            f"runs that ended with a training loss no better than guessing (ln {plan.classes} = {guess:.2f}) or no number; they count in"
            " every mean with what they reached (outputs that are no numbers count as wrong answers).",
        ),
        ("time", "seconds to train one network, as its share of the population's time."),
    ]


def _row(plan: Plan, arm: Arm, runs: Sequence[Run]) -> Row:
    accuracies = tuple(_number(run.test_accuracy) for run in runs)
    losses = [_number(run.test_loss) for run in runs]
    ratios = [_number(run.gradient_ratio) for run in runs if not math.isnan(_number(run.gradient_ratio))]
    saturated = [run.saturated for run in runs if run.saturated is not None]
    return Row(
        rank=0,
        arm=arm,
        accuracy=mean_interval(accuracies),
        accuracies=accuracies,
        loss=float(np.mean(losses)) if np.isfinite(losses).all() else math.inf,
        rate=runs[0].rate,
        rate_at_edge=runs[0].rate in (min(plan.rates), max(plan.rates)) and len(plan.rates) > 1,
        dead=float(np.mean([_number(run.dead) for run in runs])),
        saturated=float(np.mean(saturated)) if saturated else None,
        gradient_ratio=geometric_mean(ratios) if ratios else math.nan,
        diverged=sum(run.diverged(plan.classes) for run in runs),
        runs=len(runs),
        seconds=float(np.mean([run.seconds for run in runs])),
    )


def _number(value: float | None) -> float:
    """A final run's number; one that is missing is no number."""
    return math.nan if value is None else value
