"""The truth: a formula with its derivatives in ball arithmetic, and the error of a float in ulp.

A number is an interval that surely holds the exact one (python-flint's `arb`), and precision is raised until the interval
pins down 50 digits: a formula is written for people and may cancel, but no digit is guessed. Derivatives are the terms of
a power series in the input asked for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from math import factorial, prod
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
from flint import arb, ctx

from ogive import formula as formulas

DIGITS = 50
BITS = 170  # a little more than DIGITS
PRECISIONS = (256, 1024, 4096, 16384)  # 1024 bits hold the exponential of every float, 4096 every sum of floats
NEGLIGIBLE = arb(2) ** -1300  # far below the smallest float, so that a 0 which is all that cancelling has left counts as known
mpmath.mp.dps = DIGITS


class UndecidedError(ArithmeticError):
    """Two intervals overlap: only more digits can tell which number is larger."""


class Series:
    """A power series in one input, up to some order. A single term is a constant."""

    def __init__(self, *terms: Any) -> None:
        self.terms = terms

    def upto(self, count: int) -> tuple[Any, ...]:
        """The terms, a constant's zeros written out."""
        return self.terms if len(self.terms) == count else (*self.terms, *[arb(0)] * (count - 1))

    def __add__(self, other: Any) -> Series:
        return Series(*map(operator.add, *_matched(self, other)))

    def __mul__(self, other: Any) -> Series:
        a, b = _matched(self, other)
        return Series(*(sum(a[i] * b[k - i] for i in range(k + 1)) for k in range(len(a))))

    def __truediv__(self, other: Any) -> Series:
        a, b = _matched(self, other)
        quotient: list[Any] = []
        for k, term in enumerate(a):
            quotient.append((term - sum(quotient[i] * b[k - i] for i in range(k))) / b[0])
        return Series(*quotient)

    def __pow__(self, power: Any) -> Series:
        if isinstance(power, Series) and len(power.terms) > 1:
            return FUNCTIONS["exp"](power * FUNCTIONS["log"](self))
        exponent = power if isinstance(power, int) else number(power).terms[0]
        return _lifted(lambda x: _power(x, exponent), lambda x: power * x ** (power - 1) if power != 0 else 0)(self)

    def __neg__(self) -> Series:
        return Series(*map(operator.neg, self.terms))

    def __sub__(self, other: Any) -> Series:
        return self + -number(other)

    def __radd__(self, other: Any) -> Series:
        return self + other

    def __rmul__(self, other: Any) -> Series:
        return self * other

    def __rsub__(self, other: Any) -> Series:
        return -self + other

    def __rtruediv__(self, other: Any) -> Series:
        return number(other) / self

    def __rpow__(self, other: Any) -> Series:
        return number(other) ** self

    def __abs__(self) -> Series:
        return -self if self < 0 else self

    def __lt__(self, other: Any) -> bool:
        return _decided(operator.lt, operator.ge, self, other)

    def __gt__(self, other: Any) -> bool:
        return _decided(operator.gt, operator.le, self, other)

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __eq__(self, other: object) -> bool:
        return _decided(operator.eq, operator.ne, self, other)

    __hash__ = None  # type: ignore[assignment]


def _power(x: Any, exponent: Any) -> Any:
    """x to a power; a small whole one as a product, for an interval around 0 has no other power in `arb`."""
    whole = isinstance(exponent, int) and 0 < exponent < 4
    return prod([x] * exponent, start=arb(1)) if whole else x**exponent


def number(value: Any) -> Series:
    """The value as a series: a decimal as it is written, a float as it is stored."""
    if isinstance(value, Series):
        return value
    if isinstance(value, mpmath.mpf):
        sign, mantissa, exponent, _ = value._mpf_
        return Series(arb((-int(mantissa) if sign else int(mantissa), exponent)))
    if isinstance(value, str):
        return Series(arb(value))
    return Series(arb(int(value) if isinstance(value, int | np.integer) else float(value)))


def _matched(a: Series, b: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    b = number(b)
    count = max(len(a.terms), len(b.terms))
    return a.upto(count), b.upto(count)


def _decided(holds: Callable[..., bool], fails: Callable[..., bool], a: Series, b: Any) -> bool:
    a, b = a.terms[0], number(b).terms[0]
    if holds(a, b):
        return True
    if fails(a, b):
        return False
    raise UndecidedError


def _lifted(function: Callable[[Any], Any], derivative: Callable[[Series], Any]) -> Callable[[Any], Series]:
    """The function over series: f(u) is f(u₀) plus the integral of f'(u)·u', whose order is lower by one."""

    def lifted(argument: Any) -> Series:
        head, *rest = number(argument).terms
        value = function(head)
        if not rest:
            return Series(value)
        growth = derivative(Series(head, *rest[:-1])) * Series(*(k * term for k, term in enumerate(rest, 1)))
        return Series(value, *(term / k for k, term in enumerate(growth.terms, 1)))

    return lifted


def _gauss(x: Series) -> Series:
    return 2 / Series(arb.pi().sqrt()) * FUNCTIONS["exp"](-x * x)


FUNCTIONS: dict[str, Any] = {
    "exp": _lifted(arb.exp, lambda x: FUNCTIONS["exp"](x)),
    "expm1": _lifted(arb.expm1, lambda x: FUNCTIONS["exp"](x)),
    "log": _lifted(arb.log, lambda x: 1 / x),
    "log1p": _lifted(arb.log1p, lambda x: 1 / (1 + x)),
    "log2": lambda x: FUNCTIONS["log"](x) / Series(arb(2).log()),
    "tanh": _lifted(arb.tanh, lambda x: _sech(x) ** 2),
    "sin": _lifted(arb.sin, lambda x: FUNCTIONS["cos"](x)),
    "cos": _lifted(arb.cos, lambda x: -FUNCTIONS["sin"](x)),
    "atan": _lifted(arb.atan, lambda x: 1 / (1 + x * x)),
    "lgamma": lambda x: Series(number(x).terms[0].lgamma()),  # of what is not differentiated by
    "erf": _lifted(arb.erf, _gauss),
    "erfc": _lifted(arb.erfc, lambda x: -_gauss(x)),
    "sqrt": _lifted(arb.sqrt, lambda x: 1 / (2 * FUNCTIONS["sqrt"](x))),
    "number": number,
    "abs": abs,
    "max": max,
    "min": min,
    "sum": sum,
    "zip": zip,
    "range": range,
    "len": len,
}
_sech = _lifted(arb.sech, lambda x: -_sech(x) * FUNCTIONS["tanh"](x))

Formula = str | float | Callable[..., Any]
"""A formula, or a reference algorithm ``f(functions, **variables)`` over plain numbers and (nested) lists of them."""


def truth(formula: Formula, wrt: str | tuple[Any, ...] | None, *, order: int = 1, **variables: Any) -> tuple[Any, ...]:
    """The value and its derivatives up to that order, by the variable `wrt` or, where that is ``(name, i, j, …)``, by one of its elements.

    Variables are numbers, or sequences of them, nested or not; integers stay integers, for they may be indices.
    """
    path = (wrt,) if isinstance(wrt, str) else wrt
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            try:
                terms = number(_evaluated(formula, path, order, variables)).upto(order + 1)
            except UndecidedError:
                continue
            if all(map(_known, terms)):
                return tuple(factorial(k) * _rounded(term) for k, term in enumerate(terms))
    raise ArithmeticError(f"{formula} has no value (or no derivative by {wrt}) that {PRECISIONS[-1]} bits settle, at {variables}")


def value(formula: Formula, **variables: Any) -> Any:
    """The value alone."""
    return truth(formula, None, order=0, **variables)[0]


def jacobian_column(formula: Formula, vector: str, index: int | tuple[int, ...], **variables: Any) -> tuple[Any, ...]:
    """Value, and derivative by one element of a variable that is a vector, or a matrix, …"""
    return truth(formula, (vector, *np.atleast_1d(index)), **variables)


def _evaluated(formula: Formula, path: tuple[Any, ...] | None, order: int, variables: dict[str, Any]) -> Any:
    numbers = {name: _input(value, (name,), path, order) for name, value in variables.items()}
    functions = FUNCTIONS | {"pi": Series(arb.pi())}
    if callable(formula):
        return formula(functions=SimpleNamespace(**functions), **numbers)
    return formulas.evaluate(formula, numbers, functions)


def _input(value: Any, path: tuple[Any, ...], chosen: tuple[Any, ...] | None, order: int) -> Any:
    if isinstance(value, Sequence) or np.ndim(value):
        return [_input(element, (*path, i), chosen, order) for i, element in enumerate(value)]
    if path == chosen:
        return Series(*number(value).terms, arb(1), *[arb(0)] * (order - 1))
    return int(value) if isinstance(value, int | np.integer) else number(value)


def _known(ball: Any) -> bool:
    return bool(ball.rel_accuracy_bits() >= BITS or ball.abs_upper() < NEGLIGIBLE)


def _rounded(ball: Any) -> Any:
    if ball.contains(0):
        return mpmath.mpf(0)
    return mpmath.mpf(tuple(map(int, ball.mid().man_exp())))


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
