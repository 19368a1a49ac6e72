"""The S-shaped family, with the step that it smooths and the logit that it inverts."""

from __future__ import annotations

import math
from typing import Any

from ogive.activation import Kink, activation
from ogive.parameter import Parameter

inf = math.inf


def _step_slope(x: Any, at_zero: Any, xp: Any) -> Any:
    return xp.where(x == x, 0.0, x)


@activation(
    slope=_step_slope,
    formula="1 if x > 0 else 0 if x < 0 else at_zero",
    limits=(0.0, 1.0),
    slope_limits=(0.0, 0.0),
    monotone=True,
    smoothness=-1,
    lipschitz=0.0,
    kinks=(Kink(0.0, slope=0.0),),
    parameters=(Parameter("at_zero", "the value at 0: 1 (the default), 0 or 1/2 by convention", default=1.0, low=0.0, high=1.0),),
    aliases=("heaviside", "binary step", "threshold unit"),
    references=(
        "W. McCulloch, W. Pitts, A logical calculus of the ideas immanent in nervous activity, Bull. Math. Biophys. 5, 1943",
        "M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 1964, 29.1.3 (the value at 0)",
    ),
)
def step(x: Any, at_zero: Any, xp: Any) -> Any:
    """Heaviside's step: 0 left of zero, 1 right of it. Not usable with backpropagation, for its slope is 0 everywhere.

    Examples
    --------
    >>> ogive.step([-1.0, 0.0, 2.0])
    array([0., 1., 1.])
    >>> ogive.step(0.0, at_zero=0.5)
    np.float64(0.5)
    """
    return xp.where(x > 0, 1.0, xp.where(x < 0, 0.0, xp.where(x == 0, at_zero, x)))


def _sigmoid_slope(x: Any, xp: Any) -> Any:
    decay = xp.exp(-abs(x))
    return decay / ((1 + decay) * (1 + decay))


def _sigmoid_curvature(x: Any, xp: Any) -> Any:
    """s(x)·s(-x)·(s(-x) - s(x)), the difference as a tanh."""
    return -_sigmoid_slope(x, xp) * xp.tanh(x / 2)


@activation(
    slope=_sigmoid_slope,
    curvature=_sigmoid_curvature,
    formula="1 / (1 + exp(-x))",
    limits=(0.0, 1.0),
    slope_limits=(0.0, 0.0),
    monotone=True,
    smoothness=inf,
    lipschitz=0.25,
    initializer="glorot_normal",
    aliases=("logistic", "expit", "soft step"),
    native={"torch": "sigmoid", "scipy": "special.expit", "jax": "nn.sigmoid", "keras": "activations.sigmoid"},
    references=(
        "P.-F. Verhulst, Notice sur la loi que la population suit dans son accroissement, Corresp. Math. Phys. 10, 1838",
        "X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010",
    ),
)
def sigmoid(x: Any, xp: Any) -> Any:
    """The logistic S-curve from 0 to 1: a probability for two classes; both tails saturate.

    Its slope is sigmoid(x)·sigmoid(-x), at most 1/4, at 0.

    Examples
    --------
    >>> ogive.sigmoid([-1.0, 1.0, 2.0])
    array([0.26894142, 0.73105858, 0.88079708])
    >>> ogive.sigmoid.slope(0.0)
    np.float64(0.25)
    """
    decay = xp.exp(-abs(x))
    return xp.where(x >= 0, 1.0, decay) / (1 + decay)


def _logit_slope(x: Any, xp: Any) -> Any:
    return xp.where((x >= 0) & (x <= 1), 1 / (x * (1 - x)), math.nan)


@activation(
    slope=_logit_slope,
    formula="log(x / (1 - x))",
    domain=(0.0, 1.0),
    limits=(-inf, inf),
    slope_limits=(inf, inf),
    monotone=True,
    smoothness=inf,
    lipschitz=inf,
    aliases=("log odds", "inverse sigmoid"),
    native={"torch": "logit", "scipy": "special.logit"},
    references=("J. Berkson, Application of the logistic function to bio-assay, J. Amer. Stat. Assoc. 39, 1944",),
)
def logit(x: Any, xp: Any) -> Any:
    """The log-odds of a probability, the inverse of the sigmoid; NaN outside 0…1.

    Examples
    --------
    >>> ogive.logit([0.0, 0.5, 0.75])
    array([      -inf, 0.        , 1.09861229])
    """
    left, right = -xp.log1p((1 - 2 * x) / x), xp.log1p((2 * x - 1) / (1 - x))
    return xp.where(x < 0.25, xp.log(x / (1 - x)), xp.where(x < 0.5, left, right))


def _hard_sigmoid_slope(x: Any, xp: Any) -> Any:
    return xp.where(abs(x) < 3, 1 / 6, xp.where(x == x, 0.0, x))


@activation(
    slope=_hard_sigmoid_slope,
    formula="min(max((x + 3) / 6, 0), 1)",
    limits=(0.0, 1.0),
    slope_limits=(0.0, 0.0),
    monotone=True,
    smoothness=0,
    lipschitz=1 / 6,
    kinks=(Kink(-3.0, slope=0.0), Kink(3.0, slope=0.0)),
    initializer="glorot_normal",
    native={"torch": "nn.functional.hardsigmoid", "jax": "nn.hard_sigmoid", "keras": "activations.hard_sigmoid"},
    references=(
        "M. Courbariaux, Y. Bengio, J.-P. David, BinaryConnect, NeurIPS 2015, section 2.3, arXiv:1511.00363",
        "A. Howard et al., Searching for MobileNetV3, ICCV 2019, section 5.2 (slope 1/6), arXiv:1905.02244",
    ),
)
def hard_sigmoid(x: Any, xp: Any) -> Any:
    """The sigmoid in three straight pieces, clip(x/6 + 1/2, 0, 1), as in PyTorch, Keras 3 and JAX.

    Examples
    --------
    >>> ogive.hard_sigmoid([-4.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75])
    """
    return xp.where(x <= -3, 0.0, xp.where(x >= 3, 1.0, (x + 3) / 6))


def _tanh_slope(x: Any, xp: Any) -> Any:
    """The square of the hyperbolic secant."""
    decay = xp.exp(-abs(x))
    secant = 2 * decay / (1 + decay * decay)
    return secant * secant


def _tanh_curvature(x: Any, xp: Any) -> Any:
    return -2 * xp.tanh(x) * _tanh_slope(x, xp)


@activation(
    slope=_tanh_slope,
    curvature=_tanh_curvature,
    formula="tanh(x)",
    limits=(-1.0, 1.0),
    slope_limits=(0.0, 0.0),
    monotone=True,
    zero_centred=True,
    smoothness=inf,
    lipschitz=1.0,
    initializer="glorot_normal",
    aliases=("hyperbolic tangent",),
    native={"torch": "tanh", "jax": "nn.tanh", "keras": "activations.tanh"},
    references=("Y. LeCun et al., Efficient BackProp, in: Neural Networks: Tricks of the Trade, Springer 1998, section 4.4",),
)
def tanh(x: Any, xp: Any) -> Any:
    """The S-curve from -1 to 1, 2·sigmoid(2x) - 1: zero-centred, which keeps the next layer's gradients from sharing a sign.

    Examples
    --------
    >>> ogive.tanh([-1.0, 0.0, 1.0])
    array([-0.76159416,  0.        ,  0.76159416])
    """
    return xp.tanh(x)


def _softsign_slope(x: Any, xp: Any) -> Any:
    share = 1 / (1 + abs(x))
    return share * share


def _softsign_curvature(x: Any, xp: Any) -> Any:
    """-2·sign(x)·(1 + |x|)⁻³; at 0, where it jumps from 2 to -2, their mean."""
    share = 1 / (1 + abs(x))
    return xp.where(x > 0, -2.0, xp.where(x < 0, 2.0, x)) * share * share * share


@activation(
    slope=_softsign_slope,
    curvature=_softsign_curvature,
    formula="x / (1 + abs(x))",
    limits=(-1.0, 1.0),
    slope_limits=(0.0, 0.0),
    monotone=True,
    zero_centred=True,
    smoothness=1,
    lipschitz=1.0,
    kinks=(Kink(0.0, slope=1.0),),
    initializer="glorot_normal",
    native={"torch": "nn.functional.softsign", "jax": "nn.soft_sign", "keras": "activations.softsign"},
    references=("J. Bergstra et al., Quadratic polynomials learn better image features, Université de Montréal 2009, report 1337",),
)
def softsign(x: Any, xp: Any) -> Any:
    """The S-curve from -1 to 1 without an exponential: it saturates slowly, with the inverse square of the input.

    Examples
    --------
    >>> ogive.softsign([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75])
    """
    share = 1 / (1 + 1 / abs(x))  # where x itself may be infinite
    return xp.where(x > 1, share, xp.where(x < -1, -share, x / (1 + abs(x))))
