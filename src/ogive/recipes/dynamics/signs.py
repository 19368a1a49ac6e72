"""How often all of a unit's weights are pushed the same way, while a network learns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.losses.probabilistic import cross_entropy
from ogive.recipes.dynamics.layers import Array, backward, forward
from ogive.recipes.dynamics.nets import Net
from ogive.recipes.dynamics.two_weights import one_signed


@dataclass(frozen=True)
class Training:
    """How a network is trained: its hidden layers, the rows and the number of its steps, and its learning rate."""

    hidden: tuple[int, ...]
    batch: int
    steps: int
    rate: float


def measure(net: Net, inputs: Array, classes: NDArray[np.int64], training: Training, seeds: int) -> float:
    """The share of (step, unit) in which no two of the weights' gradients have opposite signs, mean over the seeds.

    Units of the second layer, whose inputs are the activation's outputs; gradient descent on the mean cross-entropy. A unit that no
    gradient reaches in a step is left out.
    """
    with np.errstate(all="ignore"):  # one that diverges is refused at its end
        return float(np.mean([_share(net, inputs, classes, training, np.random.default_rng(seed)) for seed in range(seeds)]))


def _share(net: Net, inputs: Array, classes: NDArray[np.int64], training: Training, rng: np.random.Generator) -> float:
    sizes = (inputs.shape[1], *training.hidden, int(classes.max()) + 1)
    weights = [rng.standard_normal(each) * net.initializer.std(*each) for each in pairwise(sizes)]
    same = reached = 0
    for _ in range(training.steps):
        chosen = rng.choice(len(inputs), training.batch, replace=False)
        passed = forward(inputs[chosen], weights[:-1], net.activation)
        _, errors = cross_entropy.value_and_gradient(passed.outputs[-1] @ weights[-1], classes[chosen], given="logits")
        by_sums = [*backward(errors @ weights[-1].T, weights[:-1], passed), errors]
        gradients = [below.T @ each for below, each in zip(passed.outputs, by_sums, strict=True)]
        live = gradients[1].any(0)
        same += int(one_signed(gradients[1], 0)[live].sum())
        reached += int(live.sum())
        for own, gradient in zip(weights, gradients, strict=True):
            own -= training.rate * gradient
    if not all(np.isfinite(own).all() for own in weights):
        raise InputError(f"a network of {net.name} diverges at rate {training.rate:g}; give a smaller rate")
    return same / reached if reached else float("nan")
