"""Cross-entropy of the inner products of rows, block by block through the matrix products of NumPy and the kernel of cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import kernel
from ogive.arrays import Array

_NUMBERS, _ROWS = 2**18, 128
"""How many products are kept at once, and of how many rows at least: fewer would add up the gradients too often."""


def cross_entropy_of_products(left: Array, right: Array, target: Array, scale: Any, share: Array, *, graded: bool) -> tuple[Any, Any, Any]:
    """The cost of each row of `left`, whose logits are its products with the rows of `right` over the scale, and Σ share · cost
    differentiated by both; None where it is not `graded`, zeros where there is no share.

    Products and their sums are of doubles, so that floats lose no digits to the number of columns.
    """
    cost, terms = cross_entropy_kernel(left.dtype.itemsize < 8, graded=graded), np.zeros(left.shape[:-1])
    left, right = (np.where(share[..., None] != 0, left, 0).astype(np.float64), right.astype(np.float64, copy=False))
    scales = np.broadcast_to(scale, left.shape[:-2])
    gradients = [kernel.run(np.empty_like, array) for array in (left, right)] if graded else []
    for place in np.ndindex(left.shape[:-2]):
        parts = [gradient[place] for gradient in gradients]
        if share[place].any():
            _one(left[place], right[place], target[place], scales[place], share[place], terms[place], parts, cost)
        else:
            for part in parts:
                part[...] = 0
    return (terms, *gradients) if graded else (terms, None, None)


def cross_entropy_kernel(narrow: bool, *, graded: bool) -> Any:
    """That of double logits and class numbers, with its gradient or without; `narrow` where results will be floats."""
    name = "cross_entropy_products_indices" if narrow else "cross_entropy_logits_indices"
    return kernel.compiled("rows" if graded else "row_values", name)


def _one(left: Array, right: Array, target: Array, scale: Any, share: Array, terms: Array, gradients: list[Array], cost: Any) -> None:
    """Fill the terms, and the gradients if there are any, of one pair of matrices; what does not count is 0 in `left`."""
    step = max(_ROWS, _NUMBERS // len(right))
    products, part = np.empty((min(step, len(left)), len(right))), None
    for start in range(0, len(left), step):
        rows = slice(start, min(start + step, len(left)))
        logits = products[: rows.stop - start]
        np.matmul(left[rows], right.T, out=logits)
        logits /= scale
        if not gradients:
            cost(logits, target[rows], share[rows], 1.0, out=terms[rows])
            continue
        cost(logits, target[rows], share[rows], 1.0, out=(terms[rows], logits))
        logits /= scale
        np.matmul(logits, right, out=gradients[0][rows])
        if start == 0:
            np.matmul(logits.T, left[rows], out=gradients[1])
        else:
            part = np.matmul(logits.T, left[rows], out=part)
            gradients[1][...] += part
