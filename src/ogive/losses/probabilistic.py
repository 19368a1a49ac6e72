"""Losses of distributions along an axis: cross-entropy, Kullback–Leibler divergence, and entropy."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import softmax_parts
from ogive.loss import Loss
from ogive.losses.shares import product, quotient
from ogive.term import Input, Term

_DISTRIBUTION = Input("target", "a distribution in the shape of the prediction", low=0.0, high=1.0, role="shares")
_CLASSES = Input(
    "target",
    "class numbers (integers, the shape of the prediction without the axis), or a distribution in its shape",
    low=0.0,
    high=1.0,
    role="distribution",
)


def _prediction(low: float = -math.inf, high: float = math.inf) -> Input:
    return Input("prediction", "array of real numbers", differentiated=True, low=low, high=high)


def _row(slope: Any) -> Any:
    """The vector–Jacobian product of a term with one number for each row, from the gradient of that number."""

    def vjp(*arguments: Any) -> tuple[Any]:
        *arrays, cotangent, xp = arguments
        return (cotangent[..., None] * slope(*arrays, xp),)

    return vjp


def _cross_entropy_logits(logits: Any, target: Any, xp: Any) -> Any:
    distance, _, _, others = softmax_parts(logits, xp)
    return xp.sum(product(target, xp.log1p(others) - distance, xp), axis=-1)


def _first_largest(x: Any, xp: Any) -> Any:
    largest = x == xp.amax(x, axis=-1, keepdims=True)
    return largest & (xp.cumsum(largest, axis=-1) == 1)


def _cross_entropy_logits_slope(logits: Any, target: Any, xp: Any) -> Any:
    """softmax · Σ target - target, as (e_k · Σ of the other targets - target_k · Σ of the other e) / Σ e: no digits cancel."""
    _, top, exponential, others = softmax_parts(logits, xp)
    total = 1 + others
    other_exponentials = xp.where(top, others, total - exponential)
    first = _first_largest(target, xp)
    other_targets = xp.sum(xp.where(first, 0.0, target), axis=-1, keepdims=True)
    other_targets = xp.where(first, other_targets, xp.sum(target, axis=-1, keepdims=True) - target)
    return (exponential * other_targets - target * other_exponentials) / total


def _cross_entropy_logits_hessian(logits: Any, target: Any, xp: Any) -> Any:
    """p (1 - p) Σ target, with 1 - p from the sum of the others."""
    _, top, exponential, others = softmax_parts(logits, xp)
    total = 1 + others
    return exponential / total * (xp.where(top, others, total - exponential) / total) * xp.sum(target, axis=-1, keepdims=True)


def _cross_entropy_probabilities(probabilities: Any, target: Any, xp: Any) -> Any:
    return xp.sum(product(target, -xp.log(probabilities), xp), axis=-1)


def _cross_entropy_probabilities_slope(probabilities: Any, target: Any, xp: Any) -> Any:
    return product(target, -1 / probabilities, xp)


def _cross_entropy_probabilities_hessian(probabilities: Any, target: Any, xp: Any) -> Any:
    return quotient(target, probabilities * probabilities, xp)


def _cross_entropy_log_probabilities(log_probabilities: Any, target: Any, xp: Any) -> Any:
    return xp.sum(product(target, -log_probabilities, xp), axis=-1)


def _cross_entropy_log_probabilities_slope(log_probabilities: Any, target: Any, xp: Any) -> Any:
    return xp.where(log_probabilities == log_probabilities, -target, log_probabilities)


def _flat(log_probabilities: Any, target: Any, xp: Any) -> Any:
    return 0 * (log_probabilities != log_probabilities) * target


_FROM_PROBABILITIES = {
    "signature": "(c),(c)->()",
    "vjp": _row(_cross_entropy_probabilities_slope),
    "hessian": _cross_entropy_probabilities_hessian,
    "link": "identity",
}
_FROM_LOG_PROBABILITIES = {
    "signature": "(c),(c)->()",
    "vjp": _row(_cross_entropy_log_probabilities_slope),
    "hessian": _flat,
    "link": "exponential",
}

cross_entropy = Loss(
    name="cross_entropy",
    description="""Minus the log-probability that the prediction gives to the target: the loss of a classifier over exclusive classes.

    With a one-hot or index target this is the categorical cross-entropy; with a distribution p as the target and probabilities q
    as the prediction it is H(p, q). From logits, the loss of a confidently right class keeps its digits (log1p of the other
    exponentials), and masked classes (logits of -inf) cost nothing where the target is 0.

    A class's weight multiplies the whole cost of its rows, and that of a soft or smoothed target is the mean of its classes' weights;
    PyTorch weighs each class's part of such a cost by itself: `ogive.peer("torch.nn.functional.cross_entropy")`.

    Examples
    --------
    >>> ogive.cross_entropy([10.0, 5.0, 3.0, 1.0, 4.0], 0, given="logits").round(12)
    np.float64(0.01019979572)
    >>> ogive.cross_entropy([[0.25, 0.25, 0.25, 0.25]], [[0.5, 0.125, 0.125, 0.25]], given="probabilities", unit="bits")
    np.float64(2.0)
    """,
    terms={
        "logits": Term(
            name="cross_entropy_logits",
            signature="(c),(c)->()",
            inputs=(_prediction(), _CLASSES),
            formula="log(sum(exp(v) for v in prediction)) * sum(target) - sum(t * v for t, v in zip(target, prediction) if t != 0)",
            value=_cross_entropy_logits,
            vjp=_row(_cross_entropy_logits_slope),
            hessian=_cross_entropy_logits_hessian,
            link="softmax",
        ),
        "probabilities": Term(
            name="cross_entropy_probabilities",
            inputs=(_prediction(0.0, 1.0), _CLASSES),
            formula="-sum(t * log(q) for t, q in zip(target, prediction) if t != 0)",
            value=_cross_entropy_probabilities,
            **_FROM_PROBABILITIES,
        ),
        "log_probabilities": Term(
            name="cross_entropy_log_probabilities",
            inputs=(_prediction(-math.inf, 0.0), _CLASSES),
            formula="-sum(t * v for t, v in zip(target, prediction) if t != 0)",
            value=_cross_entropy_log_probabilities,
            **_FROM_LOG_PROBABILITIES,
        ),
    },
    information=True,
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=(
        "multi:softmax",
        "multi:softprob",
        "categorical crossentropy",
        "sparse categorical crossentropy",
        "cross entropy loss",
        "softmax cross entropy",
        "softmax cross entropy loss",
        "softmax cross entropy with integer labels",
        "safe softmax cross entropy",
        "half multinomial loss",
        "negative log likelihood",
        "nll",
        "nll loss",
        "negative log likelihood loss",
    ),
    native={"torch": "nn.functional.cross_entropy"},
    references=(
        "C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 4.108",
        "I. J. Good, Rational decisions, J. Royal Stat. Soc. B 14, 1952",
    ),
)


def _divergence(probabilities: Any, target: Any, xp: Any) -> Any:
    """Σ t log(t / q): log1p of the relative difference where the two are near, so that equal parts give exactly 0."""
    counted = xp.where(target == 0, 1.0, target)  # what has no weight may have any finite logarithm
    difference = (counted - probabilities) / probabilities
    near = abs(difference) < 0.5
    terms = xp.where(near, xp.log1p(xp.where(near, difference, 0.0)), xp.log(counted) - xp.log(probabilities))
    return xp.sum(product(target, terms, xp), axis=-1)


def _divergence_from_logs(log_probabilities: Any, target: Any, xp: Any) -> Any:
    counted = xp.where(target == 0, 1.0, target)
    return xp.sum(product(target, xp.log(counted) - log_probabilities, xp), axis=-1)


kl_divergence = Loss(
    name="kl_divergence",
    description="""The Kullback–Leibler divergence of a predicted distribution q from the target p: Σ p log(p/q), 0 only where they agree.

    Where p is 0 a class costs nothing, whatever q; where q is 0 and p is not, the divergence is infinite.

    Examples
    --------
    >>> ogive.kl_divergence([0.25, 0.75], [0.5, 0.5], given="probabilities").round(12)
    np.float64(0.143841036226)
    >>> ogive.kl_divergence([0.0, 1.0], [0.0, 1.0], given="probabilities")
    np.float64(0.0)
    """,
    terms={
        "probabilities": Term(
            name="kl_divergence_probabilities",
            inputs=(_prediction(0.0, 1.0), _DISTRIBUTION),
            formula="sum(t * log(t / q) for t, q in zip(target, prediction) if t != 0)",
            value=_divergence,
            **_FROM_PROBABILITIES,
        ),
        "log_probabilities": Term(
            name="kl_divergence_log_probabilities",
            inputs=(_prediction(-math.inf, 0.0), _DISTRIBUTION),
            formula="sum(t * (log(t) - v) for t, v in zip(target, prediction) if t != 0)",
            value=_divergence_from_logs,
            **_FROM_LOG_PROBABILITIES,
        ),
    },
    information=True,
    convex=True,
    robust=False,
    symmetric=False,
    elicits="mean",
    aliases=("kl", "kl div", "kl div loss", "kullback leibler divergence", "relative entropy"),
    references=("S. Kullback, R. Leibler, On information and sufficiency, Ann. Math. Stat. 22, 1951",),
)


def _entropy(probabilities: Any, xp: Any) -> Any:
    return xp.sum(product(probabilities, -xp.log(probabilities), xp), axis=-1)


def _entropy_slope(probabilities: Any, xp: Any) -> Any:
    return -xp.log(probabilities) - 1


entropy = Loss(
    name="entropy",
    description="""The uncertainty of a distribution, -Σ p log p: 0 where one class is sure, 1 bit for a fair coin.

    Examples
    --------
    >>> ogive.entropy([0.5, 0.5], unit="bits")
    np.float64(1.0)
    """,
    terms={
        "prediction": Term(
            name="entropy_prediction",
            signature="(c)->()",
            inputs=(_prediction(0.0, 1.0),),
            formula="-sum(p * log(p) for p in prediction if p != 0)",
            value=_entropy,
            vjp=_row(_entropy_slope),
            hessian=lambda probabilities, xp: -1 / probabilities,
        )
    },
    information=True,
    convex=False,
    robust=False,
    aliases=("shannon entropy",),
    native={"scipy": "stats.entropy"},
    references=("C. E. Shannon, A mathematical theory of communication, Bell System Technical Journal 27, 1948, section 6",),
)
