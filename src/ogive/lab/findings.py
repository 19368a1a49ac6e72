"""What a comparison comes to, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ogive.lab import wording
from ogive.lab.splits import FOLDS
from ogive.lab.study import MOST_SEEDS
from ogive.lab.summary import Summary

MOST_NAMES = 6
"""Named one by one; more are counted."""


def findings(summary: Summary) -> list[str]:
    """The answer, what it stands on, and what would make it sharper."""
    return [answer(summary), rows_and_baseline(summary), *_no_better_than_the_baseline(summary), *_until(summary), *_seeds(summary)]


def answer(summary: Summary) -> str:
    """Which arms are best, as far as can be told."""
    best, *others = summary.rows
    rest = [row for row in others if row.gap and row.gap.verdict not in ("worse", "equivalent")]
    equal = [row for row in others if row.gap and row.gap.verdict == "equivalent"]
    if not rest and not equal:
        return f"{_named(best.name)} is better than every other arm."
    margin = wording.bare(summary.metric, summary.outcome.study.margin) + wording.difference_unit(summary.metric)
    parts = [f"{_named(best.name)} has the {'highest' if summary.metric.higher_is_better else 'lowest'} mean"]
    if equal:
        parts.append(f"{_names([row.name for row in equal])} {_is(equal)} equivalent to it, within {margin}")
    if rest:
        parts.append(f"{_names([row.name for row in rest])} {_is(rest)} not told apart from it")
    return "; ".join(parts) + "."


def rows_and_baseline(summary: Summary) -> str:
    """On how many rows, and what learning nothing comes to."""
    outcome, metric = summary.outcome, summary.metric
    parts = f"{outcome.training_rows:,} training rows" + (
        f", the data's own {outcome.test_rows:,} test rows"
        if outcome.study.official_test
        else f", {outcome.test_rows:,} test rows in each of {outcome.study.test_parts} test folds"
    )
    guess = "the most frequent class" if outcome.dataset.task.classes else "the mean of the target"
    return f"{parts}. Baseline, {guess}: {wording.heading(metric)} {wording.plain(metric, outcome.baseline[metric.name])}."


def _no_better_than_the_baseline(summary: Summary) -> list[str]:
    """Where classes are few or far from even, a high accuracy may be no skill at all."""
    outcome = summary.outcome
    baseline = outcome.baseline[summary.metric.name]
    unskilled = [row for row in summary.rows if row.score.low <= baseline]
    if not unskilled:
        return []
    return [f"{_names([row.name for row in unskilled])} {_is(unskilled)} not shown to be better than the baseline."]


def _until(summary: Summary) -> list[str]:
    """Where adding seeds ended before all was known."""
    until: float | None = summary.outcome.asked.get("until")
    wide = [] if until is None else summary.outcome.wider_than(until)
    if until is None or not wide:
        return []
    pairs = len(summary.verdicts.pairs)
    which = "the difference" if pairs == 1 else f"{len(wide)} of {pairs} differences"
    size = wording.bare(summary.metric, until) + wording.difference_unit(summary.metric)
    return [f"Not known to ± {size}: {which}; as far as can be told, {MOST_SEEDS:,} seeds would not be enough."]


def _seeds(summary: Summary) -> list[str]:
    """What a difference of the margin would take."""
    outcome = summary.outcome
    if not outcome.study.margin:
        return []
    margin = wording.bare(summary.metric, outcome.study.margin) + wording.difference_unit(summary.metric)
    if not outcome.study.official_test and outcome.study.seeds <= FOLDS:
        return [f"How many seeds would tell a difference of {margin} apart can be said from {2 * FOLDS} seeds on, two in each test fold."]
    if summary.seeds_needed is None:
        why = "more seeds do not make up for few test rows" if not outcome.study.official_test else "training varies too much"
        return [f"As far as these runs show, no number of seeds would tell a typical pair that differs by {margin} apart: {why}."]
    return [
        f"To tell a typical pair that differs by {margin} apart, four times in five, takes about"
        f" {wording.counted(summary.seeds_needed, 'seed')}; here there are {outcome.study.seeds}."
    ]


def _named(name: str) -> str:
    """The levels of several factors as one word of a sentence."""
    return f"({name})" if ", " in name else name


def _is(rows: Sequence[object]) -> str:
    return "is" if len(rows) == 1 else "are"


def _names(names: Sequence[str]) -> str:
    names = [_named(name) for name in names]
    if len(names) > MOST_NAMES:
        return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
