"""Losses of two classes that noise in the labels moves little: bounded in the margin, or a line in it."""

from __future__ import annotations

from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.loss import loss
from ogive.losses.margins import INPUTS, at, margin_loss
from ogive.parameter import Parameter


@loss(
    formula="target if prediction <= threshold else 1 - target",
    inputs=INPUTS,
    slope=lambda prediction, target, threshold, xp: xp.where((prediction == prediction) & (target == target), 0.0, prediction + target),
    parameters=(
        Parameter("threshold", "what a score must exceed to speak for class 1; 0.5 where predictions are probabilities", default=0.0),
    ),
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("zero one loss", "0-1 loss", "misclassification", "hamming", "hamming loss"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 1.5.1",),
)
def zero_one(prediction: Any, target: Any, threshold: Any, xp: Any) -> Any:
    """1 where the prediction is for the wrong one of two classes; its mean is the error rate, and over several labels the Hamming loss.

    Its slope is 0 everywhere, so nothing can be trained by it.

    Examples
    --------
    >>> ogive.zero_one([2.0, -0.5, 1.0], [1, 1, 0], reduction="none")
    array([0., 1., 1.])
    >>> ogive.zero_one([0.9, 0.4], [1, 1], threshold=0.5)
    np.float64(0.5)
    """
    known = xp.where(prediction == prediction, target, prediction)
    return xp.where(prediction > threshold, 1 - known, known)


unhinged = margin_loss(
    "unhinged",
    """The hinge without its hinge, 1 minus the margin: a loss that evenly spread label noise cannot move; keep the scores small.

    It goes down without end with the score, so weights must be held back (by weight decay, or by a bound).

    Examples
    --------
    >>> ogive.unhinged([2.0, 0.5, -1.0], [1, 1, 1], reduction="none")
    array([-1. ,  0.5,  2. ])
    """,
    lambda m, xp: 1 - m,
    lambda m, xp: at(m == m, -1.0, 0.0, m, xp),
    lambda m, xp: at(m == m, 0.0, 0.0, m, xp),
    formula="1 - {m}",
    convex=True,
    robust=True,
    symmetric=True,
    aliases=("unhinged loss", "linear loss"),
    references=("B. van Rooyen, A. Menon, R. Williamson, Learning with symmetric label noise, NeurIPS 2015, section 4, arXiv:1505.07634",),
)

ramp_loss = margin_loss(
    "ramp_loss",
    """The hinge cut off where the score is wrong by 1, halved: no example costs more than 1, and label noise moves it little.

    Examples
    --------
    >>> ogive.ramp_loss([2.0, 0.5, -1.0, -3.0], [1, 1, 1, 1], reduction="none")
    array([0.  , 0.25, 1.  , 1.  ])
    """,
    lambda m, xp: at(m >= 1, 0.0, xp.where(m <= -1, 1.0, (1 - m) / 2), m, xp),
    lambda m, xp: at((m < 1) & (m > -1), -0.5, 0.0, m, xp),
    formula="min(1, max(0, (1 - {m}) / 2))",
    convex=False,
    robust=True,
    symmetric=True,
    elicits="mode",
    aliases=("truncated hinge",),
    references=(
        "A. Ghosh, N. Manwani, P. Sastry, Making risk minimization tolerant to label noise, Neurocomputing 160, 2015, section 3.1",
    ),
)


def _sigmoid_hessian(margin: Any, xp: Any) -> Any:
    return sigmoid.slope_definition(margin, xp) * xp.tanh(margin / 2)


sigmoid_loss = margin_loss(
    "sigmoid_loss",
    """The probability of the wrong class, 1 / (1 + e^margin): the error rate made smooth, and half the absolute error of probabilities.

    Examples
    --------
    >>> ogive.sigmoid_loss([2.0, 0.0, -2.0], [1, 1, 1], reduction="none").round(6)
    array([0.119203, 0.5     , 0.880797])
    """,
    lambda m, xp: sigmoid.definition(-m, xp),
    lambda m, xp: -sigmoid.slope_definition(m, xp),
    _sigmoid_hessian,
    formula="1 / (1 + exp({m}))",
    convex=False,
    robust=True,
    symmetric=True,
    elicits="mode",
    references=(
        "A. Ghosh, N. Manwani, P. Sastry, Making risk minimization tolerant to label noise, Neurocomputing 160, 2015, section 3.1",
    ),
)


def _savage_slope(margin: Any, xp: Any) -> Any:
    """-2 s(-m)² s(m), for the score's own sigmoid."""
    wrong = sigmoid.definition(-margin, xp)
    return -2 * wrong * sigmoid.slope_definition(margin, xp)


savage = margin_loss(
    "savage",
    """The squared probability of the wrong class: nearly flat for a hopelessly wrong score, so outliers pull hardly at all.

    Examples
    --------
    >>> ogive.savage([2.0, 0.0, -2.0], [1, 1, 1], reduction="none").round(6)
    array([0.014209, 0.25    , 0.775803])
    """,
    lambda m, xp: sigmoid.definition(-m, xp) ** 2,
    _savage_slope,
    formula="1 / (1 + exp({m}))**2",
    link="sigmoid",
    convex=False,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("savage loss",),
    references=(
        "H. Masnadi-Shirazi, N. Vasconcelos, On the design of loss functions for classification, NeurIPS 2008, section 4"
        " (with m = 2 v: here the link is the sigmoid)",
    ),
)
