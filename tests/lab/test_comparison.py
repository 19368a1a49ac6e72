"""The protocol: fair, and every network counts as what it is."""

from __future__ import annotations

import math
import shlex
from pathlib import Path

import numpy as np
import pytest
from compared import finals
from lab_samples import TINY

from ogive.cli import main
from ogive.lab import compare
from ogive.lab.methods import commands


def test_every_arm_gets_the_same_budget_and_the_same_streams(tiny):
    folds = [(test, validation) for test in range(5) for validation in range(5) if test != validation]
    for result in tiny.arms:
        assert [each.rate for each in result.tuning.tries] == TINY["try_rates"]
        assert all(sorted(each.scores) == folds for each in result.tuning.tries)
        assert result.networks.streams == tiny.arms[0].networks.streams
    assert [stream.test_fold for stream in tiny.arms[0].networks.streams] == [0, 1, 2, 3, 4]
    assert all(stream.validation_fold != stream.test_fold for stream in tiny.arms[0].networks.streams)


def test_what_chose_a_rate_never_saw_the_rows_that_are_compared(tiny):
    study = tiny.study
    for result in tiny.arms:
        for stream in result.networks.streams:
            held_out = [{each.test_fold, each.validation_fold} for each in study.tuning_streams()]
            deciding = [pair for pair in held_out if stream.test_fold in pair]
            assert len(deciding) == result.tuning.matrix(stream.test_fold).shape[1] == 4
            assert result.rates[stream.test_fold] == result.tuning.chosen(stream.test_fold)


def test_no_test_row_has_a_say_in_the_rates(tmp_path):
    rng = np.random.default_rng(8)
    x, noise = rng.normal(size=(200, 2)), rng.normal(size=200)
    y = (x[:, 0] + noise > 0).astype(int)
    tunings = []
    for rare in (50, 2):  # the rows of the smaller class in the test set
        path = tmp_path / f"{rare}.npz"
        np.savez(path, x=x, y=y, x_test=rng.normal(size=(100, 2)), y_test=(np.arange(100) < rare).astype(int))
        comparison = compare(path, activations=["relu", "tanh"], hidden="4", epochs=2, seeds=2, out=tmp_path)
        tunings.append([result.tuning for result in comparison.arms])
    assert tunings[0] == tunings[1]


def test_networks_of_a_seed_share_their_draws(tiny):
    streams = tiny.arms[0].networks.streams
    assert len({(stream.stage, stream.seed) for stream in (*streams, *tiny.study.tuning_streams())}) == 15, "and no two seeds do"


def test_verdicts_are_of_the_scores(tiny):
    assert tiny.scores.shape == (3, 5, 1)
    for arm, result in enumerate(tiny.arms):
        values = result.values("accuracy")
        np.testing.assert_array_equal(tiny.scores[arm, :, 0], values)
        assert tiny.verdicts.means[arm].mean == pytest.approx(values.mean())
    assert tiny.correction == pytest.approx(1 / 3, rel=0.01), "a fifth of the rows test, three fifths train"


def test_test_parts_are_told_from_seeds(tmp_path):
    comparison = compare("iris", activations=["relu", "tanh"], hidden="4", seeds=10, epochs=1, learning_rates=0.1, out=tmp_path)
    for arm, result in enumerate(comparison.arms):
        for seed, (stream, trained) in enumerate(zip(result.networks.streams, finals(comparison)[result.arm.name], strict=True)):
            assert comparison.scores[arm, stream.test_fold, seed // 5] == trained.metrics["test"]["accuracy"]


@pytest.mark.parametrize("name", ["my beans.csv", "digits.csv"])
def test_the_command_names_the_file_as_it_was_given(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("my data").mkdir()
    path = Path("my data") / name
    path.write_text("length,variety\n" + "1.5,mung\n2.5,soy\n" * 40)
    given = {"activations": "relu", "hidden": "4", "learning_rates": 0.1, "seeds": 2, "epochs": 1}
    comparison = compare(str(path), **given, out="runs")
    command = commands(comparison.summary)[-1]
    assert f"--data 'my data/{name}' --activations relu" in command
    assert main(["results", "runs"]) == 0
    assert command in capsys.readouterr().out
    assert main([*shlex.split(command)[1:], "--out", "runs", "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith(comparison.title)
    of_arrays = compare((comparison.dataset.numeric, comparison.dataset.target), **given, out="runs")
    assert "--data FILE " in commands(of_arrays.summary)[-1], "arrays have no path"


def test_progress_ends_each_stage_at_one(tmp_path):
    said = {}
    compare(**TINY, out=tmp_path, progress=lambda what, share: said.setdefault(what, []).append(share))
    assert list(said) == ["choosing learning rates, round 1", "training to compare"]
    for shares in said.values():
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1)


def test_diverged_networks_are_counted_and_kept(tmp_path):
    comparison = compare(activations=["elu", "tanh"], hidden="8", seeds=2, epochs=2, learning_rates=1e25, out=tmp_path)
    trained = finals(comparison)["elu"]
    assert all(each.diverged for each in trained)
    assert [each.metrics["test"]["accuracy"] for each in trained] == [0.0, 0.0], "what is no number is no right answer"
    assert comparison.scores[0].max() == 0.0


def test_no_number_counts_as_the_worst(tmp_path):
    comparison = compare("diabetes", activations=["elu", "relu"], hidden="8", seeds=2, epochs=2, learning_rates=1e25, out=tmp_path)
    assert comparison.arms[0].values("r2").max() == -math.inf
    assert comparison.scores.max() <= comparison.baseline["r2"]
