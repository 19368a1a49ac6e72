"""The order of the work: every arm chooses its learning rates, then its networks are compared. What the store holds is not redone."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from ogive.lab.arms import Arm
from ogive.lab.member import Member, Piece, Setup, Stream, pieces
from ogive.lab.memory import Limits, network_bytes, products, step_bytes
from ogive.lab.optimizers import coarse_rates
from ogive.lab.problem import Problem
from ogive.lab.results import Trained
from ogive.lab.splits import FOLDS
from ogive.lab.store import Store
from ogive.lab.study import Study
from ogive.lab.task import Metric, Task
from ogive.lab.tuning import Places, Try, Tuning, next_rates
from ogive.lab.workers import Team

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done."""

NEAR = 3 << 20
"""Bytes that a step of a population may touch: what lies beyond a processor's nearest caches makes the products wait."""

LUCK = 4.0
"""Standard errors above the share that the best constant gets right: as much, and no more, may so many rows be right by chance."""

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
        return len(piece) * piece.setup.epochs * (2000 + products(self._sizes(piece.setup)))

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
            repaying = math.ceil(WORTH_A_STEP / (6 * setup.batch_size * products(sizes)))
            near = min(max(NEAR // each, repaying), MOST)
            fitting = self.limits.memory // self.limits.workers // network_bytes(sizes, setup)
            most = min(near, share, fitting)
            found += pieces(own, max(1, most))
        return found


def tune(laboratory: Laboratory) -> dict[Arm, Tuning | None]:
    """Let every arm without a fixed rate try some; ``None`` for the others."""
    study = laboratory.study
    folds = study.test_folds()
    tuned = [arm for arm in study.arms if arm.rate is None]
    tried: dict[Arm, dict[float, Try]] = {arm: {} for arm in tuned}
    wanted: dict[Arm, dict[float, set[int | None]]] = {
        arm: {rate: set(folds) for rate in study.rates or coarse_rates(arm.setup.optimizer, arm.setup.reduction, arm.setup.batch_size)}
        for arm in tuned
    }
    tunings: dict[Arm, Tuning | None] = dict.fromkeys(study.arms)
    task = laboratory.problem.dataset.task
    baseline, loss = (_baseline(laboratory.problem, study, metric) for metric in (task.metrics[0], task.graded))
    lucky = by_chance(baseline, task, laboratory.problem.folds.validation_rows)
    round_ = 0
    while any(wanted.values()):
        round_ += 1
        runs = [
            (arm, rate, some, stream) for arm, rates in wanted.items() for rate, some in rates.items() for stream in _serving(study, some)
        ]
        members = [Member(arm.setup, arm.variant(rate), stream) for arm, rate, _, stream in runs]
        laboratory.train(members, len(members), f"choosing learning rates, round {round_}")
        for (arm, rate, some, stream), trained in zip(runs, laboratory.trained(members), strict=True):
            tried[arm][rate] = tried[arm].get(rate, Try(rate, {})).joined(_look(rate, some, stream, trained, task, loss, lucky))
        for arm in tuned:
            tuning = Tuning(tuple(own for _, own in sorted(tried[arm].items())), baseline)
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


def tested_baseline(problem: Problem, study: Study) -> dict[str, float]:
    """Each metric of the best constant prediction, averaged over the test parts."""
    splits = [problem.folds.split(test, 1 if test == 0 else 0) for test in study.test_folds()]
    found = [problem.baseline(split, split.test) for split in splits]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def _baseline(problem: Problem, study: Study, metric: Metric) -> dict[int | None, float]:
    """The score of the best constant prediction on the rows that validate for each test part: nothing of the test rows themselves."""
    found = {}
    for test in study.test_folds():
        splits = [problem.folds.split(test, validation) for validation in range(FOLDS) if validation != test]
        values = [problem.baseline(split, split.validation)[metric.name] for split in splits]
        found[test] = sign_of(metric) * float(np.mean(values))
    return found


def by_chance(baseline: Mapping[int | None, float], task: Task, rows: int) -> dict[int | None, float]:
    """The best score that a run may have by chance on so many rows; without bound where a score does not count rows."""
    counts = task.metrics[0] is not task.graded
    return {fold: share + LUCK * math.sqrt(share * (1 - share) / rows) if counts else math.inf for fold, share in baseline.items()}


def _look(
    rate: float,
    folds: Collection[int | None],
    stream: Stream,
    trained: Trained,
    task: Task,
    loss: Mapping[int | None, float],
    lucky: Mapping[int | None, float],
) -> Try:
    """What a run says of a rate to some test folds; `loss` is that of the best constant, as a score, and
    `lucky` the best score by chance.

    A training loss above that of a constant may be that of a network that has learned nothing, or of one that is often right and much
    too sure of it where it is wrong: the score tells, unless so few rows decide it that it may be chance.
    """
    metric, graded = task.metrics[0], task.graded
    scores = {places: score for places, score in _scores(stream, trained, metric).items() if places[0] in folds}
    grades = {} if graded is metric else _scores(stream, trained, graded)
    gains = {places: grades[places] - loss[places[0]] for places in scores if places in grades}
    diverged = frozenset(places for places, score in scores.items() if trained.diverged and score <= lucky[places[0]])
    return Try(rate, scores, diverged, gains)


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
