"""The pictures of the report: verdicts, learning curves, the choice of learning rates, and cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.lab import wording
from ogive.lab.summary import Row, Summary
from ogive.lab.tuning import Tuning
from ogive.panel import Axis, Panel, names, near_span, span

COLOURED = 5
"""The best arms that have a colour beside the reference."""

LINE = 24
"""Height of a row."""

_VERDICT_STYLES = {"better": "better", "worse": "worse", "equivalent": "equivalent", "not told apart": "open"}


@dataclass(frozen=True)
class Figure:
    """Pictures that belong together.

    Attributes
    ----------
    caption
        What they show.
    panels
        What is seen, side by side.
    legend
        Style and meaning of what is drawn.
    small
        Whether there are many, side by side.
    """

    caption: str
    panels: tuple[Panel, ...]
    legend: tuple[tuple[str, str], ...] = ()
    small: bool = False


def styles(summary: Summary) -> dict[str, str]:
    """The style of each arm, the same in every picture: the reference and the best few have a colour."""
    reference = summary.reference.name
    best = [row.name for row in summary.rows if row.name != reference]
    coloured = {name: f"c{place}" if place <= COLOURED else "other" for place, name in enumerate(best, start=1)}
    return {**coloured, reference: "c0"}


def arms_legend(summary: Summary) -> tuple[tuple[str, str], ...]:
    """The arms that have a colour, and how the others are named."""
    found = styles(summary)
    coloured = [(found[row.name], row.name) for row in summary.rows if found[row.name] != "other"]
    others = len(summary.rows) - len(coloured)
    return (*coloured, ("other", f"the other {others}, named on hover")) if others else tuple(coloured)


def back_to_front(summary: Summary) -> list[tuple[Row, str]]:
    """The arms with their styles, in the order of drawing: those in colour above the grey ones, the best on top."""
    found = styles(summary)
    return sorted(((row, found[row.name]) for row in reversed(summary.rows)), key=lambda each: each[1] != "other")


def intervals(summary: Summary) -> Figure:
    """Every arm's first metric with its interval and each network; and the difference to the best."""
    return Figure(
        f"First: {wording.heading(summary.metric)} on the test rows; mean and 95% interval, and a dot for each network. Second: paired"
        f" difference to the best arm, {summary.rows[0].name}, with its 95% interval. An arrow points at what lies beyond the picture.",
        (_score_panel(summary), *([_difference_panel(summary)] if len(summary.rows) > 1 else [])),
        _verdict_legend(summary),
    )


def _score_panel(summary: Summary) -> Panel:
    metric, rows, found = summary.metric, summary.rows, styles(summary)
    values = [wording.shown(metric, 1.0) * row.result.values(metric.name) for row in rows]
    ends = [wording.shown(metric, 1.0) * np.array([row.score.low, row.score.mean, row.score.high]) for row in rows]
    low, high = near_span([np.append(own, end) for own, end in zip(values, ends, strict=True)], lowest=not metric.higher_is_better)
    about = f"{wording.heading(metric)} on the test rows: " + "; ".join(f"{row.name} {wording.estimate(metric, row.score)}" for row in rows)
    label = f"{wording.heading(metric)}{', %' if metric.percent else ''}"
    panel = Panel(about, Axis(low, high, label=label), names([row.name for row in rows]), width=330, height=LINE * len(rows))
    baseline = wording.shown(metric, summary.outcome.baseline[metric.name])
    panel.rule(baseline, name="baseline")
    for place, (row, own, (lower, mean, upper)) in enumerate(zip(rows, values, ends, strict=True)):
        panel.dots(own, np.full(len(own), place), f"faint {found[row.name]}", 2.5)
        text = f"{row.name}: {wording.estimate(metric, row.score)}"
        panel.line([lower, upper], [place, place], f"interval {found[row.name]}", text)
        panel.dots([mean], [place], found[row.name], 4.5, text)
        if not low <= mean <= high:
            panel.aside(place, wording.estimate(metric, row.score), low=mean < low)
    return panel


def _difference_panel(summary: Summary) -> Panel:
    metric, rows = summary.metric, summary.rows
    scale, margin = wording.shown(metric, 1.0), wording.shown(metric, summary.outcome.study.margin)
    gaps = [(place, row, row.gap) for place, row in enumerate(rows) if row.gap]
    ends = [scale * np.array([gap.difference.low, gap.difference.mean, gap.difference.high]) for _, _, gap in gaps]
    low, high = near_span(ends, lowest=not metric.higher_is_better)
    low, high = span([low, high, 0.0, -margin, margin])
    spoken = "; ".join(f"{row.name} {wording.interval(metric, gap.difference)}, {gap.verdict}" for _, row, gap in gaps)
    label = f"difference to {rows[0].name}{', pp' if metric.percent else ''}"
    x = Axis(low, high, label=label)
    panel = Panel(f"{label}: {spoken}", x, names([row.name for row in rows]), width=330, height=LINE * len(rows))
    if margin:
        panel.band([-margin, margin], [-0.5, -0.5], [len(rows) - 0.5] * 2, "margin")
    panel.rule(0.0)
    panel.dots([0.0], [0.0], "c0", 4.5, f"{rows[0].name}: the best")
    for (place, row, gap), (lower, mean, upper) in zip(gaps, ends, strict=True):
        style, text = _VERDICT_STYLES[gap.verdict], f"{row.name}: {wording.interval(metric, gap.difference)}, {gap.verdict}"
        panel.line([lower, upper], [place, place], f"interval {style}", text)
        panel.dots([mean], [place], style, 4.5, text)
    return panel


def _verdict_legend(summary: Summary) -> tuple[tuple[str, str], ...]:
    verdicts = dict.fromkeys(row.gap.verdict for row in summary.rows if row.gap)
    margin = f"{wording.bare(summary.metric, summary.outcome.study.margin)}{wording.difference_unit(summary.metric)}"
    band = [("margin", f"differences smaller than {margin}")] if summary.outcome.study.margin else []
    return (*((_VERDICT_STYLES[verdict], verdict) for verdict in verdicts), *band)


def learning_curves(summary: Summary) -> Figure:
    """The training loss after each epoch, and the first metric on the validation rows."""
    return Figure(
        "Median over the networks of each arm. The training loss is the mean over each epoch's batches as they came.",
        (_loss_panel(summary), _validation_panel(summary)),
        arms_legend(summary),
    )


def _loss_panel(summary: Summary) -> Panel:
    curves = {row.name: row.result.networks.course.training_losses for row in summary.rows}
    learning = [row for row in summary.rows if row.diverged < row.networks] or list(summary.rows)
    low, _ = span(*(np.log(np.maximum(curve, 1e-30)) for curve in curves.values()))
    _, high = span(*(np.log(np.maximum(curves[row.name], 1e-30)) for row in learning))
    y = Axis(float(np.exp(low)), float(np.exp(high)), log=True)
    spoken = "; ".join(f"{name} {curve[-1]:.3g}" for name, curve in curves.items())
    panel = Panel(
        f"training loss over the epochs; after the last: {spoken}", epochs(summary), y, title="training loss" + _several_losses(summary)
    )
    for row, style in back_to_front(summary):
        panel.line(np.arange(1, len(curves[row.name]) + 1), curves[row.name], style, row.name)
    return panel


def _validation_panel(summary: Summary) -> Panel:
    metric = summary.metric
    curves = {row.name: _validation_curve(summary, row) for row in summary.rows}
    late = [curve[len(curve) // 3 :] for _, curve in curves.values()]
    y = Axis(*near_span(late, lowest=not metric.higher_is_better))
    spoken = "; ".join(f"{name} {curve[-1]:.4g}" for name, (_, curve) in curves.items())
    title = f"validation {wording.heading(metric)}{', %' if metric.percent else ''}"
    panel = Panel(f"{title} over the epochs; after the last: {spoken}", epochs(summary), y, title=title)
    for row, style in back_to_front(summary):
        panel.line(*curves[row.name], style, row.name)
    return panel


def _validation_curve(summary: Summary, row: Row) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    course = row.result.networks.course
    return np.array(course.checkpoints, np.float64), wording.shown(summary.metric, 1.0) * course.validation_curve


def epochs(summary: Summary) -> Axis:
    """The axis of what is seen over the training."""
    last = summary.outcome.study.epochs
    whole = tuple((value, label) for value, label in Axis(0, last).labels() if value == int(value))
    return Axis(0, last, ticks=whole, label="epoch")


def _several_losses(summary: Summary) -> str:
    """Where arms have different losses, their numbers are no measure of each other."""
    return " (of different losses)" if "loss" in summary.varied else ""


def tuning(summary: Summary) -> Figure | None:
    """For each tuned arm how much worse its other learning rates were than the best, look by look, and which was chosen."""
    tuned = [(row, row.result.tuning) for row in summary.rows if row.result.tuning]
    if not tuned:
        return None
    rates = [each.rate for _, own in tuned for each in own.tries]
    x = Axis(min(rates) / 1.5, max(rates) * 1.5, log=True)
    unit = wording.shown(summary.metric, 1.0)
    near = [unit * _behind_the_best(own)[:, _plateau(summary, own)] for _, own in tuned]
    low, high = span([-0.1, 0.1] if unit > 1 else [-1e-3, 1e-3], *near)
    y = Axis(2 * low - high, high)
    most = max(len(each.scores) for _, own in tuned for each in own.tries)
    return Figure(
        f"Validation {wording.heading(summary.metric)} of each learning rate beside that of the arm's best rate for the same test rows,"
        f" {'percentage points; ' if unit > 1 else ''}median and quartiles of up to {most} looks. Thick: the"
        " plateau, rates that cannot be told from the best; dots: what was chosen, the middle of it. A line that leaves the picture at the"
        " bottom is worse than anything shown.",
        tuple(_tuning_panel(summary, row, own, x, y, unit) for row, own in tuned),
        (("line0", "tried"), ("plateau", "plateau"), ("chosen", "chosen, larger where more test folds chose it")),
        small=True,
    )


def _behind_the_best(own: Tuning) -> NDArray[np.float64]:
    """Quartiles of each rate's scores less those of its test fold's best rate in the same run, ``(quartile, rate)``; higher is better."""
    best = {fold: own.best(fold).scores for fold in own.baseline}
    behind = [[score - best[split[0]][split] for split, score in each.scores.items()] for each in own.tries]
    return np.array([np.quantile(each, (0.25, 0.5, 0.75)) for each in behind]).T


def _tuning_panel(summary: Summary, row: Row, own: Tuning, x: Axis, y: Axis, unit: float) -> Panel:
    rates = np.array([each.rate for each in own.tries])
    quarter, middle, three = unit * _behind_the_best(own)
    chosen = list(row.result.rates.values())
    spoken = "; ".join(f"{rate:g}: {value:.3g}" for rate, value in zip(rates, middle, strict=True))
    picked = ", ".join(f"{rate:g}" for rate in dict.fromkeys(chosen))
    about = f"learning rates of {row.name}, median difference to the best one in validation: {spoken}; chosen {picked}"
    panel = Panel(about, x, y, width=150, height=100, title=row.name)
    panel.band(rates, quarter, three, "line0")
    panel.line(rates, middle, "line0")
    plateau = _plateau(summary, own)
    panel.line(rates[plateau], middle[plateau], "plateau")
    for rate in dict.fromkeys(chosen):
        place = int(np.argmin(np.abs(rates - rate)))
        share = chosen.count(rate) / len(chosen)
        panel.dots([rates[place]], [middle[place]], "chosen", 2.5 + 2.5 * share, f"{rate:g}: chosen for {share:.0%} of the test folds")
    return panel


def _plateau(summary: Summary, own: Tuning) -> list[int]:
    """The places of the rates that are on the plateau of some test fold."""
    rates = {rate for fold in summary.outcome.study.test_folds() for rate in own.plateau(fold)}
    return [place for place, each in enumerate(own.tries) if each.rate in rates]


def cost(summary: Summary) -> Figure:
    """The time of an epoch of one network of each arm."""
    rows, found = summary.rows, styles(summary)
    milliseconds = [1e3 * row.seconds / row.result.arm.setup.epochs for row in rows]
    x = Axis(0, 1.08 * max(milliseconds), label="milliseconds for one epoch of one network")
    about = "milliseconds for one epoch: " + "; ".join(f"{row.name} {each:.3g}" for row, each in zip(rows, milliseconds, strict=True))
    panel = Panel(about, x, names([row.name for row in rows]), width=330, height=LINE * len(rows))
    for place, (row, each) in enumerate(zip(rows, milliseconds, strict=True)):
        panel.line([0, each], [place, place], f"bar {found[row.name]}", f"{row.name}: {each:.3g} ms")
    caption = (
        "A network's share of the time that those beside it took. Times depend on the machine and what else it did; nothing else here does."
    )
    return Figure(caption, (panel,))
