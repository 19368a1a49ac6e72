"""What a few runs say about all the runs there could have been: means, intervals, families of tests, groups, ranks over data sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from string import ascii_letters

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ogive.errors import InputError

CONFIDENCE = 0.95
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Estimate:
    """A mean and the ends of its confidence interval."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def mean_interval(values: ArrayLike, *, correction: float = 0.0, resolution: float = 0.0, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of some values with its Student-t interval.

    Parameters
    ----------
    values
        At least two finite numbers, one for each run, or one for each test fold.
    correction
        Rows of a test fold over rows trained on, where each value has another test fold: training rows that the folds share make their
        scores alike, and the variance of the mean is (1/n + correction) s² rather than s²/n [1]_. 0 for independent values.
    resolution
        The smallest difference that two values can have, such as one row of a test fold. Equal values are taken to vary as if one
        of them were that far off: that none was does not make the next certain.
    confidence
        The share of such intervals that hold the true mean, where the values are near normal.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    Examples
    --------
    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> interval.mean, round(interval.low, 6), round(interval.high, 6)
    (2.0, -0.484138, 4.484138)
    """
    from scipy.special import stdtrit

    sample = np.asarray(values, np.float64)
    if sample.ndim != 1 or len(sample) < 2 or not np.isfinite(sample).all():
        raise InputError(f"values must be at least two finite numbers, got {sample.tolist()}; run more seeds")
    mean = float(sample.mean())
    deviation = max(float(sample.std(ddof=1)), smallest_deviation(resolution, len(sample)))
    reach = float(stdtrit(len(sample) - 1, (1 + confidence) / 2)) * (1 / len(sample) + correction) ** 0.5 * deviation
    return Estimate(mean, mean - reach, mean + reach)


def smallest_deviation(resolution: float, size: int) -> float:
    """The standard deviation of so many values, all equal but one, which is a `resolution` off."""
    return float(resolution / size**0.5)


def geometric_mean(values: ArrayLike) -> float:
    """The mean of ratios: 10 and 1/10 balance to 1.

    >>> round(geometric_mean([10.0, 0.1]), 12)
    1.0
    """
    with np.errstate(divide="ignore"):  # a ratio of 0 makes the mean 0
        return float(np.exp(np.mean(np.log(values))))


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """The p-values of a family of tests, adjusted so that any is wrongly below a level no more often than the level says.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def groups(members: int, apart: Iterable[tuple[int, int]]) -> Groups:
    """The largest sets of members of which no two are told apart: a member may be in several.

    Insert and absorb: begin with one group of all; every pair that is told apart splits the groups that hold both; what lies within
    another group is dropped.

    Parameters
    ----------
    members
        How many there are; they are numbered from 0, best first.
    apart
        The pairs that are told apart.

    References
    ----------
    Piepho, "An algorithm for a letter-based representation of all-pairwise comparisons", Journal of Computational and Graphical
    Statistics 13, 2004.

    Examples
    --------
    >>> groups(3, [(0, 2)])
    ((0, 1), (1, 2))
    """
    found = {frozenset(range(members))}
    for pair in apart:
        split = {group - {member} if group.issuperset(pair) else group for group in found for member in pair}
        found = {group for group in split if not any(group < other for other in split)}
    return tuple(sorted(tuple(sorted(group)) for group in found))


def letters(members: int, of: Groups) -> tuple[str, ...]:
    """A compact letter display: each member's groups as letters, so that two members with a letter in common are not told apart.

    >>> letters(3, ((0, 1), (1, 2)))
    ('a', 'ab', 'b')
    """
    alphabet = ascii_letters + "".join(map(chr, range(0x100, 0x100 + max(0, len(of) - len(ascii_letters)))))
    return tuple("".join(letter for letter, group in zip(alphabet, of, strict=False) if member in group) for member in range(members))


@dataclass(frozen=True)
class RankComparison:
    """How arms rank over several data sets.

    Attributes
    ----------
    average_ranks
        Of each arm, 1 where it is best on every data set; equal scores share the mean of their ranks.
    p
        Of the hypothesis that all arms are equal (Friedman's test in Iman and Davenport's form).
    pair_p
        (arms, arms), Wilcoxon's signed-rank test of each pair, Holm-adjusted over the pairs; 1 on the diagonal.
    groups
        The sets of arms of which no two are told apart; arms by number, best average rank first.
    """

    average_ranks: tuple[float, ...]
    p: float
    pair_p: NDArray[np.float64]
    groups: Groups


def critical_difference(scores: ArrayLike, *, level: float = 0.05) -> RankComparison:
    """Compare arms over several data sets by their ranks, as a critical-difference diagram shows it.

    The pairs are told apart by Wilcoxon's test of their own scores: with the difference of average ranks (Nemenyi's test) the answer about
    two arms would depend on which others take part [2]_. Nothing is told apart where Friedman's test does not reject. Few data sets can
    tell nothing apart: two arms take 6, and the 66 pairs of twelve arms 12.

    Parameters
    ----------
    scores
        (arms, data sets), higher is better; on each data set the mean over its runs.
    level
        The chance of telling any two equal arms apart.

    References
    ----------
    .. [1] Demšar, "Statistical comparisons of classifiers over multiple data sets", Journal of Machine Learning Research 7, 2006.
    .. [2] Benavoli, Corani and Mangili, "Should we really use post-hoc tests based on mean-ranks?", Journal of Machine Learning
       Research 17, 2016.

    Examples
    --------
    >>> comparison = critical_difference([[0.9, 0.8, 0.7, 0.9, 0.8, 0.7], [0.8, 0.6, 0.4, 0.79, 0.59, 0.39]])
    >>> comparison.average_ranks, round(float(comparison.pair_p[0, 1]), 5), comparison.groups
    ((1.0, 2.0), 0.03125, ((0,), (1,)))
    """
    from scipy.special import fdtrc
    from scipy.stats import rankdata

    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise InputError(f"scores must be finite numbers of at least two arms on at least two data sets, got shape {table.shape}")
    arms, sets = table.shape
    ranks = rankdata(-table, axis=0)
    average = ranks.mean(axis=1)
    between = sets * float(((average - (arms + 1) / 2) ** 2).sum())
    within = float(((ranks - (arms + 1) / 2) ** 2).sum()) - between
    # The F of a two-way analysis of variance of the ranks is Iman and Davenport's statistic, and right with ties too.
    p = float(fdtrc(arms - 1, (arms - 1) * (sets - 1), (sets - 1) * between / within)) if within > 0 else float(between == 0)
    first, second = np.triu_indices(arms, 1)
    adjusted = holm([_wilcoxon(table[i] - table[j]) for i, j in zip(first, second, strict=True)])
    pair_p = np.ones((arms, arms))
    pair_p[first, second] = pair_p[second, first] = adjusted
    best_first = np.argsort(average, kind="stable")
    apart = [(i, j) for i, j in combinations(range(arms), 2) if p <= level and pair_p[best_first[i], best_first[j]] <= level]
    named = tuple(tuple(int(best_first[member]) for member in group) for group in groups(arms, apart))
    return RankComparison(tuple(average.tolist()), p, pair_p, named)


def _wilcoxon(differences: NDArray[np.float64]) -> float:
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences).pvalue) if differences.any() else 1.0
