"""The table's rows: shared ranks, differences to the best seen from the arm, every metric in its own unit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from outcomes import outcome

from ogive.lab import wording
from ogive.lab.findings import findings
from ogive.lab.headings import columns, legend
from ogive.lab.methods import paragraph
from ogive.lab.summary import summarise

MANY = ["relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softsign"]


def cell(summary, name, heading):
    row = next(row for row in summary.rows if row.name == name)
    return next(column for column in columns(summary) if column.heading == heading).cell(row)


def test_arms_that_are_not_told_apart_share_a_rank_and_a_letter():
    summary = summarise(outcome(gaps={"sigmoid": 0.03}))
    assert [(row.rank, row.letters) for row in summary.rows] == [(1, "a"), (1, "a"), (3, "b")]
    assert summary.rows[-1].name == "sigmoid"


def test_rows_are_in_the_order_of_their_ranks_and_within_a_rank_of_their_means():
    rows = summarise(outcome(MANY, gaps={"relu": 0.01, "gelu": 0.02, "tanh": 0.005})).rows
    assert [(row.rank, -row.score.mean) for row in rows] == sorted((row.rank, -row.score.mean) for row in rows)
    assert rows[0].gap is None
    assert len({row.rank for row in rows}) > 2


def test_the_difference_to_the_best_is_that_of_the_paired_runs():
    found = outcome(MANY, gaps={"relu": 0.01})
    summary = summarise(found)
    scores = {result.arm.name: result.values("accuracy") for result in found.arms}
    for row in summary.rows[1:]:
        expected = np.mean(scores[row.name] - scores[summary.rows[0].name])
        assert row.gap.difference.mean == pytest.approx(expected, abs=1e-12)
        assert row.gap.difference.low < expected < row.gap.difference.high
        assert row.gap.verdict != "better"
        assert row.gap.probability < 0.5
    assert cell(summary, "relu", "to the best").endswith(" worse")
    assert cell(summary, summary.rows[0].name, "to the best") == "best"


def test_a_metric_where_less_is_better_turns_ranks_not_values():
    """The errors of the best arm are the smallest, and a worse arm's difference is positive."""
    found = outcome(gaps={"sigmoid": 0.03})
    accuracy = found.dataset.task.metrics[0]
    task = found.dataset.task
    errors = replace(accuracy, higher_is_better=False)

    class Turned(type(task)):
        metrics = (errors, *task.metrics[1:])

    summary = summarise(replace(found, dataset=replace(found.dataset, task=Turned(task.classes))))
    assert summary.rows[0].name == "sigmoid"
    assert summary.rows[0].score.mean == pytest.approx(found.arms[2].values("accuracy").mean())
    assert all(row.gap.difference.low > 0 for row in summary.rows[1:])
    assert "sigmoid is better than every other arm." in findings(summary)


def test_one_arm_has_an_interval_and_nothing_to_be_compared_with():
    [row] = summarise(outcome(["relu"])).rows
    assert (row.rank, row.letters, row.gap) == (1, "a", None)
    assert row.score.low < row.score.mean < row.score.high


def test_a_collapsed_run_counts_with_what_it_reached():
    summary = summarise(outcome(collapsed={"tanh": 2}))
    row = next(row for row in summary.rows if row.name == "tanh")
    assert (row.diverged, row.networks) == (2, 10)
    assert row.score.mean < 0.9
    assert cell(summary, "tanh", "div.") == "2/10"


def test_every_number_has_the_unit_of_its_metric():
    classes, regression = summarise(outcome()), summarise(outcome(classes=()))
    assert cell(classes, "relu", "accuracy").endswith("%")
    assert "percentage points" in dict(legend(classes))["to the best"]
    assert not cell(regression, "relu", "R²").endswith("%")
    assert "percentage points" not in dict(legend(regression))["to the best"]
    assert cell(regression, "relu", "RMSE") == f"{regression.rows[0].metrics['rmse']:.3f}"


def test_rates_that_differ_between_test_folds_are_a_span_and_an_end_of_the_search_is_marked():
    found = outcome(["relu", "tanh"])
    folds = found.study.test_folds()
    first = replace(found.arms[0], rates=dict(zip(folds, (0.1, 0.1, 0.316, 0.1, 0.1), strict=True)))
    second = replace(found.arms[1], rates=dict.fromkeys(folds, 1.0))
    summary = summarise(replace(found, arms=(first, second)))
    assert cell(summary, "relu", "rate") == "0.1–0.32"
    assert cell(summary, "tanh", "rate") == "1*"


def test_a_given_rate_is_no_end_of_a_search():
    assert cell(summarise(outcome(learning_rates=[0.1])), "relu", "rate") == "0.1"


def test_the_initialiser_has_a_column_only_where_it_says_more_than_the_names():
    def headings(summary):
        return [column.heading for column in columns(summary)]

    assert "init" in headings(summarise(outcome()))
    assert "init" not in headings(summarise(outcome(["relu", "gelu"])))
    assert "init" not in headings(summarise(outcome(initializers=["he_normal", "glorot_normal"])))


def test_every_column_is_explained_but_the_names():
    summary = summarise(outcome(optimizers=["sgd", "adam"]))
    explained = dict(legend(summary))
    assert all(explained.values())
    assert {column.heading for column in columns(summary)} - set(explained) == {"activation, optimizer"}


@pytest.mark.parametrize(("official", "covers"), [(False, "another seed and another test set"), (True, "not another test set")])
def test_the_legend_says_what_the_interval_covers(official, covers):
    assert covers in dict(legend(summarise(outcome(official=official))))["accuracy"]


def test_the_findings_name_the_best_the_rows_and_the_baseline():
    text = " ".join(findings(summarise(outcome(gaps={"sigmoid": 0.03}))))
    assert "relu has the highest mean; tanh is" in text
    assert "sigmoid" not in text
    assert "1,078 training rows, 360 test rows in each of 5 test folds" in text
    assert "the most frequent class: accuracy 10.02%" in text
    assert "seeds" in text
    assert "the mean of the target: R² 0.000" in " ".join(findings(summarise(outcome(classes=()))))


def test_test_folds_that_no_seed_looks_at_are_not_counted():
    summary = summarise(outcome(seeds=3))
    assert "test rows in each of 3 test folds" in " ".join(findings(summary))
    assert "over 3 test folds" in dict(legend(summary))["accuracy"]
    assert "means of 3 test folds" in paragraph(summary)
    assert "3 of 5 folds in turn" in paragraph(summary)


def test_one_seed_for_each_fold_does_not_say_what_more_would_do():
    assert "can be said from 10 seeds on" in findings(summarise(outcome(seeds=5)))[-1]
    assert "can be said" not in findings(summarise(outcome(seeds=10)))[-1]
    assert "can be said" not in findings(summarise(outcome(seeds=5, official=True)))[-1]


def test_where_adding_seeds_ended_too_early_is_said():
    found = outcome(seeds=10)
    found = replace(found, study=replace(found.study, margin=0.0))
    [wide, *_] = sorted(summarise(found).verdicts.pairs, key=lambda pair: -pair.difference.half_width)
    assert wide.verdict == "not told apart"
    unknown = findings(summarise(replace(found, asked={"until": wide.difference.half_width * 0.99})))
    assert any("Not known to ±" in sentence and "of 3 differences" in sentence for sentence in unknown)
    known = findings(summarise(replace(found, asked={"until": wide.difference.half_width * 1.01})))
    assert not any("Not known" in sentence for sentence in known)


def test_two_arms_are_one_pair_that_nothing_is_corrected_for():
    summary = summarise(outcome(("relu", "tanh")))
    assert "Holm" not in dict(legend(summary))["to the best"] + paragraph(summary)
    assert "all 3 pairs (Holm)" in dict(legend(summarise(outcome())))["to the best"]
    assert summarise(outcome(("relu",), seeds=10)).outcome.title == "digits: 1 arm, 10 seeds, 30 epochs"


def test_what_rounds_to_nothing_has_no_sign():
    [metric, *_] = outcome(classes=()).dataset.task.metrics
    assert wording.plain(metric, -0.0002) == "0.000"
    assert wording.plain(metric, -0.002) == "−0.002"


def test_seeds_to_tell_a_difference_count_all_test_folds():
    summary = summarise(outcome(MANY))
    pair = summary.verdicts.pairs[0]
    gap = next(row.gap for row in summary.rows if row.name == found_name(summary, pair.second))
    of_a_fold = pair.noise.seeds_needed(abs(pair.difference.mean))
    assert gap.seeds_needed == (None if of_a_fold is None else 5 * of_a_fold)


def found_name(summary, arm):
    return summary.outcome.arms[arm].arm.name


def test_a_gradient_ratio_that_is_no_number_stays_out_of_the_mean():
    found = outcome(["relu", "tanh"])
    ratios = found.arms[0].networks.gradient_ratio
    ratios[:5] = math.nan
    assert math.isfinite(float(cell(summarise(found), "relu", "grad.")))
    ratios[:] = math.nan
    assert cell(summarise(found), "relu", "grad.") == "–"


def test_arms_that_are_no_better_than_the_baseline_are_named():
    assert "baseline." not in " ".join(findings(summarise(outcome())))
    assert "sigmoid is not shown to be better than the baseline." in findings(summarise(outcome(gaps={"sigmoid": 0.9})))


def test_the_paragraph_names_the_initialisers_that_were_recommended():
    assert "initializer recommended (he_normal with relu; glorot_normal with tanh, sigmoid)" in paragraph(summarise(outcome()))


def test_no_interval_leaves_what_the_metric_can_be():
    few = summarise(outcome(seeds=2, gaps={"relu": -0.02, "tanh": 0.01}))
    assert all(0 <= row.score.low < row.score.mean < row.score.high <= 1 for row in few.rows)
    assert any(row.score.high == 1 for row in few.rows)
    cut = next(row for row in few.rows if row.score.high == 1)
    assert cell(few, cut.name, "accuracy").endswith(", 100.00]%")
    many = summarise(outcome())
    assert all("±" in cell(many, row.name, "accuracy") for row in many.rows)
