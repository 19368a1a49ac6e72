"""What computes an entry on NumPy arrays: the compiled kernels, or the entries' own definitions where there are none.

Both answer to the same calls, so nothing above this module asks which one it has. ``OGIVE_KERNELS=0`` in the environment
chooses the definitions even where kernels are installed; the tests run once each way.
"""

from __future__ import annotations

import os
from collections import abc
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ogive.arrays import any_array
from ogive.errors import InputTypeError
from ogive.term import Term
from ogive.version import __version__

_PYTHON_SCALARS = (bool, int, float)


def _load() -> tuple[ModuleType | None, str]:
    if os.environ.get("OGIVE_KERNELS") == "0":
        return None, "OGIVE_KERNELS=0 is set"
    try:
        return import_module("ogive._kernels"), ""
    except ImportError as reason:
        return None, f"the compiled module did not load: {reason}"


_compiled, _why_definitions = _load()


class Callable:
    """What is called through its method ``_call``. Compiled, a plain call of a NumPy array goes straight to ``ufunc``, set once.

    ``numbers`` says of each parameter that may be a number in such a call: name, default, lowest and highest; it is set once too.
    """

    ufunc: Any
    numbers: tuple[tuple[str, float, float, float], ...]

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._call(*args, **options)

    def _call(self, *args: Any, **options: Any) -> Any:
        raise NotImplementedError


if not TYPE_CHECKING and _compiled is not None:
    Callable = _compiled.Callable


class Definition:
    """Stands in for a compiled ufunc, called in the same way: NumPy evaluates the entry's definition.

    float16 and float32 are computed in float64 and rounded once. The inputs are laid out one element after the other, for some of
    NumPy's own functions round differently where elements lie apart. `cores` counts the core dimensions of each input. With
    ``rows=True`` the first argument alone decides the dtype, as in the compiled generalised ufuncs over rows.
    """

    def __init__(self, name: str, compute: abc.Callable[..., Any], cores: abc.Sequence[int], nout: int = 1, *, rows: bool = False) -> None:
        self.__name__ = name
        self.compute = compute
        self.cores = cores
        self.nin = len(cores)
        self.nout = nout
        self.rows = rows

    def __repr__(self) -> str:
        return f"<definition '{self.__name__}'>"

    def __call__(self, *inputs: Any, out: Any = None, where: Any = True) -> Any:
        if len(inputs) != self.nin:
            raise TypeError(f"{self.__name__}() takes {self.nin} array arguments, got {len(inputs)}")
        arrays = [value if isinstance(value, _PYTHON_SCALARS) else any_array(self.__name__, "an array", value) for value in inputs]
        dtype = floating(*arrays[:1] if self.rows else arrays)
        wide = [np.asarray(array, dtype=np.float64, order="C") for array in arrays]
        with np.errstate(all="ignore"):
            results = self.compute(*wide)
            results = results if isinstance(results, tuple) else (results,)
            loops = (array.shape[: array.ndim - core] for array, core in zip(wide, self.cores, strict=True))
            shape = () if self.rows else np.broadcast_shapes(*loops)
            results = tuple(
                self._deliver(result, shape, dtype, target, where) for result, target in zip(results, _outputs(out, self.nout), strict=True)
            )
        return results if self.nout > 1 else results[0]

    def _deliver(self, result: Any, shape: tuple[int, ...], dtype: np.dtype[Any], target: Any, where: Any) -> Any:
        if np.ndim(result) <= len(shape):  # more dimensions are those of a vector parameter, whose slope this is
            result = np.broadcast_to(result, shape)
        if target is None and where is True:
            return np.array(result, dtype=dtype)[()]
        if target is None:
            target = np.empty(np.shape(result), dtype)
        np.copyto(target, np.asarray(result).astype(dtype), where=where)
        return target


def _outputs(out: Any, nout: int) -> tuple[Any, ...]:
    if out is None:
        return (None,) * nout
    return out if isinstance(out, tuple) else (out,)


def floating(*arrays: Any) -> np.dtype[Any]:
    """The dtype of the result, by the rule of NumPy's own floating functions: ``np.exp`` of an int16 is a float32."""
    dtype = np.result_type(*arrays)
    if dtype.kind in "biu":
        dtype = np.result_type(dtype, np.float16)
    if dtype.char not in "efd" and dtype.name != "bfloat16":
        raise TypeError(f"no definition for dtype {dtype}")
    return dtype


def compiled(kind: str, name: str) -> Any:
    """The compiled function of that name, or None: of `kind` "elementwise", "rows", "sums", "row_sums" and "sequences", or, of losses,
    without the gradient, "row_values", "sum_values", "row_sum_values" and "sequence_values".
    """
    return None if _compiled is None else getattr(_compiled, kind, {}).get(name)


def run(function: Any, x: Any, *rest: Any, **options: Any) -> Any:
    """Call a function of an array. Compiled, large results lie in memory that earlier ones have left, as new memory costs more."""
    return function(x, *rest, **options)


if not TYPE_CHECKING and _compiled is not None:
    run = _compiled.run


def summed(kernel: Any, divisor: float, *arrays: Any) -> tuple[Any, ...]:
    """The sum of the terms of a compiled loss, each of weight 1, and the gradients of what they have of the quotient.

    The arrays are laid out as the kernel takes them, ready and of its dtypes: NumPy, which would see to that, is passed by.
    """
    found: tuple[Any, ...] = _compiled.summed(kernel, divisor, *arrays)  # type: ignore[union-attr]
    return found


if not TYPE_CHECKING and _compiled is not None:
    summed = _compiled.summed


def elementwise(term: Term) -> tuple[Any, Any, Any]:
    """The ufuncs of a term, of its slope by the first input, and of both in one pass; compiled where there is a kernel of its name."""
    row = compiled("elementwise", term.name)
    if row is not None:
        return row["value"], row["slope"], row["value_and_slope"]
    slope = term.slopes[term.inputs[0].name]

    def both(*arrays_and_xp: Any) -> tuple[Any, Any]:
        return term.value(*arrays_and_xp), slope(*arrays_and_xp)

    cores = [len(core) for core in term.cores]
    return (
        definition(term.name, term.value, cores),
        definition(f"{term.name}.slope", slope, cores),
        definition(f"{term.name}.value_and_slope", both, cores, nout=2),
    )


def curvature(term: Term) -> Any:
    """The ufunc of the second derivative by the first input; compiled where the kernel has one."""
    row = compiled("elementwise", term.name)
    if row is not None and "curvature" in row:
        return row["curvature"]
    return term.curvature and definition(f"{term.name}.curvature", term.curvature, [len(core) for core in term.cores])


def definition(name: str, compute: abc.Callable[..., Any], cores: abc.Sequence[int], nout: int = 1, *, rows: bool = False) -> Definition:
    """A definition ``compute(*arrays, xp)`` as something that is called like a ufunc."""
    return Definition(name, lambda *arrays: compute(*arrays, np), cores, nout, rows=rows)


def rows(name: str, compute: abc.Callable[..., Any], cores: abc.Sequence[int]) -> Any:
    """The generalised ufunc of that name over the last axis; `compute` with NumPy where there is no kernel."""
    return compiled("rows", name) or definition(name, compute, cores, rows=True)


def call(name: str, ufunc: Any, x: Any, *rest: Any, **options: Any) -> Any:
    """Call a ufunc, and say in words what it cannot take."""
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    if rest and kind in ("b", "i", "u"):
        x = x.astype(np.result_type(x.dtype, np.float16))  # as in np.exp, whatever Python numbers the parameters are
    bfloat16 = kind == "V" and x.dtype.name == "bfloat16"
    if bfloat16 and _compiled is not None:
        _compiled.register_bfloat16(x.dtype)
    if rest and (bfloat16 or kind == "f"):  # or NumPy would convert them block by block
        rest = tuple(np.asarray(value, x.dtype.newbyteorder("=")) if isinstance(value, _PYTHON_SCALARS) else value for value in rest)
    try:
        return run(ufunc, x, *rest, **options)
    except (TypeError, RuntimeError) as error:
        for value in (x, *rest):
            any_array(name, "an array", value)  # says so where the array itself cannot be read
        out = options.get("out")
        for each in out if isinstance(out, tuple) else (out,):
            if each is not None and not isinstance(each, np.ndarray):
                got = type(each).__name__
                raise InputTypeError(f"{name}: out must be a NumPy array, got {got}; of a tensor, tensor.numpy() has the memory") from error
        dtypes = {getattr(value, "dtype", None) or np.asarray(value).dtype for value in (x, *rest)}
        if all(dtype.kind in "biuf" and dtype.itemsize <= 8 for dtype in dtypes):
            raise
        got = ", ".join(sorted(dtype.name for dtype in dtypes))
        raise InputTypeError(
            f"{name}: expected real numbers (float16, float32, float64, or integers, which promote), got dtype {got}; "
            "convert to one of these first"
        ) from error


def product(left: Any, right: Any, out: Any, keep: float = 0.0, bias: Any = None, moved: Any = None) -> None:
    """``out = keep · out + left @ right``, or ``bias + left @ right``, for stacks of float32 matrices, ``(stack, rows, columns)``.

    The lefts may be fewer and are then taken in turn; a bias is one row for each of the stack. Where something is to be `moved`, then
    ``moved -= out``. Neither `out` nor `moved` may overlap the others.
    Compiled, every element is one chain of fused multiply-adds: its bits depend on nothing but the two vectors that it joins, and
    where the sum starts.
    """
    if _compiled is not None:
        _compiled.product(left, right, out, keep, bias, moved)
        return
    lefts = np.tile(left, (len(out) // len(left), 1, 1)) if len(left) < len(out) else left
    start = np.float32(keep) * out if bias is None and keep else bias
    np.matmul(lefts, right, out=out)
    if start is not None:
        out += start
    if moved is not None:
        moved -= out


@contextmanager
def subnormals_flushed() -> abc.Iterator[None]:
    """Let this thread take subnormal numbers for zero in the block, where kernels are compiled: they cost a hundredfold."""
    if _compiled is None:
        yield
        return
    before = _compiled.flush_subnormals(True)
    try:
        yield
    finally:
        _compiled.flush_subnormals(before)


def config() -> dict[str, Any]:
    """What computes: ``kernels`` is 'compiled' or 'definitions'; with the instruction set, threads and compiler, or the reason."""
    if _compiled is None:
        return {"kernels": "definitions", "why": _why_definitions}
    return {"kernels": "compiled", **_compiled.config()}


def show_config() -> None:
    """Print what computes ogive's functions on this machine: the compiled kernels, or NumPy definitions and why.

    Examples
    --------
    >>> import ogive
    >>> ogive.show_config()  # doctest: +ELLIPSIS
    ogive ...
    """
    facts = config()
    print(f"ogive {__version__}, NumPy {np.__version__}")
    if facts["kernels"] == "definitions":
        print("*** NO COMPILED KERNELS: the NumPy definitions are used; results are right but several times slower. ***")
        print(f"*** Why: {facts['why']}. To compile: install a C++20 compiler, then `pip install --force-reinstall .` ***")
        return
    for key, value in facts.items():
        print(f"  {key.replace('_', ' ')}: {', '.join(value) if isinstance(value, list | tuple) else value}")
