"""Losses of rows that are compared by their direction, or by how they vary together, whatever their scale."""

from __future__ import annotations

from typing import Any

from ogive.loss import loss
from ogive.losses.vectors import direction, power_of_two
from ogive.term import Input


def _rows(core: str, about: str) -> dict[str, Any]:
    return {
        "signature": f"({core}),({core})->()",
        "inputs": (
            Input("prediction", f"{about}, along `axis`", differentiated=True),
            Input("target", "array of the same shape"),
        ),
        "convex": False,
        "robust": False,
        "symmetric": True,
    }


def _cosine_gap(u: Any, v: Any, xp: Any) -> Any:
    """1 - cos of unit vectors as |u - v|² / 2, which keeps its digits where they are nearly parallel; 1 where one of them is 0."""
    gap = xp.sum((u - v) ** 2, axis=-1) / 2
    nothing = (xp.amax(abs(u), axis=-1) == 0) | (xp.amax(abs(v), axis=-1) == 0)
    return xp.where(nothing, 1.0, gap)


def _cosine(u: Any, v: Any, xp: Any) -> Any:
    return xp.sum(u * v, axis=-1)


def _cosine_slope(x: Any, target: Any, xp: Any) -> Any:
    """That of -cos by x: what v has across u, negated, over the length of x; from v ∓ u, whichever is small, for their digits' sake."""
    u, length, scale = direction(x, xp)
    v, _, _ = direction(target, xp)
    cosine = _cosine(u, v, xp)[..., None]
    away = v - xp.where(cosine < 0, -u, u)
    across = away + xp.where(cosine < 0, -u, u) * (xp.sum(away * away, axis=-1, keepdims=True) / 2)
    pointless = (xp.amax(abs(u), axis=-1, keepdims=True) == 0) | (xp.amax(abs(v), axis=-1, keepdims=True) == 0)
    return xp.where(pointless, 0.0, -across / length / scale)


def _cosine_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    return (cotangent[..., None] * _cosine_slope(prediction, target, xp),)


_COSINE = "G. Salton, A. Wong, C. S. Yang, A vector space model for automatic indexing, CACM 18, 1975"
_DOT = "sum(p * t for p, t in zip(prediction, target))"
_NORMS = "sqrt(sum(p**2 for p in prediction) * sum(t**2 for t in target))"


@loss(
    formula=f"1 - ({_DOT} / {_NORMS} if {_NORMS} > 0 else 0)",
    vjp=_cosine_vjp,
    **_rows("d", "vectors"),
    aliases=("cosine loss", "cosine dissimilarity"),
    references=(_COSINE,),
)
def cosine_distance(prediction: Any, target: Any, xp: Any) -> Any:
    """One minus the cosine of the angle between two vectors: 0 for the same direction, 1 for a right angle, 2 for opposite ones.

    A vector of zeros is at a right angle to all, with the gradient 0. Lengths do not count, and none is too large or too small. PyTorch's
    `cosine_similarity` and optax's are the cosine, Keras's loss of that name is its negative.

    Examples
    --------
    >>> ogive.cosine_distance([[1.0, 0.0], [1e25, 1e25], [0.0, 0.0]], [[0.0, 2.0], [1.0, 1.0], [1.0, 1.0]], reduction="none").round(12)
    array([1., 0., 1.])
    """
    return _cosine_gap(direction(prediction, xp)[0], direction(target, xp)[0], xp)


@loss(
    formula=f"-({_DOT} / {_NORMS} if {_NORMS} > 0 else 0)",
    vjp=_cosine_vjp,
    **_rows("d", "vectors"),
    aliases=("cosine similarity loss", "cosine similarity", "negative cosine similarity"),
    references=(_COSINE,),
)
def cosine_proximity(prediction: Any, target: Any, xp: Any) -> Any:
    """Minus the cosine of the angle between two vectors: -1 for the same direction. Keras's CosineSimilarity; `cosine_distance` less 1.

    Examples
    --------
    >>> ogive.cosine_proximity([1.0, 0.0], [1.0, 1.0]).round(12)
    np.float64(-0.707106781187)
    """
    return -_cosine(direction(prediction, xp)[0], direction(target, xp)[0], xp)


def _centred(x: Any, xp: Any) -> tuple[Any, Any]:
    """The row less its mean, over the largest element: the second mean takes away what the first one rounds off."""
    scale = power_of_two(x, xp)
    gap = x / scale - _mean(x / scale, xp)
    return gap - _mean(gap, xp), scale


def _mean(x: Any, xp: Any) -> Any:
    return xp.sum(x, axis=-1, keepdims=True) / x.shape[-1]


def _pearson_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    centred, scale = _centred(prediction, xp)
    across = _cosine_slope(centred, _centred(target, xp)[0], xp)
    return (cotangent[..., None] * (across / scale),)


_P, _T = "sum(prediction) / len(prediction)", "sum(target) / len(target)"
_SPREADS = f"sum((p - {_P})**2 for p in prediction) * sum((t - {_T})**2 for t in target)"


@loss(
    formula=f"1 - (sum((p - {_P}) * (t - {_T}) for p, t in zip(prediction, target)) / sqrt({_SPREADS}) if {_SPREADS} > 0 else 0)",
    vjp=_pearson_vjp,
    **_rows("n", "the predictions that are correlated with their targets"),
    aliases=("pearson correlation", "pearson loss", "correlation distance"),
    references=("K. Pearson, Regression, heredity and panmixia, Philosophical Transactions A 187, 1896",),
)
def pearson_loss(prediction: Any, target: Any, xp: Any) -> Any:
    """One minus Pearson's correlation coefficient along `axis`: 0 where the prediction rises with the target along a line.

    Neither offset nor scale counts. What does not vary has the correlation 0 with everything, with the gradient 0.

    Examples
    --------
    >>> ogive.pearson_loss([1.0, 2.0, 4.0], [10.0, 20.0, 30.0]).round(12)
    np.float64(0.018019493938)
    """
    return _cosine_gap(direction(_centred(prediction, xp)[0], xp)[0], direction(_centred(target, xp)[0], xp)[0], xp)


def _concordance_parts(prediction: Any, target: Any, xp: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The errors, prediction and target less the mean of the target, the divisor of the loss, and what all are divided by."""
    scale = power_of_two(xp.maximum(abs(prediction), abs(target)), xp)
    mean = _mean(target / scale, xp)
    gap = prediction / scale - mean
    own = target / scale - mean
    whole = xp.sum(gap * gap + own * own, axis=-1, keepdims=True)  # n (s_p² + s_t² + (difference of the means)²)
    return prediction / scale - target / scale, gap, own, whole, scale


def _concordance_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    """2 (error - loss · gap) / whole; where the loss is near 1 as (correlation · gap - own), for error - gap = -own."""
    error, gap, own, whole, scale = _concordance_parts(prediction, target, xp)
    safe = xp.where(whole == 0, 1.0, whole)
    value = xp.sum(error * error, axis=-1, keepdims=True) / safe
    correlation = 2 * xp.sum(gap * own, axis=-1, keepdims=True) / safe
    slope = xp.where(value < 0.5, error - value * gap, correlation * gap - own)
    return (cotangent[..., None] * (2 * slope / safe / scale),)


@loss(
    formula=f"sum((p - t)**2 for p, t in zip(prediction, target)) / sum((p - {_T})**2 + (t - {_T})**2 for p, t in zip(prediction, target))",
    vjp=_concordance_vjp,
    **_rows("n", "the predictions that are to agree with their targets") | {"robust": True},
    aliases=("concordance correlation", "ccc loss", "concordance correlation coefficient"),
    references=("L. I.-K. Lin, A concordance correlation coefficient to evaluate reproducibility, Biometrics 45, 1989",),
)
def concordance_loss(prediction: Any, target: Any, xp: Any) -> Any:
    """One minus Lin's concordance correlation along `axis`: 0 where prediction and target are equal; offset and scale count.

    It is the mean squared error over the mean squared distance of both from the target's mean. Where nothing varies and nothing is
    off it is 0.

    Examples
    --------
    >>> ogive.concordance_loss([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]).round(12)
    np.float64(0.142857142857)
    """
    error, _, _, whole, _ = _concordance_parts(prediction, target, xp)
    return xp.sum(error * error, axis=-1) / xp.where(whole == 0, 1.0, whole)[..., 0]
