"""Every definition over NumPy, PyTorch and JAX (traced by ``jit``): in the input's dtype, values within 16 ulp, derivatives within 32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import mpmath
import numpy as np
import oracle
import points
import pytest
import samples
import torch

import ogive
from ogive.activation import Activation
from ogive.axiswise import Axiswise
from ogive.catalogue import entries
from ogive.term import Term

Array = np.ndarray[Any, Any]
BOUNDS = {"value": 16, "slope": 32, "curvature": 32}


def _numpy(compute: Callable[..., Any], *arrays: Array) -> Any:
    with np.errstate(all="ignore"):
        return compute(*arrays, np)


def _torch(compute: Callable[..., Any], *arrays: Array) -> Any:
    return compute(*map(torch.tensor, arrays), torch)


def _jax(compute: Callable[..., Any], *arrays: Array) -> Any:
    return jax.jit(lambda *traced: compute(*traced, jax.numpy))(*map(jax.numpy.asarray, arrays))


@dataclass(frozen=True)
class Namespace:
    """Where a definition runs, and in which dtype. XLA takes what is below the smallest normal number for 0, inputs and results alike."""

    name: str
    run: Callable[..., Any]
    dtype: Any
    x64: bool = True
    flushes: bool = False

    def compute(self, definition: Callable[..., Any], *arrays: Any) -> Array:
        return self.compute_all(lambda *given: [definition(*given)], *arrays)[0]

    def compute_all(self, definition: Callable[..., list[Any]], *arrays: Any) -> list[Array]:
        """Several results at once: JAX compiles slowly."""
        with jax.enable_x64(self.x64):
            results = [np.asarray(result) for result in self.run(definition, *map(self.take, arrays))]
        assert all(result.dtype == self.dtype for result in results)
        return results

    def take(self, array: Any) -> Array:
        return array if getattr(array, "dtype", None) == np.int64 else np.asarray(array, self.dtype)

    def compares(self, *numbers: Any) -> bool:
        """Whether none of the numbers is one that this namespace takes for 0."""
        return not (self.flushes and any(0 < abs(number) < np.finfo(self.dtype).tiny for number in numbers))


NAMESPACES = [
    *(Namespace("numpy", _numpy, dtype) for dtype in points.DTYPES),
    *(Namespace("torch", _torch, dtype) for dtype in points.DTYPES),
    *(Namespace("jax", _jax, dtype, flushes=True) for dtype in points.DTYPES),
    Namespace("jax without float64", _jax, np.float32, x64=False, flushes=True),
]
every_namespace = pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda namespace: f"{namespace.name} {namespace.dtype.__name__}")
every_activation = pytest.mark.parametrize("entry", points.activations(), ids=lambda entry: entry.name)
OTHERS = [term for entry in entries() if not isinstance(entry, Activation | Axiswise) for term in entry.terms.values()]
every_other_term = pytest.mark.parametrize("term", OTHERS, ids=lambda term: term.name)
every_axis_function = pytest.mark.parametrize("entry", [ogive.get(name) for name in ogive.names("axiswise")], ids=lambda entry: entry.name)


def value_and_products(term: Term) -> Callable[..., list[Any]]:
    """The value, and the products of the cotangent with the Jacobian by each differentiated input."""

    def compute(*arrays: Any) -> list[Any]:
        *given, cotangent, xp = arrays
        return [term.value(*given, xp), *term.pull(*given, cotangent=cotangent, xp=xp)]

    return compute


def parameters(entry: Activation | Axiswise, dtype: Any) -> list[Any]:
    return [np.asarray(parameter.default, dtype) for parameter in entry.parameters]


def some_points(entry: Activation, dtype: Any) -> Array:
    """Every third of the points of the accuracy tests: what is left is the error of the namespace's own functions."""
    return points.for_activation(entry, dtype)[::3]


def definitions(entry: Activation) -> dict[str, Callable[..., Any]]:
    curvature = {"curvature": entry.term.curvature} if entry.term.curvature else {}
    return {"value": entry.definition, "slope": entry.slope_definition, **curvature}


@cache
def truths(entry: Activation, dtype: Any) -> list[tuple[float, dict[str, Any]]]:
    """Points, and there each part; at a kink the slope is the declared one, and a curvature is not compared."""
    named = {parameter.name: default.tolist() for parameter, default in zip(entry.parameters, parameters(entry, dtype), strict=True)}
    at_kinks = {kink.at: mpmath.mpf(oracle.value(kink.slope, **named)) for kink in entry.kinks}
    found = []
    for x in map(float, some_points(entry, dtype)):
        value, slope, curvature = oracle.truth(entry.formula, "x", order=2, x=x, **named)
        at_kink = {"value": value, "slope": at_kinks.get(x)}
        found.append((x, at_kink if x in at_kinks else {"value": value, "slope": slope, "curvature": curvature}))
    return found


def cancelling(entry: Activation, x: float, true: dict[str, Any]) -> dict[str, Any]:
    """The sizes of the terms of f = x·g where a derivative crosses zero: g of g + x·g', and 2g' of 2g' + x·g''."""
    if entry.monotone or x == 0:
        return {}
    factor = true["value"] / x
    return {"slope": factor, "curvature": 2 * (true["slope"] - factor) / x}


@every_namespace
@every_activation
def test_activations_keep_their_digits(entry: Activation, namespace: Namespace) -> None:
    x = some_points(entry, namespace.dtype)
    for part, definition in definitions(entry).items():
        results = np.broadcast_to(namespace.compute(definition, x, *parameters(entry, namespace.dtype)), x.shape)
        for got, (at, true) in zip(results, truths(entry, namespace.dtype), strict=True):
            if part in true and namespace.compares(at, true[part]):
                error = oracle.ulps(got, true[part], namespace.dtype, cancelling(entry, at, true).get(part, 0))
                assert error <= BOUNDS[part], f"{entry.name} {part} at {at!r}: {error:.3g} ulp"


@every_namespace
@every_activation
def test_activations_at_the_ends_and_at_nan(entry: Activation, namespace: Namespace) -> None:
    ends = {"value": entry.limits, "slope": entry.slope_limits, "curvature": (0, 0)}
    for part, definition in definitions(entry).items():
        got = namespace.compute(definition, [*entry.domain, np.nan], *parameters(entry, namespace.dtype))
        np.testing.assert_array_equal(got, np.array([*map(entry.claim, ends[part]), np.nan], namespace.dtype), err_msg=part)


@every_namespace
@every_activation
def test_slopes_by_parameters_keep_their_digits(entry: Activation, namespace: Namespace) -> None:
    defaults = parameters(entry, namespace.dtype)
    named = {parameter.name: default.tolist() for parameter, default in zip(entry.parameters, defaults, strict=True)}
    x = some_points(entry, namespace.dtype)
    for parameter in entry.parameters:
        if parameter.slope is None or isinstance(parameter.default, tuple):
            continue
        for at, got in zip(x, namespace.compute(parameter.slope, x, *defaults), strict=True):
            _, true = oracle.truth(entry.formula, parameter.name, x=float(at), **named)
            if namespace.compares(at, true):
                assert oracle.ulps(got, true, namespace.dtype) <= BOUNDS["slope"]


def rows(dtype: Any) -> list[Array]:
    """Logits of ordinary and extreme spread, stacked by length: sure, tied, tiny, huge, one alone."""
    rng = np.random.default_rng(5)
    spread = [rng.normal(size=n) * scale + shift for n in (1, 2, 3, 7) for scale in (1e-3, 1, 30, 1000) for shift in (0, 1e4)]
    hard = [[1e7, 1e7, 1e7 - 1], [0, -40], [0, -17, -17], [0, -90, -103], [3e38, 3e38], [-3e38, 3e38], [0, 0, 0]]
    every = [np.array(row, dtype) for row in (*spread, *hard)]
    return [np.stack([row for row in every if row.size == n]) for n in (1, 2, 3, 7)]


@cache
def jacobian(entry: Axiswise, row: tuple[float, ...], count: int) -> Any:
    """The values, and for each input the derivatives of every value."""
    formula, named = entry.term.exact, {each.name: each.default for each in entry.parameters}
    columns = [[oracle.jacobian_column(formula, "x", j, x=row, i=i, **named) for i in range(count)] for j in range(len(row))]
    return [value for value, _ in columns[0]], [[slope for _, slope in column] for column in columns]


@every_namespace
@every_axis_function
def test_axis_functions_keep_their_digits(entry: Axiswise, namespace: Namespace) -> None:
    """A value is measured against the largest input where adding to the inputs adds to it: it crosses zero as their sum does. One that
    solves an equation is measured against how far it moves when each distance from the maximum changes by its own size.

    A vector-Jacobian product is measured against the largest term of its sum, or the cotangent, which is one for log_softmax, and
    which scales how far the product moves where an equation is solved.
    """
    rng = np.random.default_rng(6)
    for x in rows(namespace.dtype):
        if entry.term.reference and x.shape[-1] not in (2, 3):
            continue  # a reference takes long, and so does compiling what solves an equation
        shape = x.shape[: x.ndim - entry.reduces]
        cotangent = rng.normal(size=shape).astype(namespace.dtype)
        got, products = namespace.compute_all(value_and_products(entry.term), x, *parameters(entry, namespace.dtype), cotangent)
        assert got.shape == shape
        for row, value, upstream, product in zip(x, got.reshape(len(x), -1), cotangent.reshape(len(x), -1), products, strict=True):
            true_values, columns = jacobian(entry, tuple(map(float, row)), value.size)
            for i, true in enumerate(true_values):
                scale = float(np.abs(row).max()) if entry.shift == "equivariant" else 0
                if entry.term.reference:
                    scale = sum(abs(column[i] * (float(x) - float(row.max()))) for x, column in zip(row, columns, strict=True))
                if namespace.compares(true):
                    assert oracle.ulps(value[i], true, namespace.dtype, scale) <= BOUNDS["value"], f"{entry.name}({row}) at {i}"
            if np.unique(row).size < row.size and entry.formula == "max(x)":
                continue  # a tie is a kink
            for j, column in enumerate(columns):
                terms = [float(g) * slope for g, slope in zip(upstream, column, strict=True)]
                direct = 0 if entry.reduces or entry.total is not None else abs(float(upstream[j]))
                direct = float(np.abs(upstream).max()) if entry.term.reference else direct
                if namespace.compares(*terms):
                    error = oracle.ulps(product[j], mpmath.fsum(terms), namespace.dtype, max(*map(abs, terms), direct, 0))
                    assert error <= BOUNDS["slope"], f"{entry.name}.vjp({row}) at {j}: {error:.3g} ulp"


@every_namespace
@every_other_term
def test_gates_and_losses_compute_alike(term: Term, namespace: Namespace) -> None:
    """Values and products with the Jacobian are those of NumPy in float64, to the digits of the largest of them."""
    arrays = [namespace.take(array) for array in samples.arguments(term, (6,), seed=1)]
    arrays += [np.asarray(parameter.default, namespace.dtype) for parameter in term.parameters]
    wide = [array if array.dtype == np.int64 else array.astype(np.float64) for array in arrays]
    cotangent = np.random.default_rng(2).normal(size=_numpy(term.value, *wide).shape).astype(namespace.dtype)
    every_true = _numpy(value_and_products(term), *wide, cotangent.astype(np.float64))
    every_got = namespace.compute_all(value_and_products(term), *arrays, cotangent)
    bounds = [BOUNDS["value"]] + [BOUNDS["slope"]] * len(term.differentiated)
    for true, got, bound in zip(every_true, every_got, bounds, strict=True):
        assert got.shape == true.shape
        unit = np.spacing(np.abs(true).max().astype(namespace.dtype))
        np.testing.assert_array_less(np.abs(got - true), bound * unit + np.finfo(np.float64).tiny)
