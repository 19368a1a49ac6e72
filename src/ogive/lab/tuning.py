"""Which learning rate an arm gets: a search on a logarithmic grid, and a choice that the last bit of a number does not turn.

Every arm has the same budget. Rates are first tried a decade apart; then, wherever a rate is the best for some test part, its two
neighbours half a decade away, so that the best is never at an end of what was tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_RATES = 9
"""What a search may try."""

SMALLEST, LARGEST = 1e-6, 1e3
STEP = math.sqrt(10.0)

KEPT_GAIN = 0.5
"""A run has collapsed where it keeps less than this share of what the best rate gains over the baseline."""


@dataclass(frozen=True)
class Try:
    """A learning rate and the validation score of each of its runs, by the test fold and the validation fold of each."""

    rate: float
    scores: Mapping[tuple[int | None, int], float]


@dataclass(frozen=True)
class Tuning:
    """What an arm tried.

    Attributes
    ----------
    tries
        In order of the rate. A run on two folds that are held out counts twice: each is the test part once, and validates once.
    baseline
        The score of what learns nothing.
    """

    tries: tuple[Try, ...]
    baseline: float

    def matrix(self, test_fold: int | None) -> NDArray[np.float64]:
        """The scores that may decide for a test part, ``(rate, run)``: those of runs that neither trained nor validated on it."""
        return np.array([[score for (test, _), score in each.scores.items() if test == test_fold] for each in self.tries])

    def collapsed(self, test_fold: int | None) -> NDArray[np.int64]:
        """How many runs of each rate lost most of what the best rate gains."""
        scores = self.matrix(test_fold)
        best = scores.mean(1).max()
        return np.asarray((~(scores - self.baseline >= KEPT_GAIN * (best - self.baseline))).sum(1))

    def plateau(self, test_fold: int | None) -> list[int]:
        """The rates beside the best that cannot be told from it, in order: within one standard error of the paired difference."""
        scores, collapsed = self.matrix(test_fold), self.collapsed(test_fold)
        steady = collapsed == collapsed.min()
        means = np.where(steady, scores.mean(1), -np.inf)
        best = int(means.argmax())
        inside = [best]
        for direction in (-1, 1):
            place = best + direction
            while 0 <= place < len(means) and steady[place] and _alike(scores[best], scores[place]):
                inside.append(place)
                place += direction
        return sorted(inside)

    def best(self, test_fold: int | None) -> int:
        """The place of the rate with the best mean score, of those with the fewest collapsed runs."""
        collapsed = self.collapsed(test_fold)
        return int(np.where(collapsed == collapsed.min(), self.matrix(test_fold).mean(1), -np.inf).argmax())

    def chosen(self, test_fold: int | None) -> float:
        """The middle of the plateau, of two in the middle the smaller; not beside a rate at which runs collapse, where there is another."""
        plateau, collapsed = self.plateau(test_fold), self.collapsed(test_fold)
        middle = (len(plateau) - 1) // 2
        above = plateau[middle] + 1
        if middle > 0 and above < len(collapsed) and collapsed[above] > collapsed[above - 1]:
            middle -= 1
        return self.tries[plateau[middle]].rate


def _alike(best: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    difference = best - other
    if len(difference) < 2:
        return bool((difference == 0).all())
    return bool(difference.mean() <= difference.std(ddof=1) / math.sqrt(len(difference)))


def next_rates(tuning: Tuning, test_folds: Sequence[int | None]) -> list[float]:
    """The rates to try next: the missing neighbours of every rate that is the best for a test part; none where the budget is spent."""
    tried = [each.rate for each in tuning.tries]
    wanted: dict[float, None] = {}
    for fold in test_folds:
        best = tried[tuning.best(fold)]
        for neighbour in (best / STEP, best * STEP):
            rate = rounded(neighbour)
            if SMALLEST <= rate <= LARGEST and not any(abs(math.log(rate / other)) < 0.2 for other in tried):
                wanted[rate] = None
    return sorted(wanted)[: max(0, MOST_RATES - len(tried))]


def rounded(rate: float) -> float:
    """Three digits: what can be typed again."""
    return float(f"{rate:.3g}")
