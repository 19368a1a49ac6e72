"""Lengths, distances and cosines of vectors along the last axis, without a square that overflows or vanishes; and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ogive.losses.residuals import error_or_half

_ROOM = 2.0**64  # for the sum of as many numbers


def _scaled(x: Any, xp: Any) -> tuple[Any, Any]:
    """Each vector over the largest of its numbers, and that number; 1 for a vector of zeros."""
    largest = xp.amax(abs(x), axis=-1, keepdims=True)
    largest = xp.where(largest == 0, 1.0, largest)
    return x / largest, largest


def distance(a: Any, b: Any, xp: Any, p: Any = None) -> tuple[Any, Any]:
    """The distance of a from b, Euclidean or in the p-norm, and its gradient by a, 0 where they agree."""
    difference, whole = error_or_half(a, b, xp, rows=True)
    scaled, scale = _scaled(difference, xp)
    scale = scale * whole
    if p is None:
        length = xp.sqrt(xp.sum(scaled * scaled, axis=-1, keepdims=True))
        return (scale * length)[..., 0], scaled / xp.where(length == 0, 1.0, length)
    size, p = abs(scaled), p[..., None]
    length = xp.sum(size**p, axis=-1, keepdims=True) ** (1 / p)
    return (scale * length)[..., 0], xp.sign(scaled) * (size / xp.where(length == 0, 1.0, length)) ** (p - 1)


def power_of_two(x: Any, xp: Any) -> Any:
    """That of the largest number of each vector, 1 for zeros: dividing by it rounds nothing."""
    largest = xp.amax(abs(x), axis=-1, keepdims=True)
    _, exponent = xp.frexp(largest)
    power = xp.ldexp(xp.ones_like(largest), exponent - 1)
    return xp.where((largest > 0) & (power > 0), power, 1.0)


def direction(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """Each vector over its length, 0 for one of zeros; and its length, then 1, as a product of two."""
    scale = power_of_two(x, xp)
    scaled = x / scale
    length = xp.sqrt(xp.sum(scaled * scaled, axis=-1, keepdims=True))
    length = xp.where(length == 0, 1.0, length)
    return scaled / length, length, scale


def unit(x: Any, xp: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Each vector over its length, 0 for one of zeros; and what takes a gradient by these to one by x, 0 there too."""
    found, length, scale = direction(x, xp)
    nought = xp.amax(abs(found), axis=-1, keepdims=True) == 0

    def pull(gradient: Any) -> Any:
        along = xp.sum(gradient * found, axis=-1, keepdims=True)
        return xp.where(nought, 0.0, (gradient - found * along) / length / scale)

    return found, pull


def products(a: Any, b: Any, xp: Any) -> Any:
    """The inner product of each row of a with each of b."""
    return xp.matmul(a, xp.swapaxes(b, -1, -2))


def far_products(a: Any, b: Any, divisor: Any, xp: Any) -> tuple[Any, Any]:
    """The inner product of each row of a with each of b over the divisor, and a power of two that leaves room for sums of either's numbers.

    Where products might be beyond the largest number they are counted from the largest of each row of a: of the others there may be none.
    """
    most, others = (xp.amax(xp.amax(abs(rows), axis=-1, keepdims=True), axis=-2, keepdims=True) for rows in (a, b))
    far = xp.isfinite(most) & xp.isfinite(others) & (most * others / divisor * (_ROOM * a.shape[-1]) == math.inf)
    room, unit = xp.where(far, 1 / _ROOM, xp.ones_like(most)), xp.where(far, power_of_two(a, xp), 1.0)
    low = products(a / unit, b * room, xp)
    low = xp.where(far, low - xp.amax(low, axis=-1, keepdims=True), low)
    return low * unit / divisor / room, room


def cosines(functions: Any, rows: Any) -> Any:
    """The cosines of all pairs of rows by their definition, over plain sequences of numbers."""
    lengths = [functions.sqrt(sum(v * v for v in row)) for row in rows]
    return [
        [sum(a * b for a, b in zip(x, y, strict=True)) / (long * wide) for y, wide in zip(rows, lengths, strict=True)]
        for x, long in zip(rows, lengths, strict=True)
    ]


def log_sum(functions: Any, numbers: Any) -> Any:
    """The logarithm of the sum of exponentials by its definition."""
    return functions.log(sum(map(functions.exp, numbers)))
