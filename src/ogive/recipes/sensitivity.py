"""What networks of several losses make of first weights of several sizes, and of the luck of the draw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ogive.lab import wording
from ogive.lab.comparison import Comparison
from ogive.lab.figures import Figure
from ogive.lab.outcome import ArmResult
from ogive.lab.statistics import holm
from ogive.lab.verdicts import LEVEL
from ogive.panel import Axis, Panel, span
from ogive.recipes.measured import Cell, Measured, Table, rounded
from ogive.verdict import Verdict

CLAIM = (
    "L. Hui, M. Belkin, Evaluation of neural architectures trained with square loss vs cross-entropy in classification tasks, ICLR 2021,"
    " arXiv:2006.07322, write in the abstract that squared error appears to be less sensitive to the randomness in initialisation."
)

TWO = ("cross_entropy", "squared_error")
"""Whose spread they speak of."""

BESIDE = 1.06
"""By how much the dots of a loss stand to the right of those of the loss before it."""

Array = NDArray[np.float64]
Comparisons = Mapping[float, Comparison]


def look(comparisons: Comparisons) -> Measured:
    """What comparisons of the same losses, one for each scale of the first weights, show together."""
    return Measured(
        (_accuracies(comparisons), _spreads(comparisons)),
        (_figure(comparisons),),
        (*_scale_verdicts(comparisons), *_spread_verdicts(comparisons)),
    )


def seed_deviation(values: Array, folds: NDArray[np.int64]) -> float:
    """The standard deviation of seeds that share their test rows, pooled over the test parts; not a number where each has one seed."""
    parts = len(np.unique(folds))
    residuals = _within(values, folds)
    return float(np.sqrt(np.square(residuals).sum() / (len(values) - parts))) if len(values) > parts else float("nan")


def equal_spread(first: Array, second: Array, folds: NDArray[np.int64]) -> float:
    """The p-value of paired numbers having one standard deviation, their test parts aside.

    Where they have, their sums and differences are not correlated: E. Pitman, A note on normal correlation, Biometrika 31, 1939;
    W. Morgan, A test for the significance of the difference between the two variances, Biometrika 31, 1939.
    """
    from scipy.special import stdtr

    sums, differences = _within(first + second, folds), _within(first - second, folds)
    freedom = len(first) - len(np.unique(folds)) - 1
    size = float(np.sqrt(np.square(sums).sum() * np.square(differences).sum()))
    if freedom < 1 or size == 0:
        return float("nan")
    correlation = float(sums @ differences) / size
    return float(2 * stdtr(freedom, -abs(correlation) * np.sqrt(freedom / max(1 - correlation**2, 1e-300))))


def _within(values: Array, folds: NDArray[np.int64]) -> Array:
    """What is left of each value without the mean of its test part."""
    return np.asarray(values - np.array([values[folds == fold].mean() for fold in folds]))


def _values(result: ArmResult, metric: str) -> tuple[Array, NDArray[np.int64]]:
    """The metric of every network, and its test part."""
    return result.values(metric), np.array([-1 if stream.test_fold is None else stream.test_fold for stream in result.networks.streams])


def _arms(comparison: Comparison) -> dict[str, ArmResult]:
    return {result.arm.level("loss"): result for result in comparison.arms}


def _accuracies(comparisons: Comparisons) -> Table:
    first = next(iter(comparisons.values()))
    losses = list(_arms(first))
    rows: list[tuple[Cell, ...]] = []
    for scale, comparison in comparisons.items():
        scores = {row.result.arm.level("loss"): row for row in comparison.summary.rows}
        rows.append((scale, *(f"{wording.estimate(comparison.metric, scores[loss].score)} {scores[loss].letters}" for loss in losses)))
    return Table(
        f"{wording.heading(first.metric).capitalize()} by loss and by the scale of the first weights",
        ("scale", *losses),
        tuple(rows),
        f"{first.study.data}, {wording.counted(first.study.seeds, 'seed')}, {wording.counted(first.study.epochs, 'epoch')}, hidden layers"
        f" {first.arms[0].arm.level('hidden')} of ReLU, He's deviations (the last layer: LeCun's) times the scale, each with the learning"
        " rate that validation chose. In a row, losses that share a letter are not told apart.",
    )


def _spreads(comparisons: Comparisons) -> Table:
    first = next(iter(comparisons.values()))
    losses = list(_arms(first))
    rows: list[tuple[Cell, ...]] = []
    for scale, comparison in comparisons.items():
        unit = wording.shown(comparison.metric, 1.0)
        found = {loss: _values(result, comparison.metric.name) for loss, result in _arms(comparison).items()}
        rows.append((scale, *(rounded(unit * seed_deviation(*found[loss])) for loss in losses)))
    return Table(
        f"Standard deviation from seed to seed{', percentage points' if first.metric.percent else ''}",
        ("scale", *losses),
        tuple(rows),
        "Of networks with the same test rows, whose seeds draw other first weights, orders and validation rows. " + CLAIM,
    )


def _scale_verdicts(comparisons: Comparisons) -> list[Verdict]:
    """How far each loss falls over the scales."""
    if len(comparisons) < 2:
        return []
    metric = next(iter(comparisons.values())).metric
    means = _means(comparisons)
    told = [
        Verdict("{loss} {least} to {most}", loss=loss, least=wording.plain(metric, min(own)), most=wording.plain(metric, max(own)))
        for loss, own in means.items()
    ]
    return [
        Verdict(
            "First weights from {low} to {high} times the recommended size: mean {metric} of {told}.",
            low=f"{min(comparisons):g}",
            high=f"{max(comparisons):g}",
            metric=wording.heading(metric),
            told=told,
        )
    ]


def _means(comparisons: Comparisons) -> dict[str, list[float]]:
    losses = _arms(next(iter(comparisons.values())))
    return {loss: [float(_arms(each)[loss].values(each.metric.name).mean()) for each in comparisons.values()] for loss in losses}


def _spread_verdicts(comparisons: Comparisons) -> list[Verdict]:
    """Whether squared error and cross-entropy differ in how much their seeds do, where both learn, corrected for the number of scales."""
    if not set(TWO) <= set(_arms(next(iter(comparisons.values())))):
        return []
    ratios, ps = {}, {}
    for scale, comparison in comparisons.items():
        (first, folds), (second, _) = (_values(_arms(comparison)[loss], comparison.metric.name) for loss in TWO)
        p = equal_spread(first, second, folds)
        if np.isfinite(p) and all(_learns(_arms(comparison)[loss]) for loss in TWO):
            ratios[scale], ps[scale] = seed_deviation(second, folds) / seed_deviation(first, folds), p
    if not ps:
        return [
            Verdict(
                "There is no scale at which both losses learn and the seeds say from how much they differ which is less sensitive to them."
            )
        ]
    adjusted = dict(zip(ps, holm(list(ps.values())).tolist(), strict=True))
    told = [
        Verdict("{ratio} times at scale {scale} (p {p})", ratio=f"{ratios[scale]:.2g}", scale=f"{scale:g}", p=wording.probability(p))
        for scale, p in adjusted.items()
    ]
    found = {scale: "not told apart" if p > LEVEL else "less" if ratios[scale] < 1 else "more" for scale, p in adjusted.items()}
    words = [
        Verdict(f"{word} at {{scales}}", scales=[f"{scale:g}" for scale, own in found.items() if own == word])
        for word in ("less", "more", "not told apart")
        if word in found.values()
    ]
    return [
        Verdict("From seed to seed squared error varies {told} as much as cross-entropy, where most networks of both learn.", told=told),
        Verdict("Is squared error less sensitive to the draw than cross-entropy? By scale: {words}.", words=words),
    ]


def _learns(result: ArmResult) -> bool:
    return bool(result.networks.diverged.mean() <= 0.5)


def _figure(comparisons: Comparisons) -> Figure:
    first = next(iter(comparisons.values()))
    metric, scales = first.metric, list(comparisons)
    unit = wording.shown(metric, 1.0)
    means = {loss: unit * np.array(own) for loss, own in _means(comparisons).items()}
    seen = {loss: [unit * _arms(comparison)[loss].values(metric.name) for comparison in comparisons.values()] for loss in means}
    low, high = span(*(values for own in seen.values() for values in own))
    title = f"{wording.heading(metric)}{', %' if metric.percent else ''}"
    x = Axis(min(scales) / 1.3, max(scales) * 1.3, log=True, label="scale of the first weights")
    spoken = "; ".join(f"{loss} {', '.join(f'{value:.3g}' for value in own)}" for loss, own in means.items())
    panel = Panel(f"mean {title} by the scale of the first weights: {spoken}", x, Axis(low, high), title=title)
    legend = []
    for place, (loss, own) in enumerate(means.items()):
        style = f"c{place % 6}"
        for scale, values in zip(scales, seen[loss], strict=True):
            panel.dots(np.full(len(values), scale * BESIDE**place), values, f"faint {style}", 2)
        panel.line(scales, own, style, loss)
        legend.append((style, loss))
    return Figure(
        f"{title.capitalize()} on the test rows by loss and by the scale of the first weights: means, and a dot for each network.",
        (panel,),
        tuple(legend),
    )
