"""A network of NumPy and ogive's values and slopes alone: forward, backward, update, and the numerical check of the gradient.

Run as ``python examples/from_scratch.py [ACTIVATION]`` (seconds). The handwritten digits come with scikit-learn: ``pip install ".[lab]"``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ogive

Array = NDArray[np.float64]
Steps = Iterable[NDArray[np.intp]]
Loss = Callable[[Array, Any], tuple[Any, Array]]
"""From the network's output and the target to the loss and its gradient by the output."""

CROSS_ENTROPY: Loss = partial(ogive.cross_entropy.value_and_gradient, given="logits")
SIZES, EPOCHS, BATCH, RATE = (64, 32, 32, 10), 40, 32, 0.1


class Network:
    """Dense layers with one activation between them, and none after the last: the loss knows what belongs there.

    Parameters
    ----------
    sizes : numbers of units, from the inputs to the outputs.
    activation : an entry of ogive's catalogue; its recommended initialiser draws the weights.
    rng : where they come from.
    """

    def __init__(self, sizes: tuple[int, ...], activation: Any, rng: np.random.Generator) -> None:
        draw = ogive.initializers.get(activation.initializer)
        self.activation = activation
        self.weights = [draw(rng, (fan_in, fan_out), fan_in, fan_out) for fan_in, fan_out in pairwise(sizes)]
        self.biases = [np.zeros(fan_out) for fan_out in sizes[1:]]

    def forward(self, x: Array) -> tuple[Array, list[Array], list[Array]]:
        """The output, and what the way back needs: the input of every layer, and the activation's slope behind the hidden ones."""
        inputs, slopes = [x], []
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            value, slope = self.activation.value_and_slope(inputs[-1] @ weights + bias)
            inputs.append(value)
            slopes.append(slope)
        return inputs[-1] @ self.weights[-1] + self.biases[-1], inputs, slopes

    def loss_and_gradients(self, x: Array, target: Any, loss: Loss) -> tuple[float, list[Array]]:
        """The loss, and its gradients in the order of `parameters`: the chain rule, from the last layer to the first."""
        output, inputs, slopes = self.forward(x)
        value, back = loss(output, target)
        gradients: list[Array] = []
        for layer in reversed(range(len(self.weights))):
            gradients = [inputs[layer].T @ back, back.sum(axis=0), *gradients]
            if layer > 0:
                back = back @ self.weights[layer].T * slopes[layer - 1]
        return float(value), gradients

    @property
    def parameters(self) -> list[Array]:
        """Weights and bias of the first layer, of the second, and so on; changed in place they change the network."""
        return [array for pair in zip(self.weights, self.biases, strict=True) for array in pair]


def batches(rows: int, size: int, epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """The rows of every step: each epoch shuffles them and leaves out what fills no batch."""
    for _ in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, rows - size + 1, size):
            yield order[start : start + size]


def train(network: Network, x: Array, target: Any, steps: Steps, loss: Loss = CROSS_ENTROPY, rate: float = RATE) -> None:
    """Gradient descent, one step for each batch."""
    for rows in steps:
        _, gradients = network.loss_and_gradients(x[rows], target[rows], loss)
        for parameter, gradient in zip(network.parameters, gradients, strict=True):
            parameter -= rate * gradient


def gradient_error(network: Network, x: Array, target: Any, loss: Loss = CROSS_ENTROPY, step: float = 1e-5) -> float:
    """The numerical check: how far the gradients are from central differences, relative to their size.

    The error of a central difference falls with the square of the step until the loss itself is rounded off; 1e-5 is where both are small.
    """
    worst = 0.0
    _, gradients = network.loss_and_gradients(x, target, loss)
    for parameter, gradient in zip(network.parameters, gradients, strict=True):
        numerical = np.empty_like(parameter)
        for place in np.ndindex(parameter.shape):
            here = parameter[place]
            ends = []
            for parameter[place] in (here + step, here - step):
                ends.append(loss(network.forward(x)[0], target)[0])
            parameter[place] = here
            numerical[place] = (ends[0] - ends[1]) / (2 * step)
        worst = max(worst, float(np.linalg.norm(numerical - gradient) / np.linalg.norm(gradient)))
    return worst


def digits(rng: np.random.Generator) -> tuple[Array, Any, Array, Any]:
    """Images and classes to train on, and a fifth of them to test on; pixels from 0 to 1."""
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    order = rng.permutation(len(images))
    trained, tested = np.split(order, [len(order) * 4 // 5])
    return images[trained] / 16, classes[trained], images[tested] / 16, classes[tested]


def accuracy(network: Network, x: Array, classes: Any) -> float:
    """The share of rows whose largest output is that of their class."""
    return float(np.mean(network.forward(x)[0].argmax(axis=1) == classes))


def main(name: str = "gelu") -> None:
    """Check the gradient, train, and say how well it does."""
    activation = ogive.get(name, "activation")
    if not activation.hidden:
        raise ogive.errors.InputError(f"{activation.name} is not for hidden layers as it stands; see ogive list --property hidden")
    rng = np.random.default_rng(0)
    x, classes, test_x, test_classes = digits(rng)
    network = Network(SIZES, activation, rng)
    print(f"{'-'.join(map(str, SIZES))}, {activation.name}, {activation.initializer}")
    print(f"gradient against central differences: {gradient_error(network, x[:20], classes[:20]):.1e} apart")
    print(f"before training: {accuracy(network, test_x, test_classes):.1%} of the test digits right")
    train(network, x, classes, batches(len(x), BATCH, EPOCHS, rng))
    print(f"after {EPOCHS} epochs: {accuracy(network, test_x, test_classes):.1%}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except ogive.errors.OgiveError as error:
        sys.exit(f"from_scratch.py: {error}")
