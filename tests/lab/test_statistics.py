"""The intervals against values worked by hand and against scipy's own t-test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ogive.lab.statistics import geometric_mean, mean_interval


def test_three_values_by_hand():
    # mean 2, standard deviation 1, t for 2 degrees of freedom 4.302652729696142: 2 ± 4.3027/√3
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.low == pytest.approx(2 - 4.302652729696142 / math.sqrt(3), rel=1e-9)
    assert interval.high == pytest.approx(2 + 4.302652729696142 / math.sqrt(3), rel=1e-9)
    assert interval.half_width == pytest.approx(4.302652729696142 / math.sqrt(3), rel=1e-9)


def test_the_interval_is_that_of_the_t_test():
    sample = np.random.default_rng(0).normal(0.9, 0.02, 10)
    theirs = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    ours = mean_interval(sample)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_equal_values_have_no_width():
    assert mean_interval([0.5, 0.5]).half_width == 0


def test_it_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = [interval.low <= 3 <= interval.high for interval in (mean_interval(rng.normal(3, 1, 5)) for _ in range(2000))]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_ratios_balance():
    assert geometric_mean([100.0, 0.01]) == pytest.approx(1.0)
    assert geometric_mean([0.0, 1.0]) == 0.0
