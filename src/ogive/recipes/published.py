"""What others published, beside what came out here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive.errors import InputTypeError, UnknownNameError, did_you_mean
from ogive.lab import wording
from ogive.lab.outcome import Outcome
from ogive.lab.statistics import CONFIDENCE
from ogive.recipes.measured import Table

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

    def beside(self, outcome: Outcome) -> tuple[Table, list[str]]:
        """Theirs beside ours, and what it comes to.

        A published result is as uncertain as its runs are few. So the verdict is whether it lies where the mean of as many runs of ours
        would, 19 times in 20: mean ± t s √(1/n + 1/runs), for n seeds of deviation s and Student's t with n − 1 degrees of freedom.
        """
        from scipy.special import stdtrit

        metric, found = outcome.metric, {result.arm.name: result.values(outcome.metric.name) for result in outcome.arms}
        rows, within = [], 0
        for arm, value in self.results.items():
            if arm not in found:
                continue
            ours = found[arm]
            half = float(stdtrit(len(ours) - 1, 0.5 + CONFIDENCE / 2) * ours.std(ddof=1) * math.sqrt(1 / len(ours) + 1 / self.runs))
            difference = float(ours.mean()) - value
            inside = abs(difference) <= half
            within += inside
            verdict = "within our interval" if inside else f"ours is {'higher' if difference > 0 else 'lower'}"
            cells = (wording.plain(metric, value), f"{wording.bare(metric, float(ours.mean()))} ± {wording.bare(metric, half)}")
            unit = wording.difference_unit(metric)
            rows.append((arm, cells[0], cells[1] + wording.unit(metric), wording.bare(metric, difference, "+") + unit, verdict))
        missing = [arm for arm in self.results if arm not in found]
        notes = [f"Published: {self.source}.", self.note, f"Not run here: {', '.join(missing)}." if missing else ""]
        notes.append(
            f"Ours ± what {wording.counted(self.runs, 'more network')} would be within, 19 times in 20, by {outcome.study.seeds} seeds."
        )
        heading = wording.heading(metric)
        table = Table(
            f"Published {heading} beside ours",
            ("arm", "published", "ours", "difference", "verdict"),
            tuple(rows),
            " ".join(filter(None, notes)),
        )
        return table, [_verdict(rows, within, found, self.results)] if rows else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _verdict(rows: Sequence[tuple[str, ...]], within: int, ours: Mapping[str, Any], theirs: Mapping[str, float]) -> str:
    """How many agree, and whether the order does."""
    arms = [row[0] for row in rows]
    text = f"{within} of {len(rows)} published results lie within our interval."
    if len(arms) > 2:
        pairs = [(first, second) for place, first in enumerate(arms) for second in arms[place + 1 :] if theirs[first] != theirs[second]]
        same = sum(float(np.mean(ours[first]) - np.mean(ours[second])) * (theirs[first] - theirs[second]) > 0 for first, second in pairs)
        text += f" Of {len(pairs)} pairs that differ there, {same} have the same order here."
    return text
