"""An entry behaves as NumPy's own functions do: dtypes, broadcasting, out, where, strides, read-only, 0-d and empty arrays."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import ml_dtypes
import numpy as np
import points
import pytest

import ogive
from ogive.activation import Activation

KERNELS = ogive.kernel.config()["kernels"]
every_activation = pytest.mark.parametrize("entry", points.activations(), ids=lambda entry: entry.name)


def sample(entry: Activation, dtype: Any = np.float64, size: int = 1000) -> np.ndarray[Any, Any]:
    low, high = entry.domain if np.isfinite(entry.domain).all() else (-8.0, 8.0)
    return np.random.default_rng(3).uniform(low, high, size).astype(dtype)


@every_activation
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ml_dtypes.bfloat16])
def test_floats_keep_their_dtype(entry: Activation, dtype: Any) -> None:
    x = sample(entry, dtype)
    value, slope = entry.value_and_slope(x)
    assert value.dtype == slope.dtype == entry(x).dtype == entry.slope(x).dtype == x.dtype


@every_activation
@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_is_float32_rounded_once(entry: Activation, dtype: Any) -> None:
    x = sample(entry, dtype)
    entry(x)  # the first array of a foreign dtype teaches it to the ufuncs
    rest = [np.full([1] * len(core), 0.25, dtype) for core in (entry.served_by or entry).term.cores[1:]]
    for ufunc in (entry.ufunc, entry.slope_ufunc):
        wide = ufunc(x.astype(np.float32), *(value.astype(np.float32) for value in rest))
        np.testing.assert_array_equal(ufunc(x, *rest), wide.astype(dtype))


@every_activation
@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint64])
def test_integers_promote_as_in_numpy(entry: Activation, dtype: Any) -> None:
    x = np.array([0, 1], dtype)
    assert entry(x).dtype == entry.slope(x).dtype == np.exp(x).dtype
    np.testing.assert_array_equal(entry(x), entry(x.astype(np.exp(x).dtype)))


@every_activation
def test_python_numbers_and_lists(entry: Activation) -> None:
    assert isinstance(entry(0.5), np.float64)
    assert isinstance(entry.slope(0.5), np.float64)
    np.testing.assert_array_equal(entry([0.25, 0.5]), [entry(0.25), entry(0.5)])
    assert entry(np.float32(0.5)).dtype == np.float32


@every_activation
def test_a_value_does_not_depend_on_shape_or_stride(entry: Activation) -> None:
    for dtype in points.DTYPES:
        x = sample(entry, dtype, size=1023)
        whole = entry.value_and_slope(x)
        padded = np.zeros((1023, 3), dtype)
        padded[:, 1] = x
        for view, back in (
            (padded[:, 1], slice(None)),
            (x[::-1], slice(None, None, -1)),
            (x.reshape(31, 33).T, None),
            (x.astype(x.dtype.newbyteorder()), slice(None)),
        ):
            for got, expected in zip(entry.value_and_slope(view), whole, strict=True):
                np.testing.assert_array_equal(got.T.ravel() if back is None else got[back], expected)
        for i in range(0, 1023, 97):
            assert entry(x[i]) == whole[0][i]
            assert entry(x[i : i + 2])[0] == whole[0][i]


@every_activation
def test_a_large_array_gives_what_its_parts_give(entry: Activation) -> None:
    x = sample(entry, np.float32, size=300_001)
    parts = np.concatenate([entry(part) for part in np.array_split(x, 7)])
    np.testing.assert_array_equal(entry(x), parts)


@every_activation
def test_read_only_0d_and_empty_arrays(entry: Activation) -> None:
    x = sample(entry)
    x.flags.writeable = False
    assert entry(x).shape == x.shape
    assert entry(np.array(0.5)).shape == ()
    assert entry(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert entry.value_and_slope(np.zeros((2, 0)))[1].shape == (2, 0)


@every_activation
def test_out_and_where(entry: Activation) -> None:
    x = sample(entry)
    out, slopes = np.full_like(x, 7.0), np.full_like(x, 7.0)
    assert entry(x, out=out) is out
    np.testing.assert_array_equal(out, entry(x))
    assert entry.value_and_slope(x, out=(out, slopes))[1] is slopes
    np.testing.assert_array_equal(slopes, entry.slope(x))
    chosen = x > np.median(x)
    entry(x, out=slopes, where=chosen)
    np.testing.assert_array_equal(slopes, np.where(chosen, entry(x), entry.slope(x)))


@every_activation
@pytest.mark.parametrize("size", [1, 31, 32, 33, 200, 5000])
def test_an_output_may_be_the_input(entry: Activation, size: int) -> None:
    x = sample(entry, np.float32, size=size)
    value, slope = entry.value_and_slope(x)
    for call in (entry, entry.slope):
        in_place = x.copy()
        np.testing.assert_array_equal(call(in_place, out=in_place), call(x))
    for places in (0, 1):
        outputs = [np.empty_like(x), np.empty_like(x)]
        outputs[places] = in_place = x.copy()
        entry.value_and_slope(in_place, out=tuple(outputs))
        np.testing.assert_array_equal(outputs[0], value)
        np.testing.assert_array_equal(outputs[1], slope)


@every_activation
def test_nan_in_nan_out_and_no_warnings(entry: Activation) -> None:
    for dtype in (np.float16, *points.DTYPES):
        x = np.array([np.nan, np.inf, -np.inf, np.finfo(dtype).max, np.finfo(dtype).min, -1, 0, 2], dtype)
        with warnings.catch_warnings(), np.errstate(all="raise"):
            warnings.simplefilter("error")
            value, slope = entry.value_and_slope(x)
            entry(x)
            entry.slope(x)
        assert np.isnan(value[0])
        assert np.isnan(slope[0])


@every_activation
def test_the_ufunc_is_a_numpy_ufunc_where_kernels_are_in_use(entry: Activation) -> None:
    served = entry.served_by or entry
    assert isinstance(entry.ufunc, np.ufunc) == (ogive.kernel.compiled("elementwise", served.name) is not None)
    assert entry.ufunc.nin == entry.slope_ufunc.nin == 1 + len((entry.served_by or entry).parameters)
    assert entry.value_and_slope_ufunc.nout == 2


@every_activation
def test_entries_survive_pickling(entry: Activation) -> None:
    assert pickle.loads(pickle.dumps(entry)) is entry


def test_parameters_broadcast() -> None:
    x = np.array([[-1.0, -2.0], [3.0, -4.0]])
    np.testing.assert_array_equal(ogive.prelu(x, [0.1, 0.5]), [[-0.1, -1.0], [3.0, -2.0]])
    image = -np.ones((2, 3, 4, 4))
    per_channel = np.array([0.1, 0.2, 0.3])[:, None, None]
    np.testing.assert_array_equal(ogive.prelu(image, weight=per_channel)[1, :, 2, 2], [-0.1, -0.2, -0.3])
    np.testing.assert_array_equal(ogive.prelu.slope(image, weight=per_channel)[0, :, 0, 0], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(ogive.prelu.slope(x, 0.1, wrt="weight"), np.minimum(x, 0))
    assert ogive.leaky_relu(np.float32([-1]), negative_slope=0.2).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
@pytest.mark.parametrize("entry", [entry for entry in points.activations() if entry.numbers], ids=lambda entry: entry.name)
def test_a_number_as_parameter_is_an_array_of_that_number(entry: Activation, dtype: Any) -> None:
    x = sample(entry, dtype)
    names = [parameter.name for parameter in entry.parameters]
    given = [0.3 + 0.1 * i for i in range(len(names))]
    for numbers in ([parameter.default for parameter in entry.parameters], given, [1] * len(names)):
        expected = entry.ufunc(x.astype(np.exp(x).dtype), *(np.asarray(number, np.exp(x).dtype) for number in numbers))
        for call in (lambda out: entry(x, *numbers, out=out), lambda out: entry(x, out=out, **dict(zip(names, numbers, strict=True)))):  # noqa: B023
            np.testing.assert_array_equal(call(None), expected)
            out = np.empty_like(expected)
            assert call(out) is out
            np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(entry(x), entry(x, *(parameter.default for parameter in entry.parameters)))
    scalar = np.exp(x).dtype.type(0.3)
    np.testing.assert_array_equal(entry(x, scalar), entry(x, float(scalar)))


def test_rrelu_draws_when_training_and_takes_the_mean_when_evaluating() -> None:
    x = np.full(200_000, -1.0, np.float32)
    assert ogive.rrelu(-24.0) == -24.0 * 11 / 48
    value, slope = ogive.rrelu.value_and_slope(x, rng=np.random.default_rng(1))
    assert value.dtype == np.float32
    np.testing.assert_array_equal(value, -slope)
    assert slope.min() >= 1 / 8
    assert slope.max() <= np.float32(1 / 3)
    standard_error = (1 / 3 - 1 / 8) / np.sqrt(12 * x.size)
    assert abs(slope.mean(dtype=float) - 11 / 48) < 5 * standard_error
    np.testing.assert_array_equal(slope, ogive.rrelu.slope(x, rng=np.random.default_rng(1)))
    assert (slope != ogive.rrelu.slope(x, rng=np.random.default_rng(2))).any()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ogive.silu("text"), TypeError, "silu: expected real numbers"),
        (lambda: ogive.silu(1j), TypeError, "complex128"),
        (lambda: ogive.silu(None), TypeError, "object"),
        (lambda: ogive.silu(np.ones(3, np.longdouble)), TypeError, "longdouble|float128"),
        (lambda: ogive.elu(1.0, alpha=-1), ValueError, "elu: alpha must be finite from 0"),
        (lambda: ogive.elu(np.ones(3), -1), ValueError, "elu: alpha must be finite from 0"),
        (lambda: ogive.elu(np.ones(3), alpha=np.inf), ValueError, "elu: alpha must be finite"),
        (lambda: ogive.elu(np.ones(3), alpha=10**400), TypeError, "elu: alpha must be a real number"),
        (lambda: ogive.elu(np.ones(3), alhpa=1), TypeError, "did you mean 'alpha'"),
        (lambda: ogive.elu(np.ones(3), 1.0, 2.0), TypeError, "takes at most 1 parameters"),
        (lambda: ogive.elu(np.ones(3), 1.0, alpha=1.0), TypeError, "given twice"),
        (lambda: ogive.elu(1.0, alpha=np.nan), ValueError, "elu: alpha must be finite"),
        (lambda: ogive.elu(1.0, alpha="x"), TypeError, "elu: alpha must be a real number"),
        (lambda: ogive.elu(1.0, alhpa=1), TypeError, "did you mean 'alpha'"),
        (lambda: ogive.relu(1.0, 2.0), TypeError, "takes at most 0 parameters"),
        (lambda: ogive.elu(1.0, 1.0, alpha=1.0), TypeError, "given twice"),
        (lambda: ogive.elu.slope(1.0, wrt="beta"), ValueError, "wrt must be one of 'x', 'alpha'"),
        (lambda: ogive.step(0.0, at_zero=2), ValueError, "at_zero must be finite from 0 to 1"),
        (lambda: ogive.rrelu(1.0, rng=0), TypeError, "numpy.random.Generator"),
        (lambda: ogive.rrelu(1.0, lower=0.5, upper=0.1), ValueError, "lower must not exceed upper"),
        (lambda: ogive.relu(1.0, rng=np.random.default_rng()), TypeError, "not random"),
        (lambda: ogive.prelu(np.ones((2, 3)), weight=[1, 2]), ValueError, "broadcast"),
        (lambda: ogive.relu(np.ones(3), out=np.ones(2)), ValueError, "broadcast|shape"),
    ],
)
def test_a_bad_call_says_what_is_wrong(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
