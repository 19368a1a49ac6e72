"""The arguments of `compare`: what is refused before anything starts, and how long networks train."""

from __future__ import annotations

import math

import pytest
from compared import finals, numbers
from lab_samples import TINY

import ogive
from ogive.errors import InputError, InputTypeError
from ogive.lab import compare
from ogive.lab.comparison import default_epochs


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"activations": ["relu", "sillu"]}, "unknown activation 'sillu'; did you mean 'silu'"),
        ({"activations": ["step"]}, "slope is 0 everywhere"),
        ({"activations": ["logit"]}, "only defined from 0 to 1"),
        ({"activations": ["prelu"]}, "learns a parameter"),
        ({"activations": ["rrelu"]}, "draws random numbers"),
        ({"activations": ["silu", "swish"]}, "'silu' twice"),
        ({"activations": ["relu/tanh/relu"]}, "names 3 layers, but hidden '64-32' has 2"),
        ({"activations": ["relu"], "layers": ["relu"]}, "two ways to give the activations"),
        ({"seeds": 1}, "seeds must be at least 2"),
        ({"seeds": 12}, "seeds must be 2 to 5, or a multiple of 5.*give 10 or 15"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"batch_sizes": 0}, "batch_sizes: must be from 1"),
        ({"hidden": "8-0"}, "hidden.*must be from 1"),
        ({"hidden": "1000000-1000000"}, "takes .* TiB to train.*smaller layers"),
        ({"try_rates": [0.1, -1]}, "try_rates must be positive"),
        ({"try_rates": [0.1, math.nan]}, "try_rates must be positive"),
        ({"try_rates": [0.1, 0.1]}, "twice"),
        ({"try_rates": [0.1]}, "at least two"),
        ({"learning_rates": "fast"}, "'tuned' or positive numbers"),
        ({"initializers": "he"}, "unknown initialiser 'he'"),
        ({"initializers": "normal(x)"}, "must be a positive number"),
        ({"losses": "mean_squared_error"}, "unknown output loss 'mean_squared_error' for classes"),
        ({"optimizers": "sdg"}, "unknown optimiser 'sdg'; did you mean 'sgd'"),
        ({"biases": "maybe"}, "biases must be yes, no, or"),
        ({"biases": "inf"}, "biases must be yes, no, or"),
        ({"inputs": "standardised"}, "unknown scaling .standardised.; did you mean .standardized."),
        ({"reductions": "none"}, "unknown reduction .none.; choose from mean, sum"),
        ({"epochs": 3, "steps": 100}, "epochs and steps are two ways"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"margin": -1}, "margin must be"),
        ({"until": 0}, "until must be"),
        ({"memory": 0}, "memory must be at least 1"),
        ({"activations": ["relu", "relu/relu"]}, "'relu' and 'relu/relu' are the same network"),
        ({"rates": [0.1]}, "unknown argument 'rates'; .*; did you mean 'try_rates'"),
    ],
)
def test_bad_arguments_are_refused_at_the_door(tmp_path, arguments, words):
    with pytest.raises(InputError, match=words):
        compare(**arguments, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments",
    [{"seeds": 2.5}, {"epochs": "3"}, {"activations": []}, {"until": "0.5pp"}, {"margin": True}, {"memory": "4GB"}, {"layers": "relu"}],
)
def test_arguments_of_another_type(arguments):
    with pytest.raises(InputTypeError):
        compare(**arguments)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"data": "no such.csv"},
        {"activations": ["relu", "sillu"]},
        {"hidden": "0"},
        {"seeds": 7},
        {"memory": 1000},
        {"margin": -1},
        {"memory": 0},
        {"layers": ["relu"]},
    ],
    ids=str,
)
def test_no_process_starts_where_there_is_nothing_to_train(tiny, tmp_path, monkeypatch, given):
    monkeypatch.setattr("ogive.lab.workers.Worker", lambda: pytest.fail("a process was started"))
    if not given:
        assert numbers(compare(**TINY, out=tiny.folder, workers=2)) == numbers(tiny)
        return
    with pytest.raises(InputError):
        compare(**TINY | given, out=tmp_path / "new", workers=2)
    assert not (tmp_path / "new").exists()


def test_big_data_takes_fewer_epochs():
    assert [default_epochs(rows) for rows in (1500, 10_000, 60_000)] == [30, 5, 5]


def test_training_can_end_after_so_many_steps(tmp_path):
    given = {"activations": "relu", "hidden": "4", "learning_rates": 0.1, "batch_sizes": ["100", "50"], "steps": 25, "seeds": 2}
    comparison = compare("digits", **given, out=tmp_path)
    assert [len(own[0].training_losses) for own in finals(comparison).values()] == [3, 2], "1,077 rows have 10 and 21 whole batches"
    assert comparison.title == "digits: 2 arms, 2 seeds, 25 steps"
    [_, command] = ogive.lab.methods.commands(comparison.summary)
    assert " --steps 25" in command
    assert "--epochs" not in command
    assert comparison.report().exists()
