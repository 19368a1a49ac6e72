"""A gate: an elementwise function of two inputs, one of which lets the other through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ogive.arrays import real_array
from ogive.elementwise import Elementwise
from ogive.signatures import called_alike
from ogive.term import Definition, Input, Term


class Gate(Elementwise):
    """An elementwise function of several arrays, differentiated by each: ``slope(x, gate, wrt="gate")``."""

    kind = "gate"

    def _arguments(self) -> str:
        return "".join(f"{each.name} : {each.about}\n" for each in self.term.inputs)

    @called_alike
    def vjp(self, x: Any, /, *rest: Any, cotangent: Any, **named: Any) -> tuple[Any, ...]:
        """The vector–Jacobian product for each input, in its shape: `cotangent` times the slope, summed over what was broadcast."""
        upstream = real_array(self.name, "cotangent", cotangent)
        inputs = zip(self.term.differentiated, (x, *rest), strict=False)
        return tuple(_summed_to(np.shape(value), upstream * self.slope(x, *rest, wrt=each.name, **named)) for each, value in inputs)


def _summed_to(shape: tuple[int, ...], product: Any) -> Any:
    """The sum over the axes along which an array of that shape was broadcast."""
    product = np.sum(product, axis=tuple(range(np.ndim(product) - len(shape))))
    return np.sum(product, axis=tuple(i for i, size in enumerate(shape) if size == 1 and product.shape[i] != 1), keepdims=True)


def gate(*, inputs: tuple[Input, ...], slopes: Mapping[str, Definition], formula: str, **facts: Any) -> Callable[[Definition], Gate]:
    """Turn a definition ``f(*inputs, xp)`` into a registered entry with its name and docstring."""

    def enter(definition: Definition) -> Gate:
        name = definition.__name__
        signature = f"{','.join('()' for _ in inputs)}->()"
        term = Term(name=name, value=definition, inputs=inputs, signature=signature, formula=formula, slopes=slopes)
        return Gate(name=name, description=definition.__doc__ or "", terms={"": term}, **facts)

    return enter
