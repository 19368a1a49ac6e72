"""How uncertain a difference of two arms is: its variance, what the other pairs tell of it, and the seeds that it would take to see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ogive.lab.statistics import CONFIDENCE

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """What makes a difference of two arms uncertain, and how it is tested: all that the power of the test depends on.

    Attributes
    ----------
    folds
        Test folds; 1 with one official test set.
    fold_variance
        Of the difference from fold to fold, seeds averaged out: more seeds do not lessen it.
    seed_variance
        Of the difference from seed to seed in the same fold; not a number where there is one seed.
    borrowed
        Degrees of freedom that the other pairs lend.
    correction
        Rows of a test fold over rows trained on; 0 with one official test set.
    level
        Of the test.
    """

    folds: int
    fold_variance: float
    seed_variance: float
    borrowed: float
    correction: float
    level: float

    def power(self, difference: float, seeds: int) -> float:
        """The chance that a true mean difference is told apart with so many seeds (Student's noncentral t)."""
        from scipy.special import nctdtr, stdtrit

        size, variance, df = self._sample(seeds)
        if variance == 0:
            return float(difference != 0)
        # The corrected test divides by more than the standard error of independent folds.
        needed = float(stdtrit(df, 1 - self.level / 2)) * math.sqrt(1 + self.correction * size)
        return 1 - float(nctdtr(df, abs(difference) * math.sqrt(size / variance), needed))

    def half_width(self, seeds: int) -> float:
        """Of the interval of a difference with so many seeds in each fold."""
        from scipy.special import stdtrit

        size, variance, df = self._sample(seeds)
        return float(stdtrit(df, (1 + CONFIDENCE) / 2)) * math.sqrt((1 / size + self.correction) * variance)

    def seeds_needed(self, difference: float, power: float = 0.8, most: int = 10_000) -> int | None:
        """The fewest seeds that tell a true mean difference apart with that power; ``None`` where even ``most`` do not.

        Seeds average the training noise away but not what differs from one test fold to another: past some number, only more data help.
        """
        return self._fewest(lambda seeds: self.power(difference, seeds) >= power, most)

    def seeds_to_narrow(self, half_width: float, most: int = 10_000) -> int | None:
        """The fewest seeds with which the interval of a difference is within ± `half_width`; ``None`` where ``most`` leave it wider."""
        return self._fewest(lambda seeds: self.half_width(seeds) <= half_width, most)

    def _sample(self, seeds: int) -> tuple[int, float, float]:
        """How many numbers are tested, their variance, and the degrees of freedom of the test."""
        size = self.folds if self.folds > 1 else seeds
        variance = self.fold_variance + self.seed_variance / seeds if self.folds > 1 else self.seed_variance
        return size, variance, size - 1 + self.borrowed

    def _fewest(self, enough: Callable[[int], bool], most: int) -> int | None:
        """The fewest seeds that are enough, where more are too; ``None`` where `most` are not, or where one seed shows no spread."""
        fewest = 1 if self.folds > 1 else 2
        if math.isnan(self.seed_variance) or not enough(most):
            return None
        while fewest < most:
            middle = (fewest + most) // 2
            fewest, most = (fewest, middle) if enough(middle) else (middle + 1, most)
        return most


def moderated(variances: Numbers, df: float, most: float) -> tuple[Numbers, float]:
    """Variances drawn towards the typical one, and the degrees of freedom that this lends to each (Smyth 2004, sections 3 and 6.2).

    True variances scatter as s₀² d₀ / χ²(d₀), sample variances of ``df`` degrees of freedom about them: the logarithms of the samples then
    have variance ψ'(df/2) + ψ'(d₀/2), which gives d₀, and a mean that gives s₀².

    Parameters
    ----------
    variances
        Of each pair's difference; zeros stay out of the estimate.
    df
        Degrees of freedom of each.
    most
        The most degrees of freedom to lend: variances that are no more unlike than chance makes them would ask for infinitely many.
    """
    from scipy.special import polygamma, psi

    positive = variances[variances > 0]
    if most <= 0 or len(positive) < 3:
        return variances, 0.0
    logs = np.log(positive) - psi(df / 2) + math.log(df / 2)
    excess = float(logs.var(ddof=1) - polygamma(1, df / 2))
    lent = 2 * _inverse_trigamma(excess) if excess > 0 else math.inf
    typical = math.exp(logs.mean() + (psi(lent / 2) - math.log(lent / 2) if lent < math.inf else 0))
    lent = min(lent, most)
    return (lent * typical + df * variances) / (lent + df), lent


def _inverse_trigamma(value: float) -> float:
    """Newton's method on 1/ψ', which is nearly a straight line."""
    from scipy.special import polygamma

    x = 0.5 + 1 / value
    for _ in range(20):
        trigamma = float(polygamma(1, x))
        x += trigamma * (1 - trigamma / value) / float(polygamma(2, x))
    return x
