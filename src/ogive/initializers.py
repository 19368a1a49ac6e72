"""Random initial weights of the right size: the variance-scaling family that the activations recommend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ogive.errors import InputError, UnknownNameError, did_you_mean


@dataclass(frozen=True)
class VarianceScaling:
    """Normal weights whose variance is `scale` over the number of connections.

    Parameters
    ----------
    name : what the entries call it.
    scale : the numerator of the variance.
    fan : "in" to divide by the connections into a unit, "average" by the mean of those in and out.
    reference : the source.
    """

    name: str
    scale: float
    fan: str
    reference: str

    def std(self, fan_in: int, fan_out: int) -> float:
        """The standard deviation of a weight.

        >>> he_normal.std(50, 10)
        0.2
        """
        if fan_in < 1 or fan_out < 1:
            raise InputError(f"{self.name}: fan_in and fan_out must be at least 1, got {fan_in} and {fan_out}")
        return math.sqrt(self.scale / (fan_in if self.fan == "in" else (fan_in + fan_out) / 2))

    def __call__(
        self, rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int, dtype: Any = np.float64
    ) -> np.ndarray[Any, Any]:
        """Draw weights of that shape.

        >>> he_normal(np.random.default_rng(0), (50, 10), fan_in=50, fan_out=10).shape
        (50, 10)
        """
        return (rng.standard_normal(shape) * self.std(fan_in, fan_out)).astype(dtype)


he_normal = VarianceScaling("he_normal", 2.0, "in", "K. He et al., Delving deep into rectifiers, ICCV 2015, section 2.2, arXiv:1502.01852")
glorot_normal = VarianceScaling(
    "glorot_normal", 1.0, "average", "X. Glorot, Y. Bengio, Understanding the difficulty of training deep networks, AISTATS 2010"
)
lecun_normal = VarianceScaling(
    "lecun_normal", 1.0, "in", "Y. LeCun et al., Efficient BackProp, 1998, section 4.6; G. Klambauer et al., 2017, arXiv:1706.02515"
)

_known = {known.name: known for known in (he_normal, glorot_normal, lecun_normal)}
_known |= {"xavier_normal": glorot_normal, "kaiming_normal": he_normal}


def get(name: str) -> VarianceScaling:
    """The initialiser of that name: "he_normal", "glorot_normal" (also "xavier_normal") or "lecun_normal".

    >>> get("xavier_normal").name
    'glorot_normal'
    """
    if name not in _known:
        raise UnknownNameError(f"unknown initialiser {name!r}{did_you_mean(name, _known)}")
    return _known[name]
