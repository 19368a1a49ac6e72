"""Losses of two classes by the margin: the score of the right class, negative where it is wrong.

A loss of the margin m costs h(x) for class 1 and h(-x) for class 0; a target between them is the share of class 1, and the cost the
share's mean of both. Targets of -1 and +1 are meant by (1 + target) / 2.
"""

from __future__ import annotations

from typing import Any

from ogive.loss import Loss
from ogive.losses.shares import product
from ogive.term import Definition, Input, Term

INPUTS = (
    Input("prediction", "scores of any shape; above 0 they speak for class 1", differentiated=True),
    Input("target", "the share of class 1; of the shape of the prediction, or one number", low=0.0, high=1.0, role="binary"),
)


def _mixed(cost: Definition, negative: int, times: Definition) -> Definition:
    """The share's mean of what `cost` gives for class 1 and, of the mirrored score, for class 0, which has that sign."""

    def definition(prediction: Any, target: Any, xp: Any) -> Any:
        return times(target, cost(prediction, xp), xp) + negative * times(1 - target, cost(-prediction, xp), xp)

    return definition


def _times_square(share: Any, root: Any, xp: Any) -> Any:
    """The share of root², with the sign of the root: it may be finite where root² is not."""
    return product(product(share, root, xp), xp.where(root < 0, -root, root), xp)


def margin_loss(
    name: str,
    description: str,
    cost: Definition,
    slope: Definition,
    hessian: Definition | None = None,
    *,
    formula: str,
    link: str | None = None,
    link_scale: float = 1.0,
    times: Definition = product,
    **facts: Any,
) -> Loss:
    """The loss that costs `cost(m, xp)`, weighted by `times`; `formula` says so with {m} for the margin."""
    term = Term(
        name=name,
        signature="(),()->()",
        inputs=INPUTS,
        formula=f"target * ({formula.format(m='prediction')}) + (1 - target) * ({formula.format(m='-prediction')})",
        value=_mixed(cost, 1, times),
        slopes={"prediction": _mixed(slope, -1, times)},
        hessian=hessian and _mixed(hessian, 1, times),
        link=link,
        link_scale=link_scale,
    )
    return Loss(name=name, description=description, terms={"score": term}, **facts)


def at(condition: Any, inside: Any, outside: Any, margin: Any, xp: Any) -> Any:
    """One number where the condition holds and another where it does not; NaN stays."""
    return xp.where(condition, inside, xp.where(margin == margin, outside, margin))


def short(margin: Any, xp: Any) -> Any:
    """What is missing to a margin of 1."""
    return xp.where(margin >= 1, 0.0, 1 - margin)


hinge = margin_loss(
    "hinge",
    """What is missing for the score to be right by a margin of 1: the loss of support vector machines.

    Once right by the margin, an example costs nothing; its slope there is 0, at the margin too.

    Examples
    --------
    >>> ogive.hinge([2.0, 0.5, -1.0], [1, 1, 1], reduction="none")
    array([0. , 0.5, 2. ])
    """,
    short,
    lambda m, xp: at(m < 1, -1.0, 0.0, m, xp),
    formula="max(0, 1 - {m})",
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mode",
    aliases=("hinge loss", "svm loss", "binary:hinge"),
    references=("C. Cortes, V. Vapnik, Support-vector networks, Machine Learning 20, 1995, section 3",),
)

squared_hinge = margin_loss(
    "squared_hinge",
    """The square of what is missing for the score to be right by a margin of 1; smoother than the hinge, harder on outliers.

    Its best score tells the probability p of class 1: it is 2p - 1.

    Examples
    --------
    >>> ogive.squared_hinge([2.0, 0.5, -1.0], [1, 1, 1], reduction="none")
    array([0.  , 0.25, 4.  ])
    """,
    lambda m, xp: short(m, xp) ** 2,
    lambda m, xp: -2 * short(m, xp),
    lambda m, xp: at(m < 1, 2.0, 0.0, m, xp),
    formula="max(0, 1 - {m})**2",
    link="hard_sigmoid",
    link_scale=3.0,
    convex=True,
    robust=False,
    symmetric=False,
    elicits="mean",
    aliases=("squared hinge loss", "l2 svm loss", "truncated quadratic loss"),
    references=("T. Zhang, Statistical behavior and consistency of classification methods, Annals of Statistics 32, 2004, section 2.1",),
)

perceptron = margin_loss(
    "perceptron",
    """How wrong the score is, and nothing where it is right: Rosenblatt's rule as a loss.

    Examples
    --------
    >>> ogive.perceptron([2.0, 0.5, -1.0], [1, 1, 1], reduction="none")
    array([0., 0., 1.])
    """,
    lambda m, xp: xp.where(m >= 0, 0.0, -m),
    lambda m, xp: at(m < 0, -1.0, 0.0, m, xp),
    formula="max(0, -{m})",
    convex=True,
    robust=True,
    symmetric=False,
    aliases=("perceptron loss", "perceptron criterion"),
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equation 4.54",),
)

modified_huber = margin_loss(
    "modified_huber",
    """The squared hinge that goes on as a line where the score is wrong by more than 1: outliers pull only so far.

    Its best score tells the probability p of class 1: it is 2p - 1.

    Examples
    --------
    >>> ogive.modified_huber([2.0, 0.5, -1.0, -3.0], [1, 1, 1, 1], reduction="none")
    array([ 0.  ,  0.25,  4.  , 12.  ])
    """,
    lambda m, xp: xp.where(m < -1, -4 * m, short(m, xp) ** 2),
    lambda m, xp: xp.where(m < -1, -4.0, -2 * short(m, xp)),
    lambda m, xp: at((m < 1) & (m >= -1), 2.0, 0.0, m, xp),
    formula="max(0, 1 - {m})**2 if {m} >= -1 else -4 * {m}",
    link="hard_sigmoid",
    link_scale=3.0,
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("modified huber loss",),
    references=("T. Zhang, Statistical behavior and consistency of classification methods, Annals of Statistics 32, 2004, section 2.1",),
)


def _quarter_slope(margin: Any, xp: Any) -> Any:
    return xp.where(margin < -1, -1.0, -short(margin, xp) / 2)


binary_sparsemax = margin_loss(
    "binary_sparsemax",
    """The loss of a sparse sigmoid, which is exactly 0 or 1 for scores beyond -1 and 1: a quarter of `modified_huber`.

    Examples
    --------
    >>> ogive.binary_sparsemax([2.0, 0.5, -1.0, -3.0], [1, 1, 1, 1], reduction="none")
    array([0.    , 0.0625, 1.    , 3.    ])
    """,
    lambda m, xp: xp.where(m < -1, -m, short(m, xp) ** 2 / 4),
    _quarter_slope,
    lambda m, xp: at((m < 1) & (m >= -1), 0.5, 0.0, m, xp),
    formula="max(0, 1 - {m})**2 / 4 if {m} >= -1 else -({m})",
    link="hard_sigmoid",
    link_scale=3.0,
    convex=True,
    robust=True,
    symmetric=False,
    elicits="mean",
    aliases=("binary sparsemax loss",),
    references=("M. Blondel, A. Martins, V. Niculae, Learning with Fenchel-Young losses, JMLR 21, 2020, section 4.4, arXiv:1901.02324",),
)

exponential_loss = margin_loss(
    "exponential_loss",
    """e to the minus margin, the loss that AdaBoost lowers: a wrong score costs exponentially much.

    Its best score is half the log-odds, so the probability of class 1 is the sigmoid of twice the score.

    Examples
    --------
    >>> ogive.exponential_loss([1.0, -1.0, 1000.0], [1, 1, 1], reduction="none").round(6)
    array([0.367879, 2.718282, 0.      ])
    """,
    lambda m, xp: xp.exp(-m / 2),
    lambda m, xp: -xp.exp(-m / 2),
    lambda m, xp: xp.exp(-m / 2),
    formula="exp(-({m}))",
    times=_times_square,
    link="sigmoid",
    link_scale=2.0,
    convex=True,
    robust=False,
    symmetric=False,
    elicits="mean",
    aliases=("adaboost loss",),
    references=("J. Friedman, T. Hastie, R. Tibshirani, Additive logistic regression, Annals of Statistics 28, 2000, section 4.1",),
)
