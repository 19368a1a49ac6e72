"""An elementwise activation function: its definition, its slope, and what is claimed of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ogive import formula as formulas
from ogive.elementwise import Elementwise
from ogive.entry import Expression, written
from ogive.errors import InputError, InputTypeError
from ogive.parameter import Parameter
from ogive.term import Definition, Term

Side = Literal["none", "left", "right", "both"]

_SMOOTHNESS = {-1: "the value jumps", 0: "continuous; the slope jumps", 1: "a continuous slope; the curvature jumps", math.inf: "smooth"}


@dataclass(frozen=True)
class Kink:
    """A point where a derivative jumps (which one, `smoothness` says), and the slope that ogive gives there."""

    at: float
    slope: Expression


@dataclass(eq=False, kw_only=True, repr=False)
class Activation(Elementwise):
    """An elementwise function of one array and its parameters, callable like a NumPy ufunc.

    ``limits`` and ``slope_limits`` are those at the two ends of ``domain``; ``range`` holds the smallest and largest value;
    ``lipschitz`` is the largest absolute slope; ``smoothness`` counts the continuous derivatives (-1: a jump);
    ``zero_centred`` says that f(-x) = -f(x). Where they depend on parameters they are formulas; `claim` evaluates them.
    """

    limits: tuple[Expression, Expression]
    slope_limits: tuple[Expression, Expression]
    range: tuple[Expression, Expression]
    monotone: bool
    zero_centred: bool = False
    smoothness: float
    lipschitz: Expression
    kinks: tuple[Kink, ...] = ()
    domain: tuple[float, float] = (-math.inf, math.inf)
    initializer: str | None = None
    variant_of: str | None = None
    served_by: Activation | None = None
    draw: Callable[..., tuple[Any, ...]] | None = None

    kind = "activation"

    def _ufuncs(self) -> tuple[Any, Any, Any]:
        served = self.served_by
        return (served.ufunc, served.slope_ufunc, served.value_and_slope_ufunc) if served else super()._ufuncs()

    def _inputs(self, x: Any, rest: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters, or what a random activation draws with them."""
        rng = named.pop("rng", None)
        values = super()._inputs(x, rest, named)
        if self.draw is not None:
            if rng is not None and not isinstance(rng, np.random.Generator):
                raise InputTypeError(f"{self.name}: rng must be a numpy.random.Generator, got {rng!r}; use np.random.default_rng(seed)")
            return self.draw(rng, x, *values)
        if rng is not None:
            raise InputTypeError(f"{self.name}: takes no rng, for it is not random; leave it out")
        return values

    def _keywords(self) -> dict[str, Any]:
        return super()._keywords() | ({"rng": None} if self.random else {})

    @property
    def learned(self) -> bool:
        """Whether a parameter is trained with the network."""
        return any(parameter.learned for parameter in self.parameters)

    @property
    def random(self) -> bool:
        """Whether it draws random numbers in training."""
        return self.draw is not None

    @property
    def linear(self) -> bool:
        """Whether it is the identity up to a factor, so that layers of it collapse into one."""
        return self.smoothness == math.inf and self.slope_limits[0] == self.slope_limits[1] == self.lipschitz

    @property
    def trainable(self) -> bool:
        """Whether any gradient passes: False where the slope is zero everywhere, so backpropagation learns nothing."""
        return self.lipschitz != 0

    @property
    def hidden(self) -> bool:
        """Whether a hidden layer can use it as it stands: all reals in, a bounded gradient out, nothing learned, nothing random."""
        everywhere = self.domain == (-math.inf, math.inf) and self.lipschitz != math.inf
        return everywhere and self.trainable and not (self.linear or self.learned or self.random or self.variant_of)

    @property
    def saturates(self) -> Side:
        """The side where the slope dies out."""
        left, right = (self.claim(limit) == 0 for limit in self.slope_limits)
        return "both" if left and right else "left" if left else "right" if right else "none"

    def claim(self, expression: Expression, /, *parameters: Any, **named: Any) -> float:
        """The number that a claim of this entry comes to with these parameters (by default, the defaults)."""
        values = self.bind(parameters, named)
        if any(each.default is not value for each, value in zip(self.parameters, values, strict=True) if isinstance(each.default, tuple)):
            raise InputError(f"{self.name}: its claims are those of the default coefficients; leave the parameters out")
        names = (parameter.name for parameter in self.parameters)
        return float(formulas.evaluate(expression, dict(zip(names, values, strict=True))))

    @property
    def properties(self) -> dict[str, bool]:
        """Its facts that are either so or not."""
        return {
            "monotone": self.monotone,
            "zero_centred": self.zero_centred,
            "smooth": self.smoothness == math.inf,
            "bounded": all(math.isfinite(self.claim(end)) for end in self.range),
            "saturating": self.saturates != "none",
            "trainable": self.trainable,
            "hidden": self.hidden,
            "learned": self.learned,
            "random": self.random,
        }

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, each with a heading."""
        left, right = (f"{end:g}" for end in self.domain)
        shape = ["monotone" if self.monotone else "not monotone", *(["zero-centred"] if self.zero_centred else [])]
        shape += (
            [] if self.saturates == "none" else [f"saturates on {'both sides' if self.saturates == 'both' else f'the {self.saturates}'}"]
        )
        found = [
            ("shape", ", ".join(shape)),
            ("range", f"from {written(self.range[0])} to {written(self.range[1])}"),
            ("limits", f"{written(self.limits[0])} at {left}, {written(self.limits[1])} at {right}"),
            ("slope", f"{written(self.slope_limits[0])} at {left}, {written(self.slope_limits[1])} at {right}"),
            ("Lipschitz constant", f"{written(self.lipschitz)}, the largest slope in size"),
            ("smoothness", _SMOOTHNESS.get(self.smoothness, f"{self.smoothness:g} continuous derivatives")),
        ]
        if self.kinks:
            found.append(("kinks", ", ".join(f"at {kink.at:g}, where the slope is given as {written(kink.slope)}" for kink in self.kinks)))
        if not self.trainable:
            found.append(("training", "not usable with backpropagation: the slope is 0 everywhere"))
        if self.initializer:
            found.append(("initialiser", f"{self.initializer} is recommended"))
        return [*found, *super().facts]


def activation(
    *,
    slope: Definition,
    formula: str,
    curvature: Definition | None = None,
    signature: str | None = None,
    parameters: tuple[Parameter, ...] = (),
    aliases: tuple[str, ...] = (),
    **claims: Any,
) -> Callable[[Definition], Activation]:
    """Turn a definition ``f(x, *parameters, xp)`` into a registered entry with its name and docstring."""
    if claims["monotone"]:
        claims.setdefault("range", claims["limits"])  # a monotone function stays between its limits

    def enter(definition: Definition) -> Activation:
        name = definition.__name__
        shape = signature or f"{','.join(['()'] * (1 + len(parameters)))}->()"
        term = Term(
            name=name, value=definition, signature=shape, parameters=parameters, formula=formula, slopes={"x": slope}, curvature=curvature
        )  # fmt: skip
        return Activation(name=name, description=definition.__doc__ or "", terms={"": term}, aliases=aliases, **claims)

    return enter
