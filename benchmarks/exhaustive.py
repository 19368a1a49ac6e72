"""Every float32 through every elementwise kernel, value and slope, against the float64 kernel of the same function.

The float64 kernels are held to 50-digit arithmetic by the tests; rounded to float32 they are right to 0.51 ulp, so what is
printed is the error of the float32 kernel to within that hundredth. Pass names to check only these. The worst places go to
the tests' hardest points. Exits with 1 above the promised bounds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import ogive

CHUNK = 1 << 22
BOUNDS = {"value": 2.0, "slope": 4.0}
HARDEST = Path(__file__).parent.parent / "tests" / "hardest_points.json"


def errors(entry: Any, x: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The error of value and slope at every element, in ulp of the float32 result (or of the chord's slope, as in the tests)."""
    parameters = [np.float32(parameter.default) for parameter in entry.parameters]
    got = entry.value_and_slope(x, *parameters)
    wide = x.astype(np.float64)
    true = entry.value_and_slope(wide, *map(np.float64, parameters))
    chord = np.zeros_like(wide) if entry.monotone else np.divide(true[0], wide, out=np.zeros_like(wide), where=wide != 0)
    found = {}
    for part, value, exact, scale in zip(BOUNDS, got, true, (np.zeros_like(wide), chord), strict=True):
        size = np.maximum(np.abs(exact), np.abs(scale)).astype(np.float32)
        error = np.abs(value.astype(np.float64) - exact) / np.spacing(np.minimum(size, np.finfo(np.float32).max)).astype(np.float64)
        found[part] = np.where(value == exact.astype(np.float32), np.minimum(np.nan_to_num(error), 0.5), error)
    return found


def worst(entry: Any) -> dict[str, tuple[float, float]]:
    """The largest errors over all finite float32 of the domain, and where they are."""
    found = dict.fromkeys(BOUNDS, (0.0, 0.0))
    for start in range(0, 1 << 32, CHUNK):
        x = np.arange(start, start + CHUNK, dtype=np.uint32).view(np.float32)
        x = x[np.isfinite(x) & (x >= entry.domain[0]) & (x <= entry.domain[1])]
        if not x.size:
            continue
        for part, error in errors(entry, x).items():
            at = int(np.argmax(error))
            found[part] = max(found[part], (float(error[at]), float(x[at])))
    return found


def remember(name: str, found: dict[str, tuple[float, float]]) -> None:
    """Store where a kernel rounds worse than once, for the tests to try."""
    hardest = json.loads(HARDEST.read_text())
    hardest.setdefault(name, {}).setdefault("float32", {}).update({part: at for part, (error, at) in found.items() if error > 0.51})
    HARDEST.write_text(json.dumps(hardest, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    ogive.show_config()
    failed = False
    with np.errstate(all="ignore"):
        for name in sys.argv[1:] or ogive.names("activation"):
            found = worst(ogive.get(name, kind="activation"))
            print(name, *(f"{part} {error:.3f} ulp at {at!r}" for part, (error, at) in found.items()), flush=True)
            remember(name, found)
            failed |= any(error > BOUNDS[part] for part, (error, _) in found.items())
    sys.exit(failed)
