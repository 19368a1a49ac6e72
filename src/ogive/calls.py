"""Functions and numbers as they are written on a command line: ``elu(alpha=0.5)``, ``1,-2;3,4``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError

_CALL = re.compile(r"(?P<name>[^()]+)(\((?P<parameters>[^()]*)\))?")
_WHOLE = re.compile(r"[\s+-]*\d+\s*")


def function(written: str) -> tuple[Any, dict[str, float | str]]:
    """An entry with parameters, from how it is written: "elu(alpha=0.5)", "entropy(unit=bits)"."""
    match = _CALL.fullmatch(written.strip())
    if match is None:
        raise InputError(f"cannot read {written!r}; write a name, with parameters as in elu(alpha=0.5)")
    parameters: dict[str, float | str] = {}
    for part in filter(None, (match["parameters"] or "").split(",")):
        name, _, number = part.partition("=")
        try:
            parameters[name.strip()] = number.strip() if name.strip() == "unit" else float(number)
        except ValueError:
            raise InputError(f"cannot read {part.strip()!r} in {written!r}; write parameters as numbers, as in elu(alpha=0.5)") from None
    return catalogue.get(match["name"].strip()), parameters


def array(written: str) -> Array:
    """Numbers with commas between them, and semicolons between rows; one alone is no row, and whole numbers may be those of classes."""
    rows = [row.split(",") for row in written.split(";")]
    if len({len(row) for row in rows}) > 1:
        raise InputError(f"the rows of {written!r} differ in length: {', '.join(str(len(row)) for row in rows)} numbers")
    whole = all(_WHOLE.fullmatch(number) for row in rows for number in row)
    try:
        numbers = np.array([[int(number) if whole else float(number) for number in row] for row in rows])
    except (ValueError, OverflowError):
        raise InputError(f"cannot read {written!r} as numbers; write commas between them and semicolons between rows: 1,-2.5;3,4") from None
    return numbers if ";" in written else numbers[0] if "," in written else numbers[0, 0]


def text(numbers: Any) -> str:
    """As `array` reads it, each number with the digits that tell it from its neighbours."""
    return "; ".join(", ".join(str(number) for number in row) for row in np.atleast_2d(numbers))
