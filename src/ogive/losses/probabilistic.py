"""Losses of distributions along an axis: cross-entropy, Kullback–Leibler divergence, and entropy."""

from __future__ import annotations

import math
from typing import Any

from ogive.activations.axiswise import softmax_parts
from ogive.loss import Form
from ogive.losses.classification import _weighted
from ogive.rowloss import RowLoss


def _cross_entropy_logits(logits: Any, target: Any, xp: Any) -> Any:
    distance, _, _, others = softmax_parts(logits, xp)
    return xp.sum(_weighted(target, xp.log1p(others) - distance, xp), axis=-1)


def _cross_entropy_logits_slope(logits: Any, target: Any, xp: Any) -> Any:
    """softmax · Σ target - target, as (e_k · Σ of the other targets - target_k · Σ of the other e) / Σ e: no digits cancel."""
    _, top, exponential, others = softmax_parts(logits, xp)
    total = 1 + others
    other_exponentials = xp.where(top, others, total - exponential)
    largest = target == xp.amax(target, axis=-1, keepdims=True)
    first = largest & (xp.cumsum(largest, axis=-1) == 1)
    other_targets = xp.sum(xp.where(first, 0.0, target), axis=-1, keepdims=True)
    other_targets = xp.where(first, other_targets, xp.sum(target, axis=-1, keepdims=True) - target)
    return (exponential * other_targets - target * other_exponentials) / total


def _cross_entropy_probabilities(probabilities: Any, target: Any, xp: Any) -> Any:
    return xp.sum(_weighted(target, -xp.log(probabilities), xp), axis=-1)


def _cross_entropy_probabilities_slope(probabilities: Any, target: Any, xp: Any) -> Any:
    return _weighted(target, -1 / probabilities, xp)


def _cross_entropy_log_probabilities(log_probabilities: Any, target: Any, xp: Any) -> Any:
    return xp.sum(_weighted(target, -log_probabilities, xp), axis=-1)


def _cross_entropy_log_probabilities_slope(log_probabilities: Any, target: Any, xp: Any) -> Any:
    return _weighted(target, -1.0 + 0 * xp.where(log_probabilities == log_probabilities, 0.0, log_probabilities), xp)


cross_entropy = RowLoss(
    name="cross_entropy",
    description="""Minus the log-probability that the prediction gives to the target: the loss of a classifier over exclusive classes.

    With a one-hot or index target this is the categorical cross-entropy; with a distribution p as the target and probabilities q
    as the prediction it is H(p, q). From logits, the loss of a confidently right class keeps its digits (log1p of the other
    exponentials), and masked classes (logits of -inf) cost nothing where the target is 0.

    Examples
    --------
    >>> ogive.cross_entropy([10.0, 5.0, 3.0, 1.0, 4.0], 0, given="logits").round(12)
    np.float64(0.01019979572)
    >>> ogive.cross_entropy([[0.25, 0.25, 0.25, 0.25]], [[0.5, 0.125, 0.125, 0.25]], given="probabilities", unit="bits")
    np.float64(2.0)
    """,
    forms={
        "logits": Form(
            "log(sum(exp(v) for v in prediction)) * sum(target) - sum(t * v for t, v in zip(target, prediction) if t != 0)",
            _cross_entropy_logits,
            _cross_entropy_logits_slope,
        ),
        "probabilities": Form(
            "-sum(t * log(q) for t, q in zip(target, prediction) if t != 0)",
            _cross_entropy_probabilities,
            _cross_entropy_probabilities_slope,
            bounds=(0.0, 1.0),
        ),
        "log_probabilities": Form(
            "-sum(t * v for t, v in zip(target, prediction) if t != 0)",
            _cross_entropy_log_probabilities,
            _cross_entropy_log_probabilities_slope,
            bounds=(-math.inf, 0.0),
        ),
    },
    targets=("indices", "distribution"),
    aliases=(
        "categorical crossentropy",
        "sparse categorical crossentropy",
        "softmax cross entropy",
        "negative log likelihood",
        "nll",
        "nll loss",
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
    terms = xp.where(near, xp.log1p(difference), xp.log(counted) - xp.log(probabilities))
    return xp.sum(_weighted(target, terms, xp), axis=-1)


def _divergence_from_logs(log_probabilities: Any, target: Any, xp: Any) -> Any:
    counted = xp.where(target == 0, 1.0, target)
    return xp.sum(_weighted(target, xp.log(counted) - log_probabilities, xp), axis=-1)


kl_divergence = RowLoss(
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
    forms={
        "probabilities": Form(
            "sum(t * log(t / q) for t, q in zip(target, prediction) if t != 0)",
            _divergence,
            _cross_entropy_probabilities_slope,
            bounds=(0.0, 1.0),
        ),
        "log_probabilities": Form(
            "sum(t * (log(t) - v) for t, v in zip(target, prediction) if t != 0)",
            _divergence_from_logs,
            _cross_entropy_log_probabilities_slope,
            bounds=(-math.inf, 0.0),
        ),
    },
    aliases=("kl", "kl div", "kullback leibler divergence", "relative entropy"),
    references=("S. Kullback, R. Leibler, On information and sufficiency, Ann. Math. Stat. 22, 1951",),
)


def _entropy(probabilities: Any, xp: Any) -> Any:
    return xp.sum(_weighted(probabilities, -xp.log(probabilities), xp), axis=-1)


def _entropy_slope(probabilities: Any, xp: Any) -> Any:
    return -xp.log(probabilities) - 1


entropy = RowLoss(
    name="entropy",
    description="""The uncertainty of a distribution, -Σ p log p: 0 where one class is sure, 1 bit for a fair coin.

    Examples
    --------
    >>> ogive.entropy([0.5, 0.5], unit="bits")
    np.float64(1.0)
    """,
    forms={"prediction": Form("-sum(p * log(p) for p in prediction if p != 0)", _entropy, _entropy_slope, bounds=(0.0, 1.0))},
    targets=(),
    aliases=("shannon entropy",),
    native={"scipy": "stats.entropy"},
    references=("C. E. Shannon, A mathematical theory of communication, Bell System Technical Journal 27, 1948, section 6",),
)
