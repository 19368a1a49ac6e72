"""How far one distribution is from another: the divergences beside that of Kullback and Leibler."""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import Loss, loss
from ogive.losses.right_class import prediction
from ogive.losses.shares import product, quotient
from ogive.term import Input, Term

_DISTRIBUTION = Input("target", "a distribution in the shape of the prediction", low=0.0, high=1.0, role="shares")


def _relative_entropy(p: Any, q: Any, xp: Any) -> Any:
    """p log(p / q), 0 where p is 0: by log1p of the relative difference where the two are near."""
    counted = xp.where(p == 0, 1.0, p)
    difference = (counted - q) / q
    near = abs(difference) < 0.5
    return product(p, xp.where(near, xp.log1p(xp.where(near, difference, 0.0)), xp.log(counted) - xp.log(q)), xp)


def _reverse_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    """log(q / p) + 1; 0 where both are 0."""
    counted = xp.where(prediction == 0, 0.0 * target, prediction)
    both = (prediction == 0) & (target == 0)
    difference = (counted - target) / target
    near = abs(difference) < 0.5
    logarithm = xp.where(near, xp.log1p(xp.where(near, difference, 0.0)), xp.log(counted) - xp.log(target))
    return (cotangent[..., None] * xp.where(both, 0.0, logarithm + 1),)


@loss(
    formula="sum(q * log(q / t) for t, q in zip(target, prediction) if q != 0)",
    signature="(c),(c)->()",
    inputs=(prediction(0.0, 1.0), _DISTRIBUTION),
    vjp=_reverse_vjp,
    hessian=lambda prediction, target, xp: 1 / prediction + 0 * target,
    convex=True,
    robust=False,
    aliases=("reverse kl", "exclusive kl", "information projection"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 10.1.2",),
)
def reverse_kl_divergence(prediction: Any, target: Any, xp: Any) -> Any:
    """The Kullback–Leibler divergence the other way round, Σ q log(q/p): a prediction q that stays where the target p is likely.

    It is infinite where the prediction expects what the target excludes.

    Examples
    --------
    >>> ogive.reverse_kl_divergence([0.5, 0.5], [0.25, 0.75]).round(12)
    np.float64(0.143841036226)
    """
    return xp.sum(_relative_entropy(prediction, target, xp), axis=-1)


def _contrast(prediction: Any, target: Any, xp: Any) -> Any:
    """(q - p) / (q + p), 0 where both are 0."""
    both = prediction + target
    return (prediction - target) / xp.where(both == 0, 1.0, both)


def _jensen_shannon_vjp(prediction: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    """log(2q / (q + p)) / 2, 0 where both are 0."""
    s = _contrast(prediction, target, xp)
    small = s < -0.5
    logarithm = xp.where(small, xp.log(2 * prediction / (prediction + target)), xp.log1p(xp.where(small, 0.0, s)))
    return (cotangent[..., None] * (logarithm / 2),)


@loss(
    formula="sum((q * log(2 * q / (q + t)) if q > 0 else 0) + (t * log(2 * t / (q + t)) if t > 0 else 0)"
    " for t, q in zip(target, prediction)) / 2",
    signature="(c),(c)->()",
    inputs=(prediction(0.0, 1.0), _DISTRIBUTION),
    vjp=_jensen_shannon_vjp,
    hessian=lambda prediction, target, xp: quotient(target / 2, prediction * (prediction + target), xp),
    convex=True,
    robust=False,
    aliases=("jensen shannon divergence", "js divergence", "jsd"),
    references=("J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Information Theory 37, 1991, equation 4.1",),
)
def jensen_shannon(prediction: Any, target: Any, xp: Any) -> Any:
    """The mean divergence of two distributions from their mean: the same both ways, and at most log 2. SciPy gives its square root.

    Examples
    --------
    >>> ogive.jensen_shannon([1.0, 0.0], [0.0, 1.0]).round(12)
    np.float64(0.69314718056)
    >>> ogive.jensen_shannon([0.5, 0.5], [0.5, 0.5])
    np.float64(0.0)
    """
    s = _contrast(prediction, target, xp)
    near = abs(s) < 0.5
    small = xp.where(near, s, 0.0)
    bend = small * xp.log1p(2 * small / (1 - small)) + xp.log1p(-small * small)  # (1 + s) log(1 + s) + (1 - s) log(1 - s)
    far = product(1 + s, xp.log1p(s), xp) + product(1 - s, xp.log1p(-s), xp)
    return xp.sum((prediction + target) * xp.where(near, bend, far), axis=-1) / 4


def _generalized(prediction: Any, target: Any, xp: Any) -> Any:
    """t log(t / q) - t + q, class by class; a series where the two are near, for there the terms cancel."""
    ratio = (target - prediction) / xp.where(prediction == 0, 1.0, prediction)
    near = (abs(ratio) < 0.5) & (prediction > 0)
    small = xp.where(near, ratio, 0.0)
    series = 0.0 * small
    for k in range(55, 1, -1):  # (1 + r) log(1 + r) - r = Σ (-r)^k / (k (k - 1))
        series = 1 / (k * (k - 1)) - small * series
    far = xp.where(prediction < math.inf, _relative_entropy(target, prediction, xp) - target, 0.0 * target) + prediction
    return xp.where(near, prediction * small * small * series, far)


_POSITIVE = Input("target", "numbers of 0 or more in the shape of the prediction; their sum may be anything", low=0.0)

generalized_kl_divergence = Loss(
    name="generalized_kl_divergence",
    description="""The Kullback–Leibler divergence of numbers that need not add up to 1, Σ p log(p/q) - p + q: 0 only where all agree.

    Each element of the sum is SciPy's `kl_div`, and twice the sum the deviance of Poisson counts.

    Examples
    --------
    >>> ogive.generalized_kl_divergence([1.0, 3.0], [2.0, 3.0], given="values").round(12)
    np.float64(0.38629436112)
    """,
    terms={
        "values": Term(
            name="generalized_kl_divergence_values",
            signature="(c),(c)->()",
            inputs=(prediction(0.0), _POSITIVE),
            formula="sum((t * log(t / q) if t > 0 else 0) - t + q for t, q in zip(target, prediction))",
            value=lambda prediction, target, xp: xp.sum(_generalized(prediction, target, xp), axis=-1),
            vjp=lambda q, t, cotangent, xp: (cotangent[..., None] * xp.where(t == 0, 1.0 + 0.0 * q, quotient(q - t, q, xp)),),
            hessian=lambda prediction, target, xp: quotient(target, prediction * prediction, xp),
            link="identity",
        ),
        "log_values": Term(
            name="generalized_kl_divergence_log_values",
            signature="(c),(c)->()",
            inputs=(prediction(), _POSITIVE),
            formula="sum((t * (log(t) - v) if t > 0 else 0) - t + exp(v) for t, v in zip(target, prediction))",
            value=lambda prediction, target, xp: xp.sum(_generalized(xp.exp(prediction), target, xp), axis=-1),
            vjp=lambda v, t, cotangent, xp: (cotangent[..., None] * (xp.exp(v) - t),),
            hessian=lambda prediction, target, xp: xp.exp(prediction) + 0 * target,
            link="exponential",
        ),
    },
    convex=True,
    robust=False,
    symmetric=False,
    aliases=("generalised kl divergence", "convex kl divergence", "generalized kl", "i divergence"),
    references=("I. Csiszár, Why least squares and maximum entropy?, Annals of Statistics 19, 1991, section 1",),
)


@loss(
    formula="sum(exp(t) * (t - v) for t, v in zip(target, prediction))",
    signature="(c),(c)->()",
    inputs=(prediction(-math.inf, 0.0), Input("target", "the logarithms of a distribution, in the shape of the prediction", high=0.0)),
    vjp=lambda v, t, cotangent, xp: (cotangent[..., None] * xp.where(v == v, -xp.exp(t), v),),
    hessian=lambda prediction, target, xp: xp.where(prediction == prediction, 0.0, prediction) + 0.0 * xp.exp(target),
    convex=True,
    robust=True,
    aliases=("kl divergence with log targets", "kl divergence of logarithms"),
    references=("S. Kullback, R. Leibler, On information and sufficiency, Ann. Math. Stat. 22, 1951",),
)
def kl_divergence_of_logs(prediction: Any, target: Any, xp: Any) -> Any:
    """The Kullback–Leibler divergence of a prediction from a target, both given by the logarithms of their probabilities.

    Examples
    --------
    >>> ogive.kl_divergence_of_logs(np.log([0.25, 0.75]), np.log([0.5, 0.5])).round(12)
    np.float64(0.143841036226)
    """
    share = xp.exp(target)
    return xp.sum(product(share, xp.where(share == 0, 0.0, target) - prediction, xp), axis=-1)


@loss(
    formula="sum(abs(q - t) for t, q in zip(target, prediction)) / 2",
    signature="(c),(c)->()",
    inputs=(prediction(0.0, 1.0), _DISTRIBUTION),
    vjp=lambda q, t, cotangent, xp: (cotangent[..., None] * xp.where(q > t, 0.5, xp.where(q < t, -0.5, q - t)),),
    convex=True,
    robust=True,
    aliases=("total variation distance", "statistical distance"),
    references=("D. Levin, Y. Peres, E. Wilmer, Markov Chains and Mixing Times, AMS 2009, proposition 4.2",),
)
def total_variation(prediction: Any, target: Any, xp: Any) -> Any:
    """Half the absolute differences of two distributions: the most by which they can disagree on the chance of anything, 0 to 1.

    Examples
    --------
    >>> ogive.total_variation([0.25, 0.75], [0.5, 0.5])
    np.float64(0.25)
    """
    return xp.sum(abs(prediction - target), axis=-1) / 2


def _root_gap(q: Any, t: Any, xp: Any) -> Any:
    """√q - √t, from the difference of q and t."""
    both = xp.sqrt(q) + xp.sqrt(t)
    return (q - t) / xp.where(both == 0, 1.0, both)


@loss(
    formula="sum((sqrt(q) - sqrt(t))**2 for t, q in zip(target, prediction)) / 2",
    signature="(c),(c)->()",
    inputs=(prediction(0.0, 1.0), _DISTRIBUTION),
    vjp=lambda q, t, cotangent, xp: (cotangent[..., None] * quotient(_root_gap(q, t, xp), 2 * xp.sqrt(q), xp),),
    hessian=lambda prediction, target, xp: quotient(xp.sqrt(target), 4 * prediction * xp.sqrt(prediction), xp),
    convex=True,
    robust=False,
    aliases=("squared hellinger", "hellinger distance squared"),
    references=("L. Le Cam, Asymptotic Methods in Statistical Decision Theory, Springer 1986, section 4.2",),
)
def hellinger(prediction: Any, target: Any, xp: Any) -> Any:
    """Half the squared distance between the roots of two distributions, the square of Hellinger's distance: from 0 to 1.

    Examples
    --------
    >>> ogive.hellinger([0.25, 0.75], [0.0, 1.0]).round(12)
    np.float64(0.133974596216)
    """
    gap = _root_gap(prediction, target, xp)
    return xp.sum(gap * gap, axis=-1) / 2
