"""The rectifier family: straight lines that meet at zero."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.activation import Kink, activation
from ogive.errors import InputError
from ogive.parameter import Parameter

inf = math.inf


def _identity_slope(x: Any, xp: Any) -> Any:
    return xp.where(x == x, 1.0, x)


@activation(
    slope=_identity_slope,
    formula="x",
    limits=(-inf, inf),
    slope_limits=(1.0, 1.0),
    monotone=True,
    zero_centred=True,
    smoothness=inf,
    lipschitz=1.0,
    initializer="lecun_normal",
    aliases=("linear",),
    native={"torch": "nn.Identity", "jax": "nn.identity", "keras": "activations.linear"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 5.1 (output units for regression)",),
)
def identity(x: Any, xp: Any) -> Any:
    """The input itself: the output layer of a regression, and "no activation" in a comparison.

    Examples
    --------
    >>> ogive.identity(30.0)
    np.float64(30.0)
    """
    return 1 * x


def _relu_slope(x: Any, xp: Any) -> Any:
    return xp.where(x > 0, 1.0, xp.where(x <= 0, 0.0, x))


@activation(
    slope=_relu_slope,
    formula="max(x, 0)",
    limits=(0.0, inf),
    slope_limits=(0.0, 1.0),
    monotone=True,
    smoothness=0,
    lipschitz=1.0,
    kinks=(Kink(0.0, slope=0.0),),
    initializer="he_normal",
    aliases=("rectifier", "rectified linear unit", "ramp"),
    native={"torch": "nn.functional.relu", "jax": "nn.relu", "keras": "activations.relu"},
    references=(
        "V. Nair, G. Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010",
        "K. He et al., Delving deep into rectifiers, ICCV 2015, section 2.2, arXiv:1502.01852",
    ),
)
def relu(x: Any, xp: Any) -> Any:
    """The positive part of the input: fast, never saturates to the right, dead where all inputs stay negative.

    Examples
    --------
    >>> ogive.relu([-1.0, 1.0, 2.0])
    array([0., 1., 2.])
    """
    return xp.where(x <= 0, 0.0, x)


def _leaky_relu_slope(x: Any, negative_slope: Any, xp: Any) -> Any:
    return xp.where(x > 0, 1.0, xp.where(x <= 0, negative_slope, x))


def _negative_part(x: Any, _slope: Any, xp: Any) -> Any:
    return xp.where(x > 0, 0.0, x)


_leaky: dict[str, Any] = {
    "slope": _leaky_relu_slope,
    "limits": (-inf, inf),
    "monotone": True,
    "smoothness": 0,
    "initializer": "he_normal",
}


@activation(
    **_leaky,
    formula="x if x > 0 else negative_slope * x",
    slope_limits=("negative_slope", 1.0),
    lipschitz="max(1, abs(negative_slope))",
    kinks=(Kink(0.0, slope="negative_slope"),),
    parameters=(
        Parameter(
            "negative_slope",
            "the slope left of zero, 0.01 in the original paper; 0.2 did better in Xu et al. 2015",
            default=0.01,
            slope=_negative_part,
        ),
    ),
    aliases=("lrelu", "leaky rectified linear unit"),
    native={"torch": "nn.functional.leaky_relu", "jax": "nn.leaky_relu", "keras": "activations.leaky_relu(negative_slope=0.01)"},
    references=(
        "A. Maas, A. Hannun, A. Ng, Rectifier nonlinearities improve neural network acoustic models, ICML 2013 workshop",
        "B. Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015, arXiv:1505.00853",
    ),
)
def leaky_relu(x: Any, negative_slope: Any, xp: Any) -> Any:
    """ReLU that leaks: a small slope left of zero, so no unit is ever dead.

    Examples
    --------
    >>> ogive.leaky_relu([-1.0, 2.0])
    array([-0.01,  2.  ])
    >>> ogive.leaky_relu([-1.0, 2.0], negative_slope=0.2)
    array([-0.2,  2. ])
    """
    return xp.where(x > 0, x, negative_slope * x)


@activation(
    **_leaky,
    formula="x if x > 0 else weight * x",
    slope_limits=("weight", 1.0),
    lipschitz="max(1, abs(weight))",
    kinks=(Kink(0.0, slope="weight"),),
    parameters=(
        Parameter(
            "weight",
            "the slope left of zero, learned; one number, or one per channel, shaped so that it broadcasts against x:\n"
            "    (C,) for x of shape (N, C), (C, 1, 1) for x of shape (N, C, H, W)",
            default=0.25,
            learned=True,
            slope=_negative_part,
        ),
    ),
    served_by=leaky_relu,
    aliases=("parametric relu", "parametric rectified linear unit"),
    references=("K. He et al., Delving deep into rectifiers, ICCV 2015, section 2.1, arXiv:1502.01852",),
)
def prelu(x: Any, weight: Any, xp: Any) -> Any:
    """Leaky ReLU whose slope left of zero is learned; ``slope(x, weight, wrt="weight")`` is what training it needs.

    Examples
    --------
    >>> ogive.prelu([[-1.0, -1.0]], weight=[0.25, 0.5])
    array([[-0.25, -0.5 ]])
    >>> ogive.prelu.slope([[-1.0, 3.0]], weight=[0.25, 0.5], wrt="weight")
    array([[-1.,  0.]])
    """
    return leaky_relu.definition(x, weight, xp)


def _draw_slope(rng: np.random.Generator | None, x: Any, lower: Any, upper: Any) -> tuple[Any]:
    if np.any(np.asarray(lower) > upper):
        raise InputError(f"rrelu: lower must not exceed upper, got lower={lower!r} and upper={upper!r}")
    if rng is None:
        return ((lower + upper) / 2,)
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" or x.dtype.name == "bfloat16" else np.result_type(x.dtype, np.float16)
    return (rng.uniform(lower, upper, size=np.broadcast_shapes(x.shape, np.shape(lower), np.shape(upper))).astype(dtype),)


@activation(
    **_leaky | {"slope": lambda x, lower, upper, xp: _leaky_relu_slope(x, (lower + upper) / 2, xp)},
    formula="x if x > 0 else (lower + upper) / 2 * x",
    slope_limits=("(lower + upper) / 2", 1.0),
    lipschitz="max(1, abs(lower + upper) / 2)",
    kinks=(Kink(0.0, slope="(lower + upper) / 2"),),
    parameters=(
        Parameter("lower", "the smallest slope left of zero that is drawn", default=1 / 8),
        Parameter("upper", "the largest slope left of zero that is drawn", default=1 / 3),
    ),
    served_by=leaky_relu,
    draw=_draw_slope,
    aliases=("randomized relu", "randomized leaky relu"),
    native={"torch": "nn.functional.rrelu"},
    references=(
        "B. Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015, section 2.4, arXiv:1505.00853",
    ),
)
def rrelu(x: Any, lower: Any, upper: Any, xp: Any) -> Any:
    """Leaky ReLU with a random slope left of zero while training, and the mean slope when evaluating.

    Without `rng` it evaluates. With `rng`, a ``numpy.random.Generator``, every element draws its slope from
    U(lower, upper); take value and slope of a training step from one call of `value_and_slope`, so that both see the same draw.

    Examples
    --------
    >>> ogive.rrelu(-24.0)
    np.float64(-5.5)
    >>> value, slope = ogive.rrelu.value_and_slope([-1.0, 2.0], rng=np.random.default_rng(0))
    >>> value == slope * [-1.0, 2.0]
    array([ True,  True])
    """
    return leaky_relu.definition(x, (lower + upper) / 2, xp)
