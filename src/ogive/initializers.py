"""Random initial weights of the right size: the variance-scaling family that the activations recommend."""

from __future__ import annotations

import math
import re
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


@dataclass(frozen=True)
class Normal:
    """Normal weights of one deviation, whatever the size of the layer: what the variance-scaling family replaced.

    Parameters
    ----------
    deviation : the standard deviation of a weight.
    """

    deviation: float

    @property
    def name(self) -> str:
        """As `get` reads it."""
        return f"normal({self.deviation:g})"

    def std(self, fan_in: int, fan_out: int) -> float:  # noqa: ARG002 - as of the others
        """The standard deviation of a weight.

        >>> Normal(0.01).std(50, 10)
        0.01
        """
        return self.deviation


@dataclass(frozen=True)
class Scaled:
    """An initialiser with its deviations multiplied.

    Parameters
    ----------
    initializer : what is scaled.
    factor : of the deviations.
    """

    initializer: Initializer
    factor: float

    @property
    def name(self) -> str:
        """As `get` reads it."""
        return f"{self.initializer.name}*{self.factor:g}"

    def std(self, fan_in: int, fan_out: int) -> float:
        """The standard deviation of a weight.

        >>> Scaled(he_normal, 2.0).std(50, 10)
        0.4
        """
        return self.factor * self.initializer.std(fan_in, fan_out)


he_normal = VarianceScaling("he_normal", 2.0, "in", "K. He et al., Delving deep into rectifiers, ICCV 2015, section 2.2, arXiv:1502.01852")
glorot_normal = VarianceScaling(
    "glorot_normal",
    1.0,
    "average",
    "X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010",
)
lecun_normal = VarianceScaling(
    "lecun_normal", 1.0, "in", "Y. LeCun et al., Efficient BackProp, 1998, section 4.6; G. Klambauer et al., 2017, arXiv:1706.02515"
)

_known = {known.name: known for known in (he_normal, glorot_normal, lecun_normal)}
_known |= {"xavier_normal": glorot_normal, "kaiming_normal": he_normal}


Initializer = VarianceScaling | Normal | Scaled

_SCALED = re.compile(r"(?P<name>[^*]+)\*(?P<factor>[^*]+)")
_NORMAL = re.compile(r"normal\((?P<deviation>[^()]+)\)")


def get(name: str) -> Initializer:
    """The initialiser of that name: "he_normal", "glorot_normal" (also "xavier_normal") or "lecun_normal"; "normal(0.01)" for one
    deviation everywhere; "he_normal*2" for twice the deviations.

    >>> get("xavier_normal").name
    'glorot_normal'
    >>> get("he_normal*2").std(50, 10)
    0.4
    """
    scaled, normal = _SCALED.fullmatch(name), _NORMAL.fullmatch(name)
    if scaled:
        return Scaled(get(scaled["name"].strip()), _positive(scaled["factor"], name))
    if normal:
        return Normal(_positive(normal["deviation"], name))
    if name not in _known:
        raise UnknownNameError(f"unknown initialiser {name!r}; normal(0.01) is one deviation everywhere{did_you_mean(name, _known)}")
    return _known[name]


def _positive(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise InputError(f"initialiser {name!r}: {text.strip()!r} must be a positive number, such as normal(0.01) or he_normal*2")
    return number
