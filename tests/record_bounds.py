"""Measure every kernel in every instruction set that this processor has, search around its worst points for worse ones, and store
the errors in ulp_bounds.json, rounded up to 0.01 ulp, and the places in hardest_points.json; a stored bound is only ever lowered.

To store a larger error, because a function was changed or a harder point found, delete its line first, and say why in the commit.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import measure
import numpy as np
import points

import ogive
from ogive.activation import Activation

BOUNDS = Path(__file__).parent / "ulp_bounds.json"
Found = dict[str, dict[str, measure.Errors]]


def searched(entry: Activation, dtype: Any) -> measure.Errors:
    """The largest errors of an activation at the test points, and then ever nearer to where they are."""
    found, parts = measure.errors(entry, entry.term, dtype), measure.compiled_parts(entry, entry.term)
    rng = np.random.default_rng(22)
    for width in (0.3, 0.03, 1e-3, 1e-5):
        for part in parts:
            with np.errstate(over="ignore"):
                near = (found[f"{part} at"] * rng.uniform(1 - width, 1 + width, 200)).astype(dtype)
            near = near[np.isfinite(near) & (near > entry.domain[0]) & (near < entry.domain[1])]
            worst = measure.errors(entry, entry.term, dtype, inputs=[near])
            for kind in parts:
                if worst[kind] > found[kind]:
                    found |= {kind: worst[kind], f"{kind} at": worst[f"{kind} at"]}
    return found


def measured() -> Found:
    """The errors of every kernel in the instruction set in use: name, dtype, part."""
    found: Found = {}
    for entry, term in measure.terms():
        parts = measure.compiled_parts(entry, term)
        for dtype in points.DTYPES if parts else ():
            errors = searched(entry, dtype) if isinstance(entry, Activation) else measure.errors(entry, term, dtype)
            kept = {key: errors[key] for part in parts for key in (part, f"{part} at")}
            found.setdefault(term.name, {})[np.dtype(dtype).name] = kept
    return found


def measured_with(instruction_set: str) -> Found:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--print"]
    environment = os.environ | {"OGIVE_INSTRUCTION_SET": instruction_set}
    found: Found = json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return found


def store(runs: list[Found]) -> None:
    """The largest error of all runs, where it is smaller than the stored one or none is stored; and where it is."""
    bounds, hardest = json.loads(BOUNDS.read_text()), json.loads(points.HARDEST.read_text())
    for name, by_dtype in runs[0].items():
        for dtype, errors in by_dtype.items():
            row = bounds.setdefault(name, {}).setdefault(dtype, {})
            for part in [part for part in errors if f"{part} at" in errors]:
                error, at = max((run[name][dtype][part], run[name][dtype][f"{part} at"]) for run in runs)
                row[part] = min(math.ceil(error * 100) / 100, row.get(part, math.inf))
                if error > 0.5 and name in ogive.names("activation"):
                    hardest.setdefault(name, {}).setdefault(dtype, {})[part] = at
    for path, content in ((BOUNDS, bounds), (points.HARDEST, hardest)):
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    if "--print" in sys.argv:
        json.dump(measured(), sys.stdout)
    else:
        store([measured_with(instruction_set) for instruction_set in ogive.kernel.config()["supported_sets"]])
