"""The same numbers however the work is done, and nothing that is stored is trained again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from compared import finals, numbers
from lab_samples import TINY

import ogive
from ogive.lab import compare
from ogive.lab.store import open_store

CONFIG = ogive.kernel.config()


def test_a_second_time_gives_the_same_numbers(tiny, tmp_path):
    assert numbers(compare(**TINY, out=tmp_path)) == numbers(tiny)


def test_what_is_stored_is_not_trained_again(tiny, monkeypatch):
    monkeypatch.setattr("ogive.lab.workers.train", lambda *_: pytest.fail("trained again"))
    again = compare(**TINY, out=tiny.folder)
    assert [result.networks.seconds.tolist() for result in again.arms] == [result.networks.seconds.tolist() for result in tiny.arms]
    assert numbers(again) == numbers(tiny)
    fewer = compare(**TINY | {"activations": ["tanh", "relu"]}, out=tiny.folder)
    assert list(finals(fewer).items()) == [(name, finals(tiny)[name]) for name in ("tanh", "relu")]


def test_one_more_arm_seed_or_rate_trains_only_what_is_new(tiny, tmp_path, monkeypatch):
    (tmp_path / "results.sqlite").write_bytes(tiny.results_path.read_bytes())
    trained = []
    train = ogive.lab.workers.train
    monkeypatch.setattr("ogive.lab.workers.train", lambda *given: trained.append(len(given[1])) or train(*given))
    compare(**TINY | {"activations": ["relu", "elu"], "seeds": 5}, out=tmp_path)
    assert sum(trained) == 2 * 10 + 5, "elu's tuning and its seeds"
    trained.clear()
    compare(**TINY | {"activations": ["relu"], "try_rates": [0.01, 0.03, 0.1]}, out=tmp_path)
    assert sum(trained) in range(10, 16), "one rate, and the seeds of the folds that choose it"


@pytest.mark.skipif(CONFIG["kernels"] == "definitions", reason="without kernels NumPy's products decide")
def test_any_number_of_processes_and_any_memory_give_the_same_numbers(tiny, tmp_path):
    said = []
    beside = compare(**TINY, out=tmp_path / "beside", workers=2, progress=lambda _, share: said.append(share))
    assert numbers(beside) == numbers(tiny)
    assert said[-1] == pytest.approx(1)
    assert numbers(compare(**TINY, out=tmp_path / "cut", memory=1_500_000)) == numbers(tiny)


@pytest.mark.skipif(CONFIG["kernels"] == "definitions", reason="needs kernels")
def test_every_set_that_fuses_gives_the_same_numbers(tmp_path):
    program = (
        "import sys, json; from ogive.lab import compare\n"
        f"found = compare(**{TINY!r}, out=sys.argv[1])\n"
        "own = [result.networks for result in found.arms]\n"
        "tests = [[values.tolist() for values in each.metrics['test'].values()] for each in own]\n"
        "print(json.dumps([tests, [each.course.training_losses.tolist() for each in own]]))"
    )
    said = {}
    for name in CONFIG["supported_sets"]:
        environment = os.environ | {"OGIVE_INSTRUCTION_SET": name}
        command = [sys.executable, "-c", program, str(tmp_path / name)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert run.returncode == 0, run.stderr
        said[name] = json.loads(run.stdout)
    assert "baseline" in said
    assert all(said[name] == said["avx2"] for name in said if name != "baseline")


def test_the_store_lists_every_network(tiny):
    with open_store(tiny.results_path) as store:
        networks = list(store.networks())
    assert len(networks) == 3 * (2 * 10 + 5)
    assert {settings["stage"] for settings, _, _ in networks} == {"tune", "final"}
    assert all(settings["data"] == "digits" for settings, _, _ in networks)
