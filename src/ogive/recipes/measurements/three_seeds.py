"""How often three seeds name a winner that all seeds do not confirm."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab import wording
from ogive.lab.comparison import Comparison
from ogive.lab.figures import LINE, Figure
from ogive.lab.study import Study
from ogive.lab.verdicts import LEVEL
from ogive.panel import Axis, Panel, names
from ogive.recipes.measured import Measured, Table
from ogive.verdict import Verdict

FEW, MOST = 3, 100
"""Seeds of a trial, and of an activation at most: a trial is every three of them."""

THEIRS = (
    ("ReLU", "0.0475", "< 0.0001"),
    ("Swish-1", "0.0023", "0.1973"),
    ("E-Swish (β = 1.75)", "0.1156", "0.9075"),
    ("GELU", "0.0023", "0.4003"),
    ("ELU (α = 1)", "< 0.0001", "< 0.0001"),
    ("RReLU", "0.1691", "< 0.0001"),
)
"""P-values against Mish by 3 and by 23 runs."""

SOURCE = (
    "D. Misra, github.com/digantamisra98/Mish, README, section Significance Level: top-1 accuracy of a SqueezeNet on CIFAR-10, 50 epochs of"
    " Adam. By three runs Mish beats Swish-1 and GELU; by twenty-three it does not."
)


def admit(study: Study) -> None:
    """Refuse what has no pairs, no choice of three seeds, or too many."""
    if len(study.arms) < 2 or not FEW < study.seeds <= MOST:
        raise InputError(
            f"three_seeds looks at two arms or more with {FEW + 1} to {MOST} seeds each, got {wording.counted(len(study.arms), 'arm')}"
            f" and {wording.counted(study.seeds, 'seed')}"
        )


def look(comparison: Comparison) -> Measured:
    """Every choice of three of the seeds as a trial: whom its highest mean names, and which pairs an uncorrected t-test calls different."""
    summary, seeds = comparison.summary, comparison.study.seeds
    pairs = comparison.verdicts.pairs if comparison.verdicts is not None else ()
    trials = np.array(list(combinations(range(seeds), FEW)))
    scores = comparison.scores.transpose(0, 2, 1).reshape(len(comparison.arms), seeds)  # in the order of the seeds
    shares = _shares_of_wins(scores[:, trials].mean(2))
    named = {result.arm.name: float(share) for result, share in zip(comparison.arms, shares, strict=True)}
    unconfirmed = np.zeros(len(trials), bool)
    for pair in pairs:
        if pair.verdict not in ("better", "worse"):
            unconfirmed |= _declared(scores[pair.first] - scores[pair.second], trials)
    favourite = max(named, key=lambda name: named[name])
    best = [row.name for row in summary.rows if row.rank == 1]
    told = (
        Verdict("name {winner}", winner=best[0]) if len(best) == 1 else Verdict("name no winner ({these} are not told apart)", these=best)
    )
    lost = 1 - (named[best[0]] if len(best) == 1 else 0)
    return Measured(
        (
            Table(
                f"{len(trials):,} trials of three seeds",
                ("activation", f"{wording.heading(summary.metric)}, {seeds} seeds", "rank", "group", "named best by three seeds"),
                tuple(
                    (row.name, wording.estimate(summary.metric, row.score), row.rank, row.letters, f"{100 * named[row.name]:.1f}%")
                    for row in summary.rows
                ),
                "Arms that share a letter are not told apart by all seeds.",
            ),
            Table("The same in print", ("against Mish", "P, 3 runs", "P, 23 runs"), THEIRS, SOURCE),
        ),
        (_figure({row.name: 100 * named[row.name] for row in summary.rows}),),
        (
            Verdict(
                "All {seeds} seeds {told}; {lost} of the trials of three seeds name a winner that they do not confirm.",
                seeds=str(seeds),
                told=told,
                lost=wording.share(lost),
            ),
            Verdict(
                "Three seeds name {count} different winners, {favourite} most often: in {share} of the trials.",
                count=str(sum(share > 0 for share in named.values())),
                favourite=favourite,
                share=wording.share(named[favourite]),
            ),
            Verdict(
                "In {share} of the trials a t-test at {level}, not corrected for {pairs}, tells activations apart that {seeds} seeds"
                " do not.",
                share=wording.share(float(unconfirmed.mean())),
                level=f"{LEVEL:.0%}",
                pairs=Verdict("{count} pair" if len(pairs) == 1 else "{count} pairs", count=str(len(pairs))),
                seeds=str(seeds),
            ),
        ),
    )


def _shares_of_wins(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each arm has the highest mean, ``(arm, trial)``; equals share the trial."""
    best = means == means.max(0)
    return np.asarray((best / best.sum(0)).mean(1))


def _declared(differences: NDArray[np.float64], trials: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The trials in which a paired t-test calls the two arms different."""
    from scipy.special import stdtrit

    own = differences[trials]
    critical = float(stdtrit(FEW - 1, 1 - LEVEL / 2))
    return np.asarray(np.abs(own.mean(1)) * np.sqrt(FEW) > critical * own.std(1, ddof=1))


def _figure(named: dict[str, float]) -> Figure:
    """A bar for each arm, in the order of all seeds."""
    about = "how often three seeds name each best: " + "; ".join(f"{arm} {percent:.1f}%" for arm, percent in named.items())
    x = Axis(0, 1.05 * max(named.values()), label="trials that name it best, %")
    panel = Panel(about, x, names(list(named)), width=330, height=LINE * len(named))
    for place, (arm, percent) in enumerate(named.items()):
        panel.line([0, percent], [place, place], "bar c1", f"{arm}: {percent:.1f}%")
    return Figure("Whom three seeds name best; the order is that of all seeds.", (panel,))
