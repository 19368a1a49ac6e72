"""Arrays at the door: what may come in as numbers, and how the axes of a function are laid last and put back."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from ogive.errors import InputError, InputTypeError

Axis = int | tuple[int, ...] | None
Array = np.ndarray[Any, Any]

_WHOLE = 2**53  # up to which float64 holds every integer
_WAY_OUT_OF_TORCH = "pass tensor.detach().cpu().float().numpy(); activations with gradients: from ogive.backends.torch import function"


def real_array(entry: str, argument: str, value: Any) -> Array:
    """The value as an array of floats; integers promote as in ``np.exp``. Anything but real numbers is refused."""
    array = any_array(entry, argument, value)
    if array.dtype.kind in "biu":
        check_whole(entry, argument, array)
        return array.astype(np.result_type(array.dtype, np.float16))
    if array.dtype.char not in "efd" and array.dtype.name != "bfloat16":
        raise InputTypeError(
            f"{entry}: {argument} must be real numbers (float16, float32, float64 or integers), got dtype {array.dtype}; "
            "convert to one of these first"
        )
    return array


def check_whole(entry: str, argument: str, array: Array) -> None:
    """Refuse an integer that float64 would round: of a difference of two such numbers, every digit may be wrong."""
    if array.dtype.itemsize < 8 or not array.size or (array.min() >= -_WHOLE and array.max() <= _WHOLE):
        return
    size = np.absolute(array).astype(np.uint64)  # of the lowest int64 too, whose absolute value is itself
    odd = size // np.maximum(size & -size, 1)
    if (odd > _WHOLE).any():
        raise InputError(
            f"{entry}: {argument} must be integers that float64 holds, such as all up to 2**53, found {array[odd > _WHOLE][0]}; subtract "
            "what they have in common first, or, if they may be rounded, pass them as floats"
        )


def any_array(entry: str, argument: str, value: Any) -> Array:
    """The value as a plain array, whatever its dtype; what would lose a meaning on the way (a mask, a gradient) is refused."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputTypeError(
            f"{entry}: {argument} is a masked array, and its mask would be lost; fill it with a value, as with {argument}.filled(value), "
            "or, in a loss, pass mask= with True for what counts"
        )
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InputError(f"{entry}: {argument} must be a rectangular array of numbers: {error}") from error
    except (TypeError, RuntimeError) as error:
        if hasattr(value, "detach"):  # a PyTorch tensor that needs a gradient, lies on a GPU, or is of a dtype that NumPy lacks
            raise InputTypeError(f"{entry}: {argument} is a tensor that NumPy cannot read; {_WAY_OUT_OF_TORCH}") from error
        raise


def check_alignment(entry: str, values: dict[str, Any]) -> None:
    """Refuse labelled data (pandas) whose indexes or columns differ: it would be paired by position, against its labels."""
    foreign = {argument: value for argument, value in values.items() if type(value) is not np.ndarray and value is not None}
    for labels, several in (("index", "indexes"), ("columns", "columns")) if foreign else ():
        found: dict[str, Any] = {argument: getattr(value, labels, None) for argument, value in foreign.items()}
        labelled = {argument: index for argument, index in found.items() if hasattr(index, "equals")}
        for argument, index in list(labelled.items())[1:]:
            first = next(iter(labelled))
            if not labelled[first].equals(index):
                mend = f"{argument}.reindex({first}.index)" if labels == "index" else f"{argument}[{first}.columns]"
                raise InputError(
                    f"{entry}: {first} and {argument} have different {several}; align them (as with {mend}), "
                    "or pass .to_numpy() to pair them by position"
                )


def check_beside(entry: str, inputs: dict[str, Any], parameters: dict[str, Any]) -> None:
    """The same of labelled parameters: a row of numbers beside inputs of more dimensions has one for each of their columns."""
    for name, value in parameters.items():
        row = getattr(value, "ndim", 0) == 1 and any(np.ndim(array) > 1 for array in inputs.values())
        labels = SimpleNamespace(columns=getattr(value, "index", None)) if row else value
        check_alignment(entry, inputs | {name: labels})


class Rows:
    """Lays the chosen axes of an array of that shape last, as one, and puts results back where they came from."""

    def __init__(self, entry: str, shape: tuple[int, ...], axis: Axis) -> None:
        every = range(len(shape))
        chosen = every if axis is None else axis if isinstance(axis, tuple) else (axis,)
        try:
            self.axes = tuple([every[i] for i in chosen])
        except (IndexError, TypeError):
            raise InputError(f"{entry}: axis must name axes of the input, which has shape {shape}; got axis={axis!r}") from None
        if len(set(self.axes)) < len(self.axes) or (axis is not None and not shape):
            raise InputError(f"{entry}: axis must name each axis of the input, which has shape {shape}, at most once; got axis={axis!r}")
        self.shape = shape
        self.length = math.prod([shape[i] for i in self.axes])
        self.kept = tuple([i for i in every if i not in self.axes])
        self.kept_shape = tuple([shape[i] for i in self.kept])  # without the chosen axes
        self.last = self.axes == (len(shape) - 1,)

    def lay(self, array: Array) -> Array:
        """The array as rows: the chosen axes last, flattened into one."""
        if self.last:
            return array
        moved = array.transpose(self.kept + self.axes)
        return moved if len(self.axes) == 1 else moved.reshape((*self.kept_shape, self.length))

    def restore(self, rows: Any) -> Any:
        """Rows back in the shape of the input."""
        if self.last:
            return rows
        order = self.kept + self.axes
        return np.reshape(rows, [self.shape[i] for i in order]).transpose(np.argsort(order))

    def keep(self, reduced: Any) -> Any:
        """One number a row, with every chosen axis kept at length 1."""
        return np.expand_dims(reduced, self.axes)
