"""Keras's three cross-entropies beside ogive's form of each, and made by hand of ogive's entries, with all that Keras does around them.

Run as ``python examples/keras_losses.py``; it needs Keras and PyTorch, which it has Keras compute with where no other backend is chosen.

What Keras does to probabilities before it takes a logarithm: it clips them to [1e-7, 1 - 1e-7], and divides those of several classes by
their sum first. Logits it takes as they are. So a sure mistake costs 16.1 by its probability, whatever it was, and all of it by its logit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ogive

Array = NDArray[Any]
EPSILON = 1e-7  # keras.config.epsilon()


def binary_crossentropy(y_true: Array, y_pred: Array, from_logits: bool = False) -> Array:
    """The mean over the last axis; a probability becomes a logit again, and the sigmoid of that is in the loss."""
    logits = y_pred if from_logits else ogive.logit(np.clip(y_pred, EPSILON, 1 - EPSILON))
    return ogive.binary_cross_entropy(logits, y_true, given="logits", reduction="none").mean(axis=-1)


def categorical_crossentropy(y_true: Array, y_pred: Array, from_logits: bool = False, axis: int = -1) -> Array:
    """One loss for each row along the axis of the classes: the last (`channels_last`) or 1 (`channels_first`)."""
    if from_logits:
        return ogive.cross_entropy(y_pred, y_true, given="logits", axis=axis, reduction="none")
    shares = np.clip(y_pred / y_pred.sum(axis=axis, keepdims=True), EPSILON, 1 - EPSILON)
    return ogive.cross_entropy(shares, y_true, given="probabilities", axis=axis, reduction="none")


def sparse_categorical_crossentropy(y_true: Array, y_pred: Array, from_logits: bool = False, axis: int = -1) -> Array:
    """The same of class numbers."""
    classes = np.moveaxis(np.eye(y_pred.shape[axis], dtype=y_pred.dtype)[y_true], -1, axis)
    return categorical_crossentropy(classes, y_pred, from_logits, axis)


@dataclass(frozen=True)
class Case:
    """A call: what it shows, the function, its arrays and options."""

    shows: str
    by_hand: Callable[..., Array]
    y_true: Array
    y_pred: Array
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """The function, as Keras calls it."""
        return self.by_hand.__name__

    def results(self) -> tuple[Array, Array, Array]:
        """Keras's, ogive's under Keras's name, and the one by hand."""
        import keras

        theirs = keras.ops.convert_to_numpy(getattr(keras.losses, self.name)(self.y_true, self.y_pred, **self.options))
        ours = ogive.peer(f"keras.losses.{self.name}")(self.y_true, self.y_pred, **self.options)
        return theirs, np.asarray(ours), np.asarray(self.by_hand(self.y_true, self.y_pred, **self.options))


def cases() -> list[Case]:
    """What is set side by side, in single precision, as Keras computes."""
    two, chances = np.array([0, 1, 1, 0, 1], np.float32), np.array([0.1, 0.9, 0.8, 0.2, 0.7], np.float32)
    sure, logits = np.array([0.0, 1.0], np.float32), np.array([-40.0, 40.0], np.float32)
    mistaken = np.array([1, 0], np.float32)
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(2, 3, 4)).astype(np.float32)  # two images of four pixels; the classes are along axis 1
    pixels = rng.integers(3, size=(2, 4))
    one_hot = np.moveaxis(np.eye(3, dtype=np.float32)[pixels], -1, 1)
    first: dict[str, Any] = {"axis": 1}
    last_scores, last_hot = np.moveaxis(scores, 1, -1), np.moveaxis(one_hot, 1, -1)
    binary, categorical, sparse = binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
    return [
        Case("probabilities", binary, two, chances, {}),
        Case("logits", binary, two, ogive.logit(chances), {"from_logits": True}),
        Case("sure and wrong: clipped", binary, mistaken, sure, {}),
        Case("the same as logits: not clipped", binary, mistaken, logits, {"from_logits": True}),
        Case("classes along the last axis", categorical, last_hot, ogive.softmax(last_scores), {}),
        Case("classes along axis 1", categorical, one_hot, ogive.softmax(scores, axis=1), first),
        Case("what does not add up to 1 is divided by its sum", categorical, one_hot, 7 * ogive.softmax(scores, axis=1), first),
        Case("logits", categorical, one_hot, scores, {"from_logits": True} | first),
        Case("sure and wrong: clipped", categorical, np.eye(3, dtype=np.float32)[:1], np.eye(3, dtype=np.float32)[1:2], {}),
        Case("class numbers", sparse, pixels, ogive.softmax(last_scores), {}),
        Case("class numbers, classes along axis 1", sparse, pixels, scores, {"from_logits": True} | first),
        Case("sure and wrong: clipped", sparse, np.array([0]), np.eye(3, dtype=np.float32)[1:2], {}),
    ]


def main() -> None:
    """Print the three results of every case: the mean of its losses."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    print(f"{'':84}{'Keras':>12}{'ogive.peer':>12}{'by hand':>12}")
    for case in cases():
        numbers = "".join(f"{result.mean():12.7f}" for result in case.results())
        print(f"{case.name:33}{case.shows:51}{numbers}")


if __name__ == "__main__":
    main()
