"""Kernels of losses of rows where digits are hard to keep: class numbers, vectors that nearly agree, numbers of any size."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest
import samples

import ogive
from ogive.loss import Loss

if ogive.kernel.config()["kernels"] == "definitions":
    pytest.skip("no kernels are in use", allow_module_level=True)

every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)
OF_CLASSES = [
    pytest.param(entry, given, id=entry.forms[given].name)
    for entry, given in samples.TERMS
    if ogive.kernel.compiled("rows", f"{entry.forms[given].name}_indices")
]
ROWS = [
    [0.0, 0.0, 0.0, 0.0],
    [17.0, 0.0, 1.0, 16.5],
    [0.0, 40.0, 0.0, -3.0],
    [-30.0, 2.0, 1.3, 2.0],
    [1e7, 1e7 - 2, 1e7 - 5, 1e7],
    [0.51, 0.23, -3.0, 0.5],
    [-300.0, 300.0, 0.0, 299.0],
    [1.1, 0.0, -1.0, 1.0],
    [1.0, 0.25, 0.5, -0.75],
    [0.7, 0.9, 0.3, -0.1],
]


def scores_as(given: str, dtype: Any) -> Any:
    """The rows, or where probabilities are wanted those of the rows."""
    shares = np.exp(np.array(ROWS) - np.max(ROWS, axis=-1, keepdims=True)).clip(1e-30, None)
    shares /= shares.sum(axis=-1, keepdims=True)
    return {"probabilities": shares, "log_probabilities": np.minimum(np.log(shares), 0)}.get(given, np.array(ROWS)).astype(dtype)


@every_dtype
@pytest.mark.parametrize(("entry", "given"), OF_CLASSES)
def test_class_numbers_cost_what_the_formula_says(entry: Loss, given: str, dtype: Any) -> None:
    """Values in ulp, gradients in ulp of the largest of the row, for every class of hard rows."""
    term, named = entry.forms[given], {"given": given} if len(entry.forms) > 1 else {}
    rows = np.repeat(scores_as(given, dtype), 4, axis=0)
    classes = np.tile(np.arange(4), len(ROWS))
    values, gradients = entry.value_and_gradient(rows, classes, reduction="none", **named)
    total, summed = entry.value_and_gradient(rows, classes, reduction="sum", **named)
    assert total == pytest.approx(values.astype(np.float64).sum(), rel=1e-6)
    np.testing.assert_array_equal(summed, gradients)
    parameters = {each.name: each.default for each in term.parameters}
    for row, right, value, gradient in zip(rows, classes, values, gradients, strict=True):
        variables = {term.inputs[0].name: row, term.inputs[1].name: np.eye(4)[right]} | parameters
        columns = [oracle.jacobian_column(term.exact, term.inputs[0].name, i, **variables) for i in range(4)]
        size = max(abs(slope) for _, slope in columns)
        assert oracle.ulps(value, columns[0][0], dtype) <= 4, (row, right)
        if not at_a_kink(entry, row, right):
            assert max(oracle.ulps(got, slope, dtype, size) for got, (_, slope) in zip(gradient, columns, strict=True)) <= 4, (row, right)


@every_dtype
@pytest.mark.parametrize("smoothing", [1e-3, 0.1, 1.0])
@pytest.mark.parametrize("classes", [2, 4, 17, 130])
def test_smoothed_class_numbers_keep_their_digits(classes: int, smoothing: float, dtype: Any) -> None:
    """Values in ulp, gradients in ulp of the largest of the row: sure and unsure logits, far off 0, with impossible classes among them."""
    rng = np.random.default_rng(classes)
    rows = rng.normal(scale=4, size=(8, classes)) + np.array([0, 0, 0, 1e4, -300, 0, 0, 0])[:, None]
    right = rng.integers(0, classes, 8)
    rows[[1, 3], right[[1, 3]]] += 40.0
    rows[2, (right[2] + 1) % classes] += 30.0
    rows[5, (right[5] + 1) % classes] = -np.inf
    rows[6, right[6]] = -np.inf
    rows = rows.astype(dtype)
    values, gradients = ogive.cross_entropy.value_and_gradient(rows, right, given="logits", label_smoothing=smoothing, reduction="none")
    total, summed = ogive.cross_entropy.value_and_gradient(rows, right, given="logits", label_smoothing=smoothing, reduction="sum")
    np.testing.assert_array_equal(summed, gradients)
    assert total == pytest.approx(values.sum())
    for row, number, value, gradient in zip(rows, right, values, gradients, strict=True):
        with mpmath.workdps(60):
            possible = [v != -np.inf for v in row]
            part = mpmath.mpf(smoothing) / sum(possible)
            shares = [(1 - mpmath.mpf(smoothing) if i == number else 0) + (part if there else 0) for i, there in enumerate(possible)]
            logits = [mpmath.mpf(float(v)) if there else mpmath.mpf("-inf") for v, there in zip(row, possible, strict=True)]
            top = max(logits)
            exponentials = [mpmath.exp(v - top) if there else mpmath.mpf(0) for v, there in zip(logits, possible, strict=True)]
            whole = mpmath.fsum(exponentials)
            true = mpmath.log(whole) + mpmath.fsum(t * (top - v) for t, v in zip(shares, logits, strict=True) if t)
            slopes = [e / whole - t for e, t in zip(exponentials, shares, strict=True)]
        size = max(map(abs, slopes))
        assert (value == np.inf) if true == mpmath.inf else oracle.ulps(value, true, dtype) <= 4
        assert max(oracle.ulps(got, slope, dtype, size) for got, slope in zip(gradient, slopes, strict=True)) <= 4


def at_a_kink(entry: Loss, row: Any, right: int) -> bool:
    """Whether a score lies exactly at the margin or two are the largest, where slopes are a matter of choice."""
    exact = [mpmath.mpf(float(v)) for v in row]
    tied = exact.count(max(exact)) > 1 or sorted(exact)[-2] == sorted(exact)[-3]
    return entry.name in ("multi_margin", "multiclass_hinge", "multiclass_perceptron") and (
        tied or any(1 + v == exact[right] for v in exact)
    )


def vectors(dtype: Any) -> list[tuple[Any, Any]]:
    """Pairs that are unrelated, nearly or exactly parallel, opposite or at right angles, and as large and small as can be."""
    rng = np.random.default_rng(8)
    info, found = np.finfo(dtype), []
    for gap in (1.0, 1e-2, 1e-4, 1e-6, 16 * float(info.eps)):
        base, other = rng.normal(size=(2, 5))
        found += [(base, base + gap * other), (base, -3 * base + gap * other)]
    base, other = rng.normal(size=(2, 5))
    across = other - base * (base @ other) / (base @ base)
    large, small = float(info.max) / 16, float(info.tiny) * 16
    found += [(base, across), (base, base), (base, 2 * base), (large * base, base), (small * base, large * other)]
    return [(a.astype(dtype), b.astype(dtype)) for a, b in found]


def exact(a: Any, b: Any) -> tuple[Any, list[Any]]:
    """The cosine distance, and its slopes by the first vector."""
    with mpmath.workdps(80):
        x, y = ([mpmath.mpf(float(v)) for v in row] for row in (a, b))
        long, wide = mpmath.norm(x), mpmath.norm(y)
        cosine = mpmath.fdot(x, y) / (long * wide)
        return 1 - cosine, [(cosine * v / long - w / wide) / long for v, w in zip(x, y, strict=True)]


@every_dtype
def test_cosines_of_vectors_that_nearly_agree_keep_their_digits(dtype: Any) -> None:
    """What is lost of a difference of unit vectors is lost of the whole slope: the cosine itself may be as good as 1."""
    for a, b in vectors(dtype):
        value, gradient = ogive.cosine_distance.value_and_gradient(a, b)
        true, slopes = exact(a, b)
        if true > float(np.finfo(np.float64).eps) ** 2:
            assert oracle.ulps(value, true, dtype) <= 4, (a, b)
        else:
            assert value == pytest.approx(float(true), rel=1e-12, abs=1e-40)
        size = max(map(abs, slopes))
        if np.finfo(dtype).tiny < size < np.finfo(dtype).max and true > 0:
            assert max(oracle.ulps(got, slope, dtype, size) for got, slope in zip(gradient, slopes, strict=True)) <= 4, (a, b)
        embedding = ogive.cosine_embedding.value_and_gradient(a[None], b[None], np.ones(1, dtype), reduction="none")
        np.testing.assert_array_equal(embedding[0], value)
        np.testing.assert_array_equal(embedding[1][0][0], gradient)


@every_dtype
@pytest.mark.parametrize("size", [1.0, 1e-30, 1e30])
@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0])
def test_distances_neither_overflow_nor_vanish(p: float, size: float, dtype: Any) -> None:
    """Where squares and cubes of the differences would."""
    rng = np.random.default_rng(9)
    scale = size**8 if dtype is np.float64 else size
    anchor, positive, negative = (scale * rng.normal(size=(3, 6))).astype(dtype)
    exact = [[mpmath.mpf(float(v)) for v in row] for row in (anchor, positive, negative)]
    near, far = (
        mpmath.fsum(abs(a - b) ** p for a, b in zip(exact[0], other, strict=True)) ** mpmath.mpf(1 / mpmath.mpf(p)) for other in exact[1:]
    )
    margin = dtype(4 * scale)
    value, gradients = ogive.triplet_margin.value_and_gradient(anchor, positive, negative, margin=margin, p=p)
    assert oracle.ulps(value, near - far + mpmath.mpf(float(margin)), dtype, max(near, far)) <= 4
    for i in range(6):
        towards, away = (
            mpmath.sign(exact[0][i] - other[i]) * (abs(exact[0][i] - other[i]) / length) ** (p - 1)
            for other, length in ((exact[1], near), (exact[2], far))
        )
        for got, true in zip(gradients, (towards - away, -towards, away), strict=True):
            assert oracle.ulps(got[i], true, dtype, 1.0) <= 4


@every_dtype
@pytest.mark.parametrize("scale", [1.0, 30.0, 700.0])
def test_overlaps_of_sure_logits_keep_what_is_wrong(scale: float, dtype: Any) -> None:
    """A region that all but fits: what is wrong is added up by itself, and slopes fade with the logits."""
    logits, target = (scale * np.array([1.0, 0.7, -1.0, -0.8])).astype(dtype), np.array([1.0, 1.0, 0.0, 0.0], dtype)
    value, gradient = ogive.soft_dice.value_and_gradient(logits, target, given="logits", smooth=0.0, axis=-1)
    with mpmath.workdps(700):
        chances = [1 / (1 + mpmath.exp(-mpmath.mpf(float(x)))) for x in logits]
        misses = [1 - p if t else p for p, t in zip(chances, target, strict=True)]
        wrong, whole = mpmath.fsum(misses), mpmath.fsum(chances) + 2
        slopes = [p * (1 - p) * ((-1 if t else 1) * whole - wrong) / whole**2 for p, t in zip(chances, target, strict=True)]
    assert oracle.ulps(value, wrong / whole, dtype) <= 4
    assert max(oracle.ulps(got, slope, dtype) for got, slope in zip(gradient, slopes, strict=True)) <= 4
