"""Outcomes made of random numbers: what the table and the report show, without training a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ogive.lab.archive import described
from ogive.lab.arms import Arm, cross
from ogive.lab.dataset import Dataset
from ogive.lab.networks import Networks, gathered
from ogive.lab.outcome import ArmResult, Outcome
from ogive.lab.results import BARS, Trained
from ogive.lab.store import open_store
from ogive.lab.study import Study
from ogive.lab.summary import summarise
from ogive.lab.task import Task
from ogive.lab.tuning import Try, Tuning

DIGITS = tuple("0123456789")
RATES = (0.01, 0.0316, 0.1, 0.316, 1.0)


def outcome(
    activations: Sequence[str] = ("relu", "tanh", "sigmoid"),
    *,
    classes: tuple[str, ...] = DIGITS,
    seeds: int = 10,
    epochs: int = 30,
    official: bool = False,
    collapsed: Mapping[str, int] | None = None,
    gaps: Mapping[str, float] | None = None,
    folder: Path = Path("ogive-runs/digits"),
    kind: type[Outcome] = Outcome,
    **factors: Any,
) -> Outcome:
    """A finished comparison whose arms differ by a little, or by the `gaps` of activations; the first `collapsed` runs learnt nothing."""
    rng = np.random.default_rng(1)
    task = Task(classes)
    dataset = _dataset(rng, task, official)
    arms = cross({"activations": list(activations), **factors}, task, epochs)
    baseline = task.baseline(dataset.target, dataset.target)
    study = Study(
        data="digits" if classes else "diabetes",
        data_sha256=dataset.sha256,
        rows=len(dataset),
        features=64,
        task={"kind": task.kind, "classes": task.classes},
        official_test=official,
        arms=arms,
        seeds=seeds,
        epochs=epochs,
        rates=None,
        margin=0.005 if classes else 0.01,
    )
    noise = 0.004 * rng.normal(size=seeds)  # what a split and its seeds do to every arm
    results = []
    for place, arm in enumerate(arms):
        own = 0.978 - (gaps or {}).get(arm.level("activation"), 0.0006 * place) + noise + 0.002 * rng.normal(size=seeds)
        results.append(_arm(rng, study, task, arm, own, baseline, (collapsed or {}).get(arm.level("activation"), 0)))
    return kind(study, dataset, tuple(results), baseline, 360, 1078, folder)


def _dataset(rng: np.random.Generator, task: Task, official: bool) -> Dataset:
    target = np.arange(1797) % len(task.classes) if task.classes else rng.normal(size=1797)
    test = np.arange(1797) >= 1437 if official else None
    return Dataset(
        "digits", np.arange(1797.0).reshape(-1, 1), np.empty((1797, 0), object), target, task, test, notes=("64 columns, all numbers.",)
    )


def _arm(
    rng: np.random.Generator, study: Study, task: Task, arm: Arm, scores: np.ndarray, baseline: Mapping[str, float], collapsed: int
) -> ArmResult:
    tuning = None if arm.rate is not None else _tuning(rng, study, baseline[task.metrics[0].name])
    rates = {fold: arm.rate or tuning.chosen(fold) for fold in study.test_folds()}
    networks = [_trained(rng, study, task, arm, float(score), baseline if seed < collapsed else None) for seed, score in enumerate(scores)]
    return ArmResult(arm, tuning, rates, gathered(tuple(map(study.final_stream, range(len(scores)))), networks))


def _tuning(rng: np.random.Generator, study: Study, baseline: float) -> Tuning:
    folds = {(stream.test_fold, stream.validation_fold) for stream in study.tuning_streams()}
    if not study.official_test:
        folds |= {(validation, test) for test, validation in folds}
    ceilings = (0.955, 0.974, 0.976, 0.972, 0.7 + 0.2 * rng.random())
    noise = {fold: 0.003 * rng.normal() for fold in folds}
    scores = [{fold: top + noise[fold] + 0.002 * rng.normal() for fold in folds} for top in ceilings]
    return Tuning(tuple(map(Try, RATES, scores)), dict.fromkeys(study.test_folds(), baseline))


def _trained(rng: np.random.Generator, study: Study, task: Task, arm: Arm, score: float, nothing: Mapping[str, float] | None) -> Trained:
    hidden = len(arm.setup.hidden)
    looks = tuple(range(3, study.epochs + 1, 3)) or (study.epochs,)
    test = {metric.name: nothing[metric.name] if nothing else _plausible(metric.name, score) for metric in task.metrics}
    first = task.metrics[0].name
    validation = {name: value + (0 if nothing else 0.004) for name, value in test.items()}
    flat = arm.activations[0] in ("sigmoid", "tanh")
    growth = 1 - np.exp(-np.arange(1, study.epochs + 1) / 4)
    losses = np.full(study.epochs, 2.31) if nothing else 2.3 - 2.25 * growth + 0.01 * rng.random(study.epochs)
    return Trained(
        metrics={"validation": validation, "test": test},
        training_losses=tuple(map(float, losses)),
        diverged=nothing is not None,
        seconds=0.03 + 0.01 * rng.random(),
        checkpoints=looks,
        validation_curve=tuple(float(validation[first] * (1 - np.exp(-look / 5))) for look in looks),
        dead=tuple(tuple(0.01 * look * (0 if flat else 1) * rng.random() / 10 for _ in range(hidden)) for look in looks),
        saturated=tuple(tuple(0.1 * rng.random() if flat else None for _ in range(hidden)) for _ in looks),
        activations=tuple(_bars(rng, 20 + 2 * layer) for layer in range(hidden)),
        gradients=tuple(_bars(rng, 12 + 4 * layer) for layer in range(hidden + 1)),
        gradient_ratio=float(rng.lognormal()),
    )


def _plausible(name: str, score: float) -> float:
    return {"log_loss": 3 * (1 - score), "rmse": 150 * (1 - score), "mae": 120 * (1 - score)}.get(name, score)


def _bars(rng: np.random.Generator, centre: int) -> tuple[int, ...]:
    return tuple(map(int, np.bincount(np.clip(rng.normal(centre, 4, 3000).round(), 0, BARS - 1).astype(int), minlength=BARS)))


def _network(networks: Networks, place: int) -> Trained:
    metrics = {part: {name: values[place].item() for name, values in named.items()} for part, named in networks.metrics.items()}
    loss, diverged, seconds = (values[place].item() for values in (networks.training_loss, networks.diverged, networks.seconds))
    return Trained(metrics, (loss,), diverged, seconds)


def store_outcome(folder: Path, found: Outcome) -> Path:
    """Write an outcome as a finished study."""
    study = found.study
    with open_store(folder / "results.sqlite") as store:
        for result in found.arms:
            members = study.finals(result.arm, result.rates, study.seeds)
            store.save(
                (member.key(study.problem), member.settings(study.problem), _network(result.networks, place))
                for place, member in enumerate(members)
            )
        store.finish(study.sha256, described(summarise(found)))
    return folder / "results.sqlite"


def of_data(name: str, **settings: Any) -> Outcome:
    """An outcome of other data."""
    found = outcome(**settings)
    return replace(found, study=replace(found.study, data=name, data_sha256=name))
