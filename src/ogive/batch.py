"""One call of a loss: its inputs, the target that the rules make of the one given, and one weight for each term."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive import domains, kernel, rules
from ogive.arrays import Array, Axis, any_array, check_alignment, real_array
from ogive.errors import InputError, InputTypeError
from ogive.inputs import Inputs
from ogive.term import Term


@dataclass(eq=False)
class Rules:
    """What a call asks for beside its arrays; `rules` says what it means."""

    reduction: str
    axis: Axis = -1
    sample_weight: Any = None
    class_weight: Any = None
    pos_weight: Any = None
    mask: Any = None
    ignore_index: int | None = None
    labels: Any = (0, 1)
    label_smoothing: float = 0.0


class Batch(Inputs):
    """One call: its inputs, ``weight``, that of each term in a mean (None for ones), and the ``divisor`` of the weighted sum.

    What is ``computed`` has the promoted dtype of the inputs, results have that of the differentiated ones. Class numbers keep a
    ``smoothing`` that is still to be done where a kernel does it.
    """

    def __init__(self, entry: str, term: Term, arrays: tuple[Any, ...], parameters: tuple[Array, ...], rule: Rules, hint: str) -> None:
        self.rule, self.parameters, self.smoothing = rule, parameters, 0.0
        weights = {"sample_weight": rule.sample_weight, "mask": rule.mask}
        check_alignment(entry, dict(zip((each.name for each in term.inputs), arrays, strict=True)) | weights)
        super().__init__(entry, term, arrays, rule.axis)
        if rule.reduction.startswith("mean") and math.prod(self.shape) == 0:
            raise InputError(
                f"{entry}: the mean of no elements is undefined; {term.inputs[0].name} is empty. Use reduction='sum' if that can happen"
            )
        self.weight = self._explicit_weight()
        labels, counted = self._labels(), self.counted
        for i, (each, array) in enumerate(zip(term.inputs, self.arrays, strict=True)):
            if i != self.classes:
                bounds = (min(labels), max(labels)) if each.role == "binary" else each.bounds
                domains.check_bounds(entry, each, array, bounds, counted, hint if each.differentiated else "")
            if each.role == "rising":
                domains.check_rising(entry, each, array, counted)
        for i in term.distributions:
            if i != self.classes:
                domains.check_sums(entry, term.inputs[i], self.arrays[i], counted, self.rows.kept if self.rows else (), hint)
        domains.check_parameters(entry, term, parameters, self.loop, self.sizes)
        if term.whole:
            domains.check_integers(entry, term, self.arrays, self.sizes, parameters, counted)
        self._name_classes(*labels)
        class_weight = self._class_weight()
        self._smooth()
        self._weigh_classes(class_weight)
        self.positive = self._positive_weight()
        self.computed = self.computing_dtype(parameters)
        self.divisor = self.denominator(rule.reduction) or 1.0  # of nothing that counts, 1: so the loss is 0 and so is its gradient
        if not math.isfinite(self.divisor):
            raise InputError(f"{entry}: the weights add up to more than the largest float; divide them by the largest of them")

    @property
    def reduced(self) -> bool:
        """Whether the terms are summed."""
        return self.rule.reduction != "none"

    @property
    def counted(self) -> Array | None:
        """Which items of the loop have a term that counts; None where all do."""
        return None if self.weight is None else (self.weight != 0).any(axis=tuple(range(len(self.loop), len(self.shape))))

    @property
    def parts(self) -> tuple[Batch, ...]:
        """The batches whose results add up to those of this one: itself, or, with a weight of class 1, one or two that bear it.

        It weighs what class 1 costs, but not in the denominator. A loss that is linear in the target costs t times what class 1 does and
        1 - t times what class 0 does; both are taken apart where t is neither 0 nor 1, so that no digits of 1 - t are lost.
        """
        if self.positive is None:
            return (self,)
        position = self.term.target or 0
        target = self.arrays[position]
        if ((target == 0) | (target == 1)).all():
            return (self._reweighed(np.where(target == 1, self.positive, 1.0)),)
        shares = target.astype(np.float64)
        parts = self._reweighed(shares * self.positive), self._reweighed(1 - shares)
        for number, part in zip((1.0, 0.0), parts, strict=True):
            part.arrays[position] = np.full(self.shape, number)
            part.computed = np.dtype(np.float64)  # they are added, and rounded then
        return parts

    def denominator(self, reduction: str) -> float:
        """What the weighted sum is divided by; 0 where nothing counts."""
        return float(rules.denominator(reduction, self.weight, math.prod(self.shape), np))

    def beside(self, core: tuple[str, ...]) -> Array | None:
        """The weights, shaped to stand beside an array with these core dimensions, of which the terms may have the first."""
        return None if self.weight is None else self.weight.reshape((*self.weight.shape, *(1,) * (len(core) - len(self.term.core_out))))

    # --- weights

    def _explicit_weight(self) -> Array | None:
        """The product of sample weights, the mask and what is not ignored; None where all of them are left out."""
        weight = None
        if self.rule.sample_weight is not None:
            weight = self._of_terms("sample_weight", self._weights("sample_weight", self.rule.sample_weight))
        if self.rule.mask is not None:
            mask = any_array(self.entry, "mask", self.rule.mask)
            if mask.dtype != np.bool_:
                raise InputTypeError(f"{self.entry}: mask must be booleans, True for what counts, got dtype {mask.dtype}; use mask != 0")
            weight = _times(weight, self._of_terms("mask", mask))
        if self.classes is not None:
            weight = self._ignore(self.classes, weight)
        elif self.term.classes is not None:
            weight = self._leave_out(self.term.classes, weight)
        elif self.rule.ignore_index is not None:
            raise InputTypeError(f"{self.entry}: ignore_index needs a target of class numbers; use mask= or sample_weight=")
        return weight

    def _weights(self, argument: str, given: Any) -> Array:
        weights = real_array(self.entry, argument, given).astype(np.float64)
        if not np.all(np.isfinite(weights) & (weights >= 0)):
            raise InputError(f"{self.entry}: {argument} must be finite and not negative; set it to 0 for what should not count")
        return weights

    def _of_terms(self, argument: str, array: Array) -> Array:
        if array.ndim in (0, len(self.shape)) and all(a in (1, b) for a, b in zip(array.shape, self.shape, strict=False)):
            return np.broadcast_to(array, self.shape)
        raise InputError(f"{self.entry}: {argument} must have one number for each term, shape {self.shape}, got {array.shape}")

    def _ignore(self, position: int, weight: Array | None) -> Array | None:
        """No weight for the ignored class; every other class number in range."""
        classes, count = self.arrays[position], self.sizes[self.term.cores[0][0]]
        if self.rule.ignore_index is not None:
            weight = _times(weight, classes != self._ignored())
        outside = domains.outside(classes, count)
        domains.check_classes(self.entry, classes, outside, weight, count, ", or say ignore_index={} for what is to be ignored")
        if weight is not None:
            self.arrays[position] = np.where(outside, 0, classes)
        return weight

    def _leave_out(self, position: int, weight: Array | None) -> Array | None:
        """No weight for the ignored class, and another class in its place, which may have been none."""
        if self.rule.ignore_index is None:
            return weight
        counts = self.arrays[position] != self._ignored()
        self.arrays[position] = np.where(counts, self.arrays[position], 0)
        return _times(weight, counts)

    def _ignored(self) -> int:
        ignored = self.rule.ignore_index
        if isinstance(ignored, bool) or not isinstance(ignored, int | np.integer):
            raise InputTypeError(f"{self.entry}: ignore_index must be one class number, got {ignored!r}")
        return int(ignored)

    def _class_weight(self) -> Array | None:
        """A weight for each class."""
        given, position = self.rule.class_weight, self.term.target
        if given is None:
            return None
        if position is None or not self.term.weighs_classes:
            raise InputTypeError(f"{self.entry}: class_weight needs a target of classes; use sample_weight=")
        count = 2 if self.term.binary else self.sizes[self.term.cores[position][-1]]
        if isinstance(given, str):
            return self._balanced(given, position, count)
        if hasattr(given, "items"):  # a dict, or a pandas Series, whose order says nothing
            given = dict(given.items())
            if unknown := [key for key in given if key not in range(count)]:
                raise InputError(f"{self.entry}: class_weight names {unknown[0]!r}, which is none of the classes 0 to {count - 1}")
            given = [given.get(number, 1.0) for number in range(count)]
        weights = self._weights("class_weight", given)
        if weights.shape != (count,):
            raise InputError(f"{self.entry}: class_weight must hold a number for each of the {count} classes, got shape {weights.shape}")
        return weights

    def _balanced(self, given: str, position: int, count: int) -> Array:
        """The weights that make the classes of this call count the same."""
        if given != "balanced":
            raise InputError(f"{self.entry}: class_weight must be 'balanced', or one number for each of the {count} classes, got {given!r}")
        target = self.arrays[position]
        counted = np.ones(self.shape) if self.weight is None else self.weight
        if self.classes is not None:
            totals = np.bincount(target.ravel(), counted.ravel(), count)
        else:
            totals = rules.class_totals(target.astype(np.float64), counted, self.term.inputs[position].role, np)
        return np.asarray(rules.balanced(totals, np))

    def _weigh_classes(self, weights: Array | None) -> None:
        position = self.term.target
        if weights is None or position is None:
            return
        target, role = self.arrays[position], self.term.inputs[position].role
        known = self.classes is not None
        self.weight = _times(
            self.weight, weights[target] if known else rules.weight_of_classes(target.astype(np.float64), weights, role, np)
        )

    def _positive_weight(self) -> Array | None:
        if self.rule.pos_weight is None:
            return None
        if not (self.term.binary and self.term.weighs_classes):
            raise InputTypeError(f"{self.entry}: pos_weight needs a target of two classes; use class_weight= or sample_weight=")
        if not self.term.linear:
            raise InputTypeError(f"{self.entry}: pos_weight needs a loss that is linear in the target; use class_weight=")
        weights = self._weights("pos_weight", self.rule.pos_weight)
        try:
            return np.broadcast_to(weights, self.shape)
        except ValueError:
            raise InputError(
                f"{self.entry}: pos_weight must be one number, or one for each class along the last axis, shape {self.shape[-1:]}; "
                f"got shape {weights.shape}"
            ) from None

    def _reweighed(self, factor: Array) -> Batch:
        """The same batch, its terms weighed by a factor more."""
        part = copy.copy(self)
        part.arrays, part.weight = [*self.arrays], _times(self.weight, factor)
        if np.isinf(part.weight).any():
            raise InputError(f"{self.entry}: a weight times pos_weight is more than the largest float; divide the weights by the largest")
        return part

    # --- the target

    def _labels(self) -> tuple[float, float]:
        """The numbers that stand for class 0 and class 1."""
        given = self.rule.labels
        if given is Rules.labels:
            return 0.0, 1.0
        if not self.term.binary:
            raise InputTypeError(f"{self.entry}: labels needs a target of two classes; leave it out")
        labels = real_array(self.entry, "labels", given).astype(np.float64)
        if labels.shape != (2,) or not np.isfinite(labels[1] - labels[0]) or labels[0] == labels[1]:
            raise InputError(f"{self.entry}: labels must be two different numbers, those of class 0 and class 1, got {given!r}")
        return float(labels[0]), float(labels[1])

    def _name_classes(self, zero: float, one: float) -> None:
        """A target between two other numbers becomes the share of class 1."""
        if (zero, one) != (0.0, 1.0):
            position = self.term.target or 0
            self.arrays[position] = self.narrowed(abs((self.arrays[position].astype(np.float64) - zero) / (one - zero)))

    def _smooth(self) -> None:
        smoothing, position = self.rule.label_smoothing, self.term.target
        domains.check_smoothing(self.entry, "label_smoothing", smoothing)
        if smoothing == 0:
            return
        if position is None:
            raise InputTypeError(f"{self.entry}: label_smoothing needs a target of classes; leave it out")
        self.smoothing = float(smoothing)
        if self.rule.class_weight is not None or self.classes is None or kernel.compiled("rows", f"{self.term.name}_smoothed") is None:
            self.one_hot()

    def one_hot(self) -> None:
        """Class numbers as a distribution, and the smoothing of the target, for what has no kernel that does them."""
        super().one_hot()
        smoothing, self.smoothing = self.smoothing, 0.0
        if smoothing == 0.0:
            return
        position = self.term.target or 0
        target = self.arrays[position].astype(np.float64)
        if self.term.binary:
            self.arrays[position] = rules.smoothed_binary(target, smoothing)
        else:
            self.arrays[position] = rules.smoothed_distribution(target, smoothing, self.arrays[0] != -np.inf, np)


def _times(weight: Array | None, factor: Array) -> Array:
    factor = np.asarray(factor, dtype=np.float64)
    return factor if weight is None else rules.weighted(weight, factor, np)
