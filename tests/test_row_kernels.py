"""The compiled row kernels, called as they are: weights and divisors, hard rows, layouts, overlaps, and no memory."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import mpmath
import numpy as np
import oracle
import points
import pytest

import ogive

if ogive.kernel.config()["kernels"] == "definitions":
    pytest.skip("no kernels are in use", allow_module_level=True)

import ogive._kernels
from layouts import OF_PAIRS

KERNELS = ogive._kernels.rows
INF = np.inf
LOSSES = [name for name, kernel in KERNELS.items() if kernel.nout > 1]
OF_NOTHING = ("cosine_distance", "cosine_embedding", "triplet_margin")  # what costs 1 where a row has no numbers: no cosine, a margin
every_kernel = pytest.mark.parametrize("name", KERNELS)
every_loss = pytest.mark.parametrize("name", LOSSES)
every_dtype = pytest.mark.parametrize("dtype", points.DTYPES)


def inputs(name: str, dtype: Any, shape: tuple[int, ...], seed: int = 0) -> list[Any]:
    """Arguments of a kernel, by its signature and types: distributions for rows, classes for integers, then weight and divisor."""
    rng = np.random.default_rng(seed)
    kernel = KERNELS[name]
    types = next(types for types in kernel.types if types[0] == np.dtype(dtype).char)
    found: list[Any] = []
    for core, type_ in zip(kernel.signature.split("->")[0].split("),"), types, strict=False):
        if "n" in core:
            row = np.maximum(rng.dirichlet(np.ones(shape[-1]), shape[:-1]), 1e-4).astype(dtype)
            found.append(np.log(row) if "log" in name and not found else row)
        elif type_ == "l":
            found.append(rng.integers(0, shape[-1], shape[:-1]))
        else:
            found.append(rng.uniform(0.5, 2, shape[:-1]).astype(type_))
    return found


def exactly(got: Any, expected: Any) -> None:
    """Equal to the last bit, in every output."""
    for one, other in zip(*(result if isinstance(result, tuple) else (result,) for result in (got, expected)), strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


@every_loss
def test_losses_take_weight_and_divisor_and_give_a_float64_term(name: str) -> None:
    inputs, outputs = KERNELS[name].signature.split("->")
    assert inputs.endswith(",(),()")
    assert outputs == "()" + ",(n)" * (KERNELS[name].nout - 1)
    assert all(types.split("->")[0].endswith("dd") and types.split("->")[1][0] == "d" for types in KERNELS[name].types)


@every_dtype
@every_loss
def test_the_gradient_is_that_of_weight_times_term_over_divisor(name: str, dtype: Any) -> None:
    *data, weight, divisor = inputs(name, dtype, (50, 7))
    term, *gradients = KERNELS[name](*data, weight, divisor)
    plain_term, *plain = KERNELS[name](*data, 1.0, 1.0)
    np.testing.assert_array_equal(term, plain_term)
    for gradient, slopes in zip(gradients, plain, strict=True):
        np.testing.assert_allclose(gradient, slopes * (weight / divisor)[:, None], rtol=4 * np.finfo(dtype).eps)


@every_dtype
@every_loss
@pytest.mark.parametrize("fill", [0, 1, np.nan, INF, -INF])
def test_no_weight_gives_nothing_whatever_the_row_holds(name: str, dtype: Any, fill: float) -> None:
    *data, _, divisor = inputs(name, dtype, (2, 5))
    data = [np.full_like(array, fill) if array.dtype == dtype else array + 100 for array in data]
    for part in KERNELS[name](*data, 0.0, divisor):
        np.testing.assert_array_equal(part, 0)


@every_dtype
def test_no_gradient_overflows_before_it_is_divided(dtype: Any) -> None:
    """The slope of -log(q) at the smallest q is out of range; over a count it is not."""
    tiny = np.finfo(dtype).smallest_subnormal
    for name in ("cross_entropy_probabilities", "kl_divergence_probabilities"):
        for weight, divisor in ((1.0, 1e20), (1e-20, 1.0), (1e-200, 1e-180), (1e200, 1e220)):
            _, gradient = KERNELS[name](np.array([tiny, 1], dtype), np.array([1, 0], dtype), weight, divisor)
            true = -mpmath.mpf(weight) / (mpmath.mpf(divisor) * mpmath.mpf(float(tiny)))
            assert oracle.ulps(gradient[0], true, dtype) <= 4


@every_dtype
@pytest.mark.parametrize(("weight", "divisor"), [(1e6, 1.0), (1.0, 1e6), (1e250, 1e245), (1e-250, 1e-245), (1e-300, 1.0)])
def test_a_share_keeps_the_digits_of_what_is_subnormal(dtype: Any, weight: float, divisor: float) -> None:
    distance = {np.float32: 95, np.float64: 715}[dtype]
    x = np.array([0, -distance], dtype)
    _, gradient = KERNELS["cross_entropy_logits_indices"](x, 0, weight, divisor)
    true = mpmath.mpf(weight) / mpmath.mpf(divisor) / (1 + mpmath.exp(distance))
    assert oracle.ulps(gradient[1], true, dtype) <= 4
    assert oracle.ulps(gradient[0], -true, dtype) <= 4


# The distances around which something changes: where 1 + e rounds to 1, where e is subnormal, vanishes, or is cut off.
EDGES = {
    np.float32: [16, 17, 21, 40, 87, 88, 103, 104, 131, 132, 149, 150, 199, 200, 201],
    np.float64: [36, 37, 40, 708, 709, 744, 746, 759, 760, 761],
}


@every_dtype
def test_the_others_keep_their_digits_at_every_distance(dtype: Any) -> None:
    """float32 logsumexp([0, -40]) was 0."""
    for distance in EDGES[dtype]:
        for count in (1, 20):
            x = np.array([0, *[-distance] * count], dtype)
            others = mpmath.log1p(count * mpmath.exp(-distance))
            for got in (
                KERNELS["logsumexp"](x),
                KERNELS["logsumexp_weighted"](x, np.ones_like(x)),
                -KERNELS["log_softmax"](x)[0],
                dtype(KERNELS["cross_entropy_logits_indices"](x, 0, 1.0, 1.0)[0]),
                dtype(KERNELS["cross_entropy_logits"](x, (x == 0).astype(dtype), 1.0, 1.0)[0]),
            ):
                assert oracle.ulps(got, others, dtype) <= 2


@every_dtype
@pytest.mark.parametrize(
    ("x", "weights"),
    [
        ([0, -1], [2, -1]),
        ([0, 0], [0.25, 0.75]),
        ([1000, 0], ["tiny", "max"]),
        ([0, 1000], ["max", "tiny"]),
        ([5, 4, 3], ["max", "max", "max"]),
        ([5, 4, 3], ["tiny", "tiny", "tiny"]),
        ([3, "nan", 2], [1, 0, 1]),
        (["max", 0, "max"], ["tiny", "max", "max"]),
        (["-inf", 2], [3, 4]),
        ([1e7, 1e7 - 1], [1, 2]),
        ([-3, 2], [1e-20, 1e20]),
        ([0, 60], [2.0**40, 2.0**-26]),
        ([0, 60], [2.0**40, 2.0**-24]),
    ],
)
def test_weighted_logsumexp_of_weights_of_any_size_and_sign(x: list[Any], weights: list[Any], dtype: Any) -> None:
    """Against 60 digits; weights of 0 count for nothing, and the 64 powers of two that weights may differ by are straddled."""
    info = np.finfo(dtype)
    named = {"tiny": info.smallest_subnormal, "max": info.max, "nan": np.nan, "-inf": -INF}
    row, factors = (np.array([named.get(value, value) for value in values], dtype) for values in (x, weights))
    with mpmath.workdps(60):
        counted = [(mpmath.mpf(float(a)), mpmath.mpf(float(w))) for a, w in zip(row, factors, strict=True) if w != 0 and a != -INF]
        top = max(a for a, _ in counted)
        total = mpmath.fsum(w * (mpmath.exp(a - top) if a - top > -1e5 else 0) for a, w in counted)
        true = top + mpmath.log(total)
        assert oracle.ulps(KERNELS["logsumexp_weighted"](row, factors), true, dtype, abs(top)) <= 2
        gradient = KERNELS["logsumexp_weighted_vjp"](row, dtype(1), factors)
        for i, (a, w) in enumerate(zip(row, factors, strict=True)):
            share = mpmath.mpf(float(w)) * mpmath.exp(mpmath.mpf(float(a)) - top) / total if w != 0 and a - top > -1e5 else 0
            assert oracle.ulps(gradient[i], share, dtype) <= 4


def test_weighted_logsumexp_at_infinity_and_zero() -> None:
    kernel = KERNELS["logsumexp_weighted"]
    assert kernel([INF, 0.0], [2.0, 1.0]) == INF
    assert np.isnan(kernel([INF, 0.0], [-2.0, 1.0]))
    assert np.isnan(kernel([INF, INF], [-2.0, 1.0]))
    assert kernel([INF, 0.0], [0.0, 1.0]) == 0.0
    assert kernel([0.0, 1.0], [INF, 1.0]) == INF
    assert np.isnan(kernel([0.0, 1.0], [1.0, np.nan]))
    assert np.isnan(kernel([0.0, np.nan], [1.0, 1.0]))
    assert kernel([0.0, 1.0], [0.0, 0.0]) == -INF
    assert kernel([-INF, -INF], [1.0, 1.0]) == -INF
    assert kernel([0.0, 0.0], [1.0, -1.0]) == -INF
    assert np.isnan(kernel([0.0, 0.0], [1.0, -2.0]))
    np.testing.assert_array_equal(KERNELS["logsumexp_weighted_vjp"]([INF, 0.0], 3.0, [2.0, 1.0]), [3.0, 0.0])


@every_dtype
def test_divergence_of_nearly_equal_distributions(dtype: Any) -> None:
    """Around the square roots of powers of two, where logarithms change their scale; the float32 one was ten times too big."""
    eps = float(np.finfo(dtype).eps)
    for centre in (2**-0.5, 2**-1.5, 0.5, 0.25, 0.3):
        for gap in (0.0, eps, 64 * eps, 4e-6, 1e-3, 0.1, 0.24, 0.26):
            prediction = np.array([centre * (1 + gap), 1 - centre * (1 + gap)], dtype)
            target = np.array([centre, 1 - centre], dtype)
            for q, t in ((prediction, target), (target, prediction)):
                with mpmath.workdps(60):
                    pairs = [(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in zip(q, t, strict=True)]
                    true = mpmath.fsum(b * mpmath.log(b / a) for a, b in pairs)
                term, _ = KERNELS["kl_divergence_probabilities"](q, t, 1.0, 1.0)
                assert oracle.ulps(dtype(term), true, dtype) <= 2


@every_dtype
@pytest.mark.parametrize("length", [2, 10, 17, 200])
def test_divergence_from_logarithms_is_exact_beside_its_largest_part(length: int, dtype: Any) -> None:
    """Of unlike distributions, of nearly equal ones, where the parts cancel, with classes that have no share, and subnormal ones."""
    rng = np.random.default_rng(length)
    tiny = float(np.finfo(dtype).smallest_subnormal)
    for gap in (3.0, 0.1, 1e-4):
        target = rng.dirichlet(np.ones(length)).astype(dtype)
        target[-1] = tiny
        prediction = (np.log(np.maximum(target, 1e-30)) + gap * rng.normal(size=length)).astype(dtype)
        if gap == 3.0:
            target[0], prediction[0] = 0, -INF
        with mpmath.workdps(60):
            pairs = [(mpmath.mpf(float(t)), mpmath.mpf(float(v))) for t, v in zip(target, prediction, strict=True) if t]
            parts = [t * (mpmath.log(t) - v) for t, v in pairs]
            size = max(t * abs(mpmath.log(t)) for t, _ in pairs)
        term, gradient = KERNELS["kl_divergence_log_probabilities"](prediction, target, 3.0, 2.0)
        error = abs(mpmath.mpf(float(term)) - mpmath.fsum(parts))
        assert error <= max(abs(mpmath.fsum(parts)), size * 2**-6) * float(np.finfo(dtype).eps) + tiny
        np.testing.assert_allclose(gradient, -1.5 * target, rtol=2 * np.finfo(dtype).eps, atol=tiny)


@every_dtype
@pytest.mark.parametrize("length", [7, 150])
@pytest.mark.parametrize("name", ["kl_divergence_log_probabilities", "kl_divergence_of_logs", "cross_entropy_log_probabilities"])
def test_no_finite_gradient_stands_beside_a_logarithm_that_is_nan(name: str, length: int, dtype: Any) -> None:
    prediction, target, *_ = inputs(name, dtype, (1, length))
    target = np.log(target) if name.endswith("of_logs") else target
    prediction[0, 3] = np.nan
    term, gradient = KERNELS[name](prediction, target, 1.0, 1.0)
    assert np.isnan(term[0])
    assert np.isnan(gradient[0, 3])
    prediction[0, 3] = -INF
    term, gradient = KERNELS[name](prediction, target, 1.0, 1.0)
    assert term[0] == INF
    np.testing.assert_allclose(gradient, -np.exp(target) if name.endswith("of_logs") else -target, rtol=4 * np.finfo(dtype).eps)


@every_dtype
@pytest.mark.parametrize("length", [2, 17, 200])
def test_divergence_of_logarithms_keeps_its_digits(length: int, dtype: Any) -> None:
    rng = np.random.default_rng(length)
    for gap in (3.0, 0.1, 1e-3):
        target = np.log(rng.dirichlet(np.ones(length))).astype(dtype)
        prediction = (target + gap * rng.normal(size=length)).astype(dtype)
        if gap == 3.0:
            target[0] = -INF
        term, gradient = KERNELS["kl_divergence_of_logs"](prediction, target, 3.0, 2.0)
        with mpmath.workdps(60):
            pairs = [(mpmath.mpf(float(t)), mpmath.mpf(float(v))) for t, v in zip(target, prediction, strict=True) if t != -INF]
            parts = [mpmath.exp(t) * (t - v) for t, v in pairs]
        error = abs(mpmath.mpf(float(term)) - mpmath.fsum(parts))
        assert error <= max(abs(mpmath.fsum(parts)), max(map(abs, parts)) * 2**-6) * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(gradient, -1.5 * np.exp(target.astype(np.float64)), rtol=2 * np.finfo(dtype).eps)


@every_dtype
@pytest.mark.parametrize("length", [1, 10, 130, 1000])
def test_the_hessian_of_cross_entropy_is_p_times_the_others(length: int, dtype: Any) -> None:
    rng = np.random.default_rng(length)
    x = rng.normal(scale=5, size=(6, length)).astype(dtype)
    x[1, 0], x[2, length // 2] = 300, -INF if length > 1 else 0
    weight = np.array([1, 2, 0.5, 0, 3, 1e-30])
    got = KERNELS["cross_entropy_logits_hessian"](x, weight, 4.0)
    with np.errstate(under="ignore"):
        wide = np.exp(x.astype(np.longdouble) - x.max(-1, keepdims=True))
    others = np.stack([np.delete(wide, i, axis=-1).sum(-1) for i in range(length)], axis=-1)
    true = wide * others / wide.sum(-1, keepdims=True) ** 2 * weight[:, None] / 4
    np.testing.assert_allclose(got, true.astype(np.float64), rtol=4 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).smallest_subnormal)


@every_dtype
@pytest.mark.parametrize("length", [1, 10, 130, 1000])
def test_sums_of_shares_name_what_is_none(length: int, dtype: Any) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(length), 40).astype(dtype)
    logs = np.minimum(np.log(shares), 0)
    for name, array, wrongs in (("sum_of_shares", shares, (-1e-3, 1.001, np.nan, INF)), ("sum_of_log_shares", logs, (1e-3, np.nan, INF))):
        np.testing.assert_allclose(KERNELS[name](array), 1, rtol=1e-3)  # the digits that a check needs
        for row, wrong in enumerate(wrongs):
            array[row, length // 2] = wrong
        np.testing.assert_array_equal(np.isnan(KERNELS[name](array)), np.arange(40) < len(wrongs))
    with_none = np.where(np.arange(length) == 0, 0.0, -INF).astype(dtype)
    assert KERNELS["sum_of_log_shares"](with_none) == pytest.approx(1)


def test_a_soft_target_of_logits_further_apart_than_the_largest_float() -> None:
    largest = np.finfo(np.float64).max
    for share in (0.25, 0.5):
        term, _ = KERNELS["cross_entropy_logits"](np.array([largest, -largest]), np.array([1 - share, share]), 1.0, 1.0)
        assert term == 2 * share * largest
    assert KERNELS["cross_entropy_logits"](np.array([largest, -largest]), np.array([0.0, 1.0]), 1.0, 1.0)[0] == INF
    single = np.finfo(np.float32).max
    term, _ = KERNELS["cross_entropy_logits"](np.array([single, -single]), np.array([0, 1], np.float32), 1.0, 1.0)
    assert term == 2 * float(single)


@every_dtype
def test_the_smaller_targets_keep_their_digits(dtype: Any) -> None:
    """At a class that has nearly all of both, the gradient is the small difference of what the others have."""
    tiny = 1e-20 if dtype == np.float32 else 1e-40
    x, target = np.array([0, -300], dtype), np.array([1, tiny], dtype)
    _, gradient = KERNELS["cross_entropy_logits"](x, target, 1.0, 1.0)
    np.testing.assert_allclose(gradient, [target[1], -target[1]], rtol=1e-6)
    product = KERNELS["log_softmax_vjp"](x, target)
    np.testing.assert_allclose(product, [-target[1], target[1]], rtol=1e-6)


def test_a_class_outside_the_row_gives_nan() -> None:
    for length in (3, 16, 20, 300):
        for wrong in (-1, length, length + 1, 2**40):
            term, gradient = KERNELS["cross_entropy_logits_indices"](np.zeros(length), wrong, 1.0, 1.0)
            assert np.isnan(term)
            assert np.isnan(gradient).all()


def test_cotangents_near_the_largest_float_do_not_overflow() -> None:
    x, cotangent = np.array([0.0, 0.0, -1.0]), np.array([1.2e308, -1.2e308, 1.2e308])
    for name in ("softmax_vjp", "log_softmax_vjp"):
        np.testing.assert_allclose(KERNELS[name](x, cotangent) / 2.0**60, KERNELS[name](x, cotangent / 2.0**60), rtol=1e-15)
    np.testing.assert_allclose(KERNELS["logsumexp_vjp"](x, 1.7e308), 1.7e308 * KERNELS["softmax"](x), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, *points.DTYPES])
@pytest.mark.parametrize("shape", [(5, 1), (9, 7), (4, 16), (3, 300), (100, 1000)])
@every_kernel
def test_a_layout_never_changes_a_bit(name: str, dtype: Any, shape: tuple[int, int]) -> None:
    """Strided, reversed, moved, byte-swapped and broadcast arguments, and rows shared among threads or computed alone."""
    kernel, given = KERNELS[name], inputs(name, dtype, shape if name not in OF_PAIRS else (min(shape[0], 20), min(shape[1], 100)))
    expected = kernel(*given)
    alone = [kernel(*(array[row] for array in given)) for row in range(0, len(given[0]), 7)]
    for row, result in zip(range(0, len(given[0]), 7), alone, strict=True):
        several = expected if isinstance(expected, tuple) else (expected,)
        exactly(result, tuple(np.asarray(part[row])[()] for part in several) if kernel.nout > 1 else several[0][row])
    strided = [np.repeat(array, 2, axis=-1)[..., ::2] for array in given]
    backwards = [np.flip(np.flip(array).copy()) for array in given]
    moved = [np.asfortranarray(array) for array in given]
    swapped = [array.astype(array.dtype.newbyteorder()) for array in given]
    for arguments in (strided, backwards, moved, swapped):
        exactly(kernel(*arguments), expected)
    one_row = [np.broadcast_to(array[:1], array.shape) for array in given]
    exactly(kernel(*one_row), kernel(*(array.copy() for array in one_row)))


@every_dtype
@pytest.mark.parametrize("size", [10, 300])
@every_kernel
def test_outputs_may_lie_over_inputs(name: str, dtype: Any, size: int) -> None:
    """In the very place, shifted either way by rows and by elements, reversed, and along the other axis of a square."""
    size = min(size, 50) if name in OF_PAIRS else size
    kernel, given = KERNELS[name], inputs(name, dtype, (size, size))
    expected = kernel(*given)
    gradient = kernel.nout - 1
    if not kernel.signature.split("->")[1].endswith("(n)"):
        return
    memory = np.empty((size + 2, size + 2), dtype)
    views = {
        "in place": (memory[1:-1, 1:-1], memory[1:-1, 1:-1]),
        "a row ahead": (memory[1:-1, 1:-1], memory[:-2, 1:-1]),
        "a row behind": (memory[1:-1, 1:-1], memory[2:, 1:-1]),
        "an element ahead": (memory[1:-1, 1:-1], memory[1:-1, :-2]),
        "an element behind": (memory[1:-1, 1:-1], memory[1:-1, 2:]),
        "rows reversed": (memory[1:-1, 1:-1], memory[-2:0:-1, 1:-1]),
        "elements reversed": (memory[1:-1, 1:-1], memory[1:-1, -2:0:-1]),
        "transposed": (memory[1:-1, 1:-1], memory[1:-1, 1:-1].T),
    }
    for overlap, (source, target) in views.items():
        for k, array in enumerate(given):
            if array.shape != source.shape:
                continue
            source[...] = array
            arguments = [source if i == k else other for i, other in enumerate(given)]
            outputs: list[Any] = [None] * kernel.nout
            outputs[gradient] = target
            results = kernel(*arguments, out=tuple(outputs))
            got = results[gradient] if kernel.nout > 1 else results
            wanted = expected[gradient] if kernel.nout > 1 else expected
            np.testing.assert_array_equal(got, wanted, err_msg=f"{name}, input {k}, {overlap}")


@pytest.mark.parametrize("offset", [0.0, -60.0, 256.0, -256.0, 300.0, 1e7])
@pytest.mark.parametrize("length", [2, 10, 17, 128, 129, 1000])
def test_rows_of_floats_beside_those_of_doubles(length: int, offset: float) -> None:
    """Below, at and above the size from which the maximum itself is taken off; rows of one class and rows of many."""
    rng = np.random.default_rng(length)
    for scale, gap in ((0.3, 0.0), (3.0, 0.0), (1.0, 20.0), (40.0, 40.0)):
        x = rng.normal(scale=scale, size=(300, length))
        x[np.arange(300), rng.integers(0, length, 300)] += gap * rng.random(300)
        x = (x + offset).astype(np.float32)
        wide, classes = x.astype(np.float64), np.where(rng.random(300) < 0.5, x.argmax(-1), rng.integers(0, length, 300))
        shares = rng.dirichlet(np.ones(length), 300).astype(np.float32)
        likely = np.maximum(shares, KERNELS["softmax"](wide))
        for name, more, bound, sizes in (
            ("softmax", (), 2, (0,)),
            ("log_softmax", (), 2, (0,)),
            ("logsumexp", (), 2, (np.abs(wide.max(-1)),)),
            ("cross_entropy_logits_indices", (classes, 1.0, 3.0), 4, (0, 0)),
            ("cross_entropy_logits", (shares, 1.0, 3.0), 4, (0, likely / 3)),
        ):
            results = [
                KERNELS[name](array, *(part.astype(array.dtype) if part is shares else part for part in more)) for array in (x, wide)
            ]
            pairs = zip(*(result if isinstance(result, tuple) else (result,) for result in results), sizes, strict=True)
            for got, true, size in pairs:
                unit = np.spacing(np.maximum(np.abs(true), size).astype(np.float32)).astype(np.float64)
                assert (np.abs(got - true) <= bound * unit).all(), name


@pytest.mark.parametrize("dtype", [np.float16, *points.DTYPES])
@pytest.mark.parametrize("length", [1, 10, 128, 129, 200])
@every_kernel
def test_what_lies_in_one_row_is_nothing_to_the_others(name: str, length: int, dtype: Any) -> None:
    """Short rows of floats are computed together, and rows with infinities, NaN, no weight or a wrong class by other means."""
    kernel, given = KERNELS[name], inputs(name, dtype, (40, length))
    for row, value in ((3, np.nan), (5, INF), (20, -INF), (21, 60000)):
        for array in given:
            if array.ndim == 2:
                array[row, length // 2] = value
    for row, value in ((7, 0.0), (8, 1e-30), (9, 1e30)):
        if given[-1].ndim == 1 and given[-1].dtype == np.float64:
            given[-1][row] = value or 1.0
            given[-2][row] = value
        elif given[-1].ndim == 1:
            given[-1][row] = value if dtype != np.float16 else min(value, 60000)
    together = kernel(*given)
    together = together if isinstance(together, tuple) else (together,)
    for row in range(40):
        exactly(kernel(*(array[row] for array in given)), tuple(part[row] for part in together) if kernel.nout > 1 else together[0][row])


@every_dtype
@every_loss
def test_the_sum_of_rows_is_that_of_their_weighted_terms(name: str, dtype: Any) -> None:
    *data, weight, _ = inputs(name, dtype, (50, 7))
    weight[::5] = 0.0
    terms, *gradients = KERNELS[name](*data, weight, 3.0)
    total, *together = ogive._kernels.row_sums[name](*data, weight, 3.0)
    exactly(tuple(together), tuple(gradients))
    exactly(ogive._kernels.row_sum_values[name](*data, weight, 3.0), total)
    assert total == pytest.approx(math.fsum(weight * terms), rel=1e-15)
    strided = [np.repeat(array, 2, axis=0)[::2] for array in (*data, weight)]
    exactly(ogive._kernels.row_sums[name](*strided, 3.0), (total, *gradients))


def test_one_array_may_be_read_along_one_axis_and_written_along_the_other() -> None:
    for size in (10, 300):
        x = np.random.default_rng(0).normal(size=(size, size))
        expected = KERNELS["softmax"](x)
        KERNELS["softmax"](x, out=x, axes=[(1,), (0,)])
        np.testing.assert_array_equal(x.T, expected)


@every_kernel
def test_no_rows_and_no_elements(name: str) -> None:
    for shape in ((0, 5), (3, 0)):
        if shape[1] == 0 and "l" in KERNELS[name].types[0]:
            continue
        given = [np.ones(shape if "n" in core else shape[:1]) for core in KERNELS[name].signature.split("->")[0].split("),")]
        given = [array.astype(type_) for array, type_ in zip(given, KERNELS[name].types[-1], strict=False)]
        results = KERNELS[name](*given)
        for part, core in zip(
            results if isinstance(results, tuple) else (results,), KERNELS[name].signature.split("->")[1].split("),"), strict=True
        ):
            assert part.shape == (shape if "n" in core else shape[:1])
            of_nothing = part == (1 if "n" not in core and name in OF_NOTHING else 0)
            assert name.startswith("logsumexp") or name.endswith("_checked") or of_nothing.all()


def test_without_memory_there_is_an_error_and_no_crash() -> None:
    program = """
import resource
import numpy as np
from ogive._kernels import rows
x, out = np.zeros(40_000_000, np.float32)[::2], np.empty(20_000_000, np.float32)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, used + 2**24))
try:
    rows["softmax"](x, out)
except MemoryError:
    print("refused")
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "refused\n"
