"""What a comparison comes to: one row for each arm, in the order of its groups, and its difference to the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ogive.lab.factors import FACTORS
from ogive.lab.outcome import ArmResult, Outcome
from ogive.lab.protocol import sign_of
from ogive.lab.statistics import Estimate, geometric_mean, mean_interval
from ogive.lab.task import Metric
from ogive.lab.verdicts import Pair, Verdict, Verdicts

Scores = NDArray[np.float64]
_MIRRORED: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Gap:
    """One arm beside another: the difference in the metric's own unit, and what the test says of it."""

    difference: Estimate
    verdict: Verdict
    p: float
    probability: float
    effect: float
    won: float
    seeds_needed: int | None


@dataclass(frozen=True)
class Row:
    """What the networks of one arm come to.

    Attributes
    ----------
    rank
        One more than the number of arms shown to be better, so that arms that cannot be told apart from the best share the first.
    letters
        Arms with a letter in common were not told apart.
    score
        The first metric on the test rows, with its interval, which ends where the metric's range does.
    metrics
        Every metric's mean on the test rows.
    validation
        The first metric's mean on the validation rows of the same networks.
    gap
        To the best arm; ``None`` for the best itself.
    dead, saturated
        Mean share of hidden units after the last epoch; ``saturated`` is ``None`` where no layer is flat on both sides.
    gradient_ratio
        Geometric mean over the networks where it is a number.
    diverged, networks
        How many ended no better than the best constant, of how many.
    seconds
        Mean time of one network.
    """

    result: ArmResult
    rank: int
    letters: str
    score: Estimate
    metrics: Mapping[str, float]
    validation: float
    gap: Gap | None
    dead: float
    saturated: float | None
    gradient_ratio: float
    diverged: int
    networks: int
    seconds: float

    @property
    def name(self) -> str:
        """The levels that tell the arm from the others."""
        return self.result.arm.name


@dataclass(frozen=True)
class Summary:
    """A comparison's rows, best first, and the verdicts they come from."""

    outcome: Outcome
    verdicts: Verdicts
    rows: tuple[Row, ...]

    @property
    def metric(self) -> Metric:
        """What the verdicts go by."""
        return self.outcome.metric

    @cached_property
    def reference(self) -> Row:
        """The arm that stays in colour whatever its rank: ReLU, which most readers know, or the first of the study."""
        by_name = {row.name: row for row in self.rows}
        first = self.outcome.arms[0].arm.name
        return next((row for row in self.rows if row.result.arm.level("activation") == "relu"), by_name[first])

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """The factors that the arms differ in."""
        arms = [result.arm for result in self.outcome.arms]
        varied = tuple(factor.name for factor in FACTORS if len({arm.level(factor.name) for arm in arms}) > 1)
        return varied or (FACTORS[0].name,)

    @cached_property
    def seeds_needed(self) -> int | None:
        """Seeds that tell a typical pair apart four times in five where it differs by the margin; ``None`` where no number is enough."""
        margin = self.outcome.study.margin
        found = sorted(math.inf if (each := _needed(pair, margin)) is None else each for pair in self.verdicts.pairs)
        return int(found[len(found) // 2]) if margin and found and found[len(found) // 2] < math.inf else None


def summarise(outcome: Outcome) -> Summary:
    """Turn every network's numbers into rows, in the order of the ranks; of a shared rank, the best mean first."""
    verdicts = outcome.verdicts or _verdicts_of_one(outcome)
    best = verdicts.best_first[0]
    rows = [_row(outcome, verdicts, arm, best) for arm in range(len(outcome.arms))]
    order = sorted(range(len(rows)), key=lambda arm: (rows[arm].rank, -verdicts.means[arm].mean))
    return Summary(outcome, verdicts, tuple(rows[arm] for arm in order))


def _verdicts_of_one(outcome: Outcome) -> Verdicts:
    """One arm has an interval and nothing to be compared with."""
    [scores] = outcome.scores
    sample = scores.mean(1) if len(scores) > 1 else scores[0]
    return Verdicts((mean_interval(sample, correction=outcome.correction, resolution=outcome.resolution),), ())


def _row(outcome: Outcome, verdicts: Verdicts, arm: int, best: int) -> Row:
    result, metric = outcome.arms[arm], outcome.metric
    networks, course = result.networks, result.networks.course
    ratios = networks.gradient_ratio[~np.isnan(networks.gradient_ratio)]
    return Row(
        result=result,
        rank=verdicts.ranks[arm],
        letters=verdicts.letters[arm],
        score=within_range(turned(verdicts.means[arm], metric), metric),
        metrics={each.name: _mean(result.values(each.name)) for each in outcome.dataset.task.metrics},
        validation=_mean(result.values(metric.name, "validation")),
        gap=None if arm == best else _gap(outcome, verdicts, arm, best),
        dead=float(course.dead[-1]),
        saturated=None if math.isnan(course.saturated[-1]) else float(course.saturated[-1]),
        gradient_ratio=geometric_mean(ratios) if len(ratios) else math.nan,
        diverged=int(networks.diverged.sum()),
        networks=len(networks),
        seconds=_mean(networks.seconds),
    )


def _gap(outcome: Outcome, verdicts: Verdicts, arm: int, other: int) -> Gap:
    """What is known of an arm beside another, seen from the arm."""
    first, second = min(arm, other), max(arm, other)
    pair = next(pair for pair in verdicts.pairs if (pair.first, pair.second) == (first, second))
    mirrored = arm == second
    return Gap(
        difference=turned(_mirrored(pair.difference) if mirrored else pair.difference, outcome.metric),
        verdict=_MIRRORED.get(pair.verdict, pair.verdict) if mirrored else pair.verdict,
        p=pair.p,
        probability=1 - pair.probability if mirrored else pair.probability,
        effect=-pair.effect if mirrored else pair.effect,
        won=1 - pair.won if mirrored else pair.won,
        seeds_needed=_needed(pair, pair.difference.mean),
    )


def _needed(pair: Pair, difference: float) -> int | None:
    """The seeds, of all test folds together, that would tell a true difference of this size apart."""
    of_a_fold = pair.noise.seeds_needed(abs(difference)) if difference else None
    return None if of_a_fold is None else of_a_fold * pair.noise.folds


def turned(score: Estimate, metric: Metric) -> Estimate:
    """A score in the metric's own unit."""
    return score if sign_of(metric) > 0 else _mirrored(score)


def within_range(value: Estimate, metric: Metric) -> Estimate:
    """The interval, cut where it leaves what the metric can be: few seeds make it that wide."""
    low, high = metric.range
    return Estimate(value.mean, max(value.low, low), min(value.high, high))


def _mirrored(value: Estimate) -> Estimate:
    return Estimate(-value.mean, -value.high, -value.low)


def _mean(values: Scores) -> float:
    with np.errstate(invalid="ignore"):  # infinities of both signs have no mean
        return float(np.mean(values))
