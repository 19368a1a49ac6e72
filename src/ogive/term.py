"""A term: one function with a signature of named inputs and core dimensions, its value, and its derivatives.

Activations, gates, functions along an axis and losses are one thing with different signatures, in the notation of NumPy's
generalised ufuncs: ``()->()`` is an activation, ``(),()->()`` a gate or a pointwise loss, ``(c)->(c)`` softmax, ``(c),(c)->()`` a loss
of rows, ``(d),(d),(d)->()`` a triplet, ``(n,d),(n,d)->(n)`` a contrastive loss. Inputs come first, parameters after them; outside
the core dimensions all are broadcast.

Definitions are functions ``f(*inputs, *parameters, xp)`` over an array namespace (NumPy, PyTorch, ``jax.numpy``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ogive import formula as formulas
from ogive.parameter import Parameter

Definition = Callable[..., Any]
Role = Literal["number", "binary", "shares", "distribution", "labels", "length", "rising"]


@dataclass(frozen=True)
class Input:
    """A named array of a term.

    `role` says what its numbers are: "number"; "binary", the share of class 1 of two, each for itself, with a core dimension too (the
    pixels of a region, the labels of one example); "shares" of classes that exclude each other, which sum to 1 along the core dimension;
    "distribution", such shares or class numbers in their stead; "labels", class numbers along a core dimension, those of the classes
    along the dimension `of` and as many `beyond` it, or without it any integers, equal where the class is; "length", how many elements of
    the dimension `of` count; "rising", numbers each of which is larger than the one before it.
    """

    name: str
    about: str = ""
    differentiated: bool = False
    low: float = -math.inf
    high: float = math.inf
    role: Role = "number"
    of: str = ""
    beyond: int = 0

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest number that it may hold."""
        return self.low, self.high

    @property
    def whole(self) -> bool:
        """Whether its numbers are integers."""
        return self.role in ("labels", "length")


X = Input("x", differentiated=True)
_SHARES = ((0.0, 1.0), (-math.inf, 0.0))  # the bounds of probabilities, and of their logarithms


@dataclass(frozen=True, eq=False, kw_only=True)
class Term:
    """A function of arrays with its derivatives. `name` is also that of its kernel, where it has one.

    ``slopes`` holds the derivative by each differentiated input, for terms without core dimensions; the others have ``vjp``, a definition
    ``f(*inputs, *parameters, cotangent, xp)`` that gives the vector–Jacobian product for each differentiated input, as a tuple.
    ``hessian`` is the diagonal of the second derivative by the first input, exact; where it may be 0 or negative, ``majorant`` may give
    what boosting can divide by, the second derivative of a parabola that touches the term and is nowhere below it. A term of two classes is
    ``linear`` where it is t · (cost of class 1) + (1 - t) · (cost of class 0). ``elements`` is the pointwise term, without parameters,
    whose mean along the core dimension it is, where it is one. ``together`` gives NumPy's terms and gradients at once,
    ``f(*inputs, *parameters, share, graded)`` with what each term is multiplied by in the reduced loss, where kernels are compiled and
    that saves work.

    A term has a formula, or where none is short a ``reference``, an algorithm over plain sequences of numbers
    ``f(functions, **inputs_and_parameters)``. ``link`` names the output activation that belongs to the term: it turns what the term
    takes into a prediction in the units of the target. It is given ``link_scale`` times as much (2 in σ(2x)), and the
    ``link_parameters``.
    """

    name: str
    value: Definition
    inputs: tuple[Input, ...] = (X,)
    signature: str = "()->()"
    parameters: tuple[Parameter, ...] = ()
    formula: str | None = None
    reference: Definition | None = None
    slopes: Mapping[str, Definition] = field(default_factory=dict)
    vjp: Definition | None = None
    curvature: Definition | None = None
    hessian: Definition | None = None
    majorant: Definition | None = None
    linear: bool = True
    of_difference: bool = False
    elements: Term | None = None
    together: Definition | None = None
    kink_slope: float | None = None
    link: str | None = None
    link_scale: float = 1.0
    link_parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.cores) != len(self.inputs) + len(self.parameters):
            raise ValueError(f"{self.name}: the signature {self.signature} does not fit {len(self.inputs)} inputs and their parameters")
        if (self.formula is None) == (self.reference is None):
            raise ValueError(f"{self.name}: a term has a formula, or a reference algorithm in its stead")

    @cached_property
    def cores(self) -> tuple[tuple[str, ...], ...]:
        """The core dimensions of each input and parameter."""
        return tuple(_dimensions(text) for text in re.findall(r"\(([^)]*)\)", self.signature.partition("->")[0]))

    @cached_property
    def core_out(self) -> tuple[str, ...]:
        """The core dimensions of the value."""
        return _dimensions(self.signature.partition("->")[2].strip("()"))

    @cached_property
    def pointwise(self) -> bool:
        """Whether no input, and so no output, has a core dimension."""
        return not any(self.cores)

    @cached_property
    def along_axis(self) -> bool:
        """Whether the first input has one core dimension, which no value has, so that the caller can say which axis it is."""
        return len(self.cores[0]) == 1 and not self.core_out

    @cached_property
    def of_one_line(self) -> bool:
        """Whether its first input can be led along a line that shows it: numbers, or a row of them beside at most one other like it."""
        cores = self.cores[: len(self.inputs)]
        rows = len(cores) <= 2 and self.along_axis and all(core == cores[0] for core in cores)
        return not any(each.whole for each in self.inputs) and (self.pointwise or rows)

    @cached_property
    def of_pixels(self) -> bool:
        """Whether it is made of the pixels of a region, which an image has along several axes."""
        return "pixels" in self.cores[0]

    @cached_property
    def target(self) -> int | None:
        """Where the input is that the rules for classes speak of: shares of classes, or of class 1 of two."""
        return next((i for i, each in enumerate(self.inputs) if each.role in ("binary", "shares", "distribution")), None)

    @cached_property
    def binary(self) -> bool:
        """Whether the target is of two classes, each number of it for itself."""
        return self.target is not None and self.inputs[self.target].role == "binary"

    @cached_property
    def weighs_classes(self) -> bool:
        """Whether each term has a target of its own, of which a class can be weighed."""
        if self.target is None:
            return False
        core = self.cores[self.target]
        return (core if self.binary else core[:-1]) == self.core_out

    @cached_property
    def classes(self) -> int | None:
        """Where the input is that holds a class number for each term, and never its shares."""
        cores = zip(self.inputs, self.cores, strict=False)
        return next((i for i, (each, core) in enumerate(cores) if each.role == "labels" and each.of and core == self.core_out), None)

    @cached_property
    def distributions(self) -> tuple[int, ...]:
        """The inputs whose numbers, or the exponentials of which, are shares of classes that exclude each other, and sum to 1."""
        of_classes = len(self.inputs) == 1 if self.target is None else not self.binary
        predicted = self.along_axis and of_classes and self.inputs[0].role == "number" and self.inputs[0].bounds in _SHARES
        shares = [i for i, each in enumerate(self.inputs) if each.role in ("shares", "distribution")]
        return (0, *shares) if predicted else tuple(shares)

    @cached_property
    def whole(self) -> bool:
        """Whether some inputs are integers."""
        return any(each.whole for each in self.inputs)

    @cached_property
    def differentiated(self) -> tuple[Input, ...]:
        """The inputs that the derivatives are taken by."""
        return tuple(each for each in self.inputs if each.differentiated)

    @property
    def exact(self) -> str | Definition:
        """What says what the value is: the formula, or the reference algorithm."""
        return self.formula or self.reference or ""

    @property
    def latex(self) -> str:
        """The formula in LaTeX, where there is one."""
        return formulas.latex(self.formula) if self.formula else ""

    def pull(self, *arguments: Any, cotangent: Any, xp: Any) -> tuple[Any, ...]:
        """The vector–Jacobian product for each differentiated input, from inputs and parameters: cotangent times the slope, or `vjp`."""
        if self.vjp is not None:
            products: tuple[Any, ...] = self.vjp(*arguments, cotangent, xp)
            return products
        return tuple(cotangent * self.slopes[each.name](*arguments, xp) for each in self.differentiated)


def _dimensions(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
