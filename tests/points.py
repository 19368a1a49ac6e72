"""Where functions are tested: few points in the open, many where a formula changes, and those known to be hardest.

``OGIVE_TEST_POINTS=hard`` in the environment leaves only a tenth of those in the open.
"""

from __future__ import annotations

import ast
import json
import math
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import ogive
from ogive.activation import Activation

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


def _stated() -> set[float]:
    """The numbers that stand in the code of kernels and definitions: among them is every threshold."""
    found: set[float] = set()
    for path in (HERE.parent / "kernels").glob("*.hpp"):
        found.update(map(float, CPP_NUMBER.findall(CPP_COMMENT.sub("", path.read_text()))))
    for family in (ogive.activations, ogive.losses):
        for path in Path(family.__file__).parent.glob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text()))
            found.update(float(node.value) for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (int, float))
    return {x for x in found if 1e-3 < x < 1100 and x == float(f"{x:.4g}")}  # what has more digits is a coefficient


def _changes_of_scale() -> set[float]:
    """Where exp takes another power of two, halved and rooted too, and where log does."""
    steps = {(k + 0.5) * math.log(2) for k in (0, 1, 2, 3, 7, 24, 53, 125, 126, 127, 149, 150, 1020, 1021, 1022, 1074, 1075)}
    halves, roots = {step / 2 for step in steps}, {math.sqrt(2 * step) for step in steps}
    return steps | halves | roots | {math.ldexp(math.sqrt(0.5), k) for k in (-700, -30, -1, 0, 1, 2, 30, 700)}


@cache
def changes(dtype: Any) -> np.ndarray[Any, Any]:
    """Both sides of every point where a formula may change."""
    with np.errstate(over="ignore"):
        found = [point for x in (0.0, *_stated(), *_changes_of_scale()) for point in neighbours(x, dtype)]
    points = np.array(found, dtype)
    return np.unique(np.r_[points, -points][np.isfinite(np.r_[points, points])])


@cache
def reals(dtype: Any) -> np.ndarray[Any, Any]:
    """All of the real line, as far as the format goes."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(20)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp, 3 if dtype is np.float32 else 6)
    magnitudes = np.ldexp(rng.uniform(1, 2, exponents.size), exponents)
    ends = (float(info.smallest_subnormal), float(info.tiny), float(info.max))
    tail = 120 if dtype is np.float32 else 800
    dense = [rng.uniform(-bound, bound, count) for bound, count in ((1, 60), (10, 160), (45, 100), (tail, 60))]
    points = np.unique(np.concatenate([magnitudes, -magnitudes, *dense]).astype(dtype))
    return np.unique(np.r_[points[:: 10 if FEW else 1], np.array([*ends, *np.negative(ends)], dtype), changes(dtype)])


@cache
def unit_interval(dtype: Any) -> np.ndarray[Any, Any]:
    """Between 0 and 1, both excluded: down to the smallest subnormal, dense around 1/2, up to the last float below 1."""
    inside = reals(dtype)
    inside = inside[(inside > 0) & (inside < 1)]
    below_one = (1 - np.ldexp(1.0, -np.arange(1, np.finfo(dtype).nmant + 2))).astype(dtype)
    return np.unique(np.r_[inside, below_one, np.random.default_rng(21).uniform(0.2, 1, 40 if FEW else 400).astype(dtype)])


def inside(low: float, high: float, dtype: Any) -> np.ndarray[Any, Any]:
    """The test points of an input between these bounds, which are left out where they are finite."""
    found = unit_interval(dtype) if (low, high) == (0.0, 1.0) else reals(dtype)
    return found[((found > low) | np.isinf(low)) & ((found < high) | np.isinf(high))]


def hardest(name: str, dtype: Any) -> list[Any]:
    """Where the kernels of that name are known to be farthest off."""
    by_part = json.loads(HARDEST.read_text()).get(name, {}).get(np.dtype(dtype).name, {})
    return [dtype(x) for x in by_part.values()]


@cache
def for_activation(entry: Activation, dtype: Any) -> np.ndarray[Any, Any]:
    """The finite points at which an entry is tested."""
    special = [point for kink in entry.kinks for point in neighbours(kink.at, dtype)] + hardest(entry.name, dtype)
    within = unit_interval(dtype) if entry.domain == (0.0, 1.0) else reals(dtype)
    return np.unique(np.r_[within, np.array(special, dtype)])


def activations() -> list[Activation]:
    """Every elementwise entry of the catalogue."""
    return [ogive.get(name) for name in ogive.names("activation")]
