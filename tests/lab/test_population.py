"""A population is so many networks and nothing else: each is what plain PyTorch makes of the same draws, whatever trains beside it."""

from __future__ import annotations

import dataclasses
import itertools
from functools import cache

import numpy as np
import pytest
import torch

import ogive
from ogive.backends.torch import function
from ogive.lab.arms import cross
from ogive.lab.dataset import Dataset
from ogive.lab.member import Piece, Stream, pieces
from ogive.lab.optimizers import MOMENTUM, SCHEDULES
from ogive.lab.outputs import LOSSES
from ogive.lab.problem import Problem
from ogive.lab.splits import fold
from ogive.lab.task import Task
from ogive.lab.training import Trainer, train

ROWS, FEATURES, BATCH, EPOCHS = 70, 5, 6, 4
STREAMS = (Stream("final", 3, 0, 1), Stream("final", 4, 2, 0))


@cache
def problem(*, classes: bool = True, rows: int = ROWS) -> Problem:
    rng = np.random.default_rng(5)
    numeric = rng.standard_normal((rows, FEATURES))
    target = np.arange(rows) % 3 if classes else numeric @ rng.standard_normal(FEATURES) + rng.standard_normal(rows)
    names = tuple(f"x{i}" for i in range(FEATURES))
    dataset = Dataset("tiny", numeric, np.empty((ROWS, 0), object), target, Task(("a", "b", "c") if classes else ()), columns=names)
    return Problem(dataset, fold(dataset))


def arms(*, classes: bool = True, steps: int | None = None, **factors):
    given = {"hidden": "7-6", "batch_sizes": BATCH, "activations": ["relu", "tanh/silu", "none"], **factors}
    target_of = problem(classes=classes)
    return cross(given, target_of.dataset.task, EPOCHS, steps=steps, rows=target_of.folds.training_rows)


def piece(chosen, rate: float = 0.05, streams: tuple[Stream, ...] = STREAMS) -> Piece:
    """Every arm on every stream; every other arm has twice the rate, and the second stream of each half of it."""
    variants = tuple(
        tuple(arm.variant(rate * (1 + row % 2) / (1 + place)) for place in range(len(streams))) for row, arm in enumerate(chosen)
    )
    return Piece(chosen[0].setup, variants, streams)


def torch_loss(name: str, sums: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    functional = torch.nn.functional
    if name == "cross_entropy":
        return functional.cross_entropy(sums, target)
    if name == "mean_squared_error":
        return functional.mse_loss(sums[:, 0], target)
    if name == "mean_absolute_error":
        return functional.l1_loss(sums[:, 0], target)
    one_hot = functional.one_hot(target, sums.shape[1]).float()
    if name == "binary_cross_entropy":
        return functional.binary_cross_entropy_with_logits(sums, one_hot)
    return functional.mse_loss(torch.sigmoid(sums) if name == "sigmoid_squared_error" else sums, one_hot)


def plain_training(member, target_of: Problem) -> tuple[list[float], torch.Tensor, float]:
    """One network with autograd and PyTorch's optimiser: epoch losses, final sums of the validation rows, gradient ratio."""
    setup, variant, stream = member.setup, member.variant, member.stream
    prepared = target_of.prepared(stream.test_fold, stream.validation_fold, setup.inputs)
    inputs, validation = torch.from_numpy(prepared.training.inputs), torch.from_numpy(prepared.validation.inputs)
    target = torch.from_numpy(prepared.training.targets)
    target = target if target_of.dataset.task.classes else target.float()
    rngs = [np.random.default_rng(seed) for seed in np.random.SeedSequence((1, stream.seed)).spawn(2)]
    sizes = (inputs.shape[1], *setup.hidden, target_of.dataset.task.outputs)
    parameters = []
    for number, (below, above) in enumerate(itertools.pairwise(sizes)):
        deviation = np.float32(ogive.initializers.get(variant.initializers[number]).std(below, above))
        weights = torch.from_numpy(rngs[0].standard_normal((below, above), np.float32) * deviation)
        start = setup.bias or 0.0 if number < len(setup.hidden) else 0.0
        parameters += [weights.requires_grad_(), torch.full((above,), start, requires_grad=setup.bias is not None)]
    activations = [function(ogive.get(name)) for name in variant.activations]

    def network(x: torch.Tensor) -> torch.Tensor:
        for number, activation in enumerate(activations):
            x = activation(x @ parameters[2 * number] + parameters[2 * number + 1])
        return x @ parameters[-2] + parameters[-1]

    learned = [each for each in parameters if each.requires_grad]
    momentum = {"sgd": MOMENTUM, "plain_sgd": 0.0}.get(setup.optimizer)
    optimizer = torch.optim.Adam(learned) if momentum is None else torch.optim.SGD(learned, lr=1.0, momentum=momentum)
    steps, losses, ratios = target_of.folds.training_rows // BATCH, [], []
    all_steps = setup.steps or setup.epochs * steps
    for epoch in range(setup.epochs):
        order = torch.from_numpy(rngs[1].permutation(len(inputs)))
        epoch_losses = []
        for step in range(min(steps, all_steps - epoch * steps)):
            rate = variant.rate * SCHEDULES[setup.schedule]((epoch * steps + step) / all_steps)
            batch = order[step * BATCH : (step + 1) * BATCH]
            optimizer.zero_grad()
            loss = torch_loss(setup.loss, network(inputs[batch]), target[batch])
            (BATCH * loss if setup.reduction == "sum" else loss).backward()
            if epoch == 0:
                ratios.append(float(parameters[0].grad.norm() / parameters[-2].grad.norm()))
            if momentum is not None:  # the rate goes into the velocity
                for each in learned:
                    each.grad *= rate
            else:
                optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
            epoch_losses.append(loss.item())
        losses.append(float(np.mean(epoch_losses)))
    return losses, network(validation).detach(), float(np.exp(np.mean(np.log(ratios))))


CASES = [
    *({"losses": name} for name in LOSSES),
    {"biases": "no"},
    {"biases": "-0.3"},
    {"inputs": "unit"},
    {"reductions": "sum"},
    {"steps": 10},
    {"optimizers": "plain_sgd"},
    {"optimizers": "adam"},
    {"schedules": "constant", "initializers": "normal(0.3)/he_normal*0.5/lecun_normal"},
    {"activations": [entry.name for entry in ogive.catalogue.entries("activation") if getattr(entry, "hidden", False)]},
]


@pytest.mark.parametrize("factors", CASES, ids=lambda factors: next(iter(factors)) + "-" + str(next(iter(factors.values())))[:24])
def test_each_network_equals_a_plain_one(factors):
    classes = LOSSES[factors.get("losses", "cross_entropy")].classes
    given = problem(classes=classes)
    work = piece(arms(classes=classes, **factors), 0.01 if "adam" in factors.values() or "sum" in factors.values() else 0.05)
    found = train(given, work, lambda _: None)
    trainer = Trainer(given, work)
    for epoch in range(1, work.setup.epochs + 1):
        trainer.train_epoch(epoch)
    sums = trainer._outputs("validation")
    for network, (member, trained) in enumerate(zip(work.members(), found, strict=True)):
        losses, plain_sums, ratio = plain_training(member, given)
        np.testing.assert_allclose(trained.training_losses, losses, rtol=2e-4, err_msg=str(member))
        np.testing.assert_allclose(sums[network, : len(plain_sums)], plain_sums, rtol=2e-3, atol=1e-3, err_msg=str(member))
        np.testing.assert_allclose(trained.gradient_ratio, ratio, rtol=1e-3, err_msg=str(member))


def without_time(trained):
    return dataclasses.replace(trained, seconds=0.0)


@pytest.mark.skipif(ogive.kernel.config()["kernels"] == "definitions", reason="without kernels NumPy's products decide")
@pytest.mark.parametrize("rows", [ROWS, ROWS + 1, ROWS + 4], ids=lambda rows: f"{rows} rows")
def test_a_network_does_not_depend_on_what_trains_beside_it(rows):
    chosen, given = arms(activations=["relu", "tanh", "gelu", "selu", "softplus"]), problem(rows=rows)
    together = dict(zip(piece(chosen).members(), train(given, piece(chosen), lambda _: None), strict=True))
    for member in itertools.islice(together, 0, None, 3):
        alone = train(given, Piece(member.setup, ((member.variant,),), (member.stream,)), lambda _: None)
        assert without_time(alone[0]) == without_time(together[member])


def test_a_network_that_is_no_number_any_more_ends_as_if_it_had_trained_on(monkeypatch):
    work = piece(arms(activations=["relu", "none"]), 1e30)
    stopped = train(problem(), work, lambda _: None)
    epochs = []
    monkeypatch.setattr(
        Trainer, "train_epoch", lambda self, epoch: (self._train_epoch(epoch), self._look_after(epoch), epochs.append(epoch))
    )
    trained = train(problem(), work, lambda _: None)
    assert len(epochs) == EPOCHS
    assert [repr(without_time(each)) for each in stopped] == [repr(without_time(each)) for each in trained]
    assert all(np.isnan(each.training_losses[-1]) for each in stopped)


def test_pieces_hold_every_member_once_and_no_more_than_they_may():
    chosen = arms(activations=["relu", "tanh", "gelu"])
    members = list(piece(chosen).members())[1:]  # the first variant lacks a stream
    for most in (1, 2, 3, 100):
        found = pieces(members, most)
        assert max(len(each) for each in found) <= most
        assert sorted(map(repr, itertools.chain(*(each.members() for each in found)))) == sorted(map(repr, members))


def test_networks_train_together_whatever_rate_each_stream_has():
    together = piece(arms(activations=["relu", "tanh", "gelu"]))
    assert [sorted(map(repr, each.members())) for each in pieces(together.members(), 100)] == [sorted(map(repr, together.members()))]


@pytest.mark.parametrize("name", LOSSES)
def test_the_baseline_is_the_loss_of_the_best_constant_prediction(name):
    loss, target = LOSSES[name], np.array([0, 0, 0, 1, 2, 2, 0, 0, 1])
    numbers = np.eye(3)[target] if loss.classes else target.reshape(-1, 1).astype(float)
    compared = loss.target(target, 3)
    outputs = numbers.shape[1]
    rng = np.random.default_rng(0)
    best, reached = np.zeros(outputs), np.inf
    for scale in (3.0, 1.0, 0.3, 0.1, 0.03, 0.01):  # a random search, narrowed about the best
        tried = best + scale * rng.standard_normal((4000, outputs))
        sums = np.repeat(tried[:, None], len(target), 1).astype(np.float32)
        values = loss.values_and_errors(sums, np.broadcast_to(compared, (len(tried), *compared.shape)))[0] / len(target)
        best, reached = (tried[values.argmin()], values.min()) if values.min() < reached else (best, reached)
    assert loss.baseline(numbers) == pytest.approx(reached, rel=1e-3)


def test_a_network_that_learns_nothing_has_diverged():
    no_rate, a_rate = (train(problem(), piece(arms(activations="relu"), rate), lambda _: None) for rate in (1e-9, 0.1))
    assert all(trained.diverged for trained in no_rate)
    assert not any(trained.diverged for trained in a_rate)


def test_overflow_is_a_result():
    trained = train(problem(), piece(arms(activations="relu"), 1e6), lambda _: None)
    assert all(each.diverged for each in trained)
    assert all(0 <= each.metrics["test"]["accuracy"] <= 1 for each in trained)
