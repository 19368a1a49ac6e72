"""The spread of seeds that recipes compare: what it leaves out, and how often equal spreads are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ogive.recipes import sensitivity


def test_the_spread_of_seeds_leaves_out_that_of_the_test_parts():
    rng, folds = np.random.default_rng(0), np.arange(20) % 2
    values = rng.standard_normal(20)
    assert sensitivity.seed_deviation(values, np.zeros(20, int)) == pytest.approx(values.std(ddof=1))
    assert sensitivity.seed_deviation(values + 100 * folds, folds) == pytest.approx(sensitivity.seed_deviation(values, folds))
    assert np.isnan(sensitivity.seed_deviation(values[:2], folds[:2]))


def test_equal_spreads_are_told_from_unequal_ones_as_often_as_the_level_says():
    rng, folds = np.random.default_rng(0), np.arange(25) % 5
    equal, unequal = [], []
    for _ in range(400):
        first, second = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=25).T + 3 * folds
        equal.append(sensitivity.equal_spread(first, second, folds) <= 0.05)
        unequal.append(sensitivity.equal_spread(first, 3 * second, folds) <= 0.05)
    assert np.mean(equal) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 400))
    assert np.mean(unequal) > 0.95


def test_without_test_parts_it_is_the_test_of_pitman_and_morgan():
    first, second = np.random.default_rng(1).standard_normal((2, 12))
    expected = stats.pearsonr(first + second, first - second).pvalue
    assert sensitivity.equal_spread(first, second, np.zeros(12, int)) == pytest.approx(expected)
    assert np.isnan(sensitivity.equal_spread(first, first, np.zeros(12, int)))
