"""What the study literature says of networks, and advises: seen in small ones, and in what ogive suggests.

What takes training to see (dying units, the price of an initialiser, the hidden layers of MNIST) is among the recipes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ogive
from ogive import choices


def after_five_layers(name: str, deviation: float, width: int = 100) -> Any:
    """The outputs of a network's last layer before any training."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, width))
    for _ in range(5):
        x = ogive.get(name)(x @ rng.normal(scale=deviation, size=(width, width)))
    return x


def test_sigmoids_of_large_weights_are_0_and_1_and_of_small_ones_a_half() -> None:
    large, small, fitting = (after_five_layers("sigmoid", deviation) for deviation in (1.0, 0.01, 0.1))
    assert np.mean(np.abs(large - 0.5) > 0.4) > 0.6
    assert np.mean(ogive.sigmoid.slope(ogive.logit(np.clip(large, 1e-12, 1 - 1e-12))) < 0.09) > 0.6  # so hardly any gradient passes
    assert small.std() < 0.03 < fitting.std()
    assert small.mean() == pytest.approx(0.5, abs=0.05)


def test_selu_keeps_mean_0_and_deviation_1_and_relu_does_not() -> None:
    kept, lost = after_five_layers("selu", 0.1), after_five_layers("relu", 0.1)
    assert abs(kept.mean()) < 0.1
    assert kept.std() == pytest.approx(1, abs=0.1)
    assert lost.std() < 0.3


def test_positive_inputs_give_the_weights_of_a_unit_gradients_of_one_sign() -> None:
    """dL/dw = dL/da · x, so all of them have the sign of dL/da; behind a centred activation they differ."""
    rng = np.random.default_rng(0)
    before, back = rng.normal(size=(200, 10)), rng.normal(size=(200, 1))
    positive = (np.sign(back * ogive.sigmoid(before)).std(axis=1) == 0).mean()
    centred = (np.sign(back * ogive.tanh(before)).std(axis=1) == 0).mean()
    assert positive == 1
    assert centred < 0.05


def test_a_relu_that_no_row_excites_learns_nothing() -> None:
    sums = -np.abs(np.random.default_rng(0).normal(size=100))  # what it gets for every row
    assert not ogive.relu(sums).any()
    assert not ogive.relu.slope(sums).any()
    for name in ("leaky_relu", "prelu", "rrelu", "elu", "selu", "gelu"):
        assert ogive.get(name).slope(sums).all(), name


def test_exponentials_cost_more_than_comparisons() -> None:
    """As measured: sigmoid and ELU beside ReLU, in the stored results of the benchmark."""
    results = Path(__file__).parents[1] / "benchmarks" / "results" / "speed.json"
    for instruction_set in json.loads(results.read_text())["measured"].values():
        time = {name: row["microseconds"]["ogive"] for name, row in instruction_set["value, float32, 100 thousand"].items()}
        assert time["relu"] < min(time["sigmoid"], time["elu"], time["tanh"])


@pytest.mark.parametrize(
    ("when", "options", "hidden"),
    [
        ("layers in a row normalise themselves", {}, "selu"),
        ("they cannot, with skips", {"network": "residual"}, "elu"),
        ("speed counts", {"fast": True}, "relu"),
        ("the network overfits", {"overfits": True}, "rrelu"),
        ("the training set is very large", {"rows": 10_000_000, "network": "residual"}, "prelu"),
        ("an LSTM's or a GRU's cells", {"network": "recurrent"}, "tanh"),
    ],
)
def test_the_rules_of_choice(when: str, options: dict[str, Any], hidden: str) -> None:
    found = ogive.suggest([1.5, 2.5, 4.0], **options)
    assert found.hidden == hidden, when


def test_advice_that_names_no_function() -> None:
    said = str(ogive.suggest([1.5, 2.5, 4.0], fast=True))
    assert "leaky_relu" in said  # the other answer to speed
    assert "there is time to measure: ogive compare" in said
    three = next(rule for rule in choices.RULES if rule.hidden == "selu").conditions
    assert len(three) == 3
    gates = next(rule for rule in choices.RULES if rule.hidden == "tanh").conditions
    assert "gates take the sigmoid" in gates[0]


@pytest.mark.parametrize(
    ("answers", "output", "loss"),
    [
        ([0.5, 2.5, 4.0], "identity", "mean_squared_error"),
        ([0, 1, 1, 0], "sigmoid", "binary_cross_entropy"),
        (["normal", "nodule", "sepsis"], "softmax", "cross_entropy"),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "softmax", "cross_entropy"),
        (np.tile([0, 1, 2], 30), "softmax", "cross_entropy"),
        ([[1, 1, 0], [0, 0, 1], [0, 0, 0]], "sigmoid", "binary_cross_entropy"),
    ],
)
def test_output_and_loss_are_a_pair(answers: Any, output: str, loss: str) -> None:
    found = ogive.suggest(answers)
    assert (found.output, found.loss) == (output, loss)


@pytest.mark.parametrize(
    "name", ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mean_squared_error"]
)
def test_keras_names_find_its_losses(name: str) -> None:
    assert callable(ogive.peer(f"keras.losses.{name}"))


def test_an_axis_that_is_not_there_is_refused() -> None:
    with pytest.raises(ogive.errors.InputError, match="axis must name axes of the input"):
        ogive.cross_entropy(np.zeros((2, 3)), [0, 1], given="logits", axis=5)
    for name, answers in (("binary", np.eye(3)), ("categorical", np.eye(3)), ("sparse_categorical", np.arange(3))):
        for axis in (2, -3):
            with pytest.raises(ogive.errors.InputError, match=f"axis must be one of the 2 of y_pred, from -2 to 1; got {axis}"):
                ogive.peer(f"keras.losses.{name}_crossentropy")(answers, np.eye(3), axis=axis)
