"""The largest error of an elementwise term in ulp, over the test points: what the accuracy tests compare with bounds and promises."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import oracle
import points

import ogive
from ogive import kernel
from ogive.activation import Activation
from ogive.elementwise import Elementwise
from ogive.entry import Entry
from ogive.term import Term

Array = np.ndarray[Any, Any]
Errors = dict[str, float]
"""The largest error of each part, "value", "slope" and so on, and under "<part> at" the first input where it is."""


def terms() -> list[tuple[Entry, Term]]:
    """Every elementwise term of the catalogue, with an entry that it belongs to."""
    entries = [ogive.get(name) for name in ogive.names()]
    found = [(entry, term) for entry in entries for term in entry.terms.values()]
    return list({term.name: (entry, term) for entry, term in found if not any(term.cores[: len(term.inputs)])}.values())


def compiled_parts(entry: Entry, term: Term) -> list[str]:
    """What a kernel computes of it."""
    ufunc = entry.ufunc if isinstance(entry, Elementwise) else kernel.elementwise(term)[0]
    curved = term.curvature and isinstance(kernel.curvature(term), np.ufunc)
    return ["value", "slope", *(["curvature"] if curved else [])] if isinstance(ufunc, np.ufunc) else []


def parameters(term: Term, dtype: Any) -> list[Any]:
    """The defaults in that format: a number each, or an array."""
    return [np.array(parameter.default, dtype)[()] for parameter in term.parameters]


def parts(term: Term) -> dict[str, tuple[Any, tuple[Any, ...], int]]:
    """What is measured: for each part its definition, the input that the formula is differentiated by, and how often."""
    first = term.inputs[0].name
    found: dict[str, tuple[Any, tuple[Any, ...], int]] = {"value": (term.value, (first,), 0)}
    for name, slope in term.slopes.items():
        found["slope" if name == first else f"slope by {name}"] = (slope, (name,), 1)
    for parameter in term.parameters:
        if parameter.slope:
            for index in np.ndindex(np.shape(parameter.default)):
                found[f"slope by {parameter.name}{list(index) or ''}"] = (parameter.slope, (parameter.name, *index), 1)
    if term.curvature:
        found["curvature"] = (term.curvature, (first,), 2)
    if term.hessian:
        found["curvature by hessian"] = (term.hessian, (first,), 2)
    return found


@lru_cache(1 << 14)
def truth(entry: Entry, term: Term, dtype: Any, point: tuple[float, ...]) -> dict[str, Any]:
    """Every part at one point; at a kink the slope is the declared one, and there is no curvature."""
    given = dict(zip((each.name for each in term.inputs), point, strict=True))
    given |= {each.name: value.tolist() for each, value in zip(term.parameters, parameters(term, dtype), strict=True)}
    highest: dict[tuple[Any, ...], int] = {}
    for _, path, order in parts(term).values():
        highest[path] = max(order, highest.get(path, 0))
    derivatives = {path: oracle.truth(term.exact, path, order=order, **given) for path, order in highest.items()}
    found = {part: derivatives[path][order] for part, (_, path, order) in parts(term).items()}
    at_kink = [kink.slope for kink in entry.kinks if kink.at == point[0]] if isinstance(entry, Activation) else []
    if term.kink_slope is not None and point[0] == point[-1]:
        at_kink = [term.kink_slope]
    if at_kink:
        found = {part: true for part, true in found.items() if "curvature" not in part} | {"slope": oracle.value(at_kink[0], **given)}
    return found


@lru_cache(1 << 14)
def scales(entry: Entry, term: Term, dtype: Any, point: tuple[float, ...]) -> dict[str, Any]:
    """The size of what cancels where a part crosses zero: no formula in floats keeps relative accuracy there.

    That of a soft target is measured beside its shares of the hard ones, that of another loss beside a perfect prediction (where
    a likelihood is log v). The slope of a gate, or of an activation that is not monotone, is measured beside that of the chord,
    f(x)/x, and a curvature beside that of the slope's.
    """
    true, x = truth(entry, term, dtype, point), point[0]
    if term.inputs[-1].role == "binary":
        hard = [(share, truth(entry, term, dtype, (*point[:-1], side))) for side, share in ((0.0, 1 - point[-1]), (1.0, point[-1]))]
        return {part: max(abs(share * of_class[part]) for share, of_class in hard if share) for part in true}
    if len(point) > 1 and not isinstance(entry, Elementwise):
        perfect = truth(entry, term, dtype, (*point[:-1], x)) if x != point[-1] else true
        return {part: abs(size) for part, size in perfect.items()}
    if x == 0 or (isinstance(entry, Activation) and entry.domain[0] == 0):
        return {}
    monotone = isinstance(entry, Activation) and entry.monotone
    found = {"slope": 0 if monotone else abs(true["value"] / mpmath.mpf(x))}
    if "curvature" in true:
        found["curvature"] = abs((true["slope"] - truth(entry, term, dtype, (0.0, *point[1:]))["slope"]) / mpmath.mpf(x))
    return found


def by_definition(entry: Entry, term: Term, arrays: list[Any]) -> dict[str, Array]:  # noqa: ARG001  called as `in_use` is
    """Every part from the definitions, whatever code is in use."""
    cores = [len(core) for core in term.cores]
    results = {part: kernel.definition(term.name, function, cores)(*arrays) for part, (function, _, _) in parts(term).items()}
    return {
        part: result[..., *path[1:]] if result.ndim > arrays[0].ndim else result
        for (part, (_, path, _)), result in zip(parts(term).items(), results.values(), strict=True)
    }


def in_use(entry: Entry, term: Term, arrays: list[Any]) -> dict[str, Array]:
    """Every part from the code in use; one fused pass gives the same value and slope."""
    if isinstance(entry, Elementwise):
        value, slope, both = entry, entry.slope, entry.value_and_slope
    else:
        value, slope, both = kernel.elementwise(term)
    found = by_definition(entry, term, arrays) | {"value": value(*arrays), "slope": slope(*arrays)}
    for part, fused in zip(("value", "slope"), both(*arrays), strict=True):
        np.testing.assert_array_equal(found[part], fused, err_msg=f"{term.name}: the fused pass gives another {part}")
    if term.curvature:
        found["curvature"] = kernel.curvature(term)(*arrays)
    return found


def errors(entry: Entry, term: Term, dtype: Any, computed: Any = in_use, inputs: list[Array] | None = None) -> Errors:
    """The largest error of every part, at the test points or at these."""
    inputs = points.for_term(entry, term, dtype) if inputs is None else inputs
    results = computed(entry, term, [*inputs, *parameters(term, dtype)])
    worst = dict.fromkeys(results, (0.0, 0.0))
    for i, point in enumerate(zip(*(array.tolist() for array in inputs), strict=True)):
        size = scales(entry, term, dtype, point)
        for part, true in truth(entry, term, dtype, point).items():
            worst[part] = max(worst[part], (oracle.ulps(results[part][i], true, dtype, size.get(part, 0)), point[0]))
    return {part: error for part, (error, _) in worst.items()} | {f"{part} at": at for part, (_, at) in worst.items()}
