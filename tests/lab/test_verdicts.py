"""Verdicts against values worked by hand, scipy's tests, and simulated studies of which the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ogive.errors import InputError
from ogive.lab.noise import Noise, moderated
from ogive.lab.statistics import holm
from ogive.lab.verdicts import compare_scores

CORRECTION = 1 / 3  # five folds: one to test on, one to validate on, three to train on


def simulated(rng, means, folds=5, seeds=4, fold_spread=0.5, shared=0.25):
    """Scores with a training noise of 1 in each run, and a spread of each arm over the folds, of which they share a part."""
    arms = len(means)
    own = rng.normal(size=(arms, folds, 1)) * (1 - shared) ** 0.5 + rng.normal(size=(arms, 1, 1)) * shared**0.5
    difficulty = rng.normal(size=(1, folds, 1)) * 3  # the same for all arms
    return np.reshape(means, (-1, 1, 1)) + difficulty + fold_spread * own + rng.normal(size=(arms, folds, seeds))


def test_two_arms_on_five_folds_by_hand():
    # mean 3, s² 2.5, variance (1/5 + 1/3) 2.5 = 4/3, t = 3/√(4/3) with 4 degrees of freedom
    pair = compare_scores([[[11], [12], [13], [14], [15]], [[10]] * 5], correction=CORRECTION).pairs[0]
    t = 3 / math.sqrt(4 / 3)
    assert pair.p == pytest.approx(2 * stats.t.sf(t, 4), rel=1e-12)
    assert pair.difference.mean == 3
    assert pair.difference.half_width == pytest.approx(stats.t.ppf(0.975, 4) * math.sqrt(4 / 3), rel=1e-12)
    assert pair.probability == pytest.approx(stats.t.sf(0, 4, loc=3, scale=math.sqrt(4 / 3)), rel=1e-12)  # the correlated Bayesian t-test
    assert pair.effect == pytest.approx(3 / math.sqrt(2.5) * (1 - 3 / 15), rel=1e-12)  # Hedges' 1 - 3/(4 df - 1)
    assert (pair.median, pair.won) == (3, 1)


def test_seeds_of_a_fold_are_averaged_before_folds_are_compared():
    scores = np.random.default_rng(0).normal(size=(2, 5, 4))
    averaged = scores.mean(axis=2, keepdims=True)
    assert compare_scores(scores, correction=CORRECTION).pairs[0].p == compare_scores(averaged, correction=CORRECTION).pairs[0].p


def test_two_arms_on_one_test_set_are_the_paired_t_test():
    scores = np.random.default_rng(1).normal([[[0.90]], [[0.91]]], 0.01, (2, 1, 12))
    theirs = stats.ttest_rel(scores[0, 0], scores[1, 0])
    pair = compare_scores(scores).pairs[0]
    assert pair.p == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (pair.difference.low, pair.difference.high) == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-10)


def test_two_one_sided_tests_show_equivalence():
    scores = np.random.default_rng(2).normal(0.90, 0.002, (2, 1, 20))
    d = scores[0, 0] - scores[1, 0]
    for margin in (0.0, 0.0005, 0.001, 0.002, 0.004):
        inside = (
            max(stats.ttest_1samp(d, -margin, alternative="greater").pvalue, stats.ttest_1samp(d, margin, alternative="less").pvalue)
            <= 0.05
        )
        pair = compare_scores(scores, margin=margin).pairs[0]
        assert pair.equivalent == (inside and margin > 0)
        assert pair.verdict == ("equivalent" if pair.equivalent else "not told apart")
    assert pair.equivalent


def test_a_small_difference_that_is_certain_is_better_and_equivalent():
    pair = compare_scores(np.random.default_rng(3).normal([[[0.902]], [[0.900]]], 0.001, (2, 1, 30)), margin=0.005).pairs[0]
    assert (pair.verdict, pair.equivalent) == ("better", True)


def test_ranks_count_who_is_shown_to_be_better():
    rng = np.random.default_rng(4)
    verdicts = compare_scores(simulated(rng, [0, 10, 10, 20, 0], fold_spread=0.1), correction=CORRECTION)
    assert verdicts.ranks == (4, 2, 2, 1, 4)
    assert [set(group) for group in verdicts.groups] == [{3}, {1, 2}, {0, 4}]
    assert verdicts.letters[3] == "a"
    assert verdicts.best_first[0] == 3


def test_the_order_of_the_arms_does_not_matter():
    scores = simulated(np.random.default_rng(5), np.linspace(0, 4, 6))
    order = np.random.default_rng(6).permutation(6)
    straight, shuffled = (compare_scores(s, correction=CORRECTION) for s in (scores, scores[order]))
    assert 1 < len(straight.groups) < 6
    assert [straight.ranks[arm] for arm in order] == list(shuffled.ranks)
    assert [straight.letters[arm] for arm in order] == list(shuffled.letters)


def test_how_hard_a_fold_is_does_not_matter():
    scores = simulated(np.random.default_rng(7), np.linspace(0, 4, 6))
    harder = scores - np.arange(5).reshape(1, 5, 1) * 100
    p, q = ([pair.p for pair in compare_scores(s, correction=CORRECTION).pairs] for s in (scores, harder))
    assert p == pytest.approx(q, rel=1e-9)


def test_equal_scores_are_equivalent_and_share_a_rank():
    scores = np.random.default_rng(8).normal(size=(1, 5, 2)).repeat(3, axis=0)
    verdicts = compare_scores(scores, correction=CORRECTION, margin=0.1)
    assert verdicts.ranks == (1, 1, 1)
    for pair in verdicts.pairs:
        assert (pair.p, pair.effect, pair.won, pair.verdict) == (1, 0, 0.5, "equivalent")
        assert (pair.difference.low, pair.difference.high) == (0, 0)
        assert pair.probability == 0.5


@pytest.mark.parametrize(("rows", "verdict"), [(20, "not told apart"), (10_000, "equivalent")])
def test_equal_counts_of_few_rows_do_not_make_arms_equivalent(rows, verdict):
    pair = compare_scores(np.full((2, 5, 1), 0.95), correction=CORRECTION, margin=0.005, resolution=1 / rows).pairs[0]
    assert (pair.verdict, pair.difference.mean, pair.probability) == (verdict, 0, 0.5)
    assert (pair.difference.half_width > 0.005) == (verdict == "not told apart")


@pytest.mark.parametrize(("runs", "verdict"), [(2, "not told apart"), (5, "not told apart"), (6, "better"), (9, "better")])
def test_a_constant_difference_is_as_sure_as_its_signs(runs, verdict):
    scores = np.array([0.9, 0.8]).reshape(2, 1, 1) + np.linspace(0, 0.05, runs)  # 0.9 - 0.8 is not always the same float
    pair = compare_scores(scores).pairs[0]
    assert pair.p == pytest.approx(stats.binomtest(runs, runs).pvalue, rel=1e-9)
    assert pair.verdict == verdict
    assert (pair.difference.low > 0) == (verdict == "better")


def test_one_collapsed_run_does_not_hide_the_other_arms():
    scores = simulated(np.random.default_rng(9), np.arange(8) * 3.0, fold_spread=0.1)
    clean = compare_scores(scores, correction=CORRECTION)
    scores[7, 2, 1] -= 80  # the best arm
    verdicts = compare_scores(scores, correction=CORRECTION)
    others = [(a.verdict, b.verdict) for a, b in zip(clean.pairs, verdicts.pairs, strict=True) if 7 not in (a.first, a.second)]
    assert sum(was == now for was, now in others) > 0.8 * len(others)
    best = next(pair for pair in verdicts.pairs if (pair.first, pair.second) == (0, 7))
    assert best.verdict == "not told apart"
    assert best.median < best.difference.mean - 2
    assert best.won < 0.1


def test_variances_are_drawn_to_the_typical_one_as_smyth_does():
    # True variances 2 · 8/χ²(8), samples of 4 degrees of freedom: he estimates the 2 and the 8 from the samples alone.
    rng = np.random.default_rng(10)
    samples = 2 * 8 / rng.chisquare(8, 40_000) * rng.chisquare(4, 40_000) / 4
    drawn, lent = moderated(samples, 4, most=math.inf)
    assert lent == pytest.approx(8, rel=0.05)
    typical = (drawn * (lent + 4) - 4 * samples) / lent
    assert typical == pytest.approx(np.full(40_000, 2.0), rel=0.02)


def test_alike_variances_lend_all_there_is_and_two_arms_have_nobody_to_borrow_from():
    drawn, lent = moderated(np.array([1.0, 1.1, 0.9]), 4, most=4)
    assert lent == 4
    assert drawn == pytest.approx([1.0, 1.05, 0.95], abs=0.25)
    assert moderated(np.array([1.0]), 4, most=0) == (np.array([1.0]), 0)
    pair = compare_scores(np.random.default_rng(11).normal(size=(2, 5, 2)), correction=CORRECTION).pairs[0]
    assert pair.noise.borrowed == 0


STUDIES = 500


def false_alarms(arms, fold_spread, correction=CORRECTION, spreads=1.0):
    rng = np.random.default_rng(12)
    alarms = 0
    for _ in range(STUDIES):
        scores = simulated(rng, np.zeros(arms), fold_spread=fold_spread)
        scores = scores.mean(axis=0) + (scores - scores.mean(axis=0)) * np.reshape(spreads, (-1, 1, 1))
        alarms += max(compare_scores(scores, correction=correction).ranks) > 1
    return alarms


@pytest.mark.parametrize("fold_spread", [0.0, 1.0])
@pytest.mark.parametrize("arms", [2, 4, 12])
def test_equal_arms_are_told_apart_at_most_one_time_in_twenty(arms, fold_spread):
    assert false_alarms(arms, fold_spread) <= stats.binom.ppf(0.999, STUDIES, 0.05)


def test_equal_arms_of_unequal_spread_too():
    spreads = np.array([8.0, 3.0, *[1.0] * 6])
    assert false_alarms(8, 1.0, spreads=spreads) <= stats.binom.ppf(0.999, STUDIES, 0.05)


def test_without_the_correction_it_would_fail():
    assert false_alarms(4, 1.0, correction=0) > stats.binom.ppf(0.999, STUDIES, 0.05)


@pytest.mark.parametrize(("folds", "seeds", "difference"), [(5, 1, 2.5), (5, 4, 1.5), (5, 16, 1.5), (1, 8, 1.0), (1, 20, 0.8)])
def test_the_power_is_as_predicted(folds, seeds, difference):
    correction = CORRECTION if folds > 1 else 0.0
    spread = 0.5 if folds > 1 else 0.0
    noise = Noise(folds, fold_variance=2 * spread**2, seed_variance=2.0, borrowed=0, correction=correction, level=0.05)
    rng = np.random.default_rng(13)
    studies = 2000
    told = sum(
        compare_scores(simulated(rng, [difference, 0], folds, seeds, spread, shared=0), correction=correction).pairs[0].verdict == "better"
        for _ in range(studies)
    )
    power = noise.power(difference, seeds)
    assert 0.3 < power < 0.97
    assert told / studies == pytest.approx(power, abs=3.3 * math.sqrt(power * (1 - power) / studies))


def test_seeds_needed_are_the_fewest_that_have_the_power():
    noise = Noise(folds=5, fold_variance=0.1, seed_variance=2.0, borrowed=0, correction=CORRECTION, level=0.05)
    needed = noise.seeds_needed(1.5)
    assert needed is not None
    assert noise.power(1.5, needed) >= 0.8 > noise.power(1.5, needed - 1)


def test_seeds_to_narrow_are_the_fewest_whose_interval_is_narrow_enough():
    pair = compare_scores(simulated(np.random.default_rng(18), [0, 0], fold_spread=2), correction=CORRECTION).pairs[0]
    noise = Noise(folds=5, fold_variance=0.1, seed_variance=2.0, borrowed=0, correction=CORRECTION, level=0.05)
    needed = noise.seeds_to_narrow(1.5)
    assert needed is not None
    assert noise.half_width(needed) <= 1.5 < noise.half_width(needed - 1)
    assert noise.seeds_to_narrow(0.1) is None, "the folds differ by more"
    assert pair.noise.half_width(4) == pytest.approx(pair.difference.half_width)


def test_no_number_of_seeds_makes_up_for_test_rows():
    noise = Noise(folds=5, fold_variance=1.0, seed_variance=2.0, borrowed=0, correction=CORRECTION, level=0.05)
    assert noise.seeds_needed(1.0) is None
    assert noise.seeds_needed(0.0) is None
    on_one_test_set = Noise(folds=1, fold_variance=0.0, seed_variance=2.0, borrowed=0, correction=0.0, level=0.05)
    # the normal approximation 2 (1.96 + 0.8416)²/0.1² = 1570, and a little for Student's t
    assert on_one_test_set.seeds_needed(0.1) == pytest.approx(1572, abs=2)


def test_the_noise_of_a_pair_is_that_of_the_simulation():
    rng = np.random.default_rng(14)
    noises = [compare_scores(simulated(rng, [0, 0], fold_spread=1, shared=0), correction=CORRECTION).pairs[0].noise for _ in range(1000)]
    assert np.mean([noise.fold_variance for noise in noises]) == pytest.approx(2, rel=0.1)
    assert np.mean([noise.seed_variance for noise in noises]) == pytest.approx(2, rel=0.05)
    assert noises[0].level == 0.05


def test_one_seed_does_not_tell_what_more_would_do():
    pair = compare_scores(np.random.default_rng(15).normal(size=(2, 5, 1)), correction=CORRECTION).pairs[0]
    assert pair.noise.seeds_needed(100.0) is None


def test_many_pairs_are_adjusted_by_holm():
    scores = simulated(np.random.default_rng(16), [0, 1, 2])
    samples = scores.mean(axis=2)
    pairs = compare_scores(scores, correction=CORRECTION).pairs
    variances, lent = moderated(np.array([(samples[p.first] - samples[p.second]).var(ddof=1) for p in pairs]), 4, most=2)
    t = [abs(p.difference.mean) / math.sqrt((1 / 5 + CORRECTION) * v) for p, v in zip(pairs, variances, strict=True)]
    assert [p.p for p in pairs] == pytest.approx(holm(2 * stats.t.sf(t, 4 + lent)).tolist(), rel=1e-9)
    assert pairs[0].noise.level == pytest.approx(0.05 / 3)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((2, 5)), r"two or more arms, test folds, seeds"),
        (np.zeros((1, 5, 2)), r"two or more arms"),
        (np.zeros((2, 1, 1)), r"run more seeds"),
        (np.zeros((2, 5, 0)), r"run more seeds"),
        (np.array([[[1.0, 2.0]], [[1.0, math.nan]]]), r"got nan of arm 1, fold 0, seed 1"),
        (np.array([[[1.0, -math.inf]], [[1.0, 2.0]]]), r"got -inf of arm 0, fold 0, seed 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(scores, message):
    with pytest.raises(InputError, match=message):
        compare_scores(scores)


@pytest.mark.parametrize("wrong", [{"correction": -0.1}, {"margin": -1.0}, {"margin": math.nan}])
def test_the_correction_and_the_margin_are_not_negative(wrong):
    with pytest.raises(InputError, match="must be 0 or more"):
        compare_scores(np.zeros((2, 5, 2)), **wrong)
