"""What ten runs say about all the runs there could have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean and the ends of its confidence interval."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of independent values with its Student-t interval.

    Parameters
    ----------
    values
        At least two, one for each run.
    confidence
        The share of such intervals that hold the true mean, where the values are near normal.

    Examples
    --------
    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> interval.mean, round(interval.low, 6), round(interval.high, 6)
    (2.0, -0.484138, 4.484138)
    """
    from scipy.special import stdtrit

    sample = np.asarray(values, np.float64)
    mean = float(sample.mean())
    error = float(sample.std(ddof=1)) / len(sample) ** 0.5
    reach = float(stdtrit(len(sample) - 1, (1 + confidence) / 2)) * error
    return Estimate(mean, mean - reach, mean + reach)


def geometric_mean(values: Sequence[float]) -> float:
    """The mean of ratios: 10 and 1/10 balance to 1.

    >>> round(geometric_mean([10.0, 0.1]), 12)
    1.0
    """
    with np.errstate(divide="ignore"):  # a ratio of 0 makes the mean 0
        return float(np.exp(np.mean(np.log(values))))
