"""Contenders timed in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

TIME = 1.0  # seconds for each contender and row
Contenders = dict[str, Callable[[], Any]]


def seconds(call: Callable[[], Any], repeats: int, behind: Callable[[], Any] | None = None) -> float:
    """How long a call takes, right behind another that is not timed, if one is given."""
    if behind is not None:
        behind()
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _ratio(ratios: Iterable[float]) -> float:
    """Their median; of one far below 1, two digits that count."""
    found = median(ratios)
    return round(found, 2) if found >= 0.1 else float(f"{found:.2g}")


def compare(contenders: Contenders, behind: Callable[[], Any] | None = None) -> dict[str, Any]:
    """Time the contenders in turn; "ogive" is the one that the ratios are taken against."""
    once = {name: min(seconds(call, 1) for _ in range(3)) for name, call in contenders.items()}
    repeats = {name: 1 if behind else max(1, int(2e-4 / took)) for name, took in once.items()}
    count = max(7, min(61, int(TIME / max(once[name] * repeats[name] for name in contenders))))
    rounds = [{name: seconds(call, repeats[name], behind) for name, call in contenders.items()} for _ in range(count)]
    return {
        "microseconds": {name: round(1e6 * median(row[name] for row in rounds), 2) for name in contenders},
        "ratio": {name: _ratio(row[name] / row["ogive"] for row in rounds) for name in contenders if name != "ogive"},
    }
