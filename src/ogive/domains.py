"""What the numbers of a term may be: inside their bounds, lengths inside their dimension, labels among the classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ogive.arrays import Array
from ogive.errors import InputError
from ogive.term import Input, Term


def check_bounds(entry: str, each: Input, array: Array, counted: Array | None, hint: str) -> None:
    """Refuse counted values outside the bounds of an input, with all their digits; NaN goes through, and comes out."""
    if (each.low, each.high) == (-math.inf, math.inf):
        return
    array = array if counted is None else array[counted]
    if array.size == 0:
        return
    low, high = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    if (low >= each.low and high <= each.high) or math.isnan(low):
        return
    worst = low if low < each.low else high
    if not hint and each.role == "distribution":
        hint = "; class numbers belong in an integer array without the class axis"
    found = array.dtype.type(worst)
    raise InputError(f"{entry}: {each.name} must lie between {_written(each.low)} and {_written(each.high)}, found {found!s}{hint}")


def check_integers(
    entry: str, term: Term, arrays: Sequence[Array], sizes: Mapping[str, int], parameters: Sequence[Array], counted: Array | None
) -> None:
    """Refuse lengths beyond their dimension, and counted labels that are no class numbers, or one that a parameter keeps for itself.

    Labels that do not count, but are read all the same, become 0.
    """
    lengths = {}
    for each, array in zip(term.inputs, arrays, strict=True):
        if each.role == "length":
            lengths[each.of] = array
            _refuse(entry, each, array, (array < 0) | (array > sizes[each.of]), counted, f"between 0 and {sizes[each.of]}")
    last = sizes[term.cores[0][-1]] - 1
    for each, core, array in zip(term.inputs, term.cores, arrays, strict=False):
        if each.role != "labels":
            continue
        read = np.arange(array.shape[-1]) < lengths[core[0]][..., None]
        outside = (array < 0) | (array > last)
        _refuse(entry, each, array, outside & read, counted, f"between 0 and {last}")
        for parameter, number in zip(term.parameters, parameters, strict=True):
            if parameter.whole and number > last:
                raise InputError(f"{entry}: {parameter.name} must lie between 0 and {last}, got {number:g}")
            if parameter.whole:
                _refuse(entry, each, array, (array == number) & read, counted, f"among the classes that are not the {parameter.name}")
        array[outside] = 0


def check_vectors(entry: str, term: Term, parameters: Sequence[Array], sizes: Mapping[str, int]) -> None:
    """Refuse a vector parameter that has not one number for each element of the dimension that it shares with an input."""
    for parameter, core, value in zip(term.parameters, term.cores[len(term.inputs) :], parameters, strict=True):
        if core and value.shape != tuple(sizes.get(name, 1) for name in core):
            raise InputError(
                f"{entry}: {parameter.name} must hold one number for each of the {sizes[core[0]]} along the axis of {term.inputs[0].name}, "
                f"got {' × '.join(map(str, value.shape)) or 'one number'}"
            )


def _refuse(entry: str, each: Input, array: Array, wrong: Array, counted: Array | None, place: str) -> None:
    if counted is not None:
        wrong = wrong & counted.reshape((*counted.shape, *(1,) * (wrong.ndim - counted.ndim)))
    if wrong.any():
        raise InputError(f"{entry}: {each.name} must lie {place}, found {array[wrong][0]}")


def _written(bound: float) -> str:
    """The number in as few characters as say all of it."""
    return min((f"{bound:g}", repr(bound)), key=len) if float(f"{bound:g}") == bound else repr(bound)
