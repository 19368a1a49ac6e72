"""The picture of a function of more than a line can show by itself, as data: what moves, and the inputs that follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ogive.arrays import Array

MARGIN = "margin: the score of the right class above the other"
PROBABILITY = "probability of the right class"

Inputs = Callable[[Array], tuple[Array, ...]]
"""From numbers x of shape (n,) to the inputs, each with a first dimension of n. Analytic in x: complex numbers come out as they went in,
by which pictures get the tangent, and with it the slope.
"""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One number that moves, and an example that follows it, while all else is held; what is drawn is the first term of the example.

    Attributes
    ----------
    label
        What moves, and what is held.
    shown
        From where to where it is drawn.
    domain
        Between which numbers it has to stay.
    cases
        The lines, by what tells them apart.
    probabilities
        Whether the first input is made of probabilities, of which forms that take logits or log-probabilities get the logarithms.
    """

    label: str
    shown: tuple[float, float]
    domain: tuple[float, float] = (-math.inf, math.inf)
    cases: Mapping[str, Inputs]
    probabilities: bool = False
