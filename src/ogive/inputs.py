"""The inputs of one call of a loss: their shapes and dtypes checked, and laid with their core dimensions last."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive.arrays import Array, Axis, Rows, any_array, check_whole, real_array
from ogive.errors import InputError, InputTypeError
from ogive.term import Input, Term


class Inputs:
    """``arrays`` in the order of the term's inputs, the ``loop`` shape outside their core dimensions, the ``shape`` of the terms.

    Results have the ``dtype`` of the differentiated inputs: a Python number or integers as a target do not widen it.
    A target of class numbers stays one: ``classes`` says where.
    """

    def __init__(self, entry: str, term: Term, arrays: tuple[Any, ...], axis: Axis) -> None:
        self.entry, self.term = entry, term
        self.arrays: list[Array] = []
        self.classes: int | None = None  # where the input of class numbers is
        self.numbers: set[int] = set()  # the inputs that are one number for all terms
        weak = {i for i, array in enumerate(arrays) if i > 0 and isinstance(array, (int, float))}  # which do not widen the results
        first = self._numbers(term.inputs[0], arrays[0])
        self.rows = self._rows(first, axis)
        self.loop = self.rows.kept_shape if self.rows else first.shape[: first.ndim - len(term.cores[0])]
        self.sizes: dict[str, int] = {}
        for each, core, array in zip(term.inputs, term.cores, (first, *arrays[1:]), strict=False):
            self.arrays.append(self._laid(each, core, array))
        if any(size == 0 for name, size in self.sizes.items() if name in term.cores[0]):
            raise InputError(f"{entry}: {term.inputs[0].name} must have at least one element along {term.cores[0]}, got {first.shape}")
        leading = [each.differentiated and i not in weak for i, each in enumerate(term.inputs)]
        self.dtype = _common([array.dtype for array, leads in zip(self.arrays, leading, strict=True) if leads])
        self.shape = self.loop + tuple(self.sizes[name] for name in term.core_out)

    def computing_dtype(self, parameters: tuple[Array, ...]) -> np.dtype[Any]:
        """The dtype to compute in: that of the inputs together, so that no target is rounded, and wide enough for the parameters as
        they were given, for 1 - quantile has no digits to lose.
        """
        found = _common([self.dtype, *(array.dtype for array in self.arrays if array.dtype.kind != "i")])
        for wider in (np.float32, np.float64) if parameters else ():
            if not all(np.array_equal(value.astype(found), value) for value in parameters):
                found = np.promote_types(found, wider)
        return found

    def narrowed(self, array: Array) -> Array:
        """The array in the dtype of the first input, where that holds it exactly."""
        narrow = array.astype(self.arrays[0].dtype)
        return narrow if np.array_equal(narrow, array, equal_nan=True) else array

    def one_hot(self) -> None:
        """Class numbers as a distribution, for what has no kernel of its own for them."""
        if self.classes is not None:
            numbers, count = self.arrays[self.classes], self.sizes[self.term.cores[0][0]]
            self.arrays[self.classes] = (numbers[..., None] == np.arange(count)).astype(self.arrays[0].dtype)
            self.classes = None

    @property
    def differentiated(self) -> list[Array]:
        """The arrays that the gradients are taken by."""
        return [array for each, array in zip(self.term.inputs, self.arrays, strict=True) if each.differentiated]

    def restore(self, position: int, gradient: Any) -> Any:
        """A gradient by the input at that position, in its shape and in the dtype of the results."""
        gradient = np.asarray(gradient).sum(dtype=np.float64) if position in self.numbers else np.asarray(gradient)
        if gradient.dtype != self.dtype:
            gradient = gradient.astype(self.dtype)
        along = self.rows is not None and position not in self.numbers and self.term.cores[position] == self.term.cores[0]
        return (self.rows.restore(gradient) if self.rows and along else gradient)[()]

    def refuse_images(self) -> None:
        """Refuse more dimensions than pixels, or a batch of them, have: which are those of one region has to be said."""
        name, shape = self.term.inputs[0].name, self.rows.shape if self.rows else self.arrays[0].shape
        if self.rows and self.loop:
            raise InputError(
                f"{self.entry}: {name} has the shape {shape}; say which axes hold the pixels of one region, as axis=-1 or "
                "axis=(-2, -1), or axis=None for all of them"
            )
        if len(self.loop) > 1:
            raise InputError(
                f"{self.entry}: {name} must have the shape (pixels, classes) or (batch, pixels, classes), got {shape}; "
                "of images with the classes second, take np.moveaxis(array, 1, -1).reshape(batch, -1, classes)"
            )

    def _rows(self, first: Array, axis: Axis) -> Rows | None:
        name = self.term.inputs[0].name
        if self.term.along_axis:
            rows = Rows(self.entry, first.shape, axis)
            if rows.length == 0:
                raise InputError(f"{self.entry}: {name} must have at least one element along axis {axis}, got shape {first.shape}")
            return rows
        if axis != -1:
            raise InputTypeError(f"{self.entry}: takes no axis; its arrays have the shapes {self.term.signature}, as the last dimensions")
        if first.ndim < len(self.term.cores[0]):
            wanted = ", ".join(self.term.cores[0])
            raise InputError(f"{self.entry}: {name} must have the dimensions ({wanted}) last, got shape {first.shape}")
        return None

    def _laid(self, each: Input, core: tuple[str, ...], given: Any) -> Array:
        """The array with its core dimensions last, in the loop shape of the first input."""
        if each.role == "distribution":
            given = any_array(self.entry, each.name, given)
            expected = self.rows.shape if self.rows else self.loop
            if self.rows and given.shape != expected:
                return self._class_numbers(each, given, self.rows)
        array = self._integers(each, given) if each.whole else self._numbers(each, given)
        if self.rows and core == self.term.cores[0]:
            if array.shape != self.rows.shape:
                raise InputError(self._shape_message(each, core, array.shape))
            array = self.rows.lay(array)
        elif array.shape == () and not core and self.loop:
            self.numbers.add(len(self.arrays))
            array = np.broadcast_to(array, self.loop)
        sizes = dict(zip(core, array.shape[array.ndim - len(core) :], strict=False))
        fits = array.ndim == len(self.loop) + len(core) and array.shape[: len(self.loop)] == self.loop
        if not fits or any(self.sizes.get(name, size) != size for name, size in sizes.items()):
            raise InputError(self._shape_message(each, core, np.shape(given)))
        self.sizes |= sizes
        return array

    def _shape_message(self, each: Input, core: tuple[str, ...], shape: tuple[int, ...]) -> str:
        first = self.term.inputs[0].name
        if core == self.term.cores[0]:
            expected = self.rows.shape if self.rows else self.arrays[0].shape
            if each.role == "shares":
                return f"{self.entry}: {each.name} must be a distribution of shape {expected}, got shape {shape}"
            return (
                f"{self.entry}: {first} and {each.name} must have the same shape, got {expected} and {shape}; "
                "reshape one of them (they are not broadcast, for (n, 1) against (n,) would give n·n terms)"
            )
        wanted = (*map(str, self.loop), *(str(self.sizes.get(name, name)) for name in core))
        return f"{self.entry}: {each.name} must have the shape ({', '.join(wanted)}), got {shape}"

    def _class_numbers(self, each: Input, given: Array, rows: Rows) -> Array:
        if given.shape != rows.kept_shape:
            fitting = [axis for axis in range(len(rows.shape)) if given.shape == rows.shape[:axis] + rows.shape[axis + 1 :]]
            mend = f"; did you mean axis={fitting[0]}?" if fitting else ""
            if given.shape == (*rows.kept_shape, 1):
                mend = f"; take {each.name}[..., 0]"
            raise InputError(
                f"{self.entry}: {each.name} must be class numbers of shape {rows.kept_shape} or a distribution of shape {rows.shape}; "
                f"got shape {given.shape}{mend}"
            )
        if given.dtype.kind not in "iu":
            mend = f"use {each.name}.astype(int)" if given.dtype.kind in "fb" else "number the classes from 0"
            if given.dtype.kind == "f" and np.isnan(given).any():
                mend = "where they are missing, put a number that no class has, and name it by ignore_index"
            raise InputTypeError(f"{self.entry}: class numbers must be integers, got dtype {given.dtype}; {mend}")
        self.classes = len(self.arrays)
        self.sizes |= {self.term.cores[0][0]: rows.length}
        return _signed(given)

    def _numbers(self, each: Input, value: Any) -> Array:
        """Floats. Python numbers and integers take the dtype of the first input where that holds them exactly; float64 holds the others."""
        array = any_array(self.entry, each.name, value)
        if array.dtype.kind in "biu":
            check_whole(self.entry, each.name, array)
        elif not isinstance(value, float):
            return real_array(self.entry, each.name, array)
        return self.narrowed(array.astype(np.float64)) if self.arrays else array.astype(np.float64)

    def _integers(self, each: Input, value: Any) -> Array:
        array = any_array(self.entry, each.name, value)
        if array.dtype.kind not in "iu" and array.size:
            raise InputTypeError(f"{self.entry}: {each.name} must be integers, got dtype {array.dtype}")
        return _signed(array).copy() if each.of else array.astype(np.int64)  # groups may be any: as many differ in 64 bits


def _signed(numbers: Array) -> Array:
    """Class numbers or lengths as int64; what is beyond is beyond every class and every length."""
    if not np.can_cast(numbers.dtype, np.int64):
        numbers = np.minimum(numbers, np.uint64(np.iinfo(np.int64).max))
    return numbers.astype(np.int64, copy=False)


def _common(dtypes: list[np.dtype[Any]]) -> np.dtype[Any]:
    """What they promote to, in this machine's byte order; NumPy takes long to see that they are all one."""
    return dtypes[0] if dtypes[0].isnative and all(dtype is dtypes[0] for dtype in dtypes) else np.result_type(*dtypes)
