"""The factors that networks are compared by.

A factor is one entry of `FACTORS`: how a level is written, what is wrong with it if something is, and where it goes. Levels are
written the same way on the command line, in Python and in a TOML file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from ogive import catalogue, initializers
from ogive.activation import Activation
from ogive.errors import InputError, InputTypeError
from ogive.lab.optimizers import OPTIMIZERS, SCHEDULES, known
from ogive.lab.outputs import REDUCTIONS, output_loss
from ogive.lab.preparation import SCALINGS
from ogive.lab.task import Task

LINEAR = "identity"
"""What a layer without an activation computes; ``none`` where users write it."""

RECOMMENDED = "recommended"
TUNED = "tuned"
EVERYWHERE = (float("-inf"), float("inf"))
LARGEST_NUMBER = 1_000_000
"""Of units and rows of a batch; beyond it a typing mistake is likelier than a plan."""

Reader = Callable[[Any, Task], Any]


@dataclass(frozen=True)
class Factor:
    """Something that networks are compared by.

    Attributes
    ----------
    name
        The name of its levels in tables, and with ``option`` on the command line and in Python.
    option
        What users give its levels by.
    meaning
        One line of help.
    default
        The level that it has where none is given; ``None`` where the task decides.
    read
        Turns a level as written into a value, or says what is wrong with it.
    """

    name: str
    option: str
    meaning: str
    default: str | None
    read: Reader


def _per_layer(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split("/")]


def _activations(level: Any, _task: Task) -> tuple[str, ...]:
    names = [level.name] if isinstance(level, Activation) else _per_layer(level)
    return tuple(LINEAR if name == "none" else _usable(name) for name in names)


def _usable(written: str) -> str:
    entry: Activation = catalogue.get(written, "activation")
    if not entry.trainable:
        why = "its slope is 0 everywhere, so nothing before it would learn"
    elif entry.domain != EVERYWHERE:
        why = f"it is only defined from {entry.domain[0]:g} to {entry.domain[1]:g}, and a hidden layer gives it any number"
    elif entry.learned:
        why = "it learns a parameter with the network, and arms here are fixed functions"
    elif entry.random:
        why = "it draws random numbers in training, and arms here are fixed functions"
    else:
        return entry.name
    raise InputError(f"cannot compare {entry.name!r}: {why}; leave it out")


def _initializers(level: Any, _task: Task) -> tuple[str, ...]:
    return tuple(name if name == RECOMMENDED else initializers.get(name).name for name in _per_layer(level))


def _hidden(level: Any, _task: Task) -> tuple[int, ...]:
    if not isinstance(level, tuple | list | str | Integral):  # TOML's 2020-01-02 is a date
        raise InputTypeError(f"hidden must be the units of each layer, such as 64-32, as text in TOML; got {level!r}")
    parts = level if isinstance(level, tuple | list) else str(level).split("-")
    return tuple(_whole(units, "hidden (units of each layer, such as 64-32)") for units in parts)


def _whole(value: Any, what: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise InputError(f"{what}: {value!r} is not a whole number") from None
    if not 1 <= number <= LARGEST_NUMBER:
        raise InputError(f"{what}: must be from 1 to {LARGEST_NUMBER:,}, got {number:,}")
    return number


def _bias(level: Any, _task: Task) -> float | None:
    answers = {"yes": 0.0, "no": None, "true": 0.0, "false": None}
    if str(level).lower() in answers:
        return answers[str(level).lower()]
    try:
        start = float(level)
    except (TypeError, ValueError):
        start = math.inf
    if not math.isfinite(start):
        raise InputError(f"biases must be yes, no, or what those of hidden layers are at first, such as 0.1; got {level!r}")
    return start


def _rate(level: Any, _task: Task) -> float | None:
    if level == TUNED:
        return None
    try:
        rate = 0.0 if isinstance(level, bool) else float(level)
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise InputError(f"learning_rates must be {TUNED!r} or positive numbers, got {level!r}")
    return rate


def _loss(level: Any, task: Task) -> str:
    return output_loss(str(level), classes=task.kind != "regression").name


def _one_of(table: Iterable[str], what: str) -> Reader:
    return lambda level, _task: known(str(level), table, what)


FACTORS = (
    Factor("activation", "activations", "Of the hidden layers; one for each with a slash between: relu/tanh.", None, _activations),
    Factor("initializer", "initializers", "recommended, he_normal, normal(0.01), he_normal*2 …", RECOMMENDED, _initializers),
    Factor("inputs", "inputs", "standardized (mean 0, deviation 1), or unit (from 0 to 1).", SCALINGS[0], _one_of(SCALINGS, "scaling")),
    Factor("hidden", "hidden", "Units of each hidden layer, such as 64-32.", "64-32", _hidden),
    Factor("bias", "biases", "yes, no, or what those of hidden layers are at first.", "yes", _bias),
    Factor("loss", "losses", "Output loss with its activation.", None, _loss),
    Factor("reduction", "reductions", "mean or sum of a batch's losses.", REDUCTIONS[0], _one_of(REDUCTIONS, "reduction")),
    Factor("optimizer", "optimizers", "sgd (momentum 0.9), plain_sgd (none) or adam.", "sgd", _one_of(OPTIMIZERS, "optimiser")),
    Factor("schedule", "schedules", "cosine or constant learning rate.", "cosine", _one_of(SCHEDULES, "schedule")),
    Factor("learning rate", "learning_rates", "tuned for each arm, or fixed numbers.", TUNED, _rate),
    Factor("batch size", "batch_sizes", "Rows of a training step.", "32", lambda level, _: _whole(level, "batch_sizes")),
)


def levels_of(factor: Factor, given: Any, task: Task) -> dict[str, Any]:
    """The values of a factor by how they are written, none twice."""
    if given is None:
        given = _default(factor, task)
    if isinstance(given, str):
        given = [level.strip() for level in given.split(",")]
    shape = factor.name == "hidden" and isinstance(given, tuple)  # one network's units, as in hidden=(64, 32)
    listed = list(given) if isinstance(given, list | tuple) and not shape else [given]
    if not listed or given == ():
        raise InputTypeError(f"{factor.option} must have at least one level, got {given!r}")
    found: dict[str, Any] = {}
    for level in listed:
        value = factor.read(level, task)
        text = _written(factor, level, value)
        if text in found:
            raise InputError(f"{factor.option} names {text!r} twice; leave one out")
        found[text] = value
    return found


def _default(factor: Factor, task: Task) -> Any:
    if factor.name == "activation":
        return [entry.name for entry in catalogue.entries("activation") if isinstance(entry, Activation) and entry.hidden]
    if factor.name == "loss":
        return "mean_squared_error" if task.kind == "regression" else "cross_entropy"
    return factor.default


def _written(factor: Factor, level: Any, value: Any) -> str:
    """A level in its one spelling."""
    if factor.name in ("activation", "initializer"):
        return "/".join("none" if name == LINEAR else name for name in value)
    if factor.name == "hidden":
        return "-".join(map(str, value))
    if factor.name == "bias":
        return "no" if value is None else "yes" if value == 0 else f"{value:g}"
    return f"{value:g}" if isinstance(value, float) else str(level if value is None else value)
