"""Measure every entry and store the errors in ulp_bounds.json, rounded up to 0.01 ulp; a stored bound is only ever lowered.

To store a larger error, because a function was changed, delete its line first, and say why in the commit.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ogive

HERE = Path(__file__).parent
PATH = HERE / "ulp_bounds.json"
Bounds = dict[str, dict[str, dict[str, float]]]


def measured(**environment: str) -> Bounds:
    """What measure.py finds in a process of its own, without the places."""
    command = [sys.executable, HERE / "measure.py"]
    finished = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True, cwd=HERE)
    return {
        name: {dtype: {part: math.ceil(errors[part] * 100) / 100 for part in ("value", "slope")} for dtype, errors in row.items()}
        for name, row in json.loads(finished.stdout).items()
    }


def combine(choose: Any, first: Bounds, second: Bounds) -> Bounds:
    """Entry by entry the chosen one (max or min) of two measurements; entries of `first` alone are kept."""
    return {
        name: {
            dtype: {part: choose(error, second.get(name, row)[dtype][part]) for part, error in errors.items()}
            for dtype, errors in row.items()
        }
        for name, row in first.items()
    }


if __name__ == "__main__":
    stored = json.loads(PATH.read_text()) if PATH.exists() else {}
    now: dict[str, Bounds] = {"definitions": measured(OGIVE_KERNELS="0")}
    if ogive.kernel.config()["kernels"] == "compiled":
        for instruction_set in ogive.kernel.config()["supported_sets"]:
            errors = measured(OGIVE_INSTRUCTION_SET=instruction_set)
            now["compiled"] = combine(max, errors, now.get("compiled", errors))
    for mode, errors in now.items():
        stored[mode] = combine(min, errors, stored.get(mode, errors))
    PATH.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
