"""A gate: an elementwise function of two inputs, one of which lets the other through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ogive.elementwise import Elementwise
from ogive.term import Definition, Input, Term


class Gate(Elementwise):
    """An elementwise function of several arrays, differentiated by each: ``slope(x, gate, wrt="gate")``."""

    kind = "gate"

    def _arguments(self) -> str:
        return "".join(f"{each.name} : {each.about}\n" for each in self.term.inputs)

    def vjp(self, x: Any, /, *rest: Any, cotangent: Any, **named: Any) -> tuple[Any, ...]:
        """The vector–Jacobian product for each input, in order: `cotangent` times the slope."""
        return tuple(cotangent * self.slope(x, *rest, wrt=each.name, **named) for each in self.term.differentiated)


def gate(*, inputs: tuple[Input, ...], slopes: Mapping[str, Definition], formula: str, **facts: Any) -> Callable[[Definition], Gate]:
    """Turn a definition ``f(*inputs, xp)`` into a registered entry with its name and docstring."""

    def enter(definition: Definition) -> Gate:
        name = definition.__name__
        signature = f"{','.join('()' for _ in inputs)}->()"
        term = Term(name=name, value=definition, inputs=inputs, signature=signature, formula=formula, slopes=slopes)
        return Gate(name=name, description=definition.__doc__ or "", terms={"": term}, **facts)

    return enter
