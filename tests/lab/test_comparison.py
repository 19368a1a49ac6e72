"""The protocol and the results file: fair, repeatable, and the same after an interrupt."""

from __future__ import annotations

import dataclasses
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from lab_samples import TINY

import ogive
from ogive.errors import InputError, InputTypeError
from ogive.lab import Comparison, compare
from ogive.lab.arms import grid_arms, single_arms
from ogive.lab.plan import Plan, default_epochs
from ogive.lab.protocol import chosen_rates
from ogive.lab.results import Run


def _numbers(comparison: Comparison) -> list[Run]:
    """Everything but the time."""
    return [dataclasses.replace(run, seconds=0.0) for run in (*comparison.tuning_runs, *comparison.runs)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Comparison:
    return compare(**TINY, out=tmp_path_factory.mktemp("tiny"))


def test_every_arm_gets_the_same_budget_and_the_same_seeds(tiny):
    assert {(run.arm, run.rate, run.seed) for run in tiny.tuning_runs} == {
        (arm, rate, seed) for arm in TINY["activations"] for rate in TINY["rates"] for seed in range(tiny.plan.tuning_seeds)
    }
    assert [(run.arm, run.seed, run.fold) for run in tiny.runs] == [
        (arm, seed, seed % 5) for seed in range(2) for arm in TINY["activations"]
    ]
    assert all(run.test_accuracy is None for run in tiny.tuning_runs), "tuning never looks at the test set"


def test_the_table_says_what_the_runs_say(tiny):
    assert [row.rank for row in tiny.table] == [1, 2, 3]
    assert [row.accuracy.mean for row in tiny.table] == sorted((row.accuracy.mean for row in tiny.table), reverse=True)
    chosen = chosen_rates(tiny.plan, tiny.tuning_runs)
    for row in tiny.table:
        runs = [run for run in tiny.runs if run.arm == row.arm.name]
        assert row.accuracies == tuple(run.test_accuracy for run in runs)
        assert row.accuracy.mean == pytest.approx(sum(row.accuracies) / 2)
        assert row.rate == chosen[row.arm.name]
        assert row.rate_at_edge
        assert row.arm.initializers == (ogive.get(row.arm.name).initializer,) * 2
        assert (row.saturated is None) == (row.arm.name == "relu")
        assert row.seconds > 0
        assert row.gradient_ratio > 0
        assert row.runs == 2


def test_a_second_time_gives_the_same_numbers(tiny, tmp_path):
    assert _numbers(compare(**TINY, out=tmp_path)) == _numbers(tiny)


def test_a_finished_run_is_shown_without_work(tiny):
    before = tiny.results_path.stat().st_mtime_ns
    again = compare(**TINY, out=tiny.folder)
    assert (again.tuning_runs, again.runs) == (tiny.tuning_runs, tiny.runs), "the time too"
    assert tiny.results_path.stat().st_mtime_ns == before


def test_big_populations_are_cut_by_arms_with_the_same_numbers(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("ogive.lab.plan.LARGEST_ITEM", 1)
    cut = _numbers(compare(**TINY, out=tmp_path))
    assert sorted(map(repr, cut)) == sorted(map(repr, _numbers(tiny)))


def test_any_number_of_processes_gives_the_same_numbers(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("ogive.lab.workers.WORTH_PROCESSES", 0)
    said = []
    beside = compare(**TINY, out=tmp_path, workers=2, progress=lambda _, share: said.append(share))
    assert _numbers(beside) == _numbers(tiny)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)


def test_progress_goes_from_nothing_to_all(tmp_path):
    said = []
    compare(**TINY, out=tmp_path, progress=lambda what, share: said.append((what, share)))
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert shares[0] < 0.2
    assert next(what for what, _ in said) == "tuning learning rates"
    assert said[-1][0] == "training"


def test_an_interrupted_run_goes_on_with_the_same_numbers(tmp_path):
    command = [
        sys.executable,
        "-m",
        "ogive.cli",
        "compare",
        "--activations",
        "relu,silu",
        "--hidden",
        "16,16",
        "--seeds",
        "4",
        "--epochs",
        "8",
        "--rates",
        "0.03,0.1",
        "--out",
        str(tmp_path / "cut"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    results = tmp_path / "cut" / "results.sqlite"
    deadline = time.monotonic() + 60
    while not _items(results) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "what is done is kept" in said
    assert "same command goes on" in said
    assert "Traceback" not in said
    assert 1 <= _items(results) < 7

    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    settings = {"activations": ["relu", "silu"], "hidden": [16, 16], "seeds": 4, "epochs": 8, "rates": [0.03, 0.1]}
    resumed = compare(**settings, out=tmp_path / "cut")
    assert _numbers(resumed) == _numbers(compare(**settings, out=tmp_path / "whole"))


def _items(path: os.PathLike[str]) -> int:
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        return connection.execute("SELECT count(*) FROM items").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def _changed(path, statement):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"my thesis, the only copy" * 50), "cannot be used as a results file"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "cannot be used as a results file"),
        (lambda path: _changed(path, "PRAGMA user_version = 0"), "format 0 of an older ogive"),
        (lambda path: _changed(path, "PRAGMA user_version = 99"), "format 99 of a newer ogive"),
        (lambda path: _changed(path, "PRAGMA application_id = 7"), "is not a results file of ogive"),
        (lambda path: _changed(path, "UPDATE plan SET sha256 = 'x', settings = '{}'"), "results of another run"),
    ],
)
def test_a_file_that_does_not_fit_is_left_alone(tmp_path, tiny, spoil, words):
    path = tmp_path / "results.sqlite"
    path.write_bytes(tiny.results_path.read_bytes())
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=words) as caught:
        compare(**TINY, out=tmp_path)
    assert "--out" in str(caught.value)
    assert path.read_bytes() == before


def test_results_of_another_run_say_what_differs(tiny):
    with pytest.raises(InputError, match=r"another run \(other arms, seeds\)"):
        compare(**{**TINY, "activations": ["relu"], "seeds": 3}, out=tiny.folder)


def test_the_default_folder_is_named_by_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    comparison = compare(**TINY)
    assert comparison.folder.as_posix() == f"ogive-runs/digits-{comparison.plan.sha256[:8]}"


def test_diverged_runs_are_counted_and_kept(tmp_path):
    comparison = compare(activations=["elu", "tanh"], hidden=[8], seeds=2, epochs=2, rates=[1e25], out=tmp_path)
    row = next(row for row in comparison.table if row.arm.name == "elu")
    assert row.diverged == row.runs == 2
    assert row.accuracy.mean == 0
    assert math.isinf(row.loss)
    assert comparison.report().exists()


def test_a_rate_without_numbers_is_never_chosen():
    plan = Plan("x", "", 2, 2, single_arms(["relu"], 1), (3,), (0.1, 1.0), 2, 1, 1, False)

    def run(rate, seed, accuracy, loss):
        return Run("tune", seed, 0, "relu", rate, (1.0,), (accuracy,), loss, 0.0)

    assert chosen_rates(plan, [run(0.1, 0, 0.5, 1.0), run(1.0, 0, 0.9, 1.0)]) == {"relu": 1.0}
    assert chosen_rates(plan, [run(0.1, 0, 0.5, 1.0), run(1.0, 0, 0.9, math.nan)]) == {"relu": 0.1}
    assert chosen_rates(plan, [run(0.1, 0, 0.5, 1.0), run(1.0, 0, 0.5, 0.9)]) == {"relu": 1.0}, "of equals the lowest loss"
    assert chosen_rates(plan, [run(0.1, 0, 0.5, math.inf), run(1.0, 0, 0.9, math.nan)]) == {"relu": 0.1}


def test_the_default_arms_are_those_that_the_catalogue_marks():
    expected = [name for name in ogive.names("activation") if ogive.get(name).hidden]
    assert [arm.name for arm in single_arms(None, 2)] == expected
    assert "relu" in expected
    assert "step" not in expected
    assert "identity" not in expected
    assert "gelu_tanh" not in expected


def test_the_grid_has_every_pair_with_each_layers_initialiser():
    arms = grid_arms(["none", "Swish"])
    assert [arm.name for arm in arms] == ["none/none", "none/silu", "silu/none", "silu/silu"]
    assert arms[1].initializers == ("lecun_normal", ogive.get("silu").initializer)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"activations": ["relu", "sillu"]}, "unknown activation 'sillu'; did you mean 'silu'"),
        ({"activations": ["step"]}, "slope is 0 everywhere"),
        ({"activations": ["logit"]}, "only defined from 0 to 1"),
        ({"activations": ["prelu"]}, "learns a parameter"),
        ({"activations": ["rrelu"]}, "draws random numbers"),
        ({"activations": ["silu", "swish"]}, "'silu' twice"),
        ({"activations": []}, "must be a list"),
        ({"activations": "relu"}, "must be a list"),
        ({"activations": ["relu"], "layers": ["relu"]}, "two different comparisons"),
        ({"layers": ["relu"], "hidden": [8]}, "two hidden layers"),
        ({"seeds": 1}, "seeds must be at least 2"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"hidden": [8, 0]}, "hidden must be at least 1"),
        ({"rates": [0.1, -1]}, "rates must be positive"),
        ({"rates": [math.nan]}, "rates must be positive"),
        ({"rates": [0.1, 0.1]}, "twice"),
        ({"rates": []}, "at least one"),
    ],
)
def test_bad_arguments_are_refused_at_the_door(tmp_path, arguments, words):
    with pytest.raises(InputError, match=words):
        compare(**arguments, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("arguments", [{"seeds": 2.5}, {"hidden": 8}, {"epochs": "3"}])
def test_arguments_of_another_type(arguments):
    with pytest.raises(InputTypeError):
        compare(**arguments)


def test_big_data_takes_fewer_epochs():
    assert [default_epochs(rows) for rows in (1500, 10_000, 60_000)] == [30, 5, 5]


def test_results_that_lack_runs_are_refused(tmp_path):
    settings = {"activations": ["relu", "tanh"], "seeds": 2, "epochs": 1, "rates": [0.1], "out": tmp_path}
    compare(**settings)
    with closing(sqlite3.connect(tmp_path / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM runs WHERE stage = 'final'")
    with pytest.raises(InputError, match="is damaged"):
        compare(**settings)
