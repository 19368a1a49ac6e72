"""The pictures of results files: each study's intervals, and how arms rank over several data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ogive.lab import wording
from ogive.lab.archive import Finished, over_data_sets
from ogive.lab.figures import LINE, Figure
from ogive.lab.statistics import Estimate, critical_difference, mean_interval
from ogive.lab.summary import turned, within_range
from ogive.lab.task import METRICS
from ogive.panel import Axis, Panel, names, near_span


def studies(found: Sequence[Finished]) -> Figure:
    """Each study's arms with their intervals."""
    return Figure("Mean on the test rows with 95% interval, best first.", tuple(_study_panel(study) for study in found))


def _study_panel(study: Finished) -> Panel:
    unit = 100.0 if study.percent else 1.0
    estimates = {name: _estimate(study, scores) for name, scores in study.scores.items()}
    order = sorted(estimates, key=lambda name: -study.sign * estimates[name].mean)
    ends = [unit * np.array([estimates[name].low, estimates[name].mean, estimates[name].high]) for name in order]
    label = study.heading + (", %" if study.percent else "")
    about = f"{study.title}; {label}: " + "; ".join(f"{name} {middle:.4g}" for name, (_, middle, _) in zip(order, ends, strict=True))
    x = Axis(*near_span(ends, lowest=study.sign < 0), label=label)
    panel = Panel(about, x, names(order), width=330, height=LINE * len(order), title=study.title)
    for place, (name, (low, middle, high)) in enumerate(zip(order, ends, strict=True)):
        panel.line([low, high], [place, place], "interval c1", f"{name}: {middle:.4g}")
        panel.dots([middle], [place], "c1", 4.5, f"{name}: {middle:.4g}")
    return panel


def _estimate(study: Finished, scores: NDArray[np.float64]) -> Estimate:
    """The mean of an arm with its interval, as the table and the report have it."""
    metric = next(each for each in METRICS if each.name == study.metric)
    score = mean_interval(_samples(study, scores), correction=study.correction, resolution=study.resolution)
    return within_range(turned(score, metric), metric)


def _samples(study: Finished, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of the test folds, over which the seeds go round; with one test set, the seeds."""
    return np.asarray(scores.reshape(-1, min(study.folds, len(scores))).mean(0)) if study.folds > 1 else scores


def ranks(found: Sequence[Finished]) -> Figure | None:
    """A critical-difference diagram, where several data sets have arms in common."""
    shared = over_data_sets(found)
    if shared is None:
        return None
    arms, data, means = shared
    compared = critical_difference(means)
    order = sorted(range(len(arms)), key=lambda arm: compared.average_ranks[arm])
    place = {arm: line for line, arm in enumerate(order)}
    spoken = "; ".join(f"{arms[arm]} {compared.average_ranks[arm]:.2f}" for arm in order)
    ticks = tuple((float(rank), str(rank)) for rank in range(1, len(arms) + 1))
    x = Axis(0.7, len(arms) + 0.3 + 0.25 * len(compared.groups), ticks=ticks, label="average rank (1 is best)")
    panel = Panel(f"average rank over {len(data)} data sets: {spoken}", x, names([arms[arm] for arm in order]), height=LINE * len(arms))
    for arm in order:
        panel.dots([compared.average_ranks[arm]], [place[arm]], "c1", 4.5, f"{arms[arm]}: {compared.average_ranks[arm]:.2f}")
    for number, group in enumerate(compared.groups):
        at, lines = len(arms) + 0.3 + 0.25 * number, [place[arm] for arm in group]
        panel.line([at, at], [min(lines), max(lines)], "open", "not told apart")
        panel.dots([at] * len(lines), lines, "open", 2.5, "not told apart")
    return Figure(
        f"Ranks by the mean on each of {wording.counted(len(data), 'data set')} ({', '.join(data)}), averaged. Friedman's test (Iman and"
        f" Davenport): p = {wording.probability(compared.p)}. A line joins arms that Wilcoxon's signed-rank tests, Holm-corrected at 5%, do"
        " not tell apart.",
        (panel,),
        (("c1", "average rank"), ("open", "not told apart")),
    )
