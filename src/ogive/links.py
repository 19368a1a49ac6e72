"""Links: the output activation of a term, from raw scores to predictions in the units of the target, and back.

What generalised linear models call the mean function is the activation; its inverse is their link (McCullagh and Nelder,
Generalized Linear Models, 2nd ed. 1989, section 2.2.3).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from ogive import catalogue, domains
from ogive.arrays import real_array
from ogive.errors import InputTypeError
from ogive.term import Input, Term

_ANY, _SHARE, _POSITIVE = (Input("prediction", low=low, high=high) for low, high in ((-inf, inf), (0.0, 1.0), (0.0, inf)))

_INVERSES: dict[str, tuple[Input, Callable[..., Any]]] = {
    "identity": (_ANY, lambda prediction: prediction),
    "sigmoid": (_SHARE, lambda prediction: catalogue.get("logit")(prediction)),
    "hard_sigmoid": (_SHARE, lambda prediction: 6 * prediction - 3),
    "softmax": (_SHARE, np.log),
    "entmax": (_SHARE, lambda prediction, alpha: prediction ** (alpha - 1) / (alpha - 1)),
    "exponential": (_POSITIVE, np.log),
}
"""What each activation can give, and what it gives that for."""


def written(term: Term) -> str:
    """The output activation, and of what."""
    scale = f"{term.link_scale:g} " if term.link_scale != 1 else ""
    options = "".join(f", {name} = {value:g}" for name, value in term.link_parameters.items())
    return f"{term.link}({scale}x{options})" if scale or options else f"{term.link}"


def apply(entry: str, term: Term, raw: Any, axis: int) -> Any:
    """The prediction in the units of the target."""
    activation = catalogue.get(_named(entry, term))
    scaled = raw if term.link_scale == 1 else term.link_scale * real_array(entry, "raw", raw)
    along = {"axis": axis} if activation.kind == "axiswise" else {}
    return activation(scaled, **along, **term.link_parameters)


def invert(entry: str, term: Term, prediction: Any) -> Any:
    """What the term takes for this prediction, which must be one that the activation can give."""
    domain, inverse = _INVERSES[_named(entry, term)]
    array = real_array(entry, "prediction", prediction)
    domains.check_bounds(entry, domain, array, domain.bounds, None, "")
    with np.errstate(divide="ignore"):  # the end of a domain is infinitely far
        scaled = inverse(array, **term.link_parameters)
        return scaled[()] / term.link_scale


def _named(entry: str, term: Term) -> str:
    if term.link is None:
        raise InputTypeError(f"{entry}: has no link; what it takes is not a score of the target")
    return term.link
