"""Which learning rate an arm gets: a search on a logarithmic grid, and a choice that the last bit of a number does not turn.

Every arm has the same budget. Rates are first tried a decade apart; then the neighbours of the best half a decade away, so that the best
is never at an end of what was tried; then those a quarter of a decade away. Every test part searches for itself, for already which rates
there are to choose from is a choice, and the best rate of another test part was found on its rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_RATES = 12
"""What the search for one test part may try."""

SMALLEST, LARGEST = 1e-6, 1e3
STEPS = (2, 1)
"""Of the search, in quarters of a decade."""

KEPT_GAIN = 0.5
"""A run has collapsed where it diverged, or keeps less than this share of what the best rate gains over the baseline; a rate has hardly
learned where it keeps less of what the best gains in the loss."""


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
        Where the training loss ended no better than that of the best constant, and what is right all the same may be so by chance.
    gains
        By how much the loss on the same rows is below that of the best constant, where the score only counts rows; empty elsewhere.
    """

    rate: float
    scores: Mapping[Places, float]
    diverged: frozenset[Places] = frozenset()
    gains: Mapping[Places, float] = field(default_factory=dict)

    def joined(self, other: Try) -> Try:
        """With the runs of another look at the same rate."""
        return Try(self.rate, {**self.scores, **other.scores}, self.diverged | other.diverged, {**self.gains, **other.gains})


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
        return self._table(test_fold, lambda each: each.scores)

    def _table(self, test_fold: int | None, of_runs: Callable[[Try], Mapping[Places, Any]]) -> NDArray[Any]:
        tries = self.tries_for(test_fold)
        return np.array([[of_runs(each)[places] for places in sorted(each.scores) if places[0] == test_fold] for each in tries])

    def collapsed(self, test_fold: int | None) -> NDArray[np.int64]:
        """How many runs of each rate lost most of what the best rate gains, or diverged."""
        gains = self.matrix(test_fold) - self.baseline[test_fold]
        diverged = self._table(test_fold, lambda each: {places: places in each.diverged for places in each.scores})
        return np.asarray((diverged | ~(gains >= KEPT_GAIN * gains.mean(1).max())).sum(1))

    def learned(self, test_fold: int | None) -> NDArray[np.bool_]:
        """Which rates may be chosen: those with the fewest collapsed runs, where they have learned.

        A network that has hardly moved may put a few rows on the right side, even all. So of the rates whose scores cannot be told from
        the best, those are left out that are smaller than the one that gains most in the loss, and gain little themselves. Larger ones
        have moved: their loss may be high because they are sure of what they have learned by heart.
        """
        collapsed, scores = self.collapsed(test_fold), self.matrix(test_fold)
        steady = np.asarray(collapsed == collapsed.min())
        if not all(each.gains for each in self.tries):
            return steady
        best = int(np.where(steady, scores.mean(1), -np.inf).argmax())
        alike = steady & [_alike(scores[best], each) for each in scores]
        gains = self._table(test_fold, lambda each: each.gains).mean(1)
        most = int(np.where(alike, gains, -np.inf).argmax())
        hardly = (np.arange(len(gains)) < most) & (gains < KEPT_GAIN * gains[most])
        return steady & ~(alike & hardly) if gains[most] > 0 else steady

    def plateau(self, test_fold: int | None) -> list[float]:
        """The rates beside the best that cannot be told from it, in order: within one standard error of the paired difference."""
        tries = self.tries_for(test_fold)
        return [tries[place].rate for place in self._plateau(test_fold)]

    def _plateau(self, test_fold: int | None) -> list[int]:
        scores, learned = self.matrix(test_fold), self.learned(test_fold)
        best = self._best(test_fold)
        inside = [best]
        for direction in (-1, 1):
            place = best + direction
            while 0 <= place < len(scores) and learned[place] and _alike(scores[best], scores[place]):
                inside.append(place)
                place += direction
        return sorted(inside)

    def best(self, test_fold: int | None) -> Try:
        """The one with the best mean score, of those that may be chosen."""
        return self.tries_for(test_fold)[self._best(test_fold)]

    def _best(self, test_fold: int | None) -> int:
        return int(np.where(self.learned(test_fold), self.matrix(test_fold).mean(1), -np.inf).argmax())

    def is_end(self, rate: float, test_fold: int | None) -> bool:
        """Whether it is the smallest or the largest rate that the search for a test part came to."""
        tries = self.tries_for(test_fold)
        return rate in (tries[0].rate, tries[-1].rate)

    def chosen(self, test_fold: int | None) -> float:
        """The middle of the plateau, of two the smaller; a step lower beside a rate at which runs collapse, where that costs little."""
        plateau, scores, collapsed = self._plateau(test_fold), self.matrix(test_fold), self.collapsed(test_fold)
        place = plateau[(len(plateau) - 1) // 2]
        beside_cliff = place + 1 < len(collapsed) and collapsed[place + 1] > collapsed[place]
        if beside_cliff and place > 0 and self.learned(test_fold)[place - 1] and _alike(scores[place], scores[place - 1], 2.0):
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
