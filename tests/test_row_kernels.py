"""The compiled row kernels, called as they are: weights and divisors, layouts, overlaps, and no memory."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
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
