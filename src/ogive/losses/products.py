"""Cross-entropy of the inner products of rows, block by block through the matrix products of NumPy and the kernel of cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ogive import kernel
from ogive.arrays import Array
from ogive.losses.vectors import power_of_two
from ogive.special import halves

_NUMBERS, _ROWS = 2**18, 128
"""How many products are kept at once, and of how many rows at least: fewer would add up the gradients too often."""


def cross_entropy_of_products(
    left: Array, right: Array, target: Array, scale: Any, share: Array, *, graded: bool, narrow: bool
) -> tuple[Any, Any, Any]:
    """The cost of each row of `left`, whose logits are its products with the rows of `right` over the scale, and Σ share · cost
    differentiated by both; None where it is not `graded`, zeros where there is no share.

    Products and their sums are of doubles, so that `narrow` results, floats, lose no digits to the number of columns; others are
    computed from products of twice as many digits, for exponentials magnify what a product is rounded by.
    """
    cost, terms = cross_entropy_kernel(narrow, graded=graded), np.zeros(left.shape[:-1])
    left, right = (np.where(share[..., None] != 0, left, 0).astype(np.float64), right.astype(np.float64, copy=False))
    scales = np.broadcast_to(scale, left.shape[:-2])
    gradients = [kernel.run(np.empty_like, array) for array in (left, right)] if graded else []
    for place in np.ndindex(left.shape[:-2]):
        parts = [gradient[place] for gradient in gradients]
        if not share[place].any():
            for part in parts:
                part[...] = 0
            continue
        compute = _computation(left[place], right[place], scales[place], narrow)
        compute(left[place], right[place], target[place], scales[place], share[place], terms[place], parts, cost)
    return (terms, *gradients) if graded else (terms, None, None)


def cross_entropy_kernel(narrow: bool, *, graded: bool) -> Any:
    """That of double logits and class numbers, with its gradient or without; `narrow` where results will be floats."""
    name = "cross_entropy_products_indices" if narrow else "cross_entropy_logits_indices"
    return kernel.compiled("rows" if graded else "row_values", name)


def _blocks(left: Array, right: Array) -> Iterator[tuple[slice, int]]:
    """Rows of `left`, and how many they are, few enough to keep their products with all of `right`."""
    step = max(_ROWS, _NUMBERS // len(right))
    return ((slice(start, start + step), min(step, len(left) - start)) for start in range(0, len(left), step))


def _memory(left: Array, right: Array, count: int) -> list[Array]:
    """So many arrays for the products of a block: fresh memory for each would cost more than they do."""
    _, rows = next(_blocks(left, right))
    return [np.empty((rows, len(right))) for _ in range(count)]


def _one(left: Array, right: Array, target: Array, scale: Any, share: Array, terms: Array, gradients: list[Array], cost: Any) -> None:
    """Fill the terms, and the gradients if there are any, of one pair of matrices; what does not count is 0 in `left`."""
    (products,) = _memory(left, right, 1)
    for rows, count in _blocks(left, right):
        logits = np.matmul(left[rows], right.T, out=products[:count])
        logits /= scale
        if not gradients:
            cost(logits, target[rows], share[rows], 1.0, out=terms[rows])
            continue
        cost(logits, target[rows], share[rows], 1.0, out=(terms[rows], logits))
        logits /= scale
        _pull(rows, logits, left, right, gradients)


def _pull(rows: slice, slopes: Array, left: Array, right: Array, gradients: list[Array]) -> None:
    """Fill the gradient by these rows of `left`, and add to that by `right`."""
    np.matmul(slopes, right, out=gradients[0][rows])
    if rows.start == 0:
        np.matmul(slopes.T, left[rows], out=gradients[1])
    else:
        gradients[1][...] += np.matmul(slopes.T, left[rows])


def _computation(left: Array, right: Array, scale: Any, narrow: bool) -> Any:
    """With all digits where a product may be so large that its exponential is wrong by what it is rounded by; by powers of two where it
    may overflow.
    """
    most, others = (float(np.max(abs(rows), initial=0.0)) for rows in (left, right))
    with np.errstate(all="ignore"):
        reach = left.shape[-1] * np.float64(most) * others / scale
    if math.isfinite(most) and math.isfinite(others) and not reach < 2.0**900:
        return _far
    return _one if narrow or not 1.0 < reach < 2.0**900 else _with_all_digits


def _far(left: Array, right: Array, target: Array, scale: Any, share: Array, terms: Array, gradients: list[Array], cost: Any) -> None:
    """The same where logits may be beyond the largest number: of a row whose largest one is, they are counted from that."""
    room = 2.0 ** -(2 + sum(left.shape).bit_length())
    low, fewer = right * room, left * room
    with np.errstate(over="ignore", invalid="ignore"):
        for rows, _ in _blocks(left, right):
            some = left[rows]
            unit = power_of_two(some, np)
            lowered, reach = np.matmul(some / unit, low.T), np.matmul(abs(some), abs(right).T)
            logits = np.where(np.isfinite(reach), np.matmul(some, right.T) / scale, lowered * unit / scale / room)
            lowered -= np.max(lowered, axis=-1, keepdims=True)
            beyond = ~np.isfinite(np.max(logits, axis=-1, keepdims=True))
            logits = np.where(beyond, lowered * unit / scale / room, logits)
            if not gradients:
                cost(logits, target[rows], share[rows], 1.0, out=terms[rows])
                continue
            _, slopes = cost(logits, target[rows], share[rows], 1.0, out=(terms[rows], logits))
            slopes /= scale
            _pull(rows, slopes, fewer, low, gradients)
        for gradient in gradients:
            gradient /= room


def _coarse(rows: Array) -> Array:
    """Each row rounded to so few digits that the inner products of such rows are exact (K. Ozaki, T. Ogita, S. Oishi, S. M. Rump,
    Error-free transformations of matrix multiplication by using fast routines of matrix multiplication and its applications,
    Numerical Algorithms 59, 2012).
    """
    bits = (53 - rows.shape[-1].bit_length()) // 2
    _, exponent = np.frexp(np.max(abs(rows), axis=-1, keepdims=True))
    lift = np.ldexp(1.5, exponent + (52 - bits))
    found: Array = rows + lift
    found -= lift
    return found


def _quotient(rows: Array, divisor: Any) -> tuple[Array, Array]:
    """rows / divisor as coarse numbers and what these leave, with 75 digits or more: their products with half a divisor are exact."""
    coarse, (high, low) = _coarse(rows / divisor), halves(np.float64(divisor))
    rest = rows - coarse * high
    rest -= coarse * low
    rest /= divisor
    return coarse, rest


def _with_all_digits(
    left: Array, right: Array, target: Array, scale: Any, share: Array, terms: Array, gradients: list[Array], cost: Any
) -> None:
    """The same of logits as pairs: the cost of rounded ones, and its linear term in what they are rounded by.

    That is counted from the right class's: a slope p_k then changes by p_k (δ_k - Σ p δ), and so does the right one's, p - 1, by all that.
    """
    graded = cross_entropy_kernel(narrow=False, graded=True)
    coarse, fine = np.concatenate(_quotient(left, scale), axis=-1), _coarse(right)
    finer, size = np.concatenate([right - fine, right], axis=-1), left.shape[-1]
    whole, part, total = _memory(left, right, 3)
    for rows, count in _blocks(left, right):
        high, low = whole[:count], part[:count]
        np.matmul(coarse[rows, :size], fine.T, out=high)
        np.matmul(coarse[rows], finer.T, out=low)
        logits = np.add(high, low, out=total[:count])
        high -= logits
        low += high
        own, weight = (np.arange(count), target[rows]), share[rows]
        low -= low[own][:, None]
        _, slopes = graded(logits, target[rows], weight, 1.0, out=(terms[rows], logits))
        change = np.einsum("ij,ij->i", slopes, low) / np.where(weight == 0, 1.0, weight)
        terms[rows] += change
        if gradients:
            low -= change[:, None]
            low *= slopes
            slopes += low
            slopes[own] -= weight * change
            slopes /= scale
            _pull(rows, slopes, left, right, gradients)
