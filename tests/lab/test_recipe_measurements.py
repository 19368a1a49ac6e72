"""What the looks and measurements say is what plain arithmetic says of the same numbers."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from outcomes import outcome
from scipy import stats

from ogive.errors import InputError
from ogive.lab.comparison import Comparison
from ogive.lab.outcome import RESULTS_FILE
from ogive.lab.store import open_store
from ogive.recipes.measured import Table
from ogive.recipes.measurements import effects, three_seeds
from ogive.recipes.measurements.descent import activation_of, dead_units, first_layers
from ogive.recipes.published import Published
from ogive.recipes.work import Work


def accuracies(comparison):
    return {result.arm.name: result.values("accuracy") for result in comparison.arms}


@pytest.mark.parametrize("runs", [1, 23])
def test_a_published_result_is_judged_by_where_as_many_runs_of_ours_would_be(runs):
    comparison = outcome(official=True, seeds=7)
    own = accuracies(comparison)["relu"]
    half = stats.t(6).ppf(0.975) * own.std(ddof=1) * np.sqrt(1 / 7 + 1 / runs)
    for published, verdict in [
        (own.mean() + 0.99 * half, "within our interval"),
        (own.mean() + 1.01 * half, "ours is lower"),
        (own.mean() - 1.01 * half, "ours is higher"),
    ]:
        table, [said] = Published("someone", "", runs, {"relu": published}).beside(comparison)
        [(name, _, ours, difference, found)] = table.rows
        assert (name, found) == ("relu", verdict)
        assert ours == f"{100 * own.mean():.2f} ± {100 * half:.2f}%"
        assert float(difference.removesuffix(" pp").replace("−", "-")) == pytest.approx(100 * (own.mean() - published), abs=0.006)
        where = "" if verdict.startswith("within") else f", {verdict} than 1"
        assert said == f"{int(not where)} of 1 published results lie within our interval{where}; ours trained on 1,078 rows."


def test_published_results_of_arms_that_are_not_there_are_named():
    results = {"relu": 0.9, "tanh": 0.8, "sigmoid": 0.95, "mish": 0.9}
    table, [_, said] = Published("someone", "elsewhere", 1, results).beside(outcome(official=True))
    assert [row[0] for row in table.rows] == ["relu", "tanh", "sigmoid"]
    assert "Not run here: mish." in table.note
    means = {name: own.mean() for name, own in accuracies(outcome(official=True)).items()}
    order = {"relu": 0.9, "tanh": 0.8, "sigmoid": 0.95}
    same = sum((means[a] - means[b]) * (order[a] - order[b]) > 0 for a, b in combinations(order, 2))
    assert said == f"Pairs that differ there: 3; of the same order here: {same}."


def test_an_interval_that_holds_every_value_agrees_with_none():
    one_of_two = outcome(official=True, seeds=2, collapsed={"tanh": 1})
    table, said = Published("someone", "", 1, {"tanh": 0.978}).beside(one_of_two)
    assert table.rows[0][2].endswith("[0.00, 100.00]%")
    assert table.rows[0][-1].startswith("ours says nothing")
    assert said[0] == "0 of 1 published results lie within our interval, of 1 ours says nothing; ours trained on 1,078 rows."


def test_arms_that_learned_nothing_are_named_beside_what_was_published():
    lost = outcome(official=True, collapsed={"tanh": 10, "relu": 9})
    *_, said = Published("someone", "", 1, {"relu": 0.9, "tanh": 0.9}).beside(lost)[1]
    assert said == "With the settings as they are published every network of these learned nothing here: tanh."


@pytest.mark.parametrize("official", [False, True], ids=["folds", "one test set"])
def test_every_three_seeds_are_a_trial(official):
    comparison = outcome(kind=Comparison, official=official, seeds=10, gaps={"sigmoid": 0.001})
    found = three_seeds.look(comparison)
    own = accuracies(comparison)
    trials = list(combinations(range(10), 3))
    named = [max(own, key=lambda arm: own[arm][list(trial)].mean()) for trial in trials]
    [ours, theirs] = found.tables
    assert ours.title == f"{len(trials)} trials of three seeds"
    for name, *_, share in ours.rows:
        assert share == f"{100 * named.count(name) / len(trials):.1f}%"
    names = [result.arm.name for result in comparison.arms]
    told = {(names[pair.first], names[pair.second]) for pair in comparison.verdicts.pairs if pair.verdict in ("better", "worse")}
    wrong = [
        any(
            stats.ttest_rel(own[first][list(trial)], own[second][list(trial)]).pvalue < 0.05
            for first, second in combinations(names, 2)
            if (first, second) not in told
        )
        for trial in trials
    ]
    share = 100 * np.mean(wrong)
    assert f"In {share:.0f}% of the trials" in found.verdicts[2] or f"In {share:.1f}% of the trials" in found.verdicts[2]
    assert ("GELU", "0.0023", "0.4003") in theirs.rows


def test_a_factors_effect_is_the_mean_difference_of_arms_that_differ_in_it_alone():
    comparison = outcome(("relu", "tanh"), kind=Comparison, official=True, batch_sizes=[16, 32], biases=["yes", "no"])
    own = accuracies(comparison)
    found = {(row[0], row[1]): row for row in effects.look(comparison).tables[0].rows}
    assert set(found) == {("activation", "relu against tanh"), ("bias", "yes against no"), ("batch size", "16 against 32")}
    differences = np.array([own[f"relu, {bias}, {size}"] - own[f"tanh, {bias}, {size}"] for bias in ("yes", "no") for size in (16, 32)])
    half = stats.t(9).ppf(0.975) * differences.mean(0).std(ddof=1) / np.sqrt(10)
    *_, mean, between, pairs = found["activation", "relu against tanh"]
    assert mean.replace("−", "-") == f"{100 * differences.mean():+.2f} ± {100 * half:.2f}"
    single = 100 * differences.mean(1)
    assert between.replace("−", "-") == f"{single.min():+.2f} to {single.max():+.2f}"
    assert pairs == 4


HIDDEN = {
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "elu": torch.nn.functional.elu,
    "selu": torch.selu,
    "gelu": torch.nn.functional.gelu,
    "tanh": torch.tanh,
    "prelu": torch.nn.functional.prelu,
    "maxout": lambda sums: sums.reshape(*sums.shape[:-1], -1, 2).amax(-1),
}


@pytest.mark.parametrize("activation", HIDDEN)
def test_layers_learn_as_pytorch_says(activation):
    rng = np.random.default_rng(3)
    inputs, wanted = rng.standard_normal((9, 6)).astype(np.float32), rng.standard_normal((2, 9, 3)).astype(np.float32)
    biases, rates = np.array([0.2, -0.1], np.float32), np.array([0.1, 0.3], np.float32)
    layers = first_layers(activation, (6, 5, 4, 3), "he_normal", biases, 1)
    assert np.array_equal(layers[0].weights[0], layers[0].weights[1])
    plain = [
        [torch.tensor(each[network], requires_grad=True) for layer in layers for each in (layer.weights, layer.biases)]
        for network in (0, 1)
    ]
    weights = [[torch.tensor(0.25, requires_grad=True) for _ in layers] for _ in (0, 1)]
    for _ in range(3):
        passed, slopes = inputs[None], []
        for layer in layers:
            passed, own = layer.forward(passed)
            slopes.append(own)
        errors = passed - wanted
        for layer, own in zip(reversed(layers), reversed(slopes), strict=True):
            errors = layer.backward(errors, own, rates.reshape(-1, 1, 1))
        for network, own in enumerate(plain):
            x = torch.from_numpy(inputs)
            for number, (weight, bias) in enumerate(zip(own[::2], own[1::2], strict=True)):
                x = x @ weight + bias
                if number < 2:
                    x = HIDDEN[activation](x, *([weights[network][number]] if activation == "prelu" else []))
            (0.5 * (x - torch.from_numpy(wanted[network])) ** 2).sum().backward()
            with torch.no_grad():
                for each in (*own, *weights[network]):
                    if each.grad is not None:
                        each -= float(rates[network]) * each.grad
                        each.grad = None
    for network, own in enumerate(plain):
        for layer, weight, bias in zip(layers, own[::2], own[1::2], strict=True):
            np.testing.assert_allclose(layer.weights[network], weight.detach(), rtol=2e-3, atol=2e-4)
            np.testing.assert_allclose(layer.biases[network], bias.detach(), rtol=2e-3, atol=2e-4)


def test_a_random_slope_is_drawn_in_training_and_its_mean_taken_otherwise():
    [layer, _] = first_layers("rrelu", (4, 6, 2), "he_normal", np.zeros(1, np.float32), 1)
    inputs = np.random.default_rng(1).standard_normal((1, 50, 4)).astype(np.float32)
    _, drawn = layer.forward(inputs, np.random.default_rng(2))
    _, fixed = layer.forward(inputs)
    assert len(np.unique(drawn[drawn < 1])) > 50
    np.testing.assert_array_equal(np.unique(fixed), np.float32([11 / 48, 1]))


@pytest.mark.parametrize(("activation", "share"), [("relu", 1), ("leaky_relu", 0), ("elu", 1), ("maxout", 0), ("sigmoid", 1)])
def test_units_far_left_of_zero_are_dead_where_the_function_is_flat_there(activation, share):
    inputs = np.random.default_rng(1).standard_normal((50, 4)).astype(np.float32)
    for bias, expected in ((-200.0, share), (0.0, 0)):
        layers = first_layers(activation, (4, 6, 2), "he_normal", np.array([bias], np.float32), 1)
        [dead] = dead_units(layers, inputs)
        assert dead.mean() == expected
    layers[0].weights[0, 2] = np.nan
    assert np.isnan(dead_units(layers, inputs)[0]).all()


@pytest.mark.parametrize("name", ["logit", "step", "softmax", "mse", "swiglu"])
def test_what_cannot_be_a_hidden_layers_is_refused(name):
    with pytest.raises(InputError, match="cannot be a hidden layer's"):
        activation_of(name)


def test_columns_of_words_and_of_numbers_are_told_apart():
    rows = (("relu", 0.5, "−0.20 ± 0.10", None), ("none", float("nan"), "< 0.001", "–"))
    table = Table("", ("arm", "share", "difference", "more"), rows)
    assert [table.is_text(column) for column in range(4)] == [True, False, False, False]
    assert table.texts()[0] == ["relu", "0.5", "−0.20 ± 0.10", "–"]


def test_a_part_is_computed_once_and_kept(tmp_path):
    def work(folder):
        return Work("test", folder, lambda _what, _share: None)

    given = {"numbers": (1, 2.5, float("nan")), "text": "yes"}
    fresh = work(tmp_path).remembered({"a": 1}, lambda: given)
    assert work(tmp_path).remembered({"a": 2}, lambda: 7) == 7
    joined = tmp_path / "joined"
    joined.mkdir()
    with open_store(tmp_path / RESULTS_FILE) as store, open_store(joined / RESULTS_FILE) as other:
        other.take_over(store)
    for folder in (tmp_path, joined):
        assert repr(work(folder).remembered({"a": 1}, lambda: pytest.fail("computed again"))) == repr(fresh)
        with open_store(folder / RESULTS_FILE) as store, store._connection:
            store._connection.execute("UPDATE measurements SET results = '[]'")
        with pytest.raises(InputError, match="is damaged"):
            work(folder).remembered({"a": 1}, lambda: 0)


def test_the_layers_have_the_sizes_that_were_asked_for():
    layers = first_layers("maxout", (6, 5, 4, 3), "normal(0.5)", np.zeros(6, np.float32), 3)
    assert [layer.weights.shape for layer in layers] == [
        (6, below, above * pieces) for (below, above), pieces in zip(pairwise((6, 5, 4, 3)), (2, 2, 1), strict=True)
    ]
    assert np.array_equal(layers[0].weights[0], layers[0].weights[3])
    assert not np.array_equal(layers[0].weights[0], layers[0].weights[1])
    assert layers[0].weights.std() == pytest.approx(0.5, rel=0.1)
