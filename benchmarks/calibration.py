"""Are the verdicts right as often as they say? Studies of which the truth is known; writes results/calibration.md.

A study of arms that are all equal (A/A) declares a difference at most one time in twenty. Adding a known difference to the scores of the
first arm makes an A/B study of the same runs: the share of these that tell it from another arm is the power, beside what `Noise.power`
predicts from the spread of the scores. A source of studies is a function from a study's seed to scores (arms, folds, seeds).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.stats import binomtest, t

import ogive
from ogive.lab.arms import cross
from ogive.lab.data import load
from ogive.lab.member import Piece, Stream
from ogive.lab.noise import Noise
from ogive.lab.problem import Problem
from ogive.lab.splits import FOLDS, fold
from ogive.lab.statistics import holm
from ogive.lab.training import train
from ogive.lab.verdicts import LEVEL, compare_scores

RESULTS = Path(__file__).parent / "results" / "calibration.md"
CORRECTION = 1 / 3  # of five folds one is for testing, one for validation, three for training
DIFFERENCES = (0.5, 1.0, 1.5, 2.0)  # in standard deviations of one run
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """Where the scores of equal arms come from: ``scores(study)`` is of (arms, folds, seeds), in standard deviations of a single run."""

    name: str
    studies: int
    correction: float
    scores: Callable[[int], Scores]


def simulated(arms: int, folds: int, seeds: int, fold_spread: float = 0.0, shared: float = 0.0) -> Source:
    """Equal arms with normal noise in each run and, where `fold_spread` is not 0, in each fold.

    Parameters
    ----------
    fold_spread
        How far an arm's true scores scatter over the folds, beside a standard deviation of 1 of single runs.
    shared
        The correlation of two folds: what Nadeau and Bengio's correction is for. 1/4 is what a correction of 1/3 assumes.
    """

    def scores(study: int) -> Scores:
        rng = np.random.default_rng(study)
        own = (1 - shared) ** 0.5 * rng.normal(size=(arms, folds, 1)) + shared**0.5 * rng.normal(size=(arms, 1, 1))
        difficulty = 3 * rng.normal(size=(1, folds, 1))
        return difficulty + fold_spread * own + rng.normal(size=(arms, folds, seeds))

    fold_noise = f", folds {fold_spread:g} (correlation {shared:g})" if fold_spread else ""
    name = f"{arms} arms, {f'{folds} folds' if folds > 1 else 'one test set'}, {seeds} seeds{fold_noise}"
    return Source(name, 1000, CORRECTION if folds > 1 else 0.0, scores)


def trained(data: str, arms: int, seeds: int) -> Source:
    """Networks that differ in nothing but their draws, trained on small data; every study deals its rows into other folds.

    The scores are divided by the standard deviation of a single run about the mean of its fold, over all studies.
    """
    dataset = load(data)
    arm = cross({"activations": "relu", "hidden": "8", "learning_rates": 0.05}, dataset.task, epochs=15)[0]
    studies = 200

    def accuracies(study: int) -> Scores:
        order = np.random.default_rng(study).permutation(len(dataset))
        shuffled = replace(dataset, numeric=dataset.numeric[order], target=dataset.target[order])
        cells = [(test, (test + 1) % FOLDS) for _ in range(arms * seeds) for test in range(FOLDS)]
        streams = tuple(Stream("final", study * len(cells) + number, *folds) for number, folds in enumerate(cells))
        piece = Piece(arm.setup, ((arm.variant(0.05),) * len(streams),), streams)
        networks = train(Problem(shuffled, fold(shuffled)), piece, lambda _: None)
        found = np.array([network.metrics["test"]["accuracy"] for network in networks])
        return found.reshape(arms, seeds, FOLDS).transpose(0, 2, 1)

    @cache
    def all_studies() -> Scores:
        found = np.array([accuracies(study) for study in range(studies)])
        return np.asarray(found / np.sqrt(found.var(axis=3, ddof=1).mean()))

    name = f"{arms} arms trained on {data}, {FOLDS} folds, {seeds} seeds"
    return Source(name, studies, CORRECTION, lambda study: all_studies()[study])


SOURCES = [
    *(trained(data, arms, 4) for data in ("wine", "iris") for arms in (2, 6)),
    *(simulated(arms, 5, seeds) for arms in (2, 4, 12) for seeds in (2, 4)),
    *(simulated(arms, 5, 4, fold_spread, shared) for arms in (2, 4, 12) for fold_spread, shared in ((0.4, 0.0), (0.4, 0.25), (1.0, 0.25))),
    *(simulated(arms, 1, 10) for arms in (2, 4, 12)),
]


def predicted(studies: list[Scores], borrowed: float, correction: float) -> Noise:
    """The noise of a difference of two arms, from the spread that all studies have together."""
    d = np.stack([scores[0] - scores[1] for scores in studies])
    _, folds, seeds = d.shape
    arms = len(studies[0])
    of_seeds = float(d.var(axis=2, ddof=1).mean())
    of_folds = max(0.0, float(d.mean(axis=2).var(axis=1, ddof=1).mean()) - of_seeds / seeds) if folds > 1 else 0.0
    return Noise(folds, of_folds, of_seeds, borrowed, correction, LEVEL / (arms * (arms - 1) / 2))


def measure(source: Source) -> str:
    """The source's row of the table."""
    studies = [source.scores(study) for study in range(source.studies)]
    equal = [compare_scores(scores, correction=source.correction) for scores in studies]
    alarms = sum(max(verdicts.ranks) > 1 for verdicts in equal)
    interval = binomtest(alarms, len(studies)).proportion_ci(method="wilson")
    noise = predicted(studies, float(np.mean([verdicts.pairs[0].noise.borrowed for verdicts in equal])), source.correction)
    cells = [f"{alarms / len(studies):.1%} ({interval.low:.1%} to {interval.high:.1%})"]
    for difference in DIFFERENCES:
        told = 0
        for scores in studies:
            first_better = scores.copy()
            first_better[0] += difference
            told += compare_scores(first_better, correction=source.correction).pairs[0].verdict == "better"
        cells.append(f"{told / len(studies):.0%} ({noise.power(difference, studies[0].shape[2]):.0%})")
    return f"| {source.name} | {len(studies)} | {' | '.join(cells)} |"


def pair_tests(scores: Scores) -> dict[str, NDArray[np.float64]]:
    """Adjusted p-values of all pairs by the tests that were to choose from."""
    first, second = np.triu_indices(len(scores), 1)
    d = scores[first] - scores[second]
    found = {"`compare_scores`": np.array([pair.p for pair in compare_scores(scores, correction=CORRECTION).pairs])}
    samples = {"fold means, nothing lent": d.mean(axis=2), "folds × seeds values as so many folds": d.reshape(len(d), -1)}
    for name, sample in samples.items():
        size = sample.shape[1]
        statistic = sample.mean(axis=1) / np.sqrt((1 / size + CORRECTION) * sample.var(axis=1, ddof=1))
        found[name] = holm(2 * t.sf(np.abs(statistic), size - 1))
    return found


def alternatives() -> list[str]:
    """Rows of the second table: false alarms where all are equal, and pairs told apart where the arms' means are from 0 to 6."""
    rows: dict[str, list[str]] = {}
    for fold_spread in (0.4, 2.0):
        source = simulated(12, 5, 4, fold_spread, 0.25)
        for better, told in ((0.0, np.any), (6.0, np.mean)):
            means = np.linspace(0, better, 12).reshape(-1, 1, 1)
            studies = [pair_tests(source.scores(study) + means) for study in range(source.studies // 2)]
            for name in studies[0]:
                rows.setdefault(name, []).append(f"{np.mean([told(study[name] <= LEVEL) for study in studies]):.1%}")
    return [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]


def table(rows: list[str], others: list[str]) -> str:
    """The page that is written."""
    heads = ["studies", "number", "equal arms told apart (95% interval)", *(f"power at {difference:g}" for difference in DIFFERENCES)]
    return f"""# How often the verdicts are right

Generated by `python benchmarks/calibration.py`. ogive {ogive.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}.

Equal arms: the share of studies that tell any two arms apart; at most {LEVEL:.0%} are wanted. Power: the share of studies that tell an
arm that is better by so many standard deviations of a single run from one other arm, and in brackets what `Noise.power` predicts. With
several pairs the prediction is for the smallest level that Holm's procedure uses, so that the measured power may be above it. With
correlated folds it is rough, since no study can see their correlation: too low where an arm scatters over the folds as much as over
single runs (folds 1), and a little too low or too high where it scatters less (folds 0.4).

| {" | ".join(heads)} |
|{" --- |" * len(heads)}
{chr(10).join(rows)}

## Beside other tests

12 arms, 5 folds, 4 seeds; Nadeau and Bengio's correction and Holm's procedure in each. The arms' true scores scatter over the folds by
0.4 or 2 standard deviations of a single run (correlation 1/4). Equal: the share of studies that tell any arms apart. Unequal: the arms'
means go from 0 to 6 in equal steps, and the share of pairs told apart.

| test | equal, 0.4 | unequal, 0.4 | equal, 2 | unequal, 2 |
| --- | --- | --- | --- | --- |
{chr(10).join(others)}
"""


if __name__ == "__main__":
    RESULTS.write_text(table([measure(source) for source in SOURCES], alternatives()))
