"""The functions along an axis: softmax, its logarithm, the soft maximum, and maxout."""

from __future__ import annotations

import math
from typing import Any

from ogive.axiswise import axiswise
from ogive.errors import InputError
from ogive.special import two_sum

inf = math.inf


def first_largest(x: Any, xp: Any) -> tuple[Any, Any]:
    """The largest element of each row, and where it stands first."""
    largest = xp.amax(x, axis=-1, keepdims=True)
    equal = x == largest
    return largest, equal & (xp.cumsum(equal, axis=-1) == 1)


def softmax_parts(x: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """What softmax and cross-entropy are made of, for each row: the distances x - max, which element is the maximum,
    the exponentials of the distances, and the sum of these without the maximum itself.

    The rounding error of the distance is kept, and the sum leaves out the 1 that the maximum gives, so that nothing
    small is added to something large (Blanchard, Higham & Higham 2021, IMA J. Numer. Anal. 41, discuss both).
    """
    largest, top = first_largest(x, xp)
    distance, low = two_sum(x, -largest)
    low = xp.where(xp.isfinite(distance), low, 0.0)
    distance = xp.where(top & (largest > -inf), 0.0, distance)
    exponential = xp.exp(distance)
    exponential = exponential + exponential * low
    others = xp.sum(xp.where(top, 0.0, exponential), axis=-1, keepdims=True)
    return distance + low, top, exponential, others


def _softmax_vjp(x: Any, cotangent: Any, xp: Any) -> Any:
    """p · (g - Σ g p), with g counted from its value at the maximum, for there p is nearly 1 and the difference would cancel."""
    probabilities = softmax.definition(x, xp)
    _, top = first_largest(x, xp)
    relative = cotangent - xp.sum(xp.where(top, cotangent, 0.0), axis=-1, keepdims=True)
    return probabilities * (relative - xp.sum(relative * probabilities, axis=-1, keepdims=True))


@axiswise(
    vjp=_softmax_vjp,
    signature="(n)->(n)",
    formula="exp(x[i]) / sum(exp(v) for v in x)",
    shift="invariant",
    range=(0.0, 1.0),
    total=1.0,
    aliases=("normalised exponential", "normalized exponential", "softargmax"),
    native={"torch": "softmax", "scipy": "special.softmax"},
    references=(
        "J. Bridle, Probabilistic interpretation of feedforward classification network outputs, in: Neurocomputing, Springer 1990",
        "P. Blanchard, D. Higham, N. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41, 2021",
    ),
)
def softmax(x: Any, xp: Any) -> Any:
    """Scores into probabilities: positive, summing to 1, in the order of the scores.

    Examples
    --------
    >>> ogive.softmax([2.0, 1.0, 0.1])
    array([0.65900114, 0.24243297, 0.09856589])
    """
    _, _, exponential, others = softmax_parts(x, xp)
    return exponential / (1 + others)


def _log_softmax_vjp(x: Any, cotangent: Any, xp: Any) -> Any:
    return cotangent - softmax.definition(x, xp) * xp.sum(cotangent, axis=-1, keepdims=True)


@axiswise(
    vjp=_log_softmax_vjp,
    signature="(n)->(n)",
    formula="x[i] - log(sum(exp(v) for v in x))",
    shift="invariant",
    range=(-inf, 0.0),
    native={"torch": "log_softmax", "scipy": "special.log_softmax"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 4.3.4",),
)
def log_softmax(x: Any, xp: Any) -> Any:
    """The logarithm of the softmax, exact also where the probability is nearly 1 or underflows.

    Examples
    --------
    >>> ogive.log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    distance, _, _, others = softmax_parts(x, xp)
    return distance - xp.log1p(others)


def _weighted_logsumexp(x: Any, weights: Any, xp: Any) -> Any:
    """Where the sum is about 1 its logarithm is that of the others: the weight of the maximum less 1, and the other terms."""
    counted = xp.where(weights == 0, -inf, x)
    largest, top = first_largest(counted, xp)
    terms = weights * xp.exp(xp.where(counted == largest, 0.0, counted - largest))
    total = xp.sum(terms, axis=-1)
    beyond = xp.sum(xp.where(top, weights - 1, terms), axis=-1)
    near = abs(beyond) < 0.5
    return largest[..., 0] + xp.where(near, xp.log1p(xp.where(near, beyond, 0.0)), xp.log(total))


def _logsumexp_vjp(x: Any, cotangent: Any, *weights_and_xp: Any) -> Any:
    *weights, xp = weights_and_xp
    if not weights:
        return cotangent[..., None] * softmax.definition(x, xp)
    counted = xp.where(weights[0] == 0, -inf, x)
    terms = weights[0] * xp.exp(counted - first_largest(counted, xp)[0])
    return cotangent[..., None] * terms / xp.sum(terms, axis=-1, keepdims=True)


@axiswise(
    vjp=_logsumexp_vjp,
    signature="(n)->()",
    weighted=(_weighted_logsumexp, "log(sum(w * exp(v) for v, w in zip(x, weights) if w != 0))"),
    formula="log(sum(exp(v) for v in x))",
    shift="equivariant",
    range=(-inf, inf),
    aliases=("lse", "softmaximum", "realsoftmax"),
    native={"torch": "logsumexp", "scipy": "special.logsumexp"},
    references=(
        "P. Blanchard, D. Higham, N. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41, 2021",
    ),
)
def logsumexp(x: Any, xp: Any) -> Any:
    """The smooth maximum, log Σ e^x: a little more than the largest element; its gradient is the softmax.

    Examples
    --------
    >>> ogive.logsumexp(np.arange(10.0)).round(10)
    np.float64(9.4586297444)
    >>> ogive.logsumexp([1000.0, 1000.0], weights=[0.5, 0.5])
    np.float64(1000.0)
    """
    if x.shape[-1] == 0:
        return xp.sum(x, axis=-1) - inf
    largest, _ = first_largest(x, xp)
    _, _, _, others = softmax_parts(x, xp)
    total = largest + xp.log1p(others)
    return xp.where(abs(largest) == inf, largest, total)[..., 0]


def _maxout_vjp(x: Any, cotangent: Any, xp: Any) -> Any:
    _, top = first_largest(x, xp)
    return xp.where(top, cotangent[..., None], 0.0)


@axiswise(
    vjp=_maxout_vjp,
    signature="(n)->()",
    formula="max(x)",
    shift="equivariant",
    range=(-inf, inf),
    references=("I. Goodfellow et al., Maxout networks, ICML 2013, section 2, arXiv:1302.4389",),
)
def maxout(x: Any, xp: Any) -> Any:
    """The largest of any number of linear pieces: `x` holds the pieces of a unit along the axis, shape (…, units, pieces).

    Where pieces tie, the gradient goes to the first of them.

    Examples
    --------
    >>> ogive.maxout([[1.0, 3.0, 2.0], [-1.0, -2.0, -3.0]])
    array([ 3., -1.])
    """
    if x.shape[-1] == 0:
        raise InputError("maxout: x must have at least one piece along the axis, got none")
    return xp.amax(x, axis=-1)
