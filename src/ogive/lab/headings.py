"""The columns of the table: a heading, what it means, and how each row's cell is written. A new column is one entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ogive.lab import wording
from ogive.lab.factors import RECOMMENDED
from ogive.lab.summary import Row, Summary
from ogive.lab.task import Metric

VERDICT_MARKS = {"better": "better", "worse": "worse", "equivalent": "≈", "not told apart": "?"}
"""How a cell says it."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    worth
        Where a terminal is too narrow, the columns of least worth are left out.
    text
        Whether its cells are words, which stand to the left.
    """

    heading: str
    meaning: str
    cell: Callable[[Row], str]
    worth: int
    text: bool = False


def columns(summary: Summary) -> tuple[Column, ...]:
    """The columns of a comparison's table."""
    metric, *others = summary.outcome.dataset.task.metrics
    names = ", ".join(summary.varied)
    found = [
        Column("rank", "1 + the number of arms shown to be better; arms that were not told apart from the best share rank 1.", _rank, 9),
        Column("group", "arms with a letter in common were not told apart.", lambda row: row.letters, 7, text=True),
        Column(names, "the arms.", lambda row: row.name, 10, text=True),
        Column(wording.heading(metric), _meaning_of_score(summary), lambda row: wording.estimate(metric, row.score), 10),
        Column("to the best", _meaning_of_gap(summary), lambda row: _gap(metric, row), 8, text=True),
        Column(
            "valid.",
            f"{wording.heading(metric)} on the validation rows of the same networks.",
            lambda row: wording.plain(metric, row.validation),
            5,
        ),
        *(_other(each) for each in others),
        Column("rate", _meaning_of_rate(summary), _rates, 6),
        Column(
            "dead", "hidden units with slope 0 on every row that was looked at, after training.", lambda row: wording.share(row.dead), 4
        ),
        Column(
            "sat.",
            "hidden units in their flat part on over half of the rows; – where the function is not flat on both sides.",
            lambda row: wording.share(row.saturated),
            3,
        ),
        Column(
            "grad.",
            "gradient norm of the first layer's weights against the last's, geometric mean over the first epoch.",
            lambda row: wording.number(row.gradient_ratio, ".2g"),
            3,
        ),
        Column(
            "div.",
            "networks that ended with a training loss no better than that of the best constant, or no number; they count in every mean with"
            " what they reached.",
            lambda row: f"{row.diverged}/{row.networks}",
            6,
        ),
        Column("init", "initialiser of the hidden layers.", _initializers, 1, text=True),
        Column("time", "to train one network, as its share of what trained beside it.", lambda row: wording.duration(row.seconds), 2),
    ]
    return tuple(column for column in found if column.heading != "init" or _initializers_differ(summary))


def legend(summary: Summary) -> list[tuple[str, str]]:
    """Each heading that needs words, and what it means."""
    return [(column.heading, column.meaning) for column in columns(summary) if column.meaning != "the arms."]


def _rank(row: Row) -> str:
    return str(row.rank)


def _gap(metric: Metric, row: Row) -> str:
    if row.gap is None:
        return "best"
    return f"{wording.difference(metric, row.gap.difference)} {VERDICT_MARKS[row.gap.verdict]}"


def _other(metric: Metric) -> Column:
    return Column(wording.heading(metric), f"{metric.meaning}.", lambda row: wording.plain(metric, row.metrics[metric.name]), 4)


def _initializers(row: Row) -> str:
    return row.result.arm.hidden_initializers or "–"


def _initializers_differ(summary: Summary) -> bool:
    """Whether the rows say more by it than by their names."""
    arms = [result.arm for result in summary.outcome.arms]
    return any(RECOMMENDED in arm.level("initializer") for arm in arms) and len({arm.hidden_initializers for arm in arms}) > 1


def _rates(row: Row) -> str:
    """The rate, or the lowest and the highest where the test folds chose different ones."""
    chosen = sorted(set(row.result.rates.values()))
    text = "–".join(wording.rate(rate) for rate in dict.fromkeys((chosen[0], chosen[-1])))
    tuning = row.result.tuning
    return f"{text}*" if tuning and any(tuning.is_end(rate, fold) for fold, rate in row.result.rates.items()) else text


def _meaning_of_score(summary: Summary) -> str:
    study = summary.outcome.study
    start = (
        f"mean of {wording.counted(study.seeds, 'network')} on test rows that tuning never saw, ± 95% interval, or [its ends] where the"
        " metric's range cuts it (Student's t"
    )
    if study.official_test:
        return f"{start} over the seeds): it covers another seed, not another test set."
    return f"{start} over {study.test_parts} test folds, Nadeau and Bengio's correction): it covers another seed and another test set."


def _meaning_of_gap(summary: Summary) -> str:
    metric, study = summary.metric, summary.outcome.study
    margin = f"{wording.bare(metric, study.margin)}{wording.difference_unit(metric)}"
    unit = ", in percentage points" if metric.percent else ""
    equivalent = f" ≈ is equivalent: the difference is smaller than {margin};" if study.margin else ""
    pairs = len(summary.verdicts.pairs)
    corrected = f", corrected for all {pairs} pairs (Holm)," if pairs > 1 else ""
    return (
        f"mean paired difference to the best arm ± 95% interval{unit}; worse or better only where a paired test{corrected} says so at"
        f" 5%;{equivalent} ? is not told apart."
    )


def _meaning_of_rate(summary: Summary) -> str:
    if all(result.tuning is None for result in summary.outcome.arms):
        return "learning rate, as given."
    fold = "" if summary.outcome.study.official_test else " (lowest–highest over the test folds)"
    return f"learning rate in the middle of those that validate best{fold}; * = an end of what was tried, so a better one may lie beyond."
