"""Which arms are better, which are equal for all practical purposes, which the runs cannot tell apart, and what it would take.

Scores are of (arms, test folds, seeds). The seeds of a fold are averaged first: they share its test rows, so that they are not as many
independent looks at it; what is left is a number for each arm and fold, and the differences of two arms' numbers are tested with Nadeau
and Bengio's correction. With one official test set the seeds themselves are the sample.

Five folds say little about the spread of a difference, and twelve arms have 66 pairs to be right about at once. So the pairs lend each
other what they know: each variance is drawn towards that of a typical pair, the more the more alike the pairs are (Smyth's moderated t).
benchmarks/results/calibration.md has how often equal arms are told apart, and how many unequal ones, by this test and by others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ogive.errors import InputError
from ogive.lab.noise import Noise, Numbers, moderated
from ogive.lab.statistics import CONFIDENCE, Estimate, Groups, groups, holm, letters, mean_interval, smallest_deviation

LEVEL = 0.05
Verdict = Literal["better", "worse", "equivalent", "not told apart"]


@dataclass(frozen=True)
class Pair:
    """What is known of the difference of two arms, the first minus the second.

    Attributes
    ----------
    first, second
        Numbers of the arms.
    difference
        Mean difference with its interval, for this pair alone (not adjusted for how many pairs there are).
    median
        Of the differences of single runs: far from the mean where one run collapsed.
    won
        Share of the runs in which the first arm scored higher, equal scores as half.
    p
        Of the paired test, Holm-adjusted over all pairs.
    probability
        That the first arm's true mean is higher: the posterior of the correlated Bayesian t-test [3]_, which is the same Student's t.
    effect
        Hedges' g: mean difference over the standard deviation of single runs' differences, corrected for a small sample; not a number for
        two runs.
    equivalent
        Whether the difference lies within ± the margin (two one-sided tests, Holm-adjusted over all pairs).
    verdict
        Of the first arm: "better" or "worse" where p is at most the level, else "equivalent" where it is, else "not told apart".
    noise
        What the power of the test depends on: ``noise.seeds_needed(0.005)``.
    """

    first: int
    second: int
    difference: Estimate
    median: float
    won: float
    p: float
    probability: float
    effect: float
    equivalent: bool
    verdict: Verdict
    noise: Noise


@dataclass(frozen=True)
class Verdicts:
    """What the runs say about the arms.

    Attributes
    ----------
    means
        Of each arm, with an interval that covers another seed and, where test folds rotate, another test set.
    pairs
        Of each two arms, first < second.
    """

    means: tuple[Estimate, ...]
    pairs: tuple[Pair, ...]

    @property
    def best_first(self) -> tuple[int, ...]:
        """The arms by mean, highest first."""
        return tuple(sorted(range(len(self.means)), key=lambda arm: -self.means[arm].mean))

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """1 + the number of arms shown to be better, of each arm: arms that cannot be told apart from the best share rank 1."""
        beaten = [pair.second if pair.verdict == "better" else pair.first for pair in self.pairs if pair.verdict in ("better", "worse")]
        return tuple(1 + beaten.count(arm) for arm in range(len(self.means)))

    @cached_property
    def groups(self) -> Groups:
        """The largest sets of arms of which no two were told apart, best first."""
        place = {arm: i for i, arm in enumerate(self.best_first)}
        apart = [(place[pair.first], place[pair.second]) for pair in self.pairs if pair.verdict in ("better", "worse")]
        return tuple(tuple(self.best_first[i] for i in group) for group in groups(len(self.means), apart))

    @property
    def letters(self) -> tuple[str, ...]:
        """The groups of each arm as letters: arms with a letter in common were not told apart."""
        return letters(len(self.means), self.groups)


def compare_scores(
    scores: ArrayLike, *, correction: float = 0.0, margin: float = 0.0, resolution: float = 0.0, level: float = LEVEL
) -> Verdicts:
    """Compare arms by the scores of their runs, every arm on the same test folds and seeds.

    Parameters
    ----------
    scores
        (arms, test folds, seeds), finite, higher is better; one fold where all runs have one official test set. Runs of different folds
        have to have different random numbers; the arms may share theirs.
    correction
        Rows of a test fold over rows trained on [1]_, 0 with one official test set: then the verdicts are about that test set.
    margin
        The difference that does not matter, in units of the score; 0 calls no arms equivalent.
    resolution
        The smallest difference that two scores of a fold can have, such as one of its rows; 0 where there is none. No interval is narrower
        than if one score were that far off: few rows that are all right do not make two arms equivalent.
    level
        The chance of declaring any difference between arms that are all equal.

    Notes
    -----
    For n folds (seeds of one official test set) a pair's statistic is mean / √((1/n + correction) ŝ²), with ŝ² = (d₀ s₀² + (n - 1) s²) /
    (d₀ + n - 1) and d₀ + n - 1 degrees of freedom [2]_. The typical variance s₀² and the degrees of freedom d₀ that it is worth come from
    the spread of all pairs' s²; d₀ is at most half of the degrees of freedom that the other arms have. Two arms have no others: d₀ = 0.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003. Bouckaert and Frank, "Evaluating the
       replicability of significance tests for comparing learning algorithms", PAKDD 2004, use it for folds that are drawn anew for each
       repetition.
    .. [2] Smyth, "Linear models and empirical Bayes methods for assessing differential expression in microarray experiments", Statistical
       Applications in Genetics and Molecular Biology 3, 2004.
    .. [3] Benavoli, Corani, Demšar and Zaffalon, "Time for a change: a tutorial for comparing multiple classifiers through Bayesian
       analysis", Journal of Machine Learning Research 18, 2017.

    Examples
    --------
    >>> verdicts = compare_scores([[[0.91, 0.92, 0.93, 0.94]], [[0.81, 0.83, 0.82, 0.84]]])
    >>> verdicts.pairs[0].verdict, verdicts.ranks, verdicts.letters
    ('better', (1, 2), ('a', 'b'))
    """
    from scipy.special import stdtr, stdtrit

    runs = np.asarray(scores, np.float64)
    _check(runs, correction, margin)
    arms, folds, seeds = runs.shape
    samples = runs.mean(axis=2) if folds > 1 else runs[:, 0]
    size = samples.shape[1]
    first, second = np.triu_indices(arms, 1)
    single = runs[first] - runs[second]
    differences = samples[first] - samples[second]
    means = differences.mean(axis=1)
    rounding = 8 * np.finfo(float).eps * np.abs(runs).max()
    spread = differences.std(axis=1, ddof=1)
    own = np.where(spread > rounding, spread, 0.0) ** 2
    # Half of what the other arms have: their pairs are not independent, and how alike they are is itself an estimate.
    variances, borrowed = moderated(own, size - 1, most=(arms - 2) * (size - 1) / 2)
    df = size - 1 + borrowed
    variances = np.maximum(variances, smallest_deviation(resolution, size) ** 2)
    errors = np.sqrt((1 / size + correction) * variances)
    errors = np.where(own == 0, np.maximum(errors, _error_of_a_constant(means, size, df)), errors)

    below = stdtr(df, _ratio(-means, errors))  # the posterior probability that the difference is negative
    p = holm(2 * np.minimum(below, stdtr(df, _ratio(means, errors))))
    outside = holm(np.maximum(stdtr(df, _ratio(-margin - means, errors)), stdtr(df, _ratio(means - margin, errors))))
    equivalent = (outside <= level) & (margin > 0)
    seed_variances = single.var(axis=2, ddof=1).mean(axis=1) if seeds > 1 else np.full(len(first), math.nan)
    fold_variances = np.fmax(0, variances - np.nan_to_num(seed_variances) / seeds) if folds > 1 else np.zeros(len(first))
    runs_apart = single.reshape(len(first), -1)
    deviations = runs_apart.std(axis=1, ddof=1)
    effects = _ratio(means, np.where(deviations > rounding, deviations, 0))
    effects *= 1 - 3 / (4 * runs_apart.shape[1] - 5) if runs_apart.shape[1] > 2 else math.nan
    reach = float(stdtrit(df, (1 + CONFIDENCE) / 2)) * errors
    medians = np.median(runs_apart, axis=1)
    won = np.mean((np.sign(runs_apart) + 1) / 2, axis=1)
    pairs = tuple(
        Pair(
            first=int(first[i]),
            second=int(second[i]),
            difference=Estimate(float(means[i]), float(means[i] - reach[i]), float(means[i] + reach[i])),
            median=float(medians[i]),
            won=float(won[i]),
            p=float(p[i]),
            probability=1 - float(below[i]),
            effect=float(effects[i]),
            equivalent=bool(equivalent[i]),
            verdict=_verdict(float(means[i]), bool(p[i] <= level), bool(equivalent[i])),
            noise=Noise(
                folds=folds,
                fold_variance=float(fold_variances[i]),
                seed_variance=float(seed_variances[i] if folds > 1 else variances[i]),
                borrowed=borrowed,
                correction=correction,
                level=level / len(first),
            ),
        )
        for i in range(len(first))
    )
    return Verdicts(tuple(mean_interval(sample, correction=correction, resolution=resolution) for sample in samples), pairs)


def _error_of_a_constant(means: Numbers, size: int, df: float) -> Numbers:
    """The standard error with which Student's t says of a constant difference what the sign test does: size equal signs, p = 2^(1 - size).

    Scores are counts of rows, so a few can differ by the same number by chance: that they do does not make them certain.
    """
    from scipy.special import stdtrit

    return np.abs(means) / float(stdtrit(df, 1 - 0.5**size))


def _ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Their quotient, 0 for 0/0: no difference and no spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numerator == 0, 0.0, numerator / denominator)


def _verdict(mean: float, apart: bool, equivalent: bool) -> Verdict:
    if apart:
        return "better" if mean > 0 else "worse"
    return "equivalent" if equivalent else "not told apart"


def _check(runs: Numbers, correction: float, margin: float) -> None:
    if runs.ndim != 3 or len(runs) < 2:
        raise InputError(f"scores must be of (two or more arms, test folds, seeds), got shape {runs.shape}")
    if runs.shape[1] == 0 or runs.shape[2] < (2 if runs.shape[1] == 1 else 1):
        raise InputError(f"scores must be of two or more test folds, or of two or more seeds, got shape {runs.shape}; run more seeds")
    if not np.isfinite(runs).all():
        arm, fold, seed = np.argwhere(~np.isfinite(runs))[0]
        raise InputError(
            f"scores must be finite, got {runs[arm, fold, seed]} of arm {arm}, fold {fold}, seed {seed}; give it the worst score"
        )
    if not (0 <= correction < math.inf and 0 <= margin < math.inf):
        raise InputError(f"correction and margin must be 0 or more, got {correction} and {margin}")
