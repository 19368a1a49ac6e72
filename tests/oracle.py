"""The truth: an entry's formula evaluated with 50 digits, together with its derivative, and the error of a float in ulp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from ogive import formula as formulas

DIGITS = 50
mpmath.mp.dps = DIGITS
NEGLIGIBLE = mpmath.mpf(10) ** (-DIGITS // 2)


class Dual:
    """A number with a derivative (forward-mode automatic differentiation), both of 50 digits."""

    def __init__(self, value: Any, slope: Any = 0) -> None:
        self.value = mpmath.mpf(float(value) if isinstance(value, np.floating) else value)
        self.slope = mpmath.mpf(slope)

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other: Any) -> Dual:
        other = dual(other)
        ratio = self.value / other.value
        return Dual(ratio, (self.slope - ratio * other.slope) / other.value)

    def __pow__(self, power: int) -> Dual:
        return Dual(self.value**power, power * self.value ** (power - 1) * self.slope)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self + -dual(other)

    def __radd__(self, other: Any) -> Dual:
        return self + other

    def __rmul__(self, other: Any) -> Dual:
        return self * other

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    def __abs__(self) -> Dual:
        return -self if self.value < 0 else self

    def __eq__(self, other: object) -> bool:
        return bool(self.value == dual(other).value)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < dual(other).value)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > dual(other).value)

    __hash__ = None  # type: ignore[assignment]


def dual(value: Any) -> Dual:
    return value if isinstance(value, Dual) else Dual(value)


def _lift(function: Callable[..., Any], derivative: Callable[[Any, Any], Any]) -> Callable[[Any], Dual]:
    def lifted(argument: Any) -> Dual:
        argument = dual(argument)
        value = function(argument.value)
        slope = derivative(argument.value, value) * argument.slope if argument.slope else mpmath.mpf(0)
        return Dual(value, slope)

    return lifted


def _clamped(function: Callable[..., Any], bound: float) -> Callable[[Any], Any]:
    """The function with its argument held where the result is far outside every float already, which saves mpmath hours."""
    return lambda x: function(min(max(x, -bound), bound))


_exp, _expm1 = _clamped(mpmath.exp, 1e45), _clamped(mpmath.expm1, 1e45)


def _gauss(x: Any, _value: Any) -> Any:
    return 2 / mpmath.sqrt(mpmath.pi) * _exp(-x * x)


FUNCTIONS: dict[str, Any] = {
    "exp": _lift(_exp, lambda _x, value: value),
    "expm1": _lift(_expm1, lambda x, _value: _exp(x)),
    "log": _lift(mpmath.log, lambda x, _value: 1 / x),
    "log1p": _lift(mpmath.log1p, lambda x, _value: 1 / (1 + x)),
    "tanh": _lift(_clamped(mpmath.tanh, 1e45), lambda x, _value: _clamped(mpmath.sech, 1e45)(x) ** 2),
    "erf": _lift(_clamped(mpmath.erf, 1e3), _gauss),
    "erfc": _lift(_clamped(mpmath.erfc, 1e3), lambda x, value: -_gauss(x, value)),
    "sqrt": _lift(mpmath.sqrt, lambda _x, value: 1 / (2 * value)),
    "pi": Dual(mpmath.pi),
    "number": Dual,
    "abs": abs,
    "max": max,
    "min": min,
    "sum": sum,
    "zip": zip,
}


def truth(formula: str, wrt: str, **variables: Any) -> tuple[Any, Any]:
    """Value and derivative with respect to the scalar variable `wrt`.

    A formula is written for people and may cancel; digits are doubled until half of them no longer change. A 0 may be all
    that cancelling has left, so only the most digits settle it.
    """
    value = slope = mpmath.mpf(0)
    for digits in (DIGITS, 2 * DIGITS, 4 * DIGITS, 8 * DIGITS, 16 * DIGITS):
        before = value, slope
        with mpmath.workdps(digits):
            lifted = {name: Dual(number, name == wrt) for name, number in variables.items()}
            result = dual(formulas.evaluate(formula, lifted, FUNCTIONS))
            value, slope = result.value, result.slope
            if all(new != 0 and abs(new - old) <= abs(new) * NEGLIGIBLE for new, old in zip((value, slope), before, strict=True)):
                break
    return value, slope


def jacobian_column(formula: str, vector: str, column: int, **variables: Any) -> tuple[Any, Any]:
    """Value, and derivative with respect to one element of a variable that is a vector; other vectors stay constant."""
    lifted: dict[str, Any] = {}
    for name, value in variables.items():
        if isinstance(value, Sequence | np.ndarray):
            lifted[name] = [Dual(float(element), name == vector and i == column) for i, element in enumerate(value)]
        else:
            lifted[name] = value if isinstance(value, int) else Dual(value)
    with mpmath.workdps(9 * DIGITS):  # formulas over vectors are written for people: their logarithms of sums cancel
        result = dual(formulas.evaluate(formula, lifted, FUNCTIONS))
    return result.value, result.slope


def spacing(value: Any, dtype: np.dtype[Any]) -> Any:
    """The distance of neighbouring floats at `value`; at and below the smallest normal number, the smallest subnormal."""
    info = np.finfo(dtype)
    smallest = mpmath.ldexp(1, int(info.minexp) - int(info.nmant))
    if value == 0:
        return smallest
    _, exponent = mpmath.frexp(abs(value))
    return max(mpmath.ldexp(1, exponent - 1 - int(info.nmant)), smallest)


def ulps(got: Any, true: Any, dtype: Any, scale: Any = 0) -> float:
    """The error of `got` in units in the last place of the truth, or of `scale` where that is larger."""
    dtype = np.dtype(dtype)
    if np.isnan(got):
        return float("inf")
    largest = mpmath.mpf(float(np.finfo(dtype).max))
    if np.isinf(got):
        overflows = abs(true) > largest and (got > 0) == (true > 0)
        return 0.0 if overflows else float("inf")
    true = min(max(true, -largest), largest)
    return float(abs(mpmath.mpf(float(got)) - true) / spacing(max(abs(true), abs(scale)), dtype))
