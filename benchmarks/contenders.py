"""The same training by ogive and by its peers, each in a process of its own, started by training.py.

A contender trains the networks of a `Work`: one for each seed at each learning rate, all with ReLU, He's initialiser and momentum 0.9.
It returns their test accuracies, and, where it trains them one by one, the seconds of each.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

MOMENTUM = 0.9
CLASSES = 10


@dataclass(frozen=True)
class Work:
    """What to train.

    Attributes
    ----------
    rows
        A file of the splits, which seeds take in turn: inputs and classes of the training and the test rows of each.
    activations
        Peers train with the first; ogive with each, the networks shared out among them.
    """

    data: str
    rows: str
    hidden: tuple[int, ...]
    batch_size: int
    epochs: int
    rates: tuple[float, ...]
    seeds: int
    activations: tuple[str, ...] = ("relu",)
    workers: int = 1

    def networks(self) -> Iterator[tuple[float, int]]:
        """Learning rate and seed of each."""
        return ((rate, seed) for seed in range(self.seeds) for rate in self.rates)

    def multiplications(self) -> int:
        """Operations of the matrix products that all networks need, of every activation: forward, by the weights, and back to all but
        the first layer.
        """
        training, *_ = self.splits()[0]
        layers = [below * above for below, above in pairwise((training.shape[1], *self.hidden, CLASSES))]
        networks = len(self.rates) * self.seeds * len(self.activations)
        return networks * self.epochs * len(training) * 2 * (3 * sum(layers) - layers[0])

    def splits(self) -> list[list[Any]]:
        """Training inputs and classes, test inputs and classes; training rows that fill whole batches, so that all make equal steps."""
        with np.load(self.rows) as file:
            count = int(file["splits"])
            found = [[file[f"{split}_{part}"] for part in range(4)] for split in range(count)]
        rows = min(len(split[0]) for split in found) // self.batch_size * self.batch_size
        return [[inputs[:rows], classes[:rows], *test] for inputs, classes, *test in found]


Found = tuple[list[float], list[float]]
Network = Callable[[float, int, list[Any]], float]
"""Trains one network at a learning rate, from a seed, on a split; returns its accuracy."""


def one_by_one(work: Work, train: Network) -> Found:
    accuracies, seconds, splits = [], [], work.splits()
    for rate, seed in work.networks():
        started = time.perf_counter()
        accuracies.append(train(rate, seed, splits[seed % len(splits)]))
        seconds.append(time.perf_counter() - started)
    return accuracies, seconds


def ogive(work: Work) -> Found:
    """`ogive.lab.compare` and its report."""
    from ogive.lab import compare

    with tempfile.TemporaryDirectory() as folder:
        comparison = compare(
            work.data,
            activations=list(work.activations),
            initializers="he_normal",
            hidden=tuple(work.hidden),
            batch_sizes=work.batch_size,
            epochs=work.epochs,
            learning_rates=list(work.rates),
            seeds=work.seeds,
            workers=work.workers,
            out=folder,
        )
        comparison.report()
    found = {(result.arm.level("activation"), result.arm.rate): result.values("accuracy") for result in comparison.arms}
    return [float(found[activation, rate][seed]) for activation in work.activations for rate, seed in work.networks()], []


def ogive_default(work: Work) -> Found:
    """The default comparison: every activation that fits, its learning rate searched, ten seeds, the report."""
    from ogive.lab import compare

    with tempfile.TemporaryDirectory() as folder:
        comparison = compare(workers=work.workers, out=folder)
        comparison.report()
    return [float(value) for arm in comparison.arms for value in arm.values("accuracy")], []


def torch(work: Work) -> Found:
    """A plain loop: a module, an optimiser, a scheduler."""
    import torch
    from torch import nn

    def train(rate: float, seed: int, split: list[Any]) -> float:
        torch.manual_seed(seed)
        inputs, classes, test_inputs, test_classes = map(torch.from_numpy, split)
        model = torch_model(work, inputs.shape[1])
        optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=MOMENTUM)
        steps = len(inputs) // work.batch_size
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, work.epochs * steps)
        loss = nn.CrossEntropyLoss()
        for _ in range(work.epochs):
            order = torch.randperm(len(inputs))
            for batch in order.split(work.batch_size):
                optimizer.zero_grad()
                loss(model(inputs[batch]), classes[batch]).backward()
                optimizer.step()
                scheduler.step()
        with torch.no_grad():
            return float((model(test_inputs).argmax(1) == test_classes).float().mean())

    return one_by_one(work, train)


def torch_model(work: Work, features: int) -> Any:
    from torch import nn

    layers: list[Any] = []
    for below, above in pairwise((features, *work.hidden)):
        layers += [nn.Linear(below, above), nn.ReLU()]
        nn.init.kaiming_normal_(layers[-2].weight, nonlinearity="relu")
    return nn.Sequential(*layers, nn.Linear(work.hidden[-1], CLASSES))


def sklearn(work: Work) -> Found:
    """`MLPClassifier`, which has no cosine schedule; Nesterov's momentum and the penalty are switched off."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)  # it is told to stop after so many epochs

    def train(rate: float, seed: int, split: list[Any]) -> float:
        model = MLPClassifier(
            hidden_layer_sizes=work.hidden,
            solver="sgd",
            alpha=0.0,
            batch_size=work.batch_size,
            learning_rate_init=rate,
            max_iter=work.epochs,
            momentum=MOMENTUM,
            nesterovs_momentum=False,
            n_iter_no_change=work.epochs,
            random_state=seed,
        )
        return float(model.fit(*split[:2]).score(*split[2:]))

    return one_by_one(work, train)


def keras(work: Work) -> Found:
    """`Model.fit`."""
    import keras

    def train(rate: float, seed: int, split: list[Any]) -> float:
        keras.utils.set_random_seed(seed)
        hidden = [keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal") for units in work.hidden]
        model = keras.Sequential([keras.Input(split[0].shape[1:]), *hidden, keras.layers.Dense(CLASSES)])
        schedule = keras.optimizers.schedules.CosineDecay(rate, work.epochs * len(split[0]) // work.batch_size)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(schedule, momentum=MOMENTUM), loss, metrics=["accuracy"])
        model.fit(*split[:2], batch_size=work.batch_size, epochs=work.epochs, verbose=0)
        return float(model.evaluate(*split[2:], verbose=0)[1])

    return one_by_one(work, train)


def jax(work: Work) -> Found:
    """All networks in one program: `vmap` over networks, `scan` over epochs and batches. The seconds are those of its compilation."""
    import jax
    import jax.numpy as jnp

    splits = work.splits()
    tests = min(len(split[2]) for split in splits)
    data = [jnp.stack([split[part][: tests if part > 1 else None] for split in splits]) for part in range(4)]
    sizes = (data[0].shape[2], *work.hidden, CLASSES)
    rows = data[0].shape[1]
    steps = rows // work.batch_size

    def forward(layers: Any, x: Any) -> Any:
        for weights, biases in layers[:-1]:
            x = jax.nn.relu(x @ weights + biases)
        return x @ layers[-1][0] + layers[-1][1]

    def loss(layers: Any, x: Any, classes: Any) -> Any:
        chosen = jnp.take_along_axis(jax.nn.log_softmax(forward(layers, x)), classes[:, None], 1)
        return -chosen.mean()

    def train(rate: Any, key: Any, split: Any) -> Any:
        inputs, classes, test_inputs, test_classes = data
        key, *keys = jax.random.split(key, len(sizes))
        shapes = zip(keys, pairwise(sizes), strict=True)
        layers = [(jax.random.normal(key, shape) * math.sqrt(2 / shape[0]), jnp.zeros(shape[1])) for key, shape in shapes]
        velocities = jax.tree.map(jnp.zeros_like, layers)

        def step(carry: Any, batch_and_share: Any) -> Any:
            batch, share = batch_and_share
            layers, velocities = carry
            gradients = jax.grad(loss)(layers, inputs[split, batch], classes[split, batch])
            now = rate * 0.5 * (1 + jnp.cos(jnp.pi * share))
            velocities = jax.tree.map(lambda velocity, gradient: MOMENTUM * velocity + now * gradient, velocities, gradients)
            return (jax.tree.map(jnp.subtract, layers, velocities), velocities), None

        def epoch(carry: Any, key_and_number: Any) -> Any:
            key, number = key_and_number
            batches = jax.random.permutation(key, rows).reshape(steps, -1)
            return jax.lax.scan(step, carry, (batches, (number + jnp.arange(steps) / steps) / work.epochs))

        (layers, _), _ = jax.lax.scan(epoch, (layers, velocities), (jax.random.split(key, work.epochs), jnp.arange(work.epochs)))
        return (forward(layers, test_inputs[split]).argmax(1) == test_classes[split]).mean()

    rates, seeds = (np.array(values) for values in zip(*work.networks(), strict=True))
    arguments = jnp.float32(rates), jax.vmap(jax.random.key)(seeds), seeds % len(splits)
    started = time.perf_counter()
    compiled = jax.jit(jax.vmap(train)).lower(*arguments).compile()
    seconds = time.perf_counter() - started
    return np.asarray(compiled(*arguments)).tolist(), [seconds]


def ictonyx(work: Work) -> Found:
    """`variability_study` of the PyTorch model, which takes an optimiser but no schedule."""
    import ictonyx as peer
    import torch

    warnings.simplefilter("ignore", UserWarning)  # few runs: they are for the time that one takes
    accuracies, seconds = [], []
    for rate in work.rates:
        inputs, classes, test_inputs, test_classes = work.splits()[0]

        def build(_config: Any, rate: float = rate, features: int = inputs.shape[1]) -> Any:
            optimizer = {"lr": rate, "momentum": MOMENTUM}
            return peer.PyTorchModelWrapper(torch_model(work, features), optimizer_class=torch.optim.SGD, optimizer_params=optimizer)

        started = time.perf_counter()
        study = peer.variability_study(
            build,
            (inputs, classes),
            runs=work.seeds,
            epochs=work.epochs,
            batch_size=work.batch_size,
            validation_data=(test_inputs, test_classes),
            seed=0,
            verbose=False,
        )
        seconds += [(time.perf_counter() - started) / work.seeds] * work.seeds
        accuracies += [float(value) for value in study.get_metric_values("val_accuracy")]
    return accuracies, seconds


def product(_work: Work) -> Found:
    """No training: operations a second of PyTorch's product of two large square matrices on one thread."""
    import torch

    torch.set_num_threads(1)
    size, seconds = 1_024, 3.0
    left, right = torch.rand(size, size), torch.rand(size, size)
    out = left @ right
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        torch.mm(left, right, out=out)
        count += 1
    return [], [2 * size**3 * count / (time.perf_counter() - started)]


CONTENDERS = {each.__name__: each for each in (ogive, ogive_default, torch, sklearn, keras, jax, ictonyx, product)}


def peak_memory() -> int:
    """Bytes of this process at most; Linux."""
    status = Path("/proc/self/status").read_text().split()
    return 1024 * int(status[status.index("VmHWM:") + 1])


if __name__ == "__main__":
    name, arguments = sys.argv[1:]
    accuracies, seconds = CONTENDERS[name](Work(**json.loads(arguments)))
    print(json.dumps({"accuracies": accuracies, "seconds": seconds, "memory": peak_memory()}))
