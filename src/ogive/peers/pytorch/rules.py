"""How PyTorch's functions enter the register, and how they reduce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ogive import catalogue
from ogive.peers.registry import Function, constructor, register
from ogive.peers.values import reduced


def of(entry: str, name: str = "", order: str = "") -> Callable[[Function], Function]:
    """Register a function of torch.nn.functional, and the class of torch.nn that takes its options in that order."""

    def enter(function: Function) -> Function:
        register(f"torch.nn.functional.{function.__name__}", entry, function)
        if name:
            register(f"torch.nn.{name}", entry, constructor(function, order))
        return function

    return enter


def pointwise(entry: str, *arrays: Any, reduction: str, weight: Any = None, divisor: Any = None, **options: Any) -> Any:
    """The terms of an entry, reduced."""
    return reduced(catalogue.get(entry)(*arrays, reduction="none", **options), reduction, weight, divisor)
