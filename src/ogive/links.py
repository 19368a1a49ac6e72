"""Links: the output activation of a term, from raw scores to predictions in the units of the target, and back.

What generalised linear models call the mean function is the activation; its inverse is their link (McCullagh and Nelder,
Generalized Linear Models, 2nd ed. 1989, section 2.2.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import real_array
from ogive.errors import InputTypeError
from ogive.term import Term

_INVERSES: dict[str, Callable[[Any], Any]] = {
    "identity": lambda prediction: prediction,
    "sigmoid": lambda prediction: catalogue.get("logit")(prediction),
    "softmax": np.log,
    "exponential": np.log,
}


def apply(entry: str, term: Term, raw: Any, axis: int) -> Any:
    """The prediction in the units of the target."""
    activation = catalogue.get(_named(entry, term))
    return activation(raw, axis=axis) if activation.kind == "axiswise" else activation(raw)


def invert(entry: str, term: Term, prediction: Any) -> Any:
    """What the term takes for this prediction."""
    with np.errstate(divide="ignore"):  # the end of a domain is infinitely far
        return _INVERSES[_named(entry, term)](real_array(entry, "prediction", prediction))[()]


def _named(entry: str, term: Term) -> str:
    if term.link is None:
        raise InputTypeError(f"{entry}: has no link; what it takes is not a score of the target")
    return term.link
