"""Where functions are tested: few points in the open, many where a formula changes, and those known to be hardest.

``OGIVE_TEST_POINTS=hard`` in the environment leaves only a tenth of those in the open.
"""

from __future__ import annotations

import ast
import json
import math
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import ogive
from ogive.activation import Activation
from ogive.entry import Entry
from ogive.term import Input, Term

Array = np.ndarray[Any, Any]

HERE = Path(__file__).parent
HARDEST = (
    HERE / "hardest_points.json"
)  # entry, dtype, part: where its kernels are farthest off; written by record_bounds.py and exhaustive.py
DTYPES = (np.float32, np.float64)
FEW = os.environ.get("OGIVE_TEST_POINTS") == "hard"
CPP_COMMENT, CPP_NUMBER = re.compile(r"//.*"), re.compile(r"(?<![\w.])(\d+\.?\d*)f?(?![\w.])")


def neighbours(x: float, dtype: Any, count: int = 2) -> list[Any]:
    """x and the floats next to it on both sides."""
    found = [dtype(x)]
    low = high = dtype(x)
    for _ in range(count):
        low, high = np.nextafter(low, dtype(-np.inf)), np.nextafter(high, dtype(np.inf))
        found += [low, high]
    return found


def both_sides(numbers: Iterable[float], dtype: Any) -> Array:
    """The numbers and their negatives, each with the floats next to it."""
    with np.errstate(over="ignore"):
        found = np.array([point for x in numbers for point in neighbours(x, dtype)], dtype)
    return np.unique(np.r_[found, -found][np.isfinite(np.r_[found, found])])


@cache
def thresholds(dtype: Any) -> Array:
    """Both sides of the numbers that stand in the code of kernels and definitions: among them is every threshold.

    These points come and go with the code, so no stored bound is measured there; the promises hold there too.
    """
    found = {89.0, 710.0}  # where e^x is no number any more, and a share of it still is
    for path in (HERE.parent / "kernels").glob("*.hpp"):
        found.update(map(float, CPP_NUMBER.findall(CPP_COMMENT.sub("", path.read_text()))))
    for family in (ogive.activations, ogive.losses):
        for path in Path(family.__file__).parent.glob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text()))
            found.update(float(node.value) for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (int, float))
    return both_sides({x for x in found if 1e-3 < x < 1100 and x == float(f"{x:.4g}")}, dtype)  # what has more digits is a coefficient


@cache
def changes_of_scale(dtype: Any) -> Array:
    """Both sides of where exp takes another power of two, halved and rooted too, and where log does; and of 0."""
    steps = {(k + 0.5) * math.log(2) for k in (0, 1, 2, 3, 7, 24, 53, 125, 126, 127, 149, 150, 1020, 1021, 1022, 1023, 1074, 1075)}
    halves, roots = {step / 2 for step in steps}, {math.sqrt(2 * step) for step in steps}
    mantissas = {math.ldexp(math.sqrt(0.5), k) for k in (-700, -30, -1, 0, 1, 2, 30, 700)}
    return both_sides({0.0, *steps, *halves, *roots, *mantissas}, dtype)


@cache
def reals(dtype: Any) -> Array:
    """All of the real line, as far as the format goes."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(20)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp, 3 if dtype is np.float32 else 6)
    magnitudes = np.ldexp(rng.uniform(1, 2, exponents.size), exponents)
    ends = (float(info.smallest_subnormal), float(info.tiny), float(info.max))
    tail = 120 if dtype is np.float32 else 800
    dense = [rng.uniform(-bound, bound, count) for bound, count in ((1, 160), (10, 300), (45, 200), (tail, 100))]
    points = np.unique(np.concatenate([magnitudes, -magnitudes, *dense]).astype(dtype))
    return np.unique(np.r_[points[:: 10 if FEW else 1], np.array([*ends, *np.negative(ends)], dtype), changes_of_scale(dtype)])


@cache
def unit_interval(dtype: Any) -> Array:
    """Between 0 and 1, both excluded: down to the smallest subnormal, dense around 1/2, up to the last float below 1."""
    below_one = (1 - np.ldexp(1.0, -np.arange(1, np.finfo(dtype).nmant + 2))).astype(dtype)
    dense = np.random.default_rng(21).uniform(0.2, 1, 40 if FEW else 400).astype(dtype)
    inside = np.unique(np.r_[reals(dtype), below_one, dense])
    return inside[(inside > 0) & (inside < 1)]


def for_activation(entry: Activation, dtype: Any) -> Array:
    """The finite points at which an activation is tested, its kinks and the hardest for its kernels among them."""
    hardest = json.loads(HARDEST.read_text()).get(entry.name, {}).get(np.dtype(dtype).name, {}).values()
    special = [point for kink in entry.kinks for point in neighbours(kink.at, dtype)]
    return np.unique(np.r_[_within(entry.domain, dtype), np.array([*special, *hardest], dtype)])


def for_term(entry: Entry, term: Term, dtype: Any) -> list[Array]:
    """Arrays of equal length for the inputs of an elementwise term."""
    if isinstance(entry, Activation):
        return [for_activation(entry, dtype)]
    return _columns(term, [_within((each.low, each.high), dtype) for each in term.inputs], dtype)


def beside_thresholds(entry: Entry, term: Term, dtype: Any) -> list[Array]:
    """The same on both sides of every threshold in the code."""
    domains = [entry.domain] if isinstance(entry, Activation) else [(each.low, each.high) for each in term.inputs]
    points = thresholds(dtype)
    return _columns(term, [points[(points > low) & (points < high)] for low, high in domains], dtype)


def _within(domain: tuple[float, float], dtype: Any) -> Array:
    inside = unit_interval(dtype) if domain == (0.0, 1.0) else reals(dtype)
    return inside[(inside > domain[0]) & (inside < domain[1])]


def _columns(term: Term, every: list[Array], dtype: Any) -> list[Array]:
    """Each input in turn at its share of its points, and the others at a few of theirs; hard targets count among these."""
    few = [np.array(_few(each), dtype) for each in term.inputs]
    batches = []
    for i, (each, points) in enumerate(zip(term.inputs, every, strict=True)):
        if each.role != "binary":
            own = points[_lots(points, len(every)) == i]
            batches.append([own if i == j else some[_lots(own, some.size)] for j, some in enumerate(few)])
    return [np.concatenate(columns) for columns in zip(*batches, strict=True)]


def _few(each: Input) -> list[float]:
    return [x for x in ((0.0, 1.0, 0.25) if each.role == "binary" else (0.0, 1.0, -3.7, 0.3, 1e20)) if each.low <= x <= each.high]


def _lots(points: Array, count: int) -> Array:
    """For each point a number below `count`, drawn from its bits, so that it stays the same whatever the other points are."""
    bits = points.astype(np.float64).view(np.uint64)
    return (((bits ^ (bits >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)).astype(np.int64) % count


def activations() -> list[Activation]:
    """Every elementwise entry of the catalogue."""
    return [ogive.get(name) for name in ogive.names("activation")]
