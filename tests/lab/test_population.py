"""A population is so many networks and nothing else: each member is what plain PyTorch makes of the same draws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import ogive
from ogive.backends.torch import function
from ogive.lab.arms import Arm, grid_arms, output_initializer, single_arms
from ogive.lab.diagnostics import diagnose
from ogive.lab.population import Population, Trainer

SIZES = (5, 7, 6, 3)
BATCH = 4


def _data(rows: int = 22) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(5)
    return torch.from_numpy(rng.standard_normal((rows, SIZES[0])).astype(np.float32)), torch.from_numpy(rng.integers(0, SIZES[-1], rows))


def _orders(rows: int, epochs: int) -> list[torch.Tensor]:
    rng = np.random.default_rng(6)
    return [torch.from_numpy(rng.permutation(rows)) for _ in range(epochs)]


def _plain_training(arm: Arm, rate: float, orders: list[torch.Tensor]) -> tuple[list[float], torch.Tensor, list[float]]:
    """One network with autograd and torch.optim.SGD: epoch losses, final logits, first-epoch gradient ratios."""
    rng = np.random.default_rng(7)
    inputs, labels = _data()
    parameters = []
    for layer, (below, above) in enumerate(itertools.pairwise(SIZES)):
        name = arm.initializers[layer] if layer < len(arm.initializers) else output_initializer()
        deviation = ogive.initializers.get(name).std(below, above)
        weights = torch.from_numpy(rng.standard_normal((above, below), np.float32)) * deviation
        parameters += [weights.requires_grad_(), torch.zeros(above, requires_grad=True)]
    activations = [function(ogive.get(name)) for name in arm.activations]

    def network(x: torch.Tensor) -> torch.Tensor:
        for layer, activation in enumerate(activations):
            x = activation(torch.nn.functional.linear(x, *parameters[2 * layer : 2 * layer + 2]))
        return torch.nn.functional.linear(x, *parameters[-2:])

    optimizer = torch.optim.SGD(parameters, lr=rate, momentum=0.9)
    losses, ratios = [], []
    for epoch, order in enumerate(orders):
        batches = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
        batch_losses = []
        for batch in batches:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(inputs[batch]), labels[batch])
            loss.backward()
            if epoch == 0:
                ratios.append(float(parameters[0].grad.norm() / parameters[-2].grad.norm()))
            optimizer.step()
            batch_losses.append(loss.item())
        losses.append(float(np.mean(batch_losses)))
    return losses, network(inputs).detach(), ratios


@pytest.mark.parametrize("arms", [single_arms(None, 2), grid_arms(["none", "sigmoid", "relu"])], ids=["single", "grid"])
def test_each_member_equals_a_plain_network(arms):
    rates = [0.05 * (1 + index % 2) for index in range(len(arms))]
    inputs, labels = _data()
    orders = _orders(len(inputs), epochs=6)
    with torch.no_grad():
        population = Population(arms, rates, SIZES, 0.9, np.random.default_rng(7))
        trainer = Trainer(population, BATCH)
        losses = np.array([trainer.epoch(inputs, labels, order, measure=epoch == 0) for epoch, order in enumerate(orders)])
        logits = population.forward(inputs, population.workspace(len(inputs))).clone()
        loss, accuracy = population.evaluate(inputs, labels)
    for member, (arm, rate) in enumerate(zip(arms, rates, strict=True)):
        plain_losses, plain_logits, ratios = _plain_training(arm, rate, orders)
        np.testing.assert_allclose(losses[:, member], plain_losses, rtol=2e-5, err_msg=arm.name)
        np.testing.assert_allclose(logits[member].T, plain_logits, rtol=1e-3, atol=1e-4, err_msg=arm.name)
        np.testing.assert_allclose(trainer.gradient_ratios[member], np.exp(np.mean(np.log(ratios))), rtol=1e-3)
        np.testing.assert_allclose(loss[member], float(torch.nn.functional.cross_entropy(plain_logits, labels)), rtol=1e-3)
        assert accuracy[member] == pytest.approx(float((plain_logits.argmax(1) == labels).float().mean()))


def test_members_share_their_draws():
    arms = single_arms(["relu", "tanh"], 2)
    population = Population(arms, [0.1, 0.1], SIZES, 0.9, np.random.default_rng(0))
    first, second = population.weights[0]
    ratio = ogive.initializers.get("he_normal").std(5, 7) / ogive.initializers.get("glorot_normal").std(5, 7)
    np.testing.assert_allclose(first / second, ratio, rtol=1e-6)
    assert torch.equal(*population.weights[-1])
    assert not any(bias.any() for bias in population.biases)


def test_a_member_that_overflows_leaves_the_others_alone():
    arms = single_arms(["elu", "tanh"], 2)
    inputs, labels = _data()
    results = []
    for rate in (0.1, 1e30):
        with torch.no_grad(), np.errstate(all="ignore"):
            population = Population(arms, [rate, 0.1], SIZES, 0.9, np.random.default_rng(0))
            trainer = Trainer(population, BATCH)
            for order in _orders(len(inputs), 3):
                training = trainer.epoch(inputs, labels, order)
            results.append((training, *population.evaluate(inputs, labels)))
    calm, wild = results
    assert [values[1] for values in calm] == [values[1] for values in wild]
    assert not np.isfinite(wild[0][0])
    assert wild[2][0] == 0, "outputs that are no numbers are wrong answers"


def test_the_thread_count_does_not_change_the_numbers():
    arms = single_arms(None, 2)
    inputs, labels = _data(200)
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            with torch.no_grad():
                population = Population(arms, [0.1] * len(arms), SIZES, 0.9, np.random.default_rng(0))
                trainer = Trainer(population, 32)
                results.append([trainer.epoch(inputs, labels, order) for order in _orders(200, 3)])
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*results)


def test_dead_and_saturated_units_are_counted():
    arms = single_arms(["relu", "sigmoid"], 2)
    population = Population(arms, [0.1, 0.1], SIZES, 0.9, np.random.default_rng(0))
    inputs, _ = _data()
    for weights in population.weights[:2]:
        weights.zero_()
    population.biases[0].fill_(1.0)
    population.biases[0][:, :3] = -50.0  # three units that relu never fires and where sigmoid is flat
    population.biases[1].fill_(1.0)
    with torch.no_grad():
        found = diagnose(population, inputs)
    np.testing.assert_allclose(found.dead, [3 / 13, 3 / 13])
    assert found.saturated == [None, pytest.approx(3 / 13)]
    counts = np.array(found.histograms[0])
    assert counts.sum(1).tolist() == [7 * len(inputs), 6 * len(inputs)]
    assert counts[0, 0] == 3 * len(inputs), "relu's zeros are in the first bar"
