"""Means, families of tests, groups and ranks against values worked by hand and against scipy's own."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from ogive.errors import InputError
from ogive.lab.statistics import critical_difference, geometric_mean, groups, holm, letters, mean_interval


def test_three_values_by_hand():
    # mean 2, standard deviation 1, t for 2 degrees of freedom 4.302652729696142: 2 ± 4.3027/√3
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.low == pytest.approx(2 - 4.302652729696142 / math.sqrt(3), rel=1e-9)
    assert interval.high == pytest.approx(2 + 4.302652729696142 / math.sqrt(3), rel=1e-9)
    assert interval.half_width == pytest.approx(4.302652729696142 / math.sqrt(3), rel=1e-9)


def test_shared_training_rows_widen_the_interval():
    # five folds, 1/3 of the rows trained on are tested on: √(1/5 + 1/3) for √(1/5)
    plain, corrected = mean_interval([1, 2, 3, 4, 5]), mean_interval([1, 2, 3, 4, 5], correction=1 / 3)
    assert corrected.half_width == pytest.approx(plain.half_width * math.sqrt((1 / 5 + 1 / 3) * 5), rel=1e-12)


def test_the_interval_is_that_of_the_t_test():
    sample = np.random.default_rng(0).normal(0.9, 0.02, 10)
    theirs = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    ours = mean_interval(sample)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_equal_values_have_no_width():
    assert mean_interval([0.5, 0.5]).half_width == 0


def test_equal_counts_of_rows_vary_as_if_one_row_were_another():
    sizes = [20, 20, 20, 20, 20]
    found = mean_interval([1.0] * 5, correction=1 / 3, resolution=1 / 20)
    one_off = mean_interval([1.0] * 4 + [1.0 - 1 / 20], correction=1 / 3)
    assert found.half_width == pytest.approx(one_off.half_width)
    assert found.low < stats.binomtest(sum(sizes), sum(sizes)).proportion_ci(0.95).low, "of 100 rows that are all right"
    values = [0.8, 0.9, 0.85, 0.95, 0.9]
    assert mean_interval(values, resolution=1 / 20) == mean_interval(values), "what varies more is as it was"


def test_it_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = [interval.low <= 3 <= interval.high for interval in (mean_interval(rng.normal(3, 1, 5)) for _ in range(2000))]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [[1.0, 2.0]]])
def test_what_has_no_interval_is_refused(values):
    with pytest.raises(InputError, match="two finite numbers"):
        mean_interval(values)


def test_ratios_balance():
    assert geometric_mean([100.0, 0.01]) == pytest.approx(1.0)
    assert geometric_mean([0.0, 1.0]) == 0.0


def test_holm_by_hand():
    # sorted .005 .01 .03 .04, times 4 3 2 1: .02 .03 .06 .04, and never below an earlier one
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]


def maximal(members: int, apart: list[tuple[int, int]]) -> set[tuple[int, ...]]:
    """Every set of which no two are apart and that no other member could join, by trying them all."""
    sets = [set(s) for n in range(1, members + 1) for s in combinations(range(members), n) if not any(set(p) <= set(s) for p in apart)]
    return {tuple(sorted(s)) for s in sets if not any(s < other for other in sets)}


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_the_largest_sets_that_no_pair_tells_apart(seed):
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(6), 2))
    apart = [pair for pair in pairs if rng.random() < seed / 20]
    found = groups(6, apart)
    assert set(found) == maximal(6, apart)
    assert len(found) == len(set(found))
    shown = letters(6, found)
    assert {pair for pair in pairs if not set(shown[pair[0]]) & set(shown[pair[1]])} == set(apart)


def test_letters_do_not_run_out():
    pairs = [(i, j) for i, j in combinations(range(70), 2)]
    assert len(set(letters(70, groups(70, pairs)))) == 70


@pytest.fixture
def table():
    rng = np.random.default_rng(3)  # four arms, 14 data sets; rounded, so that some are equal
    return np.round(rng.normal([[0.80], [0.82], [0.85], [0.87]], 0.02, (4, 14)) + rng.normal(0, 0.1, 14), 2)


def test_ranks_are_those_of_friedman_and_iman_davenport(table):
    # Demšar's equations: χ² from the ranks, F = (N - 1) χ² / (N (k - 1) - χ²)
    comparison = critical_difference(table)
    chi_squared = stats.friedmanchisquare(*table).statistic
    f = 13 * chi_squared / (14 * 3 - chi_squared)
    assert comparison.p == pytest.approx(stats.f.sf(f, 3, 39), rel=1e-9)
    assert comparison.average_ranks == pytest.approx([float(np.mean(stats.rankdata(-table, axis=0)[arm])) for arm in range(4)])


def test_pairs_over_data_sets_are_wilcoxon_with_holm(table):
    comparison = critical_difference(table)
    pairs = list(combinations(range(4), 2))
    expected = holm([stats.wilcoxon(table[i] - table[j]).pvalue for i, j in pairs])
    assert [comparison.pair_p[i, j] for i, j in pairs] == pytest.approx(expected)
    assert (comparison.pair_p == comparison.pair_p.T).all()
    apart = {pair for pair, p in zip(pairs, expected, strict=True) if p <= 0.05}
    assert apart
    assert {pair for pair in pairs if not any(set(pair) <= set(group) for group in comparison.groups)} == apart
    assert comparison.groups[0][0] == 3


def test_two_data_sets_worked_elsewhere():
    # nine arms' ranks on two data sets, a published worked example: Friedman's χ² 11.733, Iman and Davenport's F 2.75, p = .08697
    ranks = np.array([[1, 8, 6, 4, 7, 2, 5, 3, 9], [1, 6, 3, 9, 7, 2, 8, 4, 5]])
    comparison = critical_difference(-ranks.T)
    assert comparison.p == pytest.approx(0.08697, abs=5e-6)
    assert len(comparison.groups) == 1


def test_nothing_is_told_apart_where_friedman_does_not_reject():
    # ranks 1.2 and 1.8 on ten data sets: χ² 3.6, F = 9 · 3.6/(10 - 3.6) = 5.06 with 1 and 9 degrees of freedom, while Wilcoxon's sum is 3
    comparison = critical_difference([[10, 9, 8, 7, 6, 5, 4, 3, -2, -1], [0] * 10])
    assert comparison.p == pytest.approx(stats.f.sf(9 * 3.6 / 6.4, 1, 9))
    assert comparison.pair_p[0, 1] < 0.05 < comparison.p
    assert comparison.groups == ((0, 1),)


def test_equal_arms_are_one_group():
    comparison = critical_difference(np.full((3, 8), 0.9))
    assert comparison.average_ranks == (2.0, 2.0, 2.0)
    assert comparison.p == 1
    assert comparison.groups == ((0, 1, 2),)


@pytest.mark.parametrize("scores", [[[0.9, 0.8]], [[0.9], [0.8]], [[0.9, math.nan], [0.8, 0.7]], [0.9, 0.8]])
def test_ranks_take_at_least_two_arms_on_two_data_sets(scores):
    with pytest.raises(InputError, match="at least two arms on at least two data sets"):
        critical_difference(scores)
