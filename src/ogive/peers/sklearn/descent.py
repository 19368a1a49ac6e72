"""The losses of scikit-learn's stochastic gradient descent: made with a parameter, then called with prediction and target, one by one."""

from __future__ import annotations

import numpy as np

from ogive import catalogue
from ogive.peers.registry import Function
from ogive.peers.sklearn.rules import of
from ogive.peers.values import floats

_MODULE = "sklearn.linear_model._sgd_fast"


@of(_MODULE, "epsilon_insensitive", "EpsilonInsensitive")
def epsilon_insensitive(epsilon: float) -> Function:
    """max(0, |y - p| - epsilon), of prediction and target."""
    return lambda p, y: catalogue.get("epsilon_insensitive")(p, y, epsilon=epsilon, reduction="none")


@of(_MODULE, "squared_epsilon_insensitive", "SquaredEpsilonInsensitive")
def squared_epsilon_insensitive(epsilon: float) -> Function:
    """max(0, |y - p| - epsilon)², of prediction and target."""
    return lambda p, y: catalogue.get("squared_epsilon_insensitive")(p, y, epsilon=epsilon, reduction="none")


def _by_margin(entry: str, threshold: float) -> Function:
    """Of prediction and a target of -1 or 1; the entry's threshold is 1."""
    return lambda p, y: catalogue.get(entry)(floats("p", p) * np.asarray(y) + (1 - threshold), 1.0, reduction="none")


@of(_MODULE, "hinge", "Hinge")
def hinge(threshold: float = 1.0) -> Function:
    """max(0, threshold - p y), of prediction and target; with a threshold of 0 it is the perceptron's loss."""
    return _by_margin("hinge", threshold)


@of(_MODULE, "squared_hinge", "SquaredHinge")
def squared_hinge(threshold: float = 1.0) -> Function:
    """max(0, threshold - p y)², of prediction and target."""
    return _by_margin("squared_hinge", threshold)


@of(_MODULE, "modified_huber", "ModifiedHuber")
def modified_huber() -> Function:
    """max(0, 1 - p y)², from p y = -1 down -4 p y, of prediction and target."""
    return _by_margin("modified_huber", 1.0)
