"""A function along an axis: softmax and its kin, each with its vector-Jacobian product."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

import numpy as np

from ogive import kernel
from ogive.arrays import Array, Axis, Rows, check_alignment, real_array
from ogive.entry import Entry, Expression, written
from ogive.errors import InputError, InputTypeError
from ogive.parameter import Parameter
from ogive.signatures import called_alike
from ogive.term import Definition, Input, Term, X


@dataclass(eq=False, kw_only=True, repr=False)
class Axiswise(Entry):
    """A function of the vectors along an axis (or several, or the whole array: ``axis=None``).

    ``reduces`` says that a vector becomes one number; ``shift`` whether adding c to every element adds c to the result
    ("equivariant") or nothing ("invariant"); ``total``, where given, is what every result sums to; ``range`` its bounds.
    """

    shift: str
    range: tuple[Expression, Expression]
    total: float | None = None
    weighted: Term | None = None

    kind = "axiswise"

    @property
    def definition(self) -> Definition:
        """The function of the last axis, over an array namespace: ``f(x, *parameters, xp)``."""
        return self.term.value

    @property
    def reduces(self) -> bool:
        """Whether a vector becomes one number."""
        return not self.term.core_out

    @property
    def properties(self) -> dict[str, bool]:
        """Its facts that are either so or not."""
        return {
            "bounded": all(math.isfinite(float(end)) for end in self.range),
            "reduces": self.reduces,
            "sums_to_one": self.total == 1,
            "shift_invariant": self.shift == "invariant",
        }

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, each with a heading."""
        found = [
            ("range", f"from {written(self.range[0])} to {written(self.range[1])}"),
            ("shift", f"{self.shift} when the same number is added to every element"),
        ]
        found += [("total", f"sums to {self.total:g} along the axis")] if self.total is not None else []
        return [*found, *super().facts]

    def __call__(
        self, x: Any, /, *, axis: Axis = -1, weights: Any = None, keepdims: bool = False, out: Any = None, **parameters: Any
    ) -> Any:
        """The function of every vector along `axis`."""
        x, laid, term, rest = self._prepare(x, axis, weights, parameters)
        if x.size == 0 and not self.reduces:
            rows = laid.lay(x)
        else:
            compute = kernel.rows(term.name, term.value, [len(core) for core in term.cores])
            shape = laid.kept_shape if self.reduces else x.shape
            if laid.last and not keepdims and type(out) is np.ndarray and out.shape == shape and out.dtype == x.dtype:
                return compute(x, *rest, out=out)
            rows = kernel.run(compute, laid.lay(x), *rest)
        if not self.reduces:
            rows = laid.restore(rows)
        elif keepdims:
            rows = laid.keep(rows)
        rows = np.asarray(rows).astype(x.dtype, copy=False)
        if out is None:
            return rows[()]
        np.copyto(out, rows)
        return out

    @called_alike
    def vjp(self, x: Any, cotangent: Any, /, *, axis: Axis = -1, weights: Any = None, **parameters: Any) -> Any:
        """The vector-Jacobian product: the gradient with respect to `x` of ``sum(cotangent * f(x))``.

        `cotangent` has the shape of the result (or broadcasts to it); the product has the shape of `x`.
        """
        if not self.reduces:
            check_alignment(self.name, {"x": x, "cotangent": cotangent})
        x, laid, term, rest = self._prepare(x, axis, weights, parameters)
        shape = laid.kept_shape if self.reduces else x.shape
        try:
            cotangent = np.broadcast_to(real_array(self.name, "cotangent", cotangent), shape).astype(x.dtype)
        except ValueError:
            raise InputError(f"{self.name}: cotangent must have the shape of the result, {shape}, got {np.shape(cotangent)}") from None
        if x.size == 0:
            return np.zeros_like(x)

        def pulled(x: Any, cotangent: Any, *rest_and_xp: Any) -> Any:
            *rest, xp = rest_and_xp
            return term.pull(x, *rest, cotangent=cotangent, xp=xp)[0]

        cores = [1, len(term.core_out), *(len(core) for core in term.cores[1:])]
        compute = kernel.rows(f"{term.name}_vjp", pulled, cores)
        rows = kernel.run(compute, laid.lay(x), cotangent if self.reduces else laid.lay(cotangent), *rest)
        return laid.restore(np.asarray(rows).astype(x.dtype, copy=False))[()]

    def _prepare(self, x: Any, axis: Axis, weights: Any, parameters: dict[str, Any]) -> tuple[Array, Rows, Term, tuple[Any, ...]]:
        """The array, how it is laid, and the term with what it takes beside the rows: weights, or parameters."""
        check_alignment(self.name, {"x": x, "weights": weights})
        x = real_array(self.name, "x", x)
        laid = Rows(self.name, x.shape, axis)
        values = self.bind((), parameters)
        for parameter, value in zip(self.parameters, values, strict=True):
            try:
                np.broadcast_to(value, laid.kept_shape)
            except ValueError:
                raise InputError(
                    f"{self.name}: {parameter.name} must be a number, or broadcast to the shape of x without the axis, "
                    f"{laid.kept_shape}; got shape {np.shape(value)}"
                ) from None
        if weights is None:
            return x, laid, self.term, values
        if self.weighted is None:
            raise InputTypeError(f"{self.name}: takes no weights; leave them out")
        try:
            weights = np.broadcast_to(real_array(self.name, "weights", weights), x.shape).astype(x.dtype)
        except ValueError:
            raise InputError(f"{self.name}: weights must broadcast to the shape of x, {x.shape}, got {np.shape(weights)}") from None
        return x, laid, self.weighted, (laid.lay(weights),)

    @property
    def __signature__(self) -> Signature:
        named = {p.name: p.default for p in self.parameters} | {"axis": -1}
        named |= {"weights": None} if self.weighted else {}
        named |= {"keepdims": False} if self.reduces else {}
        return Signature(
            [
                Argument("x", Argument.POSITIONAL_ONLY),
                *(Argument(name, Argument.KEYWORD_ONLY, default=default) for name, default in (named | {"out": None}).items()),
            ]
        )

    def _arguments(self) -> str:
        return "x : array of real numbers; float16, float32 and float64 keep their dtype, integers promote as in np.exp\n"

    def _options(self) -> str:
        weights = "weights : array that broadcasts against x, factors of the exponentials; may be 0 or negative\n" if self.weighted else ""
        return f"axis : int, tuple of ints, or None for the whole array; the last by default\n{weights}out : array for the result"

    def _details(self) -> list[tuple[str, str]]:
        shape = "the shape of x without the axis (kept at length 1 with keepdims=True)" if self.reduces else "the shape of x"
        return [
            ("Methods", "vjp(x, cotangent, axis=-1) is the vector-Jacobian product: the gradient of sum(cotangent * f(x))."),
            ("Returns", f"array with {shape}. Raises ValueError for an axis that x lacks, TypeError for what is not real numbers."),
        ]


def axiswise(
    *,
    vjp: Definition,
    signature: str,
    formula: str | None = None,
    reference: Definition | None = None,
    weighted: tuple[Definition, str] | None = None,
    parameters: tuple[Parameter, ...] = (),
    **claims: Any,
) -> Callable[[Definition], Axiswise]:
    """Turn a definition ``f(x, *parameters, xp)`` over the last axis into a registered entry with its name and docstring.

    `vjp` takes the cotangent after `x`. `weighted` is the definition and formula of the variant with weights of the elements.
    """

    def enter(definition: Definition) -> Axiswise:
        name = definition.__name__
        core_in, _, core_out = signature.partition("->")

        def pulled(x: Any, *rest: Any) -> tuple[Any]:
            *extras, cotangent, xp = rest
            return (vjp(x, cotangent, *extras, xp),)

        shape = f"{core_in}{',()' * len(parameters)}->{core_out}"
        term = Term(
            name=name, value=definition, signature=shape, parameters=parameters, formula=formula, reference=reference, vjp=pulled
        )  # fmt: skip
        variant = None
        if weighted is not None:
            value, written = weighted
            inputs, shape = (X, Input("weights")), f"{core_in},{core_in}->{core_out}"
            variant = Term(name=f"{name}_weighted", value=value, inputs=inputs, signature=shape, formula=written, vjp=pulled)
        return Axiswise(name=name, description=definition.__doc__ or "", terms={"": term}, weighted=variant, **claims)

    return enter
