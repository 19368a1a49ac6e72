"""What others published, beside what came out here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ogive.errors import InputTypeError, UnknownNameError, did_you_mean
from ogive.lab import wording
from ogive.lab.outcome import ArmResult, Outcome
from ogive.lab.statistics import CONFIDENCE, Estimate
from ogive.lab.summary import within_range
from ogive.lab.task import Metric
from ogive.recipes.measured import Table
from ogive.verdict import Verdict

_KEYS = ("source", "note", "runs", "results")


@dataclass(frozen=True)
class Published:
    """Results of the first metric, by the name of the arm that they belong to.

    Attributes
    ----------
    source
        Who published them, where.
    note
        What was different there.
    runs
        How many networks each result is the mean of.
    """

    source: str
    note: str
    runs: int
    results: Mapping[str, float]

    @staticmethod
    def read(content: Mapping[str, Any], source: str) -> Published:
        """What a recipe's file says of it."""
        for key in content:
            if key not in _KEYS:
                raise UnknownNameError(f"unknown key {key!r} under [published] in {source!r}{did_you_mean(key, _KEYS)}")
        where, note, runs = content.get("source"), content.get("note", ""), content.get("runs", 1)
        if not isinstance(where, str) or not where.strip() or not isinstance(note, str):
            raise InputTypeError(f"[published] in {source!r} must have a source, and a note only as text: who published the results, where")
        if isinstance(runs, bool) or not isinstance(runs, int) or runs < 1:
            raise InputTypeError(f"runs under [published] in {source!r} must be a whole number from 1, got {runs!r}")
        results = content.get("results")
        if not isinstance(results, dict) or not results or not all(map(_is_number, results.values())):
            raise InputTypeError(f"results under [published] in {source!r} must be a table of numbers by the arm's name, got {results!r}")
        return Published(" ".join(where.split()), " ".join(note.split()), runs, results)

    def beside(self, outcome: Outcome) -> tuple[Table, list[Verdict]]:
        """Theirs beside ours, and what it comes to.

        A published result is as uncertain as its runs are few. So the verdict is whether it lies where the mean of as many runs of ours
        would, 19 times in 20: mean ± t s √(1/n + 1/runs), for n seeds of deviation s and Student's t with n − 1 degrees of freedom.
        """
        metric, arms = outcome.metric, {result.arm.name: result for result in outcome.arms if result.arm.name in self.results}
        pairs = [Pair(name, self.results[name], *_ours(result, outcome, self.runs)) for name, result in arms.items()]
        points = wording.difference_unit(metric)
        rows = tuple(
            (
                pair.arm,
                wording.plain(metric, pair.theirs),
                wording.estimate(metric, pair.interval(metric)),
                wording.bare(metric, pair.ours - pair.theirs, "+") + points,
                _WORDS.get(pair.verdict(metric), f"ours is {pair.verdict(metric)}"),
            )
            for pair in pairs
        )
        missing = [arm for arm in self.results if arm not in arms]
        notes = [f"Published: {self.source}.", self.note, f"Not run here: {', '.join(missing)}." if missing else ""]
        more = wording.counted(self.runs, "more network")
        notes.append(f"Ours ± what {more} would be within, 19 times in 20, by {outcome.study.seeds} seeds.")
        columns = ("arm", "published", "ours", "difference", "verdict")
        table = Table(f"Published {wording.heading(metric)} beside ours", columns, rows, " ".join(filter(None, notes)))
        return table, [*_agreement(pairs, outcome), *_diverged(arms.values())] if pairs else []


WITHIN, OPEN = "within", "open"
_WORDS = {WITHIN: "within our interval", OPEN: "ours says nothing: any value would be within"}


@dataclass(frozen=True)
class Pair:
    """A published result and ours, with the half width of the interval that would hold as many runs of ours."""

    arm: str
    theirs: float
    ours: float
    half_width: float

    def interval(self, metric: Metric) -> Estimate:
        """Of ours, cut where the metric's range ends."""
        return within_range(Estimate(self.ours, self.ours - self.half_width, self.ours + self.half_width), metric)

    def verdict(self, metric: Metric) -> str:
        """Of ours; none where the interval is all that the metric can be."""
        interval = self.interval(metric)
        if (interval.low, interval.high) == metric.range:
            return OPEN
        return WITHIN if abs(self.ours - self.theirs) <= self.half_width else "higher" if self.ours > self.theirs else "lower"


def _ours(result: ArmResult, outcome: Outcome, runs: int) -> tuple[float, float]:
    from scipy.special import stdtrit

    values = result.values(outcome.metric.name)
    critical = float(stdtrit(len(values) - 1, 0.5 + CONFIDENCE / 2))
    return float(values.mean()), critical * float(values.std(ddof=1)) * math.sqrt(1 / len(values) + 1 / runs)


def _agreement(pairs: Sequence[Pair], outcome: Outcome) -> list[Verdict]:
    """How many agree, and whether the order does."""
    verdicts = [pair.verdict(outcome.metric) for pair in pairs]
    counts = {verdict: verdicts.count(verdict) for verdict in (WITHIN, "higher", "lower", OPEN)}
    said = [Verdict("{count} of {all} published results lie within our interval", count=str(counts[WITHIN]), all=str(len(pairs)))]
    said += [Verdict(f"ours is {verdict} than {{count}}", count=str(counts[verdict])) for verdict in ("higher", "lower") if counts[verdict]]
    said += [Verdict("of {count} ours says nothing", count=str(counts[OPEN]))] if counts[OPEN] else []
    found = [Verdict("{said}; ours trained on {rows} rows.", said=said, rows=f"{outcome.training_rows:,}")]
    different = [(first, second) for first, second in combinations(pairs, 2) if first.theirs != second.theirs]
    if len(pairs) > 2:
        same = sum((first.ours - second.ours) * (first.theirs - second.theirs) > 0 for first, second in different)
        found.append(Verdict("Pairs that differ there: {all}; of the same order here: {same}.", all=str(len(different)), same=str(same)))
    return found


def _diverged(arms: Iterable[ArmResult]) -> list[Verdict]:
    """The arms of which nothing was learned."""
    lost = [result.arm.name for result in arms if result.networks.diverged.all()]
    return (
        [Verdict("With the settings as they are published every network of these learned nothing here: {these}.", these=lost)]
        if lost
        else []
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
