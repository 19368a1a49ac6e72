"""What a comparison's results file holds of the networks that are compared."""

from __future__ import annotations

import dataclasses

from ogive.lab import Comparison
from ogive.lab.results import Trained
from ogive.lab.store import open_store


def finals(comparison: Comparison) -> dict[str, list[Trained]]:
    """The networks that are compared, by the arm, in the order of the seeds."""
    study = comparison.study
    with open_store(comparison.results_path) as store:
        return {
            result.arm.name: list(store.load(member.key(study.problem) for member in study.finals(result.arm, result.rates, study.seeds)))
            for result in comparison.arms
        }


def numbers(comparison: Comparison):
    """Everything but the time."""
    networks = {name: [dataclasses.replace(each, seconds=0.0) for each in own] for name, own in finals(comparison).items()}
    return networks, [(result.tuning, result.rates) for result in comparison.arms], comparison.scores.tolist()
