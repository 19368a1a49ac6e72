"""What the comparisons with installed libraries share: random arrays, options, and signatures without what is left out here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from inspect import Parameter
from itertools import product
from typing import Any

import numpy as np
import pytest

Arrays = tuple[Any, ...]
RNG = np.random.default_rng(7)


def grid(**choices: Iterable[Any]) -> list[dict[str, Any]]:
    """Every combination of the options."""
    return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]


def cases(table: dict[str, tuple[Callable[[], Arrays], list[dict[str, Any]]]]) -> list[Any]:
    """A test for each function and its options."""
    return [
        pytest.param(name, arrays, options, id=f"{name.rpartition('.')[2]}-{i}")
        for name, (arrays, many) in table.items()
        for i, options in enumerate(many)
    ]


def arguments(function: Any, left_out: tuple[str, ...] = ()) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults; what follows an argument that is left out is passed by name."""
    found, by_name = [], False
    for each in inspect.signature(function).parameters.values():
        if each.name in left_out:
            by_name = True
        else:
            found.append((each.name, Parameter.KEYWORD_ONLY if by_name else each.kind, each.default))
    return found
