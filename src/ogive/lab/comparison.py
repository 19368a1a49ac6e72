"""`ogive.lab.compare`: train the same network with each level of what is compared, on the same data, each tuned alike."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from ogive.errors import InputError, InputTypeError, MissingExtraError
from ogive.lab.arms import Arm, cross, layer_pairs
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.outcome import RESULTS_FILE, ArmResult, Outcome
from ogive.lab.problem import Problem
from ogive.lab.protocol import Laboratory, Limits, Progress, check_memory, default_memory, tune
from ogive.lab.report import write_report
from ogive.lab.splits import FOLDS, Folds, fold
from ogive.lab.store import open_store
from ogive.lab.study import Study
from ogive.lab.tuning import Tuning
from ogive.lab.workers import Team

DEFAULT_SEEDS = 10
LARGEST_NUMBER = 1_000_000
"""Of seeds, epochs and workers; beyond it a typing mistake is likelier than a plan."""

_NEEDED = ("sklearn", "scipy", "matplotlib", "jinja2", "pooch", "rich", "threadpoolctl")


class Comparison(Outcome):
    """A finished comparison, and its report."""

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one HTML file that needs nothing else, and return its path.

        Parameters
        ----------
        path
            By default ``report-<study>.html`` beside the results file. A file that is there is replaced when the new one is whole.
        """
        return write_report(self, Path(path) if path is not None else self.folder / f"report-{self.study.sha256[:8]}.html")


def compare(
    data: Any = "digits",
    *,
    layers: Sequence[str] | None = None,
    target: str | None = None,
    task: str | None = None,
    data_dir: str | Path | None = None,
    seeds: int = DEFAULT_SEEDS,
    epochs: int | None = None,
    try_rates: Sequence[float] | None = None,
    margin: float | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    memory: int | None = None,
    progress: Progress | None = None,
    **factors: Any,
) -> Comparison:
    """Train networks that differ in one thing or several, each tuned alike, and say which are better and which cannot be told apart."""
    seeds, workers = _whole(seeds, "seeds", 2), _whole(workers, "workers", 1)
    epochs = None if epochs is None else _whole(epochs, "epochs", 1)
    rates = None if try_rates is None else _rates(try_rates)
    _require_lab()
    dataset = load(data, data_dir=data_dir, target=target, task=task)
    folds = fold(dataset)
    problem = Problem(dataset, folds)
    _check_seeds(seeds, folds)
    if layers is not None:
        if "activations" in factors:
            raise InputError("layers and activations are two ways to give the activations; give one of them")
        factors["activations"] = layer_pairs(layers)
    arms = cross(factors, dataset.task, epochs or default_epochs(folds.training_rows))
    split = problem.prepared(None if folds.official else 0, 1)
    study = Study(
        data=dataset.name,
        data_sha256=dataset.sha256,
        rows=len(dataset.target),
        features=split.training.inputs.shape[1],
        task={"kind": dataset.task.kind, "classes": dataset.task.classes},
        official_test=folds.official,
        arms=arms,
        seeds=seeds,
        epochs=arms[0].recipe.epochs,
        rates=rates,
        margin=_margin(margin, dataset),
    )
    limits = Limits(workers, memory or default_memory())
    check_memory(study, dataset.task.outputs, limits)
    folder = Path(out) if out is not None else Path("ogive-runs") / dataset.name
    with open_store(folder / RESULTS_FILE) as store, Team(problem, workers) as team:
        store.begin(study.sha256, study.problem)
        laboratory = Laboratory(study, problem, store, team, limits, progress or _silent)
        baseline = _baseline(problem, study)
        tunings = tune(laboratory, baseline[dataset.task.metrics[0].name])
        results = _finals(laboratory, tunings)
    return Comparison(study, dataset, results, baseline, len(split.test.inputs), len(split.training.inputs), folder)


def _finals(laboratory: Laboratory, tunings: Mapping[Arm, Tuning | None]) -> tuple[ArmResult, ...]:
    """Train every arm's networks for all seeds at the rates that were chosen."""
    study = laboratory.study
    rates = {
        arm: {fold: arm.rate if tuning is None else tuning.chosen(fold) for fold in study.test_folds()} for arm, tuning in tunings.items()
    }
    members = {arm: list(study.finals(arm, rates[arm], study.seeds)) for arm in study.arms}
    found = laboratory.trained((member for own in members.values() for member in own), "training to compare")
    return tuple(
        ArmResult(arm, tunings[arm], rates[arm], tuple((member.stream, found[member]) for member in members[arm])) for arm in study.arms
    )


def _check_seeds(seeds: int, folds: Folds) -> None:
    """Every test part has to be looked at equally often."""
    if not folds.official and seeds > FOLDS and seeds % FOLDS:
        below = seeds - seeds % FOLDS
        raise InputError(
            f"seeds must be 2 to {FOLDS}, or a multiple of {FOLDS}, so that every fifth of the rows is the test part equally often; got {seeds},"
            f" give {below} or {below + FOLDS}"
        )


def default_epochs(rows: int) -> int:
    """Thirty passes over small data; fewer over big data, where each makes more steps, but at least five."""
    return max(5, min(30, 50_000 // max(rows, 1)))


def _baseline(problem: Problem, study: Study) -> dict[str, float]:
    """Each metric of the best constant prediction, averaged over the test parts."""
    found: dict[str, list[float]] = {}
    for test in study.test_folds():
        split = problem.folds.split(test, 1 if test == 0 else 0)
        for name, value in problem.dataset.task.baseline(problem.dataset.target[split.training], problem.dataset.target[split.test]).items():
            found.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in found.items()}


def _margin(given: float | None, dataset: Dataset) -> float:
    """Half a percentage point, or a hundredth of what there is to explain."""
    if given is not None and not 0 <= given < float("inf"):
        raise InputError(f"margin must be a number from 0, in the unit of the metric, got {given!r}")
    return given if given is not None else (0.005 if dataset.task.metrics[0].percent else 0.01)


def _silent(_what: str, _share: float) -> None:
    """Progress that nobody watches."""


def _require_lab() -> None:
    """Say what is missing before hours of work, not after."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(f'ogive compare needs {", ".join(missing)}; install with: pip install "ogive[lab]"')


def _whole(value: int, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputTypeError(f"{name} must be a whole number, got {value!r}")
    value = int(value)
    if value > LARGEST_NUMBER:
        raise InputError(f"{name} must be at most {LARGEST_NUMBER:,}, got {value:,}")
    if value < least:
        reason = "; an interval needs two runs" if name == "seeds" else ""
        raise InputError(f"{name} must be at least {least}, got {value}{reason}")
    return value


def _rates(rates: Sequence[float]) -> tuple[float, ...]:
    """Learning rates in order."""
    try:
        tried = tuple(sorted(float(rate) for rate in rates if not isinstance(rates, str)))
    except (TypeError, ValueError):
        raise InputTypeError(f"try_rates must be a list of learning rates such as 0.01, 0.1; got {rates!r}") from None
    if len(tried) < 2:
        raise InputError(f"try_rates must be at least two learning rates to choose from, got {rates!r}; learning_rates fixes one")
    for rate in tried:
        if not 0 < rate < float("inf"):
            raise InputError(f"try_rates must be positive and finite, got {rate:g}")
    if len(set(tried)) < len(tried):
        raise InputError(f"try_rates names one learning rate twice: {', '.join(f'{rate:g}' for rate in tried)}; leave one out")
    return tried
