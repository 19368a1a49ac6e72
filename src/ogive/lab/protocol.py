"""The order of the work: every arm chooses its learning rates, then its networks are compared. What the store holds is not redone."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from typing import Any

import numpy as np

from ogive.errors import InputError
from ogive.lab.arms import Arm
from ogive.lab.dataset import Dataset
from ogive.lab.member import Member, Piece, Setup, Stream, pieces
from ogive.lab.optimizers import coarse_rates
from ogive.lab.problem import Problem
from ogive.lab.results import Trained
from ogive.lab.splits import FOLDS
from ogive.lab.store import Store
from ogive.lab.study import Study
from ogive.lab.task import Metric
from ogive.lab.training import ROWS_AT_ONCE
from ogive.lab.tuning import Places, Try, Tuning, next_rates
from ogive.lab.workers import Team

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done."""

NEAR = 3 << 20
"""Bytes that a step of a population may touch: what lies beyond a processor's nearest caches makes the products wait."""

WORST = -1e9
"""The score of what is no number."""

MOST = 256
"""Networks of a piece: of small ones, their generators and results take more memory than their numbers."""

PLANNED_AT_ONCE = 2_000
"""Networks whose names and places in pieces are in memory together."""

PARTS_FOR_EACH = 3
"""Pieces of work for each worker, so that none waits long for the last."""

WORTH_A_STEP = 1e8
"""Operations of a step's products that repay its calls."""

FEWEST = 30
"""Networks of a piece, where every worker can have as many: with fewer, a step is mostly calls."""


class Laboratory:
    """Trains members that the store lacks, with a team, and says how far it is."""

    def __init__(self, study: Study, problem: Problem, store: Store, team: Team, limits: Limits, progress: Progress) -> None:
        self.study, self.problem, self.store, self.team, self.limits, self.progress = study, problem, store, team, limits, progress
        self._settings = study.problem

    def train(self, members: Iterable[Member], count: int, what: str) -> None:
        """Train those of so many members that the store lacks; each is stored as it is done."""
        remaining, done = iter(members), 0
        while some := list(islice(remaining, PLANNED_AT_ONCE)):
            self._train(some, partial(self._report, what, done / count, len(some) / count))
            done += len(some)

    def _report(self, what: str, before: float, part: float, share: float) -> None:
        self.progress(what, before + part * share)

    def _train(self, members: Sequence[Member], report: Callable[[float], None]) -> None:
        names = {member: member.key(self._settings) for member in members}
        held = self.store.held(names.values())
        work = sorted(self._pieces([member for member, key in names.items() if key not in held]), key=lambda piece: -self._cost(piece))
        total, shares = sum(map(self._cost, work)), dict.fromkeys(work, 0.0)

        def report_piece(piece: Piece, share: float) -> None:
            shares[piece] = share
            report(sum(self._cost(each) * done for each, done in shares.items()) / total)

        for piece, results in self.team.work(work, report_piece):
            self.store.save((names[each], self._shown(each), trained) for each, trained in zip(piece.members(), results, strict=True))
            report_piece(piece, 1.0)

    def trained(self, members: Iterable[Member]) -> Iterator[Trained]:
        """What the store knows of the members, one after another."""
        return self.store.load(member.key(self._settings) for member in members)

    def _sizes(self, setup: Setup) -> tuple[int, ...]:
        return (self.study.features, *setup.hidden, self.problem.dataset.task.outputs)

    def _cost(self, piece: Piece) -> float:
        """The work of a piece, in no unit: that of its products, and of the steps themselves."""
        return len(piece) * piece.setup.epochs * (2000 + _products(self._sizes(piece.setup)))

    def _shown(self, member: Member) -> dict[str, Any]:
        """What decided a member, with what its data is called, which decides nothing."""
        return {"data": self.study.data, **member.settings(self._settings)}

    def _pieces(self, members: Sequence[Member]) -> list[Piece]:
        by_setup: dict[Setup, list[Member]] = {}
        for member in members:
            by_setup.setdefault(member.setup, []).append(member)
        found = []
        for setup, own in by_setup.items():
            sizes = self._sizes(setup)
            fair = -(-len(own) // self.limits.workers)
            share = max(-(-fair // PARTS_FOR_EACH), min(fair, FEWEST))
            share += share // 8  # room for parts of equal size, so that there is no piece too many
            each = step_bytes(sizes, setup)
            repaying = math.ceil(WORTH_A_STEP / (6 * setup.batch_size * _products(sizes)))
            near = min(max(NEAR // each, repaying), MOST)
            fitting = self.limits.memory // self.limits.workers // network_bytes(sizes, setup)
            most = min(near, share, fitting)
            found += pieces(own, max(1, most))
        return found


@dataclass(frozen=True)
class Limits:
    """What the work may use: processes, and bytes for the networks that train at once in all of them."""

    workers: int
    memory: int


def tune(laboratory: Laboratory) -> dict[Arm, Tuning | None]:
    """Let every arm without a fixed rate try some; ``None`` for the others."""
    study = laboratory.study
    folds = study.test_folds()
    tuned = [arm for arm in study.arms if arm.rate is None]
    tried: dict[Arm, dict[float, dict[Places, float]]] = {arm: {} for arm in tuned}
    diverged: dict[tuple[Arm, float], set[Places]] = {}
    wanted: dict[Arm, dict[float, set[int | None]]] = {
        arm: {rate: set(folds) for rate in study.rates or coarse_rates(arm.setup.optimizer, arm.setup.reduction, arm.setup.batch_size)}
        for arm in tuned
    }
    tunings: dict[Arm, Tuning | None] = dict.fromkeys(study.arms)
    metric = laboratory.problem.dataset.task.metrics[0]
    baseline = _baseline(laboratory.problem, study, metric)
    round_ = 0
    while any(wanted.values()):
        round_ += 1
        runs = [
            (arm, rate, some, stream) for arm, rates in wanted.items() for rate, some in rates.items() for stream in _serving(study, some)
        ]
        members = [Member(arm.setup, arm.variant(rate), stream) for arm, rate, _, stream in runs]
        laboratory.train(members, len(members), f"choosing learning rates, round {round_}")
        for (arm, rate, some, stream), trained in zip(runs, laboratory.trained(members), strict=True):
            scores = _scores(stream, trained, metric)
            tried[arm].setdefault(rate, {}).update((places, score) for places, score in scores.items() if places[0] in some)
            diverged.setdefault((arm, rate), set()).update(scores if trained.diverged else ())
        for arm in tuned:
            tries = (Try(rate, scores, frozenset(diverged[arm, rate])) for rate, scores in sorted(tried[arm].items()))
            tuning = Tuning(tuple(tries), baseline)
            tunings[arm], wanted[arm] = tuning, {}
            for fold in folds if study.rates is None else ():
                for rate in next_rates(tuning, fold):
                    wanted[arm].setdefault(rate, set()).add(fold)
    return tunings


def _serving(study: Study, folds: Collection[int | None]) -> list[Stream]:
    """Where a rate has to be tried for these test folds to know of it."""
    return [
        each for each in study.tuning_streams() if each.test_fold in folds or (each.test_fold is not None and each.validation_fold in folds)
    ]


def _baseline(problem: Problem, study: Study, metric: Metric) -> dict[int | None, float]:
    """The score of the best constant prediction on the rows that validate for each test part: nothing of the test rows themselves."""
    target, task = problem.dataset.target, problem.dataset.task
    found = {}
    for test in study.test_folds():
        splits = [problem.folds.split(test, validation) for validation in range(FOLDS) if validation != test]
        values = [task.baseline(target[split.training], target[split.validation])[metric.name] for split in splits]
        found[test] = sign_of(metric) * float(np.mean(values))
    return found


def _scores(stream: Stream, trained: Trained, metric: Metric) -> dict[Places, float]:
    """A run's scores by test fold and validation fold; two folds that are held out validate for each other."""
    scores: dict[Places, float] = {(stream.test_fold, stream.validation_fold): _score(trained.metrics["validation"][metric.name], metric)}
    if stream.test_fold is not None:
        scores[stream.validation_fold, stream.test_fold] = _score(trained.metrics["test"][metric.name], metric)
    return scores


def sign_of(metric: Metric) -> float:
    """What turns a value of the metric into a score: higher is better."""
    return 1.0 if metric.higher_is_better else -1.0


def _score(value: float, metric: Metric) -> float:
    """Higher is better, and what is no number is worse than any."""
    score = sign_of(metric) * value
    return score if math.isfinite(score) else WORST


def _products(sizes: Sequence[int]) -> int:
    """Products of numbers for each row that goes through a network."""
    return sum(below * above for below, above in pairwise(sizes))


def step_bytes(sizes: Sequence[int], setup: Setup) -> int:
    """The bytes that one network reads and writes in a step: weights, steps, and what the rows of a batch leave in each layer."""
    weights = _products(sizes) + sum(sizes[1:])
    copies = 5 if setup.optimizer == "adam" else 2
    return 4 * (copies * weights + _each_row(sizes) * setup.batch_size)


def network_bytes(sizes: Sequence[int], setup: Setup) -> int:
    """The bytes that one network takes at most: those of a step, and what the rows of two evaluations leave in each layer."""
    return step_bytes(sizes, setup) + 4 * _each_row(sizes) * 2 * ROWS_AT_ONCE


def _each_row(sizes: Sequence[int]) -> int:
    """Numbers that a row leaves: sums, outputs and slopes of every layer."""
    return 3 * sum(sizes[1:])


def default_memory() -> int:
    """A quarter of the machine's memory, or two GiB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return 2 << 30


def check_memory(arms: Sequence[Arm], dataset: Dataset, limits: Limits) -> None:
    """Refuse networks that cannot be trained before any is."""
    for arm in arms:
        needed = network_bytes((dataset.features, *arm.setup.hidden, dataset.task.outputs), arm.setup)
        if needed * limits.workers > limits.memory:
            raise InputError(
                f"a network of hidden {arm.level('hidden')} takes {_readable(needed)} to train, and {limits.workers} train side by side,"
                f" but memory is limited to {_readable(limits.memory)}; give smaller layers, fewer --workers or a bigger --memory"
            )


def _readable(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} TiB"
