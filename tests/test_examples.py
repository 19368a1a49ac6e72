"""The examples run and keep what they promise: a network of NumPy learns as PyTorch's does, and Keras's losses are ours, done by hand."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ogive

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str) -> Any:
    """What an example defines."""
    return SimpleNamespace(**runpy.run_path(str(EXAMPLES / f"{name}.py")))


@pytest.fixture(scope="module")
def scratch() -> Any:
    pytest.importorskip("sklearn")
    return example("from_scratch")


def started(scratch: Any, activation: Any) -> tuple[Any, tuple[Any, ...], np.random.Generator]:
    """A network, the digits, and where its batches come from: as the example begins."""
    rng = np.random.default_rng(0)
    data = scratch.digits(rng)
    return scratch.Network(scratch.SIZES, activation, rng), data, rng


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "elu", "selu", "gelu", "mish"])
def test_the_network_learns_what_pytorchs_learns(scratch: Any, name: str) -> None:
    """From the same weights, by the same steps: weights equal to the last digits but four, and the same digits right."""
    torch = pytest.importorskip("torch")
    activation = ogive.get(name)
    network, (x, classes, test_x, test_classes), rng = started(scratch, activation)
    native = getattr(torch.nn.functional, activation.native["torch"].rpartition(".")[2], None) or getattr(torch, activation.native["torch"])
    weights = [torch.tensor(array, requires_grad=True) for array in network.parameters]

    def forward(images: Any) -> Any:
        for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            images = native(images @ weight + bias)
        return images @ weights[-2] + weights[-1]

    steps = list(scratch.batches(len(x), scratch.BATCH, 5, rng))
    descent = torch.optim.SGD(weights, lr=scratch.RATE)
    for rows in steps:
        descent.zero_grad()
        torch.nn.functional.cross_entropy(forward(torch.tensor(x[rows])), torch.tensor(classes[rows])).backward()
        descent.step()
    before = scratch.accuracy(network, test_x, test_classes)
    scratch.train(network, x, classes, iter(steps))
    for ours, theirs in zip(network.parameters, weights, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-12)
    right = float((forward(torch.tensor(test_x)).argmax(dim=1).numpy() == test_classes).mean())
    assert scratch.accuracy(network, test_x, test_classes) == right > before


@pytest.mark.parametrize("name", [name for name in ogive.names("activation") if ogive.get(name).hidden and ogive.get(name).initializer])
def test_its_gradients_are_central_differences(scratch: Any, name: str) -> None:
    rng = np.random.default_rng(1)
    network = scratch.Network((5, 4, 4, 3), ogive.get(name), rng)
    assert scratch.gradient_error(network, rng.normal(size=(6, 5)), rng.integers(3, size=6)) < 1e-6


def test_a_wrong_gradient_is_found(scratch: Any) -> None:
    rng = np.random.default_rng(1)
    network = scratch.Network((5, 4, 3), ogive.tanh, rng)
    network.activation = SimpleNamespace(value_and_slope=lambda x: (ogive.tanh(x), ogive.sigmoid.slope(x)))
    assert scratch.gradient_error(network, rng.normal(size=(6, 5)), rng.integers(3, size=6)) > 0.1


def test_sigmoid_inside_and_identity_outside_fit_a_curve(scratch: Any) -> None:
    """The network that the exercise is most often set with: one layer of sigmoids, a linear output, squared errors."""
    rng = np.random.default_rng(0)
    network = scratch.Network((1, 10, 1), ogive.sigmoid, rng)
    x = np.linspace(-3, 3, 64)[:, None]
    loss = ogive.mean_squared_error.value_and_gradient
    before, _ = network.loss_and_gradients(x, np.sin(x), loss)
    scratch.train(network, x, np.sin(x), scratch.batches(64, 16, 2000, rng), loss, rate=0.3)
    after, _ = network.loss_and_gradients(x, np.sin(x), loss)
    assert after < 0.005 < 0.3 < before


def test_it_says_what_it_does(scratch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.main("relu")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "64-32-32-10, relu, he_normal"
    assert float(said[-1].rpartition(" ")[2].rstrip("%")) > 97
    with pytest.raises(ValueError, match="did you mean 'gelu'"):
        scratch.main("gellu")
    with pytest.raises(ValueError, match="step is not for hidden layers"):
        scratch.main("step")


reads_tensors = pytest.mark.filterwarnings("ignore:__array__ implementation")  # as Keras does


@pytest.fixture(scope="module")
def keras_losses() -> Any:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")
    return example("keras_losses")


@reads_tensors
def test_keras_ogives_form_of_it_and_the_one_by_hand_agree(keras_losses: Any) -> None:
    cases = keras_losses.cases()
    for case in cases:
        theirs, ours, by_hand = case.results()
        assert theirs.shape == ours.shape == by_hand.shape
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, err_msg=case.shows)
        np.testing.assert_allclose(by_hand, theirs, rtol=2e-6, err_msg=case.shows)
    assert len({case.name for case in cases}) == 3


@reads_tensors
def test_what_is_clipped_costs_sixteen_and_its_logit_costs_all(keras_losses: Any) -> None:
    costs = {(case.name, case.shows): float(case.results()[0].mean()) for case in keras_losses.cases()}
    clipped = [cost for (_, shows), cost in costs.items() if "clipped" in shows and "not" not in shows]
    assert len(clipped) == 3
    assert all(16 < cost < 16.2 for cost in clipped)
    assert costs["binary_crossentropy", "the same as logits: not clipped"] == 40


@reads_tensors
def test_the_table_of_keras_losses_has_a_line_for_each_case(keras_losses: Any, capsys: pytest.CaptureFixture[str]) -> None:
    keras_losses.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(keras_losses.cases())
    assert max(map(len, lines)) <= 140
