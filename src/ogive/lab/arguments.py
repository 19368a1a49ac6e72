"""What `ogive.lab.compare` is called with, checked at the door."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from ogive.errors import InputError, InputTypeError, MissingExtraError, did_you_mean
from ogive.lab.dataset import Dataset
from ogive.lab.factors import FACTORS
from ogive.lab.splits import FOLDS, Folds

LARGEST_NUMBER = 1_000_000
"""Of seeds, epochs and workers; beyond it a typing mistake is likelier than a plan."""

_NEEDED = ("sklearn", "scipy", "jinja2", "pooch", "rich", "threadpoolctl")


def check_until(until: float | None) -> None:
    """A size of differences."""
    if until is not None and not 0 < real(until, "until") < float("inf"):
        raise InputError(f"until must be a positive number, in the unit of the metric (0.005 is half a percentage point), got {until!r}")


def check_seeds(seeds: int, folds: Folds) -> None:
    """Every test part has to be looked at equally often."""
    if not folds.official and seeds > FOLDS and seeds % FOLDS:
        below = seeds - seeds % FOLDS
        raise InputError(
            f"seeds must be 2 to {FOLDS}, or a multiple of {FOLDS}, so that every fifth of the rows is the test part equally often;"
            f" got {seeds}, give {below} or {below + FOLDS}"
        )


def margin_of(given: float | None, dataset: Dataset) -> float:
    """Half a percentage point, or a hundredth of what there is to explain."""
    if given is not None and not 0 <= real(given, "margin") < float("inf"):
        raise InputError(f"margin must be a number from 0, in the unit of the metric, got {given!r}")
    return given if given is not None else (0.005 if dataset.task.metrics[0].percent else 0.01)


def check_names(factors: Mapping[str, Any], others: Iterable[str]) -> None:
    """Refuse a name that is neither a factor's nor one of the other arguments'."""
    known = [factor.option for factor in FACTORS]
    for name in factors:
        if name not in known:
            raise InputError(f"unknown argument {name!r}; the factors are {', '.join(known)}{did_you_mean(name, [*known, *others])}")


def require_lab() -> None:
    """Say what is missing before hours of work, not after."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(f'ogive compare needs {", ".join(missing)}; install with: pip install "ogive[lab]"')


def real(value: float, name: str) -> float:
    """A number: text such as 0.5pp is for the command line and TOML."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputTypeError(f"{name} must be a number such as 0.005, got {value!r}")
    return value


def whole(value: int, name: str, least: int, most: int | None = LARGEST_NUMBER) -> int:
    """A whole number that is neither too small nor absurd."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputTypeError(f"{name} must be a whole number, got {value!r}")
    value = int(value)
    if most is not None and value > most:
        raise InputError(f"{name} must be at most {most:,}, got {value:,}")
    if value < least:
        reason = "; an interval needs two runs" if name == "seeds" and least == 2 else ""
        raise InputError(f"{name} must be at least {least}, got {value}{reason}")
    return value


def names_of(names: Sequence[str], name: str) -> list[str]:
    """A list of names."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InputTypeError(f"{name} must be a list of names such as ['relu', 'tanh'], got {names!r}")
    return list(names)


def rates_to_try(rates: Sequence[float]) -> tuple[float, ...]:
    """Learning rates in order."""
    try:
        tried = tuple(sorted(float(rate) for rate in rates if not isinstance(rates, str)))
    except (TypeError, ValueError):
        raise InputTypeError(f"try_rates must be a list of learning rates such as 0.01, 0.1; got {rates!r}") from None
    if len(tried) < 2:
        raise InputError(f"try_rates must be at least two learning rates to choose from, got {rates!r}; learning_rates fixes one")
    for rate in tried:
        if not 0 < rate < float("inf"):
            raise InputError(f"try_rates must be positive and finite, got {rate:g}")
    if len(set(tried)) < len(tried):
        raise InputError(f"try_rates names one learning rate twice: {', '.join(f'{rate:g}' for rate in tried)}; leave one out")
    return tried
