"""What each of several crossed factors does by itself: arms that differ in nothing else, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab import wording
from ogive.lab.comparison import Comparison
from ogive.lab.figures import LINE, Figure
from ogive.lab.protocol import sign_of
from ogive.lab.statistics import Estimate, mean_interval
from ogive.lab.study import Study
from ogive.panel import Axis, Panel, names, span
from ogive.recipes.measured import Measured, Table
from ogive.verdict import Verdict


@dataclass(frozen=True)
class Effect:
    """Of one level of a factor against another: the mean difference over `pairs` of arms, and the smallest and largest of these."""

    factor: str
    levels: tuple[str, str]
    difference: Estimate
    least: float
    most: float
    pairs: int

    @property
    def name(self) -> str:
        """The two levels."""
        return f"{self.levels[0]} against {self.levels[1]}"


def admit(study: Study) -> None:
    """Refuse what has nothing to look at."""
    if len(study.arms) < 2:
        raise InputError("effects looks at factors that are crossed; give two levels of some")


def look(comparison: Comparison) -> Measured:
    """Each factor's effect where everything else is the same."""
    summary = comparison.summary
    found = [effect for factor in summary.varied for effect in _effects(comparison, factor)]
    metric = summary.metric
    rows = tuple(
        (
            each.factor,
            each.name,
            wording.difference(metric, each.difference),
            f"{wording.bare(metric, each.least, '+')} to {wording.bare(metric, each.most, '+')}",
            each.pairs,
        )
        for each in found
    )
    heading, unit = wording.heading(metric), wording.difference_unit(metric)
    note = (
        f"Difference of {heading}{',' if unit else ''}{unit}: mean over pairs of arms that differ in this alone ± 95% interval over the"
        " seeds, and the range of the single pairs."
    )
    largest = max(found, key=lambda each: abs(each.difference.mean))
    return Measured(
        (Table("Each factor by itself", ("factor", "levels", "mean difference", "from pair to pair", "pairs"), rows, note),),
        (_figure(found, comparison),),
        (
            Verdict(
                "Largest by itself: {factor} {first} against {second}, {difference} over {pairs} pairs of arms else alike.",
                factor=largest.factor,
                first=largest.levels[0],
                second=largest.levels[1],
                difference=wording.interval(metric, largest.difference),
                pairs=str(largest.pairs),
            ),
            *_turns(found, comparison),
        ),
    )


def _effects(comparison: Comparison, factor: str) -> list[Effect]:
    """Those of each two levels of a factor."""
    scores = {result.arm.levels: scores for result, scores in zip(comparison.arms, _by_seed(comparison), strict=True)}
    levels = list(dict.fromkeys(result.arm.level(factor) for result in comparison.arms))
    effects = []
    for first, second in combinations(levels, 2):
        pairs = []
        for own, values in scores.items():
            other = tuple((name, second if name == factor else level) for name, level in own)
            if dict(own)[factor] == first and other in scores:
                pairs.append(values - scores[other])
        if pairs:
            means = [float(pair.mean()) for pair in pairs]
            overall = mean_interval(np.mean(pairs, 0), correction=comparison.correction)
            effects.append(Effect(factor, (first, second), overall, min(means), max(means), len(pairs)))
    return effects


def _by_seed(comparison: Comparison) -> NDArray[np.float64]:
    """The metric in its own unit and sign, ``(arm, sample)``: seeds, or means of test folds where these rotate."""
    scores = sign_of(comparison.metric) * comparison.scores
    return np.asarray(scores.mean(2) if scores.shape[1] > 1 else scores[:, 0])


def _turns(found: Sequence[Effect], comparison: Comparison) -> list[Verdict]:
    """Which effects change their sign with the other factors."""
    margin = comparison.study.margin
    turning = [
        Verdict("{factor} {first} against {second}", factor=each.factor, first=each.levels[0], second=each.levels[1])
        for each in found
        if each.least < -margin and each.most > margin
    ]
    size = wording.bare(comparison.metric, margin) + wording.difference_unit(comparison.metric)
    words = "Turns from better to worse, by more than {size} either way, with the other factors: {turning}."
    return [Verdict(words, size=size, turning=turning)] if turning else []


def _figure(found: Sequence[Effect], comparison: Comparison) -> Figure:
    scale = wording.shown(comparison.metric, 1.0)
    ends = [scale * np.array([each.difference.low, each.difference.mean, each.difference.high]) for each in found]
    low, high = span(0.0, *ends)
    label = f"difference of {wording.heading(comparison.metric)}{', percentage points' if comparison.metric.percent else ''}"
    about = f"{label}: " + "; ".join(f"{each.name} {end[1]:.3g}" for each, end in zip(found, ends, strict=True))
    panel = Panel(about, Axis(low, high, label=label), names([each.name for each in found]), width=330, height=LINE * len(found))
    panel.rule(0)
    for place, (each, (lower, mean, upper)) in enumerate(zip(found, ends, strict=True)):
        panel.line([lower, upper], [place, place], "interval c1", each.name)
        panel.dots([mean], [place], "c1", 4.5, f"{each.name}: {wording.difference(comparison.metric, each.difference)}")
    return Figure("What each level does against another where everything else is the same: mean and 95% interval.", (panel,))
