"""The choice of learning rates: where the search goes, and which of the rates it came to is taken."""

from __future__ import annotations

import numpy as np
import pytest

from ogive.lab import compare
from ogive.lab.protocol import WORST, by_chance
from ogive.lab.task import Task
from ogive.lab.tuning import Try, Tuning, next_rates


def test_the_search_looks_beside_the_best_until_it_is_inside(tmp_path):
    comparison = compare(activations=["relu", "sigmoid"], hidden="8", seeds=2, epochs=3, out=tmp_path)
    for result in comparison.arms:
        for fold in range(5):
            tried = result.tuning.tries_for(fold)
            assert tried[0].rate < result.tuning.best(fold).rate < tried[-1].rate or len(tried) >= 9
            assert all(
                [split for split in each.scores if split[0] == fold] == [(fold, other) for other in range(5) if other != fold]
                for each in tried
            )


def tuning(rows: dict[float, list[float]], baseline: float = 0.1) -> Tuning:
    return Tuning(tuple(Try(rate, {(0, fold): score for fold, score in enumerate(scores)}) for rate, scores in rows.items()), {0: baseline})


def test_the_middle_of_what_cannot_be_told_apart_is_chosen():
    scores = {0.01: [0.5, 0.52, 0.51], 0.03: [0.90, 0.92, 0.91], 0.1: [0.92, 0.91, 0.91], 0.3: [0.91, 0.92, 0.90], 1.0: [0.2, 0.2, 0.3]}
    assert tuning(scores).chosen(0) == 0.1
    assert next_rates(tuning(scores), 0) == [0.0562, 0.178]


def test_a_rate_at_which_some_runs_collapse_is_not_chosen_for_its_mean():
    scores = {0.1: [0.80, 0.80, 0.80], 0.3: [0.99, 0.99, 0.49], 1.0: [0.99, 0.99, 0.99]}
    assert tuning(scores).collapsed(0).tolist() == [0, 1, 0]
    assert tuning({0.1: [0.80] * 3, 0.3: [0.99, 0.99, 0.49]}).chosen(0) == 0.1
    assert tuning({0.1: [0.2] * 3, 0.3: [WORST] * 3, 1.0: [0.1] * 3}).chosen(0) == 0.1


def test_a_rate_beside_a_cliff_is_left_for_one_that_costs_little():
    cliff = {1.0: [0.1, 0.9, 0.1]}
    assert tuning({0.1: [0.90, 0.93, 0.92], 0.3: [0.92, 0.93, 0.93], **cliff}).chosen(0) == 0.1
    assert tuning({0.1: [0.80, 0.80, 0.80], 0.3: [0.92, 0.93, 0.93], **cliff}).chosen(0) == 0.3, "too dear"
    assert tuning({0.1: [0.90, 0.93, 0.92], 0.3: [0.92, 0.93, 0.93], 1.0: [0.6, 0.6, 0.6]}).chosen(0) == 0.3, "no cliff"


def test_an_end_that_is_the_best_is_looked_beyond():
    assert next_rates(tuning({0.01: [0.2], 0.1: [0.3], 1.0: [0.4]}), 0) == [0.316, 3.16]


def test_every_test_part_searches_and_chooses_among_what_it_came_to_itself():
    coarse = {0.01: (0.3, 0.9), 0.1: (0.9, 0.5), 1.0: (0.2, 0.2)}
    tries = [Try(rate, {(0, 1): own, (1, 0): other}) for rate, (own, other) in coarse.items()]
    of_both = Tuning(tuple(tries), {0: 0.1, 1: 0.1})
    assert next_rates(of_both, 0) == [0.0316, 0.316]
    assert next_rates(of_both, 1) == [0.00316, 0.0316]
    further = Tuning((Try(0.00316, {(1, 0): 0.99}), *tries), of_both.baseline)
    assert further.chosen(0) == of_both.chosen(0) == 0.1
    assert further.chosen(1) == 0.00316
    assert further.is_end(0.00316, 1)
    assert not further.is_end(0.1, 0)


def test_a_rate_that_is_right_by_chance_alone_is_not_chosen():
    lucky = {(0, fold): 1.0 for fold in range(1, 5)}
    learned = {(0, fold): 0.99 for fold in range(1, 5)}
    tries = [Try(0.001, lucky, frozenset({(0, 1)})), Try(0.01, learned), Try(0.1, learned)]
    assert Tuning(tuple(tries), {0: 0.5}).chosen(0) == 0.01
    none_learned = tuple(Try(each.rate, each.scores, frozenset(each.scores)) for each in tries)
    assert Tuning(none_learned, {0: 0.5}).chosen(0) == 0.001, "where all diverge, scores decide"


def test_only_on_few_rows_a_network_that_learned_nothing_may_be_right():
    """One that starts from large weights is often right, and so sure where it is wrong that its loss is above that of a constant."""
    ten_classes = Task(tuple("abcdefghij"))
    few, many = (by_chance({0: 0.1}, ten_classes, rows)[0] for rows in (10, 360))
    assert few > 0.45
    assert 0.1 < many < 0.2
    assert by_chance({0: -1.0}, Task(), 360)[0] == np.inf, "an error counts no rows"


def test_of_rates_that_are_right_on_the_same_few_rows_those_that_hardly_learned_are_left_out():
    right = {(0, fold): 1.0 for fold in range(1, 5)}
    gains = {0.001: 0.01, 0.01: 0.03, 0.1: 0.5, 1.0: 0.65, 10.0: 0.6}
    tries = tuple(Try(rate, right, gains=dict.fromkeys(right, gain)) for rate, gain in gains.items())
    of_few = Tuning(tries, {0: 0.5})
    assert of_few.plateau(0) == [0.1, 1.0, 10.0]
    assert (of_few.best(0).rate, of_few.chosen(0)) == (0.1, 1.0)
    assert next_rates(of_few, 0) == [0.0316, 0.316], "the search goes on where something is learned"


def test_rows_decide_before_the_loss_does():
    worse = {(0, fold): 0.9 for fold in range(1, 5)}
    better = {(0, fold): 0.95 for fold in range(1, 5)}
    tries = (Try(0.01, better, gains=dict.fromkeys(better, 0.1)), Try(0.1, worse, gains=dict.fromkeys(worse, 0.9)))
    assert Tuning(tries, {0: 0.5}).chosen(0) == 0.01
    sure = (Try(0.01, better, gains=dict.fromkeys(better, 0.3)), Try(0.1, better, gains=dict.fromkeys(better, -2.0)))
    assert Tuning(sure, {0: 0.5}).plateau(0) == [0.01, 0.1], "a larger rate with a high loss has moved"
    lost = (Try(0.01, better, gains=dict.fromkeys(better, -0.2)), Try(0.1, better, gains=dict.fromkeys(better, -0.1)))
    assert Tuning(lost, {0: 0.5}).plateau(0) == [0.01, 0.1], "where no loss is below the constant's, it says nothing"


@pytest.mark.parametrize("seed", range(2))
def test_every_network_learns_few_rows_that_one_column_tells_apart(tmp_path, seed):
    x = np.random.default_rng(seed).permutation(60).astype(float)
    comparison = compare((x.reshape(-1, 1), x >= 30), activations=["relu", "tanh"], seeds=5, epochs=15, out=tmp_path)
    for result in comparison.arms:
        assert not result.networks.diverged.any()
        assert result.values("accuracy").min() > 0.9
