"""Which learning rate an arm gets: a search on a logarithmic grid, and a choice that the last bit of a number does not turn.

Every arm has the same budget. Rates are first tried a decade apart; then the neighbours of the best half a decade away, so that the best
is never at an end of what was tried; then those a quarter of a decade away. Every test part searches for itself, for already which rates
there are to choose from is a choice, and the best rate of another test part was found on its rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_RATES = 12
"""What the search for one test part may try."""

SMALLEST, LARGEST = 1e-6, 1e3
STEPS = (2, 1)
"""Of the search, in quarters of a decade."""

KEPT_GAIN = 0.5
"""A run has collapsed where it diverged, or keeps less than this share of what the best rate gains over the baseline."""


Places = tuple[int | None, int]
"""A test fold and a validation fold."""


@dataclass(frozen=True)
class Try:
    """A learning rate.

    Attributes
    ----------
    scores
        In validation, for the test folds whose search came to it.
    diverged
        Where the training loss ended no better than that of the best constant: few rows may be right all the same, by chance.
    """

    rate: float
    scores: Mapping[Places, float]
    diverged: frozenset[Places] = frozenset()


@dataclass(frozen=True)
class Tuning:
    """What an arm tried.

    Attributes
    ----------
    tries
        In order of the rate. A run on two folds that are held out may count twice: each is the test part once, and validates once.
    baseline
        The score of what learns nothing, for each test part: on the rows that validate for it.
    """

    tries: tuple[Try, ...]
    baseline: Mapping[int | None, float]

    def tries_for(self, test_fold: int | None) -> list[Try]:
        """Those that the search for a test part came to."""
        return [each for each in self.tries if any(test == test_fold for test, _ in each.scores)]

    def matrix(self, test_fold: int | None) -> NDArray[np.float64]:
        """The scores that may decide for a test part, ``(rate, run)``: those of runs that neither trained nor validated on it."""
        tries = self.tries_for(test_fold)
        return np.array([[score for (test, _), score in sorted(each.scores.items()) if test == test_fold] for each in tries])

    def collapsed(self, test_fold: int | None) -> NDArray[np.int64]:
        """How many runs of each rate lost most of what the best rate gains, or diverged."""
        gains = self.matrix(test_fold) - self.baseline[test_fold]
        tries = self.tries_for(test_fold)
        diverged = np.array([[places in each.diverged for places in sorted(each.scores) if places[0] == test_fold] for each in tries])
        return np.asarray((diverged | ~(gains >= KEPT_GAIN * gains.mean(1).max())).sum(1))

    def plateau(self, test_fold: int | None) -> list[float]:
        """The rates beside the best that cannot be told from it, in order: within one standard error of the paired difference."""
        tries = self.tries_for(test_fold)
        return [tries[place].rate for place in self._plateau(test_fold)]

    def _plateau(self, test_fold: int | None) -> list[int]:
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

    def best(self, test_fold: int | None) -> Try:
        """The one with the best mean score, of those with the fewest collapsed runs."""
        collapsed = self.collapsed(test_fold)
        place = int(np.where(collapsed == collapsed.min(), self.matrix(test_fold).mean(1), -np.inf).argmax())
        return self.tries_for(test_fold)[place]

    def is_end(self, rate: float, test_fold: int | None) -> bool:
        """Whether it is the smallest or the largest rate that the search for a test part came to."""
        tries = self.tries_for(test_fold)
        return rate in (tries[0].rate, tries[-1].rate)

    def chosen(self, test_fold: int | None) -> float:
        """The middle of the plateau, of two the smaller; a step lower beside a rate at which runs collapse, where that costs little."""
        plateau, scores, collapsed = self._plateau(test_fold), self.matrix(test_fold), self.collapsed(test_fold)
        place = plateau[(len(plateau) - 1) // 2]
        beside_cliff = place + 1 < len(collapsed) and collapsed[place + 1] > collapsed[place]
        if beside_cliff and place > 0 and collapsed[place - 1] == collapsed[place] and _alike(scores[place], scores[place - 1], 2.0):
            place -= 1
        return self.tries_for(test_fold)[place].rate


def _alike(better: NDArray[np.float64], other: NDArray[np.float64], errors: float = 1.0) -> bool:
    """Whether the mean paired difference is within so many standard errors of nothing."""
    difference = better - other
    if len(difference) < 2:
        return bool((difference == 0).all())
    return bool(difference.mean() <= errors * difference.std(ddof=1) / math.sqrt(len(difference)))


def next_rates(tuning: Tuning, test_fold: int | None) -> list[float]:
    """The rates to try next for a test part: the missing neighbours of its best; none where the budget is spent."""
    tried = [each.rate for each in tuning.tries_for(test_fold)]
    best = round(4 * math.log10(tuning.best(test_fold).rate / tried[0]))
    for step in STEPS:
        wanted = [rounded(tried[0] * 10 ** (place / 4)) for place in (best - step, best + step)]  # the same numbers for every test part
        missing = [rate for rate in wanted if SMALLEST <= rate <= LARGEST and not any(_near(rate, other) for other in tried)]
        if missing:
            return missing[: max(0, MOST_RATES - len(tried))]
    return []


def _near(rate: float, other: float) -> bool:
    """Whether they are one rate, but for rounding."""
    return abs(math.log(rate / other)) < 0.2


def rounded(rate: float) -> float:
    """Three digits: what can be typed again."""
    return float(f"{rate:.3g}")
