"""The factors of a comparison, and the arms that their levels cross to.

A factor is one entry of `FACTORS`: how a level is written, what is wrong with it if something is, and where it goes. Levels are
written the same way on the command line, in Python and in a TOML file.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ogive import catalogue, initializers
from ogive.activation import Activation
from ogive.errors import InputError, InputTypeError
from ogive.lab.member import Recipe
from ogive.lab.optimizers import OPTIMIZERS, SCHEDULES, known
from ogive.lab.outputs import output_loss
from ogive.lab.population import Variant
from ogive.lab.task import Task

LINEAR = "identity"
"""What a layer without an activation computes; ``none`` where users write it."""

LINEAR_INITIALIZER = "lecun_normal"
"""Where the catalogue recommends none, a linear layer: variance 1/fan_in keeps the size of what passes through it."""

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


@dataclass(frozen=True)
class Arm:
    """One combination of levels.

    Attributes
    ----------
    name
        The levels of the factors that differ between the arms.
    levels
        Every factor's level, as it is written.
    """

    name: str
    levels: tuple[tuple[str, str], ...]
    recipe: Recipe
    activations: tuple[str, ...]
    initializers: tuple[str, ...]
    rate: float | None

    def level(self, factor: str) -> str:
        """The level of a factor, as it is written."""
        return dict(self.levels)[factor]

    def variant(self, rate: float) -> Variant:
        """The arm's networks at a learning rate."""
        return Variant(self.activations, self.initializers, rate)


def _per_layer(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split("/")]


def _activations(level: Any, _task: Task) -> tuple[str, ...]:
    return tuple(LINEAR if name == "none" else _usable(name) for name in _per_layer(level))


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


def _bias(level: Any, _task: Task) -> bool:
    answers = {"yes": True, "no": False, "true": True, "false": False}
    if str(level).lower() not in answers:
        raise InputError(f"biases must be yes or no, got {level!r}")
    return answers[str(level).lower()]


def _rate(level: Any, _task: Task) -> float | None:
    if level == TUNED:
        return None
    try:
        rate = float(level)
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise InputError(f"learning_rates must be {TUNED!r} or positive numbers, got {level!r}")
    return rate


def _loss(level: Any, task: Task) -> str:
    return output_loss(str(level), classes=task.kind != "regression").name


FACTORS = (
    Factor("activation", "activations", "Of the hidden layers; one for each with a slash between: relu/tanh.", None, _activations),
    Factor("initializer", "initializers", "recommended, he_normal, normal(0.01), he_normal*2 …", RECOMMENDED, _initializers),
    Factor("hidden", "hidden", "Units of each hidden layer, such as 64-32.", "64-32", _hidden),
    Factor("bias", "biases", "yes or no.", "yes", _bias),
    Factor("loss", "losses", "Output loss with its activation.", None, _loss),
    Factor("optimizer", "optimizers", "sgd (momentum 0.9) or adam.", "sgd", lambda level, _: known(str(level), OPTIMIZERS, "optimiser")),
    Factor(
        "schedule", "schedules", "cosine or constant learning rate.", "cosine", lambda level, _: known(str(level), SCHEDULES, "schedule")
    ),
    Factor("learning rate", "learning_rates", "tuned for each arm, or fixed numbers.", TUNED, _rate),
    Factor("batch size", "batch_sizes", "Rows of a training step.", "32", lambda level, _: _whole(level, "batch_sizes")),
)


def cross(given: Mapping[str, Any], task: Task, epochs: int) -> tuple[Arm, ...]:
    """Every combination of the levels.

    Parameters
    ----------
    given
        Levels by the factor's ``option``: a list, or one level alone. Factors that are left out have their default level.
    task
        What is to be learned; it decides the default loss.
    epochs
        Of every network.
    """
    levels = {factor.name: _levels(factor, given.get(factor.option), task) for factor in FACTORS}
    varied = [name for name, own in levels.items() if len(own) > 1] or [FACTORS[0].name]
    arms = []
    for combination in itertools.product(*(own.items() for own in levels.values())):
        written = dict(zip(levels, (text for text, _ in combination), strict=True))
        values = dict(zip(levels, (value for _, value in combination), strict=True))
        arms.append(_arm(", ".join(written[name] for name in varied), written, values, epochs))
    _refuse_twins(arms)
    return tuple(arms)


def _refuse_twins(arms: Sequence[Arm]) -> None:
    """An arm that is another under a second name would seem to confirm it."""
    names: dict[Any, str] = {}
    for arm in arms:
        network = (arm.recipe, arm.activations, arm.initializers, arm.rate)
        if network in names:
            raise InputError(f"the arms {names[network]!r} and {arm.name!r} are the same network; leave one out")
        names[network] = arm.name


def layer_pairs(names: Sequence[str]) -> list[str]:
    """The levels of the activation for every pair of names: hidden layer 1 × hidden layer 2."""
    return [f"{first}/{second}" for first in names for second in names]


def confounds(arms: Sequence[Arm]) -> list[str]:
    """What differs between arms beside the levels that were asked for, in words."""
    recommended = [arm for arm in arms if RECOMMENDED in arm.level("initializer")]
    by_initializer: dict[tuple[str, ...], list[str]] = {}
    for arm in recommended:
        by_initializer.setdefault(arm.initializers, []).append(arm.level("activation"))
    if len(by_initializer) < 2:
        return []
    groups = "; ".join(
        f"{'/'.join(dict.fromkeys(own[:-1]))} with {', '.join(dict.fromkeys(names))}" for own, names in by_initializer.items()
    )
    return [
        f"Each activation has the initialiser recommended for it ({groups}), so a difference between these groups may be the"
        " initialiser's; --initializers he_normal,lecun_normal crosses the two."
    ]


def _levels(factor: Factor, given: Any, task: Task) -> dict[str, Any]:
    """The values of a factor by how they are written, none twice."""
    if given is None:
        given = _default(factor, task)
    listed = list(given) if isinstance(given, list | tuple) and not (factor.name == "hidden" and _is_shape(given)) else [given]
    if not listed:
        raise InputTypeError(f"{factor.option} must have at least one level, got {given!r}")
    found: dict[str, Any] = {}
    for level in listed:
        value = factor.read(level, task)
        text = _written(factor, level, value)
        if text in found:
            raise InputError(f"{factor.option} names {text!r} twice; leave one out")
        found[text] = value
    return found


def _is_shape(given: Sequence[Any]) -> bool:
    """Whether it is one network's units, as in hidden=(64, 32), and no list of levels."""
    return all(isinstance(units, int) for units in given)


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
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(level if value is None else value)


def _arm(name: str, written: Mapping[str, str], values: Mapping[str, Any], epochs: int) -> Arm:
    hidden = values["hidden"]
    activations = _spread_over(values["activation"], len(hidden), "activation", written)
    given = values["initializer"]
    output = given[-1] if len(given) == len(hidden) + 1 and len(hidden) > 0 else RECOMMENDED
    own = _spread_over(given[: len(hidden)] if len(given) > len(hidden) else given, len(hidden), "initializer", written)
    resolved = [
        _recommended(activation) if initializer == RECOMMENDED else initializer
        for activation, initializer in zip((*activations, LINEAR), (*own, output), strict=True)
    ]
    recipe = Recipe(hidden, values["bias"], values["loss"], values["optimizer"], values["schedule"], values["batch size"], epochs)
    return Arm(name, tuple(written.items()), recipe, activations, tuple(resolved), values["learning rate"])


def _spread_over(names: tuple[str, ...], layers: int, what: str, written: Mapping[str, str]) -> tuple[str, ...]:
    if len(names) not in (1, layers):
        raise InputError(
            f"{what} {written[what]!r} names {len(names)} layers, but hidden {written['hidden']!r} has {layers}; name one, or {layers}"
        )
    return names * layers if len(names) == 1 else names


def _recommended(activation: str) -> str:
    return catalogue.get(activation, "activation").initializer or LINEAR_INITIALIZER
