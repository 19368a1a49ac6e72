"""An elementwise activation function: its definition, its slope, and what is claimed of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature, cleandoc
from typing import Any, Literal

import numpy as np

from ogive import formula as formulas
from ogive import kernel
from ogive.catalogue import register
from ogive.entry import Entry, Expression
from ogive.errors import InputError, InputTypeError

Definition = Callable[..., Any]
Side = Literal["none", "left", "right", "both"]


@dataclass(frozen=True)
class Kink:
    """A point where a derivative jumps (which one, `smoothness` says), and the slope that ogive gives there."""

    at: float
    slope: Expression


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Activation(Entry):
    """An elementwise function of one array and its parameters, callable like a NumPy ufunc.

    ``limits`` and ``slope_limits`` are those at the two ends of ``domain``; ``range`` holds the smallest and largest value;
    ``lipschitz`` is the largest absolute slope; ``smoothness`` counts the continuous derivatives (-1: a jump);
    ``zero_centred`` says that f(-x) = -f(x). Where they depend on parameters they are formulas; `claim` evaluates them.
    """

    definition: Definition
    slope_definition: Definition
    curvature_definition: Definition | None = None
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

    def __post_init__(self) -> None:
        nin = 1 + len(self.parameters)
        served = self.served_by
        ufuncs = (
            (served.ufunc, served.slope_ufunc, served.value_and_slope_ufunc)
            if served
            else kernel.elementwise(self.name, self.definition, self.slope_definition, nin)
        )
        for attribute, ufunc in zip(("ufunc", "slope_ufunc", "value_and_slope_ufunc"), ufuncs, strict=True):
            object.__setattr__(self, attribute, ufunc)
        object.__setattr__(self, "__doc__", self._docstring())

    ufunc: Any = None
    slope_ufunc: Any = None
    value_and_slope_ufunc: Any = None

    def __call__(self, x: Any, /, *parameters: Any, out: Any = None, where: Any = True, rng: Any = None, **named: Any) -> Any:
        """The value at every element of `x`, in its dtype; integers promote as in ``np.exp``."""
        return kernel.call(self.name, self.ufunc, x, *self._inputs(x, parameters, named, rng), out=out, where=where)

    def slope(self, x: Any, /, *parameters: Any, wrt: str = "x", out: Any = None, where: Any = True, rng: Any = None, **named: Any) -> Any:
        """The derivative at every element of `x`, with respect to `x` or to the parameter that `wrt` names."""
        inputs = self._inputs(x, parameters, named, rng)
        ufunc = self.slope_ufunc if wrt == "x" else self._parameter_slope(wrt)
        return kernel.call(self.name, ufunc, x, *inputs, out=out, where=where)

    def value_and_slope(
        self, x: Any, /, *parameters: Any, out: Any = (None, None), where: Any = True, rng: Any = None, **named: Any
    ) -> tuple[Any, Any]:
        """Value and slope in one pass over `x`; `out` is a pair of arrays."""
        inputs = self._inputs(x, parameters, named, rng)
        pair: tuple[Any, Any] = kernel.call(self.name, self.value_and_slope_ufunc, x, *inputs, out=out, where=where)
        return pair

    def curvature(self, x: Any, /, *parameters: Any, out: Any = None, where: Any = True, rng: Any = None, **named: Any) -> Any:
        """The second derivative by `x` at every element of `x`; at a kink, that of the side whose slope is given there."""
        if self.curvature_definition is None:
            raise InputError(f"{self.name}: has no curvature; `curvature_definition` of an entry says whether it has")
        ufunc = kernel.curvature(self.name, self.curvature_definition, 1 + len(self.parameters))
        return kernel.call(self.name, ufunc, x, *self._inputs(x, parameters, named, rng), out=out, where=where)

    def _inputs(self, x: Any, parameters: tuple[Any, ...], named: dict[str, Any], rng: Any) -> tuple[Any, ...]:
        """What the ufunc takes beside `x`: the parameters, or what a random activation draws with them."""
        values = self.bind(parameters, named)
        if self.draw is not None:
            if rng is not None and not isinstance(rng, np.random.Generator):
                raise InputTypeError(f"{self.name}: rng must be a numpy.random.Generator, got {rng!r}; use np.random.default_rng(seed)")
            return self.draw(rng, x, *values)
        if rng is not None:
            raise InputTypeError(f"{self.name}: takes no rng, for it is not random; leave it out")
        return values

    def _parameter_slope(self, wrt: str) -> Any:
        slopes = {parameter.name: parameter.slope for parameter in self.parameters if parameter.slope}
        if wrt not in slopes:
            raise InputError(f"{self.name}: wrt must be one of {', '.join(map(repr, ['x', *slopes]))}, got {wrt!r}")
        return kernel.definition(f"{self.name}.slope(wrt={wrt!r})", slopes[wrt], 1 + len(self.parameters))

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
        """Whether a hidden layer can use it as it stands: all reals in, a gradient out, nothing learned, nothing random."""
        everywhere = self.domain == (-math.inf, math.inf)
        return everywhere and self.trainable and not (self.linear or self.learned or self.random or self.variant_of)

    @property
    def saturates(self) -> Side:
        """The side where the slope dies out."""
        left, right = (self.claim(limit) == 0 for limit in self.slope_limits)
        return "both" if left and right else "left" if left else "right" if right else "none"

    def claim(self, expression: Expression, /, *parameters: Any, **named: Any) -> float:
        """The number that a claim of this entry comes to with these parameters (by default, the defaults)."""
        values = self.bind(parameters, named)
        names = (parameter.name for parameter in self.parameters)
        return float(formulas.evaluate(expression, dict(zip(names, values, strict=True))))

    def _details(self) -> list[tuple[str, str]]:
        left, right = self.domain
        properties = [
            f"range: from {self.range[0]} to {self.range[1]}; {'monotone' if self.monotone else 'not monotone'}",
            f"limits: {self.limits[0]} at {left:g}, {self.limits[1]} at {right:g}",
            f"slope: {self.slope_limits[0]} at {left:g}, {self.slope_limits[1]} at {right:g}, at most {self.lipschitz} in size",
            *(f"kink at {kink.at:g}, where the slope is given as {kink.slope}" for kink in self.kinks),
        ]
        if not self.trainable:
            properties.append("not usable with backpropagation: the slope is 0 everywhere")
        if self.initializer:
            properties.append(f"recommended initialiser: {self.initializer}")
        return [_ARRAYS, _METHODS, ("Properties", "\n".join(f"* {line}" for line in properties))]

    @property
    def __signature__(self) -> Signature:
        keyword = {"out": None, "where": True, **({"rng": None} if self.random else {})}
        return Signature(
            [
                Parameter("x", Parameter.POSITIONAL_ONLY),
                *(
                    Parameter(p.name, Parameter.POSITIONAL_OR_KEYWORD, default=Parameter.empty if p.default is None else p.default)
                    for p in self.parameters
                ),
                *(Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name, default in keyword.items()),
            ]
        )


_METHODS = (
    "Methods",
    "slope(x, ...) is the derivative, with wrt= that by a parameter; value_and_slope(x, ...) gives both in one pass;\n"
    "ufunc, slope_ufunc and value_and_slope_ufunc are the NumPy ufuncs underneath.",
)

_ARRAYS = (
    "Shapes and dtypes",
    "x of any shape, float16, float32 or float64 (integers promote as in np.exp); the result has the shape of x broadcast\n"
    "with the parameters. NaN in, NaN out. `out` and `where` are NumPy's. Raises TypeError for what is not real numbers,\n"
    "ValueError for shapes that do not broadcast and for parameters outside their domain.",
)


def activation(*, slope: Definition, curvature: Definition | None = None, **claims: Any) -> Callable[[Definition], Activation]:
    """Turn a definition ``f(x, *parameters, xp)`` into a registered entry with its name and docstring."""
    if claims["monotone"]:
        claims.setdefault("range", claims["limits"])  # a monotone function stays between its limits

    def enter(definition: Definition) -> Activation:
        entry = Activation(
            name=definition.__name__,
            description=cleandoc(definition.__doc__ or ""),
            definition=definition,
            slope_definition=slope,
            curvature_definition=curvature,
            **claims,
        )
        register(entry)
        return entry

    return enter
