"""How scikit-learn's losses enter the register, and the deviances that several of them are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.errors import InputError
from ogive.losses.shares import product
from ogive.peers.registry import Function, register
from ogive.peers.values import check_shapes, floats


def of(module: str, entry: str, name: str = "") -> Callable[[Function], Function]:
    """Register a function of a module of scikit-learn, or what is called as a class of it."""

    def enter(function: Function) -> Function:
        register(f"{module}.{name or function.__name__}", entry, function)
        return function

    return enter


def half_deviance(y_true: Any, y_pred: Any, power: float) -> Any:
    """Half the Tweedie deviance of means: the entry, and the part that depends on the target alone."""
    if not (power <= 0 or power >= 1):
        raise InputError(f"power must be at most 0 or at least 1, for no distribution has one between; got {power!r}")
    means, target = floats("y_pred", y_pred), np.asarray(y_true, np.float64)
    check_shapes(y_true=target, y_pred=means)
    if power == 0:
        return catalogue.get("half_mean_squared_error")(means, target, reduction="none")
    if power >= 2 and np.any(target <= 0):
        raise InputError(f"y_true must be positive where power is 2 or more, found {target.min()!s}; of zeros take one between 1 and 2")
    if power < 0:
        return _of_negative_power(means, target, power)
    values = catalogue.get("tweedie")(means.astype(np.float64), target, given="means", power=power, reduction="none")
    safe = np.where(target > 0, target, 1.0)
    if power == 1:
        values = values + product(target, np.log(safe) - 1, np)
    elif power == 2:
        values = values - np.log(safe) - 1
    else:
        values = values + target ** (2 - power) / ((1 - power) * (2 - power))
    return values.astype(means.dtype)


def _of_negative_power(means: Any, target: Any, power: float) -> Any:
    """Half the deviance of positive means of any real target (an extreme stable distribution), which no entry has."""
    if np.any(means <= 0):
        raise InputError(f"y_pred must be positive where power is negative, found {means.min()!s}")
    wide = means.astype(np.float64)
    of_target = np.maximum(target, 0) ** (2 - power) / ((1 - power) * (2 - power))
    return (of_target + wide ** (1 - power) * (wide / (2 - power) - target / (1 - power))).astype(means.dtype)
