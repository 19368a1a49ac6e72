"""The protocol: fair, repeatable, the same numbers however the work is done."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from lab_samples import TINY

import ogive
from ogive.errors import InputError, InputTypeError
from ogive.lab import Comparison, compare
from ogive.lab.arms import cross
from ogive.lab.comparison import default_epochs, seeds_to_know
from ogive.lab.factors import FACTORS
from ogive.lab.protocol import WORST
from ogive.lab.results import Trained
from ogive.lab.store import open_store
from ogive.lab.study import MOST_SEEDS
from ogive.lab.task import Task
from ogive.lab.tuning import Try, Tuning, next_rates
from ogive.lab.verdicts import compare_scores

DIGITS = Task(tuple("0123456789"))
CONFIG = ogive.kernel.config()


def finals(comparison: Comparison) -> dict[str, list[Trained]]:
    """The networks that are compared, by the arm, in the order of the seeds."""
    study = comparison.study
    with open_store(comparison.results_path) as store:
        return {
            result.arm.name: list(store.load(member.key(study.problem) for member in study.finals(result.arm, result.rates, study.seeds)))
            for result in comparison.arms
        }


def numbers(comparison: Comparison):
    """Everything but the time."""
    networks = {name: [dataclasses.replace(each, seconds=0.0) for each in own] for name, own in finals(comparison).items()}
    return networks, [(result.tuning, result.rates) for result in comparison.arms], comparison.scores.tolist()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Comparison:
    return compare(**TINY, out=tmp_path_factory.mktemp("tiny"))


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


def test_a_second_time_gives_the_same_numbers(tiny, tmp_path):
    assert numbers(compare(**TINY, out=tmp_path)) == numbers(tiny)


def test_what_is_stored_is_not_trained_again(tiny, monkeypatch):
    monkeypatch.setattr("ogive.lab.workers.train", lambda *_: pytest.fail("trained again"))
    again = compare(**TINY, out=tiny.folder)
    assert [result.networks.seconds.tolist() for result in again.arms] == [result.networks.seconds.tolist() for result in tiny.arms]
    assert numbers(again) == numbers(tiny)
    fewer = compare(**TINY | {"activations": ["tanh", "relu"]}, out=tiny.folder)
    assert list(finals(fewer).items()) == [(name, finals(tiny)[name]) for name in ("tanh", "relu")]


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


def test_progress_ends_each_stage_at_one(tmp_path):
    said = {}
    compare(**TINY, out=tmp_path, progress=lambda what, share: said.setdefault(what, []).append(share))
    assert list(said) == ["choosing learning rates, round 1", "training to compare"]
    for shares in said.values():
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1)


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


def test_factors_cross_and_arms_are_named_by_what_varies():
    arms = cross({"activations": ["relu", "none/Swish"], "optimizers": ["sgd", "adam"], "hidden": "16-8"}, DIGITS, 3)
    assert [arm.name for arm in arms] == ["relu, sgd", "relu, adam", "none/silu, sgd", "none/silu, adam"]
    assert [arm.name for arm in cross({"activations": [ogive.relu, "tanh"]}, DIGITS, 3)] == ["relu", "tanh"]
    assert arms[2].initializers == ("lecun_normal", ogive.get("silu").initializer, "lecun_normal")
    assert arms[0].initializers == ("he_normal", "he_normal", "lecun_normal")
    assert [factor for factor, _ in arms[0].levels] == [factor.name for factor in FACTORS]


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.option)
def test_levels_are_read_back_as_they_are_written(factor):
    arms = cross({"activations": "relu"}, DIGITS, 1)
    level = arms[0].level(factor.name)
    again = cross({"activations": "relu", factor.option: level}, DIGITS, 1)
    assert again == arms
    assert cross({"activations": "relu", factor.option: [level]}, DIGITS, 1) == arms


def test_an_initialiser_that_only_some_arms_have_is_pointed_out(tiny):
    assert any("glorot_normal with sigmoid, tanh" in note for note in tiny.notes)
    alike = cross({"activations": ["relu", "tanh"], "initializers": "he_normal"}, DIGITS, 1)
    assert ogive.lab.arms.confounds(alike) == []
    [note] = ogive.lab.arms.confounds(cross({"activations": ["relu", "tanh"], "hidden": ["8", "8-4"]}, DIGITS, 1))
    assert "(he_normal with relu; glorot_normal with tanh)" in note
    assert "--initializers he_normal,glorot_normal" in note
    assert ogive.lab.arms.confounds(cross({"activations": "relu", "hidden": ["8", "8-4"]}, DIGITS, 1)) == []


def test_a_batch_of_more_rows_than_there_are_is_pointed_out(tiny):
    assert not any("No batch" in note for note in tiny.notes)
    arms = cross({"activations": "relu", "batch_sizes": [8, 2000]}, DIGITS, 1)
    [note] = [note for note in dataclasses.replace(tiny, study=dataclasses.replace(tiny.study, arms=arms)).notes if "No batch" in note]
    assert f"{tiny.training_rows:,} training rows: batch size 2,000 means all of them" in note


def test_the_default_arms_are_those_that_the_catalogue_marks():
    expected = [name for name in ogive.names("activation") if ogive.get(name).hidden]
    assert [arm.name for arm in cross({}, DIGITS, 1)] == expected
    assert "relu" in expected
    assert not {"step", "identity", "gelu_tanh"} & set(expected)


def test_training_can_end_after_so_many_steps(tmp_path):
    given = {"activations": "relu", "hidden": "4", "learning_rates": 0.1, "batch_sizes": ["100", "50"], "steps": 25, "seeds": 2}
    comparison = compare("digits", **given, out=tmp_path)
    assert [len(own[0].training_losses) for own in finals(comparison).values()] == [3, 2], "1,077 rows have 10 and 21 whole batches"
    assert comparison.title == "digits: 2 arms, 2 seeds, 25 steps"
    [_, command] = ogive.lab.methods.commands(comparison.summary)
    assert " --steps 25" in command
    assert "--epochs" not in command
    assert comparison.report().exists()


def test_pairs_of_layers(tmp_path):
    comparison = compare(layers=["none", "relu"], hidden="4-4", seeds=2, epochs=1, learning_rates=0.1, out=tmp_path)
    assert [result.arm.name for result in comparison.arms] == ["none/none", "none/relu", "relu/none", "relu/relu"]


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


def test_big_data_takes_fewer_epochs():
    assert [default_epochs(rows) for rows in (1500, 10_000, 60_000)] == [30, 5, 5]


def test_the_store_lists_every_network(tiny):
    with open_store(tiny.results_path) as store:
        networks = list(store.networks())
    assert len(networks) == 3 * (2 * 10 + 5)
    assert {settings["stage"] for settings, _, _ in networks} == {"tune", "final"}
    assert all(settings["data"] == "digits" for settings, _, _ in networks)


def test_a_list_is_of_levels_and_a_tuple_is_one_shape():
    def hidden(given):
        return [arm.setup.hidden for arm in cross({"activations": "relu", "hidden": given}, DIGITS, 1)]

    assert hidden([16, 32]) == hidden("16,32") == hidden(["16", "32"]) == [(16,), (32,)]
    assert hidden((16, 32)) == hidden("16-32") == hidden([(16, 32)]) == [(16, 32)]
    assert [arm.name for arm in cross({"activations": "relu,tanh"}, DIGITS, 1)] == ["relu", "tanh"]
