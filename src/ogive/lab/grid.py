"""The arms as a table of two things that were crossed."""

from __future__ import annotations

from dataclasses import dataclass

from ogive.lab import wording
from ogive.lab.summary import Row, Summary
from ogive.panel import near_span


@dataclass(frozen=True)
class Grid:
    """Two factors, or the activations of two hidden layers, and the first metric of each pair.

    Attributes
    ----------
    cells
        For each level of `down`, for each level of `across`: the metric as it is written, and how good it is, from 0 to 1.
    """

    down: str
    across: str
    down_levels: tuple[str, ...]
    across_levels: tuple[str, ...]
    cells: tuple[tuple[tuple[str, float], ...], ...]


def grid(summary: Summary) -> Grid | None:
    """The grid, where exactly two things were crossed, each with every other."""
    names = summary.varied if len(summary.varied) == 2 else ("hidden layer 1", "hidden layer 2")
    found = {levels: row for row in _in_order(summary) if (levels := _levels(summary, row))}
    down, across = (tuple(dict.fromkeys(levels[side] for levels in found)) for side in (0, 1))
    if min(len(down), len(across)) < 2 or not len(down) * len(across) == len(found) == len(summary.rows):
        return None
    low, high = near_span([[row.score.mean] for row in summary.rows], lowest=not summary.metric.higher_is_better)

    def cell(row: Row) -> tuple[str, float]:
        share = min(max((row.score.mean - low) / (high - low), 0.0), 1.0)
        return wording.plain(summary.metric, row.score.mean), share if summary.metric.higher_is_better else 1 - share

    return Grid(*names, down, across, tuple(tuple(cell(found[first, second]) for second in across) for first in down))


def _in_order(summary: Summary) -> list[Row]:
    """The rows in the order of the study."""
    by_name = {row.name: row for row in summary.rows}
    return [by_name[arm.name] for arm in summary.outcome.study.arms]


def _levels(summary: Summary, row: Row) -> tuple[str, str] | None:
    """What the row's arm has of the two things."""
    levels = [row.result.arm.level(name) for name in summary.varied]
    if summary.varied == ("activation",):
        levels = levels[0].split("/")
    return (levels[0], levels[1]) if len(levels) == 2 else None
