"""A function along an axis: softmax and its kin, each with its vector-Jacobian product."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import numpy as np

from ogive import kernel
from ogive.catalogue import register
from ogive.entry import Entry, Expression
from ogive.errors import InputError, InputTypeError

Definition = Callable[..., Any]
Axis = int | tuple[int, ...] | None
Array = np.ndarray[Any, Any]


def real_array(entry: str, argument: str, value: Any) -> Array:
    """The value as an array of floats; integers promote as in ``np.exp``. Anything but real numbers is refused."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(f"{entry}: {argument} must be a rectangular array of numbers: {error}") from error
    if array.dtype.kind in "biu":
        return array.astype(np.result_type(array.dtype, np.float16))
    if array.dtype.char not in "efd" and array.dtype.name != "bfloat16":
        raise InputTypeError(
            f"{entry}: {argument} must be real numbers (float16, float32, float64 or integers), got dtype {array.dtype}; "
            "convert to one of these first"
        )
    return array


class Rows:
    """Lays the chosen axes of an array of that shape last, as one, and puts results back where they came from."""

    def __init__(self, entry: str, shape: tuple[int, ...], axis: Axis) -> None:
        chosen = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        try:
            self.axes = tuple(range(len(shape))[i] for i in chosen)
        except (IndexError, TypeError):
            raise InputError(f"{entry}: axis must name axes of the input, which has shape {shape}; got axis={axis!r}") from None
        if len(set(self.axes)) < len(self.axes) or (axis is not None and not shape):
            raise InputError(f"{entry}: axis must name each axis of the input, which has shape {shape}, at most once; got axis={axis!r}")
        self.shape = shape
        self.length = math.prod(shape[i] for i in self.axes)
        self.kept = tuple(i for i in range(len(shape)) if i not in self.axes)

    def lay(self, array: Array) -> Array:
        """The array as rows: the chosen axes last, flattened into one."""
        moved = array.transpose(self.kept + self.axes)
        return moved if len(self.axes) == 1 else moved.reshape((*(self.shape[i] for i in self.kept), self.length))

    def restore(self, rows: Any) -> Any:
        """Rows back in the shape of the input."""
        order = self.kept + self.axes
        return np.reshape(rows, [self.shape[i] for i in order]).transpose(np.argsort(order))

    def keep(self, reduced: Any) -> Any:
        """One number a row, with every chosen axis kept at length 1."""
        return np.expand_dims(reduced, self.axes)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Axiswise(Entry):
    """A function of the vectors along an axis (or several, or the whole array: ``axis=None``).

    ``reduces`` says that a vector becomes one number; ``shift`` whether adding c to every element adds c to the result
    ("equivariant") or nothing ("invariant"); ``total``, where given, is what every result sums to; ``range`` its bounds.
    """

    definition: Definition
    vjp_definition: Definition
    reduces: bool
    shift: str
    range: tuple[Expression, Expression]
    total: float | None = None
    weighted: Definition | None = None

    kind = "axiswise"

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self._docstring())

    def __call__(self, x: Any, /, *, axis: Axis = -1, weights: Any = None, keepdims: bool = False, out: Any = None) -> Any:
        """The function of every vector along `axis`."""
        x, laid, weight_rows = self._prepare(x, axis, weights)
        if x.size == 0 and not self.reduces:
            rows = laid.lay(x)
        elif weight_rows is not None and self.weighted is not None:
            rows = kernel.rows(f"{self.name}_weighted", self.weighted, nin=2)(laid.lay(x), weight_rows)
        else:
            rows = kernel.rows(self.name, self.definition, nin=1)(laid.lay(x))
        if not self.reduces:
            rows = laid.restore(rows)
        elif keepdims:
            rows = laid.keep(rows)
        rows = np.asarray(rows).astype(x.dtype, copy=False)
        if out is None:
            return rows[()]
        np.copyto(out, rows)
        return out

    def vjp(self, x: Any, cotangent: Any, /, *, axis: Axis = -1, weights: Any = None) -> Any:
        """The vector-Jacobian product: the gradient with respect to `x` of ``sum(cotangent * f(x))``.

        `cotangent` has the shape of the result (or broadcasts to it); the product has the shape of `x`.
        """
        x, laid, weight_rows = self._prepare(x, axis, weights)
        kept = tuple(x.shape[i] for i in laid.kept)
        try:
            cotangent = np.broadcast_to(real_array(self.name, "cotangent", cotangent), kept if self.reduces else x.shape)
        except ValueError:
            raise InputError(
                f"{self.name}: cotangent must have the shape of the result, {kept if self.reduces else x.shape}, got {np.shape(cotangent)}"
            ) from None
        if x.size == 0:
            return np.zeros_like(x)
        cotangent = cotangent.astype(x.dtype)
        name, rest = (self.name, ()) if weight_rows is None else (f"{self.name}_weighted", (weight_rows,))
        backward = kernel.rows(f"{name}_vjp", self.vjp_definition, nin=2 + len(rest))
        rows = backward(laid.lay(x), cotangent if self.reduces else laid.lay(cotangent), *rest)
        return laid.restore(rows)[()]

    def _prepare(self, x: Any, axis: Axis, weights: Any) -> tuple[Array, Rows, Array | None]:
        x = real_array(self.name, "x", x)
        laid = Rows(self.name, x.shape, axis)
        if weights is None:
            return x, laid, None
        if self.weighted is None:
            raise InputTypeError(f"{self.name}: takes no weights; leave them out")
        try:
            weights = np.broadcast_to(real_array(self.name, "weights", weights), x.shape).astype(x.dtype)
        except ValueError:
            raise InputError(f"{self.name}: weights must broadcast to the shape of x, {x.shape}, got {np.shape(weights)}") from None
        return x, laid, laid.lay(weights)

    def _details(self) -> list[tuple[str, str]]:
        shape = "the shape of x without the axis (kept at length 1 with keepdims=True)" if self.reduces else "the shape of x"
        weights = "\nweights : array that broadcasts against x, factors of the exponentials; may be 0 or negative" if self.weighted else ""
        return [
            (
                "Parameters",
                "x : array of real numbers; float16, float32 and float64 keep their dtype, integers promote as in np.exp\n"
                f"axis : int, tuple of ints, or None for the whole array; the last by default{weights}\n"
                "out : array for the result",
            ),
            ("Methods", "vjp(x, cotangent, axis=-1) is the vector-Jacobian product: the gradient of sum(cotangent * f(x))."),
            ("Returns", f"array with {shape}. Raises ValueError for an axis that x lacks, TypeError for what is not real numbers."),
            (
                "Properties",
                f"* range: from {self.range[0]} to {self.range[1]}\n"
                f"* {self.shift} when the same number is added to every element"
                + (f"\n* sums to {self.total:g} along the axis" if self.total is not None else ""),
            ),
        ]


def axiswise(*, vjp: Definition, **claims: Any) -> Callable[[Definition], Axiswise]:
    """Turn a definition ``f(x, xp)`` over the last axis into a registered entry with its name and docstring."""

    def enter(definition: Definition) -> Axiswise:
        return register(
            Axiswise(
                name=definition.__name__,
                description=cleandoc(definition.__doc__ or ""),
                definition=definition,
                vjp_definition=vjp,
                **claims,
            )
        )

    return enter
