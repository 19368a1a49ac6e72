"""Every loss at finite numbers as large, as small and as unlike as can be: no NaN, and the exact answer wherever it is a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import points
import pytest
import samples
from test_row_formulas import flat, moves, rounding, truth

import ogive
from ogive.loss import Loss
from ogive.losses.regression import RootLoss
from ogive.term import Input, Term

LOSSES = [(entry, given) for entry, given in samples.TERMS if not isinstance(entry, RootLoss)]  # which have no terms
BOUND = 16.0  # ulp, that of the definitions

SHARES = "a small share of a cost beyond the largest number is infinite, as that cost is"
TIES = "numbers that differ by less than the last digit of what they are added to are equal there, and share what the larger is to get"
DIGITS = "it cancels, whatever the size of its numbers"
NOT_EXACT = {
    "poly_loss": SHARES,
    "categorical_focal": SHARES,
    "symmetric_cross_entropy": SHARES,
    "distillation": SHARES,
    "listnet": SHARES,
    "lovasz_hinge": TIES,
    "lovasz_softmax": TIES,
    "median_absolute_error": TIES,
    "ctc": TIES,
    "multi_similarity": DIGITS,
}
if ogive.kernel.config()["kernels"] == "definitions":
    NOT_EXACT |= {
        "cross_entropy": SHARES,
        "squared_hinge": SHARES,
        "linear_cross_entropy": "small products beside others beyond the largest number are lost",
        "info_nce": "the same",
        "cosine_distance": DIGITS,
        "cosine_proximity": DIGITS,
    }
"""What gives no NaN, and where the answer may be another number: by name, why."""


def ends(each: Input, array: Any, largest: bool, dtype: Any, rng: Any) -> Any:
    """The array with most of its numbers replaced by large, ordinary, tiny and subnormal ones, no two of them equal; one the largest."""
    if each.role != "number" or (each.low, each.high) == (0.0, 1.0):
        return array
    info = np.finfo(dtype)
    sizes = np.array([info.max, info.max, info.max, 1e3, 1.0, info.tiny, 1000 * info.smallest_subnormal]).astype(np.float64)
    sizes = np.asarray(rng.choice(sizes, array.shape) * rng.uniform(0.3, 1.0, array.shape))
    sign = -1.0 if each.high == 0 else rng.choice([-1.0, 1.0], array.shape) if each.low == -np.inf else 1.0
    found = np.asarray(np.where(rng.random(array.shape) < 0.8, sign * sizes, array))
    if largest:
        found.reshape(-1)[rng.integers(array.size)] = info.max if each.high > 0 else -info.max
    return np.maximum(found, max(each.low, info.smallest_subnormal) if each.low > 0 else each.low).astype(dtype)


def drawn(term: Term, dtype: Any, seed: int) -> list[Any]:
    """One row of arguments; where the numbers of the first input have to sum to 1 they are not replaced."""
    rng, arrays = np.random.default_rng(seed), samples.arguments(term, (), dtype, seed)
    inside, most = {0} if 0 in term.distributions else set(), rng.integers(2 * len(arrays))
    return [
        array if i in inside else ends(each, array, i == most, dtype, rng)
        for i, (each, array) in enumerate(zip(term.inputs, arrays, strict=True))
    ]


@pytest.mark.parametrize("dtype", points.DTYPES)
@pytest.mark.parametrize(("entry", "given"), LOSSES, ids=lambda value: getattr(value, "name", value))
def test_extreme_numbers_give_what_is_a_number(entry: Loss, given: str, dtype: Any) -> None:
    """One by one and as a sum, which other loops compute. What is beyond the largest number is infinite, of the right sign."""
    term = entry.forms[given]
    named = {key: value for key, value in samples.named(entry, given).items() if key not in ("given", "axis")}
    form = {"given": given} if len(entry.forms) > 1 else {}
    axis = {"axis": -1} if term.of_pixels and term.along_axis else {}

    def compute(arrays: list[Any]) -> list[Any]:
        return flat(*entry.value_and_gradient(*arrays, reduction="none", **named, **form, **axis))

    decided = 0
    for seed in range(16) if term.pointwise else range(4, 6) if term.core_out else range(5):  # a batch takes long
        arrays = drawn(term, dtype, seed)
        found, twice = compute(arrays), [np.stack([array, array]) for array in arrays]
        summed = flat(*entry.value_and_gradient(*twice, reduction="sum", **named, **form, **axis))
        assert not any(np.isnan(part).any() for part in (*found, *summed)), arrays
        if entry.name in NOT_EXACT:
            continue
        try:
            values, gradients = truth(entry, given, arrays, named)
        except ArithmeticError:  # a tie, or numbers of too many digits
            continue
        decided += 1
        with np.errstate(all="ignore"):
            shifts = [np.where(np.isfinite(move), move, 0.0) for move in moves(term, compute, arrays)]
        for got, columns, shift in zip(found, [values, *gradients], shifts, strict=True):
            largest = max(map(abs, columns)) if columns is not values else 0
            size = min(largest, float(np.finfo(dtype).max))
            for number, exact, move in zip(got, columns, shift, strict=True):
                assert oracle.ulps(number, exact, dtype, size) <= BOUND * (1 + rounding(move, max(abs(exact), size), dtype)), arrays
    assert decided or entry.name in NOT_EXACT
