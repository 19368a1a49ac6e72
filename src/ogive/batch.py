"""The arrays of one call of a loss: checked, laid with their core dimensions last, and with one weight for each term."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive import domains, rules
from ogive.arrays import Array, Axis, Rows, any_array, check_alignment, real_array
from ogive.errors import InputError, InputTypeError
from ogive.term import Input, Term


@dataclass(eq=False)
class Rules:
    """What a call asks for beside its arrays; `rules` says what it means."""

    reduction: str
    axis: Axis = -1
    sample_weight: Any = None
    class_weight: Any = None
    mask: Any = None
    ignore_index: int | None = None
    label_smoothing: float = 0.0


class Batch:
    """One call: ``arrays`` in the order of the term's inputs, ``weight`` (None for ones) and ``divisor``.

    What is computed has the promoted dtype of the inputs, so that no target is rounded; results have that of the differentiated ones.
    A target of class numbers stays one: ``classes`` says where. It is computed in a dtype that holds the parameters as they were given:
    1 - quantile has no digits to lose.
    """

    dtype: np.dtype[Any]
    computed: np.dtype[Any]

    def __init__(self, entry: str, term: Term, arrays: tuple[Any, ...], parameters: tuple[Array, ...], rule: Rules, hint: str) -> None:
        self.entry, self.term, self.rule, self.parameters = entry, term, rule, parameters
        self.arrays: list[Array] = []
        self.classes: int | None = None  # where the input of class numbers is
        self.numbers: set[int] = set()  # the inputs that are one number for all terms
        self.weak = {i for i, array in enumerate(arrays) if i > 0 and isinstance(array, int | float)}  # which do not widen the results
        weights = {"sample_weight": rule.sample_weight, "mask": rule.mask}
        check_alignment(entry, dict(zip((each.name for each in term.inputs), arrays, strict=True)) | weights)
        first = self._numbers(term.inputs[0], arrays[0])
        self.rows = self._rows(first)
        self.loop = self.rows.kept_shape if self.rows else first.shape[: first.ndim - len(term.cores[0])]
        self.sizes: dict[str, int] = {}
        for each, core, array in zip(term.inputs, term.cores, (first, *arrays[1:]), strict=False):
            self.arrays.append(self._laid(each, core, array))
        self.shape = self.loop + tuple(self.sizes[name] for name in term.core_out)
        self.weight = self._explicit_weight()
        for each, array in zip(term.inputs, self.arrays, strict=True):
            if self.classes is None or each.role != "distribution":
                domains.check_bounds(entry, each, array, self.counted, hint if each.differentiated else "")
        domains.check_vectors(entry, term, parameters, self.sizes)
        if term.whole:
            domains.check_integers(entry, term, self.arrays, self.sizes, parameters, self.counted)
        self._smooth()
        self._weigh_classes()
        self._set_dtypes()
        if any(size == 0 for name, size in self.sizes.items() if name in term.cores[0]):
            raise InputError(f"{entry}: {term.inputs[0].name} must have at least one element along {term.cores[0]}, got {first.shape}")
        if rule.reduction.startswith("mean") and math.prod(self.shape) == 0:
            raise InputError(
                f"{entry}: the mean of no elements is undefined; {term.inputs[0].name} is empty. Use reduction='sum' if that can happen"
            )
        self.divisor = float(rules.denominator(rule.reduction, self.weight, math.prod(self.shape), np))
        if not math.isfinite(self.divisor):
            raise InputError(f"{entry}: the weights add up to more than the largest float; divide them by the largest of them")

    @property
    def reduced(self) -> bool:
        """Whether the terms are summed."""
        return self.rule.reduction != "none"

    def beside(self, core: tuple[str, ...]) -> Array | None:
        """The weights, shaped to stand beside an array that has these core dimensions more."""
        return None if self.weight is None else self.weight.reshape((*self.weight.shape, *(1,) * len(core)))

    @property
    def counted(self) -> Array | None:
        """Which items of the loop have a term that counts; None where all do."""
        return None if self.weight is None else (self.weight != 0).any(axis=tuple(range(len(self.loop), len(self.shape))))

    def restore(self, position: int, gradient: Any) -> Any:
        """A gradient by the input at that position, in its shape and in the dtype of the results."""
        gradient = np.asarray(gradient).sum(dtype=np.float64) if position in self.numbers else np.asarray(gradient)
        if gradient.dtype != self.dtype:
            gradient = gradient.astype(self.dtype)
        along = self.rows is not None and position not in self.numbers and self.term.cores[position] == self.term.cores[0]
        return (self.rows.restore(gradient) if self.rows and along else gradient)[()]

    # --- shapes

    def _rows(self, first: Array) -> Rows | None:
        if self.term.along_axis:
            rows = Rows(self.entry, first.shape, self.rule.axis)
            if rows.length == 0:
                raise InputError(
                    f"{self.entry}: {self.term.inputs[0].name} must have at least one element along axis {self.rule.axis}, "
                    f"got shape {first.shape}"
                )
            return rows
        if self.rule.axis != -1:
            raise InputTypeError(f"{self.entry}: takes no axis; its arrays have the shapes {self.term.signature}, as the last dimensions")
        if first.ndim < len(self.term.cores[0]):
            raise InputError(
                f"{self.entry}: {self.term.inputs[0].name} must have the dimensions ({', '.join(self.term.cores[0])}) last, "
                f"got shape {first.shape}"
            )
        return None

    def _laid(self, each: Input, core: tuple[str, ...], given: Any) -> Array:
        """The array with its core dimensions last, in the loop shape of the first input."""
        if each.role == "distribution":
            given = any_array(self.entry, each.name, given)
            expected = (*self.loop, self.rows.length) if self.rows else self.loop
            if self.rows and given.shape != self.rows.shape:
                return self._class_numbers(each, given, expected)
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

    def _class_numbers(self, each: Input, given: Array, expected: tuple[int, ...]) -> Array:
        shape = expected[:-1]
        if given.shape != shape:
            raise InputError(
                f"{self.entry}: {each.name} must be class numbers of shape {shape} or a distribution of shape "
                f"{self.rows.shape if self.rows else expected}; got shape {given.shape}"
            )
        if given.dtype.kind not in "iu":
            mend = f"use {each.name}.astype(int)" if given.dtype.kind in "fb" else "number the classes from 0"
            raise InputTypeError(f"{self.entry}: class numbers must be integers, got dtype {given.dtype}; {mend}")
        self.classes = len(self.arrays)
        self.sizes |= {self.term.cores[0][0]: expected[-1]}
        return given if given.dtype == np.int64 else np.minimum(given, np.iinfo(np.int64).max).astype(np.int64)

    # --- numbers

    def _numbers(self, each: Input, value: Any) -> Array:
        """Floats. Python numbers and integers take the dtype of the first input where that holds them exactly; float64 holds the others."""
        array = any_array(self.entry, each.name, value)
        if self.arrays and (array.dtype.kind in "biu" or isinstance(value, float)):
            narrow = array.astype(self.arrays[0].dtype)
            return narrow if np.array_equal(narrow, array, equal_nan=True) else array.astype(np.float64)
        return array.astype(np.float64) if array.dtype.kind in "biu" else real_array(self.entry, each.name, array)

    def _integers(self, each: Input, value: Any) -> Array:
        array = any_array(self.entry, each.name, value)
        if array.dtype.kind not in "iu" and array.size:
            raise InputTypeError(f"{self.entry}: {each.name} must be integers, got dtype {array.dtype}")
        return array.astype(np.int64)

    def _set_dtypes(self) -> None:
        """The dtype of the results is that of the differentiated inputs; a Python number or integers as a target do not widen it."""
        floats = [array.dtype for each, array in zip(self.term.inputs, self.arrays, strict=True) if array.dtype.kind != "i"]
        pairs = enumerate(zip(self.term.inputs, self.arrays, strict=True))
        leading = [array.dtype for i, (each, array) in pairs if each.differentiated and i not in self.weak]
        self.dtype = _common(leading)
        self.computed = _common([self.dtype, *floats])
        for wider in (np.float32, np.float64) if self.parameters else ():
            if not all(np.array_equal(value.astype(self.computed), value) for value in self.parameters):
                self.computed = np.promote_types(self.computed, wider)

    # --- weights

    def _explicit_weight(self) -> Array | None:
        """The product of sample weights, the mask and what is not ignored; None where all of them are left out."""
        weight = None
        if self.rule.sample_weight is not None:
            weight = self._of_terms("sample_weight", real_array(self.entry, "sample_weight", self.rule.sample_weight).astype(np.float64))
            if not np.all(np.isfinite(weight) & (weight >= 0)):
                raise InputError(f"{self.entry}: sample_weight must be finite and not negative; set it to 0 for what should not count")
        if self.rule.mask is not None:
            mask = any_array(self.entry, "mask", self.rule.mask)
            if mask.dtype != np.bool_:
                raise InputTypeError(f"{self.entry}: mask must be booleans, True for what counts, got dtype {mask.dtype}")
            weight = _times(weight, self._of_terms("mask", mask))
        if self.classes is not None:
            weight = self._ignore(self.classes, weight)
        elif self.rule.ignore_index is not None:
            raise InputTypeError(f"{self.entry}: ignore_index needs a target of class numbers; use mask= or sample_weight=")
        return weight

    def _of_terms(self, argument: str, array: Array) -> Array:
        if array.ndim in (0, len(self.shape)) and all(a in (1, b) for a, b in zip(array.shape, self.shape, strict=False)):
            return np.broadcast_to(array, self.shape)
        raise InputError(f"{self.entry}: {argument} must have one number for each term, shape {self.shape}, got {array.shape}")

    def _ignore(self, position: int, weight: Array | None) -> Array | None:
        """No weight for the ignored class; every other class number in range."""
        classes, count = self.arrays[position], self.sizes[self.term.cores[0][0]]
        outside = classes.view(np.uint64) >= count  # without its sign, a negative number is huge
        if self.rule.ignore_index is not None:
            if not isinstance(self.rule.ignore_index, int | np.integer):
                raise InputTypeError(f"{self.entry}: ignore_index must be one class number, got {self.rule.ignore_index!r}")
            ignored = classes == self.rule.ignore_index
            weight = _times(weight, ~ignored)
        counted = outside if weight is None else outside & (weight != 0)
        if counted.any():
            wrong = classes[counted][0]
            raise InputError(f"{self.entry}: class numbers must lie between 0 and {count - 1}, found {wrong}")
        if weight is not None:
            self.arrays[position] = np.where(outside, 0, classes)
        return weight

    def one_hot(self) -> None:
        """Class numbers as a distribution, for what has no kernel of its own for them."""
        if self.classes is not None:
            numbers, count = self.arrays[self.classes], self.sizes[self.term.cores[0][0]]
            self.arrays[self.classes] = (numbers[..., None] == np.arange(count)).astype(self.arrays[0].dtype)
            self.classes = None

    def _smooth(self) -> None:
        smoothing = self.rule.label_smoothing
        if not isinstance(smoothing, int | float | np.number) or not 0 <= smoothing <= 1:
            raise InputError(f"{self.entry}: label_smoothing must lie between 0 and 1, got {smoothing!r}")
        if smoothing == 0:
            return
        position = self.term.target
        if position is None:
            raise InputTypeError(f"{self.entry}: label_smoothing needs a target of classes; leave it out")
        if self.term.inputs[position].role == "binary":
            self.arrays[position] = rules.smoothed_binary(self.arrays[position].astype(np.float64), smoothing)
            return
        self.one_hot()
        target = self.arrays[position].astype(np.float64)
        self.arrays[position] = rules.smoothed_distribution(target, smoothing, self.arrays[0] != -np.inf, np)

    def _weigh_classes(self) -> None:
        if self.rule.class_weight is None:
            return
        position = self.term.target
        if position is None:
            raise InputTypeError(f"{self.entry}: class_weight needs a target of classes; use sample_weight=")
        role, target = self.term.inputs[position].role, self.arrays[position]
        count = 2 if role == "binary" else self.sizes[self.term.cores[0][0]]
        given = self.rule.class_weight
        if isinstance(given, Mapping):
            if unknown := [key for key in given if key not in range(count)]:
                raise InputError(f"{self.entry}: class_weight names {unknown[0]!r}, which is none of the classes 0 to {count - 1}")
            given = [given.get(number, 1.0) for number in range(count)]
        class_weight = real_array(self.entry, "class_weight", given).astype(np.float64)
        if class_weight.shape != (count,) or not np.all(np.isfinite(class_weight) & (class_weight >= 0)):
            raise InputError(
                f"{self.entry}: class_weight must hold a finite, not negative number for each of the {count} classes, got {class_weight!r}"
            )
        by_target = class_weight[target] if self.classes is not None else rules.weight_of_classes(target, class_weight, role, np)
        self.weight = _times(self.weight, by_target)


def _common(dtypes: list[np.dtype[Any]]) -> np.dtype[Any]:
    """What they promote to; NumPy takes long to see that they are all one."""
    return dtypes[0] if all(dtype is dtypes[0] for dtype in dtypes) else np.result_type(*dtypes)


def _times(weight: Array | None, factor: Array) -> Array:
    factor = np.asarray(factor, dtype=np.float64)
    return factor if weight is None else rules.weighted(weight, factor, np)
