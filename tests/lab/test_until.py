"""Seeds that are added until differences are known."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from ogive.lab import compare
from ogive.lab.comparison import seeds_to_know
from ogive.lab.store import open_store
from ogive.lab.study import MOST_SEEDS
from ogive.lab.verdicts import compare_scores


def test_seeds_are_added_until_differences_are_known(tmp_path):
    settings = {"activations": ["relu", "tanh"], "hidden": "8", "epochs": 2, "learning_rates": 0.05, "out": tmp_path}
    few = compare("iris", seeds=5, **settings)
    pair = few.verdicts.pairs[0]
    assert pair.verdict != "better"
    wide = compare("iris", seeds=5, until=pair.difference.half_width * 1.01, **settings)
    assert wide.study.seeds == 5, "known already"
    more = compare("iris", seeds=10, until=few.verdicts.pairs[0].difference.half_width / 3, **settings)
    known = more.verdicts.pairs[0]
    assert more.study.seeds > 10
    assert more.study.seeds % 5 == 0
    fewer = compare("iris", seeds=2, until=few.verdicts.pairs[0].difference.half_width / 3, **settings)
    assert fewer.study.seeds >= 10, "one seed in each fold does not say what more would do"
    assert known.verdict != "not told apart" or known.difference.half_width < pair.difference.half_width


@pytest.mark.parametrize("until", [0.001, 0.003])
def test_looking_until_differences_are_known_tells_equal_arms_apart_no_more_often(until):
    studies, told = 300, 0
    for number in range(studies):
        scores = np.random.default_rng(number).normal(0, 0.007, (2, 1, MOST_SEEDS))
        seeds = more = 10
        while more:
            pair = compare_scores(scores[:, :, :seeds]).pairs[0]
            wide = [pair] if pair.difference.half_width > until else []
            study = SimpleNamespace(seeds=seeds, test_folds=lambda: [None])
            wanted = seeds_to_know(SimpleNamespace(study=study, wider_than=lambda _until, wide=wide: wide), until)
            seeds, more = wanted, wanted - seeds
        told += pair.verdict != "not told apart"
    assert told / studies <= 0.05 + 2.4 * math.sqrt(0.05 * 0.95 / studies)


def test_no_study_is_left_unfinished_where_seeds_were_added(tmp_path):
    compare("iris", activations=["relu", "tanh"], hidden="8", epochs=2, learning_rates=0.05, seeds=5, until=0.01, out=tmp_path)
    with open_store(tmp_path / "results.sqlite") as store:
        assert all("arms" in settings for _, settings, _ in store.studies())
