"""The protocol of a fair comparison: tune every arm alike on validation data, then train every arm on all seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ogive.lab.plan import Item, Plan
from ogive.lab.results import Run
from ogive.lab.splits import Split
from ogive.lab.store import Store
from ogive.lab.workers import Team

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the whole work that is done."""

_FIXED_COST = 12
"""What a step costs besides its networks, in networks: it keeps the time left honest between big and small populations."""


def carry_out(plan: Plan, data: Split, store: Store, progress: Progress, processes: int) -> None:
    """Do all work of the plan that the store does not hold yet, and store each piece as it is done."""
    tuning = plan.tuning_items()
    tuning_cost = sum(map(_cost, tuning))
    expected = plan.final_items(dict.fromkeys(range(len(plan.arms)), plan.rates[0]))  # as many and as big, whatever the rates
    total = tuning_cost + sum(map(_cost, expected))
    with Team(plan, data, processes, max(len(tuning), len(expected))) as team:
        _work(team, store, tuning, lambda cost: progress("tuning learning rates", cost / total))
        chosen = chosen_rates(plan, store.runs("tune"))
        final = plan.final_items({arm: chosen[plan.arms[arm].name] for arm in range(len(plan.arms))})
        _work(team, store, final, lambda cost: progress("training", (tuning_cost + cost) / total))


def _work(team: Team, store: Store, items: Sequence[Item], report: Callable[[float], None]) -> None:
    """Do what is not done of the items; report the cost of what is."""
    stored = store.done()
    for item in items:
        if stored.get(item.key, len(item.members)) != len(item.members):
            raise store.damaged(f"the work item {item.key} has {stored[item.key]} of {len(item.members)} runs")
    shares = {item.key: float(item.key in stored) for item in items}

    def report_item(item: Item, share: float) -> None:
        shares[item.key] = share
        report(sum(shares[item.key] * _cost(item) for item in items))

    for item, runs in team.work([item for item in items if item.key not in stored], report_item):
        store.save(item.key, runs)
        report_item(item, 1.0)


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


def _cost(item: Item) -> float:
    return len(item.members) + _FIXED_COST
