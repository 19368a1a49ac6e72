"""A function of the elements of one or more arrays: activations, and gates of two inputs."""

from __future__ import annotations

from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

import numpy as np

from ogive import catalogue, kernel
from ogive.entry import Entry
from ogive.errors import InputError, InputTypeError
from ogive.signatures import called_alike
from ogive.term import Definition


class Elementwise(Entry, kernel.Callable):
    """A term whose value has one number for each element: ``()->()``, ``(),()->()``, or with vectors as parameters ``(),(m)->()``."""

    @property
    def definition(self) -> Definition:
        """The value, over an array namespace: ``f(*inputs, *parameters, xp)``."""
        return self.term.value

    @property
    def slope_definition(self) -> Definition:
        """The derivative by the first input, likewise."""
        return self.term.slopes[self.term.inputs[0].name]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ufunc, self.slope_ufunc, self.value_and_slope_ufunc = self._ufuncs()
        self._first = self.term.inputs[0].name
        self._defaults = tuple(each.default for each in self.parameters)
        self._settled = len(self.term.inputs) == 1 and not self.random and all(isinstance(each, int | float) for each in self._defaults)
        numbers = self.parameters if self._settled else ()
        self.numbers = tuple((each.name, float(each.default), each.low, each.high) for each in numbers)  # type: ignore[arg-type]

    @property
    def random(self) -> bool:
        """Whether it draws random numbers in training."""
        return False

    def _ufuncs(self) -> tuple[Any, Any, Any]:
        """The NumPy ufuncs of the value, of the derivative by the first input, and of both in one pass."""
        return kernel.elementwise(self.term)

    def _call(self, x: Any, /, *rest: Any, out: Any = None, where: Any = True, **named: Any) -> Any:
        """The value at every element of `x`, in its dtype; integers promote as in ``np.exp``."""
        return kernel.call(self.name, self.ufunc, x, *self._inputs(x, rest, named), out=out, where=where)

    @called_alike
    def slope(self, x: Any, /, *rest: Any, wrt: str | None = None, out: Any = None, where: Any = True, **named: Any) -> Any:
        """The derivative at every element with respect to the input or parameter that `wrt` names, the first input by default."""
        inputs = self._inputs(x, rest, named)
        ufunc = self.slope_ufunc if wrt is None or wrt == self._first else self._other_slope(wrt)
        return kernel.call(self.name, ufunc, x, *inputs, out=out, where=where)

    @called_alike
    def value_and_slope(self, x: Any, /, *rest: Any, out: Any = (None, None), where: Any = True, **named: Any) -> tuple[Any, Any]:
        """Value and slope in one pass over `x`; `out` is a pair of arrays."""
        inputs = self._inputs(x, rest, named)
        pair: tuple[Any, Any] = kernel.call(self.name, self.value_and_slope_ufunc, x, *inputs, out=out, where=where)
        return pair

    @called_alike
    def curvature(self, x: Any, /, *rest: Any, out: Any = None, where: Any = True, **named: Any) -> Any:
        """The second derivative by the first input at every element; at a kink, that of the side whose slope is given there."""
        inputs = self._inputs(x, rest, named)
        if self.term.curvature is None:
            raise InputTypeError(f"{self.name}: has no curvature; those that have one: {', '.join(_curved())}")
        return kernel.call(self.name, kernel.curvature(self.term), x, *inputs, out=out, where=where)

    def _inputs(self, x: Any, rest: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """What the ufunc takes beside `x`: the other inputs, then the parameters; the default of a vector takes the dtype of `x`."""
        if self._settled and not rest and not named:
            return self._defaults
        others = len(self.term.inputs) - 1
        if len(rest) < others:
            missing = ", ".join(each.name for each in self.term.inputs[1 + len(rest) :])
            raise InputTypeError(f"{self.name}: {missing} is missing; call {self.name}{self.__signature__}")
        values = self.bind(rest[others:], named)
        if any(type(value) is tuple for value in values):
            dtype = kernel.floating(np.asarray(x))
            values = tuple(np.asarray(value, dtype) if type(value) is tuple else value for value in values)
        return (*rest[:others], *values)

    def _other_slope(self, wrt: str | None) -> Any:
        slopes = dict(self.term.slopes) | {each.name: each.slope for each in self.parameters if each.slope}
        if wrt not in slopes:
            raise InputError(f"{self.name}: wrt must be one of {', '.join(map(repr, slopes))}, got {wrt!r}")
        return kernel.definition(f"{self.name}.slope(wrt={wrt!r})", slopes[wrt], [len(core) for core in self.term.cores])

    def _keywords(self) -> dict[str, Any]:
        """The keyword-only arguments of a call and their defaults."""
        return {"out": None, "where": True}

    @property
    def __signature__(self) -> Signature:
        return Signature(
            [
                *(Argument(each.name, Argument.POSITIONAL_ONLY) for each in self.term.inputs),
                *(
                    Argument(p.name, Argument.POSITIONAL_OR_KEYWORD, default=Argument.empty if p.default is None else p.default)
                    for p in self.parameters
                ),
                *(Argument(name, Argument.KEYWORD_ONLY, default=default) for name, default in self._keywords().items()),
            ]
        )

    def _details(self) -> list[tuple[str, str]]:
        return [_ARRAYS, _METHODS]


def _curved() -> list[str]:
    return [entry.name for kind in ("activation", "gate") for entry in catalogue.entries(kind) if entry.term.curvature]


_METHODS = (
    "Methods",
    "slope(x, ...) is the derivative, with wrt= that by another input or a parameter; value_and_slope(x, ...) gives both in one pass;\n"
    "curvature(x, ...) is the second derivative, where it has one;\n"
    "ufunc, slope_ufunc and value_and_slope_ufunc are the NumPy ufuncs underneath.",
)

_ARRAYS = (
    "Shapes and dtypes",
    "x of any shape, float16, float32 or float64 (integers promote as in np.exp); the result has the shape of x broadcast\n"
    "with the other inputs and parameters. NaN in, NaN out. `out` and `where` are NumPy's. Raises TypeError for what is not real numbers,\n"
    "ValueError for shapes that do not broadcast and for parameters outside their domain.",
)
