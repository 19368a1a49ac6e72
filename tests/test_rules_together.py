"""Every rule together with every other: random calls of every loss, against a plain reference that takes the terms one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samples

from ogive.losses.regression import RootLoss

Array = np.ndarray[Any, Any]
LOOP = (4, 3)
DRAWS = 8
LAYOUTS = [
    lambda a: a,
    np.asfortranarray,
    lambda a: np.repeat(a, 2, axis=0)[::2],
    lambda a: a[::-1].copy()[::-1],
    lambda a: a.astype(a.dtype.newbyteorder()),
]
TOLERANCE = {np.float16: 2e-3, np.float32: 4e-6, np.float64: 1e-11}

every_loss = pytest.mark.parametrize(("entry", "given"), samples.TERMS, ids=lambda value: getattr(value, "name", value))


class Call:
    """A random call: float64 arrays that hold what it passes, and the options it passes."""

    def __init__(self, entry: Any, given: str, seed: int) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.entry, self.term, self.named = entry, entry.forms[given], samples.named(entry, given)
        term, self.target = self.term, self.term.target
        self.dtype: Any = rng.choice([np.float16, np.float32, np.float64], p=[0.2, 0.4, 0.4])
        self.loop = samples.loop(term, LOOP)
        self.arrays = samples.arguments(term, self.loop, seed=seed)
        self.shape = self.loop + self.arrays[0].shape[len(self.loop) :][: len(term.core_out)]
        self.labels = (0, 1)
        self.classes: Array | None = None
        if self.target is not None:
            self._draw_target()
        self.arrays = [a if each.whole else self._held(a, i) for i, (each, a) in enumerate(zip(term.inputs, self.arrays, strict=True))]
        self.options: dict[str, Any] = {"reduction": self._reduction()}
        self._draw_weights()
        self._draw_class_rules()

    def _held(self, array: Array, position: int) -> Array:
        """The numbers as the call's dtype holds them; a target stays wider half of the time."""
        if position == self.target and self.rng.random() < 0.5:
            return array
        each, narrow = self.term.inputs[position], array.astype(self.dtype).astype(np.float64)
        return np.maximum(narrow, float(np.finfo(self.dtype).tiny)) if each.low > 0 else narrow

    def _reduction(self) -> str:
        kinds = ["mean", "mean_over_all"] + ([] if isinstance(self.entry, RootLoss) else ["sum", "none"])
        return str(self.rng.choice(kinds))

    def _draw_target(self) -> None:
        rng, position, term = self.rng, self.target, self.term
        shape = self.arrays[position].shape
        if term.binary:
            self.arrays[position] = rng.choice([[0.0, 1.0], [0.0, 0.25]][rng.integers(2)] + [1.0], shape)
            self.labels = [(0, 1), (-1, 1), (3, 1)][rng.integers(3)]
        elif rng.random() < 0.6:
            self.classes = rng.integers(0, shape[-1], shape[:-1])
            self.arrays[position] = np.eye(shape[-1])[self.classes]
        if term.link == "softmax" and rng.random() < 0.5:  # a masked class, whose logit is -∞ and whose share 0
            self.arrays[0][..., 0] = -np.inf
            moved = self.arrays[position]
            moved[..., 1] += moved[..., 0]
            moved[..., 0] = 0.0
            self.classes = None if self.classes is None else np.where(self.classes == 0, 1, self.classes)

    def _draw_weights(self) -> None:
        rng = self.rng
        weights = [None, 2.0, rng.choice([0.0, 0.5, 1.0, 3.0], self.shape), rng.uniform(0, 2, (*self.shape[:-1], 1))]
        if (weight := weights[rng.integers(4)]) is not None:
            self.options["sample_weight"] = weight
        if rng.random() < 0.5:
            self.options["mask"] = rng.random(self.shape) < rng.choice([0.0, 0.7])

    def _draw_class_rules(self) -> None:
        rng, term = self.rng, self.term
        if self.target is None:
            return
        count = 2 if term.binary else self.arrays[0].shape[-1]
        if term.weighs_classes and rng.random() < 0.5:
            self.options["class_weight"] = [{1: 3.0, 0: 0.5}, rng.choice([0.0, 0.5, 2.0], count)][rng.integers(2)]
        if term.binary and term.weighs_classes and term.linear and rng.random() < 0.6:
            self.options["pos_weight"] = [3.0, np.array([0.0, 0.5, 4.0])][rng.integers(2)]
        if self.classes is not None and term.inputs[self.target].role == "distribution" and rng.random() < 0.5:
            self.options["ignore_index"] = rng.choice([1, -100])
        else:
            self.classes = None
        if rng.random() < 0.5:
            self.options["label_smoothing"] = rng.choice([0.1, 1.0])
        if self.labels != (0, 1):
            self.options["labels"] = self.labels

    def passed(self) -> tuple[list[Array], dict[str, Any]]:
        """What the call passes: dtypes, layout and axis drawn."""
        rng, options = self.rng, self.options | self.named
        given = []
        for i, (each, array) in enumerate(zip(self.term.inputs, self.arrays, strict=True)):
            same = np.array_equal(array.astype(self.dtype), array)
            given.append(array if each.whole or not same else array.astype(self.dtype))
            if i == self.target and self.term.binary:
                zero, one = self.labels
                given[i] = array * (one - zero) + zero
        axis = int(rng.integers(3)) if self.term.along_axis else -1
        if axis >= 0:
            options["axis"] = axis
            given = [np.moveaxis(a, -1, axis) if core == self.term.cores[0] else a for a, core in zip(given, self.term.cores, strict=False)]
        if self.classes is not None and self.target is not None:
            ignored = rng.random(self.loop) < 0.3
            given[self.target] = np.where(ignored, options["ignore_index"], self.classes).astype(rng.choice([np.int16, np.int64]))
            self.classes = given[self.target].astype(int)
        lay = LAYOUTS[rng.integers(len(LAYOUTS))]
        return [lay(array) for array in given], options

    def back(self, gradient: Any, axis: int) -> Array:
        """A gradient with its axis last again."""
        return np.moveaxis(np.asarray(gradient, np.float64), axis, -1) if axis >= 0 else np.asarray(gradient, np.float64)


def plain_rows(call: Call) -> tuple[float, float, list[Array], Array, Array | None]:
    """Σ w · term, what a mean divides by, the gradients and the Hessian diagonal of the sum, the weighted terms: term by term, in loops."""
    term, options = call.term, call.options
    gradients = [np.zeros(a.shape) for each, a in zip(term.inputs, call.arrays, strict=True) if each.differentiated]
    terms, curved = np.zeros(call.shape), np.zeros(call.arrays[0].shape)
    total = 0.0
    smoothing = float(options.get("label_smoothing", 0.0))
    weights = np.broadcast_to(options.get("sample_weight", 1.0), call.shape) * np.broadcast_to(options.get("mask", True), call.shape)
    positive = np.broadcast_to(options.get("pos_weight", 1.0), call.shape)
    plain = {"reduction": "sum"} | call.named
    for place in np.ndindex(call.loop):
        row = [array[place] for array in call.arrays]
        for at in np.ndindex(call.shape[len(call.loop) :]):
            weight = float(weights[place + at])
            sides = [(1.0, row)]
            if call.target is not None:
                target = row[call.target]
                possible = np.ones_like(target) if term.binary else (row[0] != -np.inf) * 1.0
                target = (1 - smoothing) * target + smoothing * (0.5 if term.binary else possible / possible.sum(axis=-1, keepdims=True))
                if call.classes is not None and call.classes[place] == options["ignore_index"]:
                    weight = 0.0
                given = options.get("class_weight")
                if given is not None:
                    shares = [1 - target, target] if term.binary else list(target)
                    by_class = [given.get(c, 1.0) for c in range(len(shares))] if isinstance(given, dict) else given
                    weight *= sum(w * s for w, s in zip(by_class, shares, strict=True)) / sum(shares)
                sides = [(1.0, [*row[: call.target], target, *row[call.target + 1 :]])]
                if "pos_weight" in options:
                    sides = [
                        (side, [*row[: call.target], np.float64(number), *row[call.target + 1 :]])
                        for side, number in ((target * positive[place], 1.0), (1 - target, 0.0))
                    ]
            total += weight
            for side, arguments in sides:
                if weight * side == 0:
                    continue
                one = {"mask": np.arange(call.shape[-1]) == at[0]} if at else {}
                value, gradient = value_and_gradient_of_squares(call.entry, arguments, **plain, **one)
                terms[place + at] += weight * side * value
                for kept, found in zip(gradients, gradient if isinstance(gradient, tuple) else (gradient,), strict=True):
                    kept[place] += weight * side * found
                if term.hessian and not isinstance(call.entry, RootLoss):
                    curved[place] += weight * side * call.entry.hessian(*arguments, **plain, **one)
    divisor = float(np.prod(call.shape)) if options["reduction"] == "mean_over_all" else total
    return float(terms.sum()), divisor, gradients, terms, curved if term.hessian else None


def value_and_gradient_of_squares(entry: Any, arguments: list[Any], **options: Any) -> tuple[Any, Any]:
    """Of one term; of a root of a mean, of the square under it."""
    if isinstance(entry, RootLoss):
        error = entry.error(*arguments, np)
        return error**2, 2 * error * entry.steepness(arguments[0], np)
    return entry.value_and_gradient(*arguments, **options)  # type: ignore[no-any-return]


@every_loss
@np.errstate(over="ignore")
@pytest.mark.parametrize("seed", range(DRAWS))
def test_the_rules_together_are_what_they_are_one_by_one(entry: Any, given: str, seed: int) -> None:
    call = Call(entry, given, 1000 * seed + sum(map(ord, entry.name + given)))
    arrays, options = call.passed()
    axis = options.get("axis", -1)
    got, gradients = entry.value_and_gradient(*arrays, **options)
    alone = entry(*arrays, **options)
    total, divisor, expected, terms, curved = plain_rows(call)
    leading = call.dtype
    close = TOLERANCE[np.float64 if np.asarray(got).dtype == np.float64 else leading]
    scale = divisor or 1.0 if options["reduction"].startswith("mean") else 1.0
    value = terms if options["reduction"] == "none" else total / scale
    if isinstance(entry, RootLoss):
        value = np.sqrt(value)
        expected = [each / (2 * value) if value else each for each in expected]
    size = float(np.abs(terms[np.isfinite(terms)]).sum())
    smallest = {np.float16: 6e-8, np.float32: 1e-30, np.float64: 1e-30}[leading]

    def agree(found: Any, right: Array) -> None:
        """Beside the largest of them; in float16 some are infinite."""
        right = right.astype(leading).astype(np.float64)
        largest = float(np.abs(right[np.isfinite(right)]).max(initial=0.0))
        np.testing.assert_allclose(call.back(found, axis), right, rtol=close, atol=close * largest + smallest)

    np.testing.assert_allclose(np.asarray(got, np.float64), value, rtol=close, atol=close * size / scale * 0.01 + smallest)
    np.testing.assert_array_equal(alone, got)
    for found, right in zip(gradients if isinstance(gradients, tuple) else (gradients,), expected, strict=True):
        agree(found, right / scale)
    if curved is not None and not isinstance(entry, RootLoss):
        agree(entry.hessian(*arrays, **options), curved / scale)
    both = {name: option for name, option in options.items() if name != "reduction"}
    weighed = "mean_over_all" if options["reduction"] == "mean_over_all" else "mean"
    sum_of_terms, weight = entry.sum_and_weight(*arrays, reduction=weighed, **both)
    assert isinstance(sum_of_terms, np.float64)
    assert isinstance(weight, np.float64)
    rounded = 1e-11 if leading is np.float64 else 3e-7  # each term, before it is added
    np.testing.assert_allclose(sum_of_terms, total, rtol=rounded, atol=rounded * size)
    right_weight = divisor if options["reduction"] != "mean_over_all" else float(np.prod(call.shape))
    np.testing.assert_allclose(weight, right_weight, rtol=1e-12)


def test_one_thread_and_two_give_the_same_bits() -> None:
    """Of every reduced loss of so many terms that its kernels share them, and of its gradient."""

    def printed(threads: int) -> list[str]:
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
        program = [sys.executable, str(Path(__file__).with_name("reduced.py"))]
        environment = os.environ | limits | {"OMP_WAIT_POLICY": "passive"}
        return subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()

    one, two = printed(1), printed(2)
    assert {tuple(line.split()[:2]) for line in one} == {(entry.name, given) for entry, given in samples.TERMS}
    assert [(a, b) for a, b in zip(one, two, strict=True) if a != b] == []
