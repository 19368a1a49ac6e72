"""Losses of the probability p of the right class of several: a cost φ(p) of it, for logits and for probabilities.

A soft target costs the mean of its shares. By the logits the gradient is that of the softmax pulled back: with the shares' pull
g_j = t_j p_j φ'(p_j) it is g_i (1 - p_i) - p_i Σ g_j over the others j.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ogive.activations.axiswise import softmax_parts
from ogive.loss import Loss
from ogive.losses.shares import product
from ogive.parameter import Parameter
from ogive.term import Input, Term

TARGET = Input(
    "target",
    "class numbers (integers, the shape of the prediction without the axis), or a distribution in its shape",
    low=0.0,
    high=1.0,
    role="distribution",
)


def prediction(low: float = -math.inf, high: float = math.inf) -> Input:
    return Input("prediction", "array of real numbers", differentiated=True, low=low, high=high)


@dataclass(frozen=True)
class Chance:
    """The probability p of each class, with all the digits of -log p and of 1 - p."""

    p: Any
    cost: Any  # -log p
    wrong: Any  # 1 - p


def from_logits(logits: Any, xp: Any) -> Chance:
    distance, top, exponential, others = softmax_parts(logits, xp)
    total = 1 + others
    return Chance(exponential / total, xp.log1p(others) - distance, xp.where(top, others, total - exponential) / total)


def from_probabilities(probabilities: Any, xp: Any) -> Chance:
    return Chance(probabilities, -xp.log(probabilities), 1 - probabilities)


def pulled(chance: Chance, pull: Any, xp: Any) -> Any:
    """The gradient by the logits, from p_j times the slope by each p_j: no digits cancel where the pulls have one sign."""
    size = abs(pull)
    largest = size == xp.amax(size, axis=-1, keepdims=True)
    first = largest & (xp.cumsum(largest, axis=-1) == 1)
    rest = xp.sum(xp.where(first, 0.0, pull), axis=-1, keepdims=True)
    of_others = xp.where(first, rest, xp.sum(pull, axis=-1, keepdims=True) - pull)
    return pull * chance.wrong - chance.p * of_others


def right_class_loss(
    name: str,
    description: str,
    cost: Callable[..., Any],
    pull: Callable[..., Any],
    slope: Callable[..., Any],
    *,
    formula: str,
    parameters: tuple[Parameter, ...] = (),
    proper: bool = False,
    **facts: Any,
) -> Loss:
    """The loss that costs ``cost(chance, *parameters, xp)`` for each class, of which the target takes its shares.

    ``slope`` is the derivative by p, and ``pull`` p times that, as a formula of its own. `formula` says the cost with {p}.
    """
    signature = f"(c),(c){',()' * len(parameters)}->()"

    def wide(arguments: tuple[Any, ...]) -> list[Any]:
        return [each[..., None] for each in arguments]

    def value(chances: Callable[..., Chance]) -> Callable[..., Any]:
        def definition(predicted: Any, target: Any, *rest: Any) -> Any:
            *given, xp = rest
            return xp.sum(product(target, cost(chances(predicted, xp), *wide(tuple(given)), xp), xp), axis=-1)

        return definition

    def by_logits(predicted: Any, target: Any, *rest: Any) -> tuple[Any]:
        *given, cotangent, xp = rest
        chance = from_logits(predicted, xp)
        pulls = product(target, pull(chance, *wide(tuple(given)), xp), xp)
        return (cotangent[..., None] * pulled(chance, pulls, xp),)

    def by_probabilities(predicted: Any, target: Any, *rest: Any) -> tuple[Any]:
        *given, cotangent, xp = rest
        slopes = slope(from_probabilities(predicted, xp), *wide(tuple(given)), xp)
        return (cotangent[..., None] * product(target, slopes, xp),)

    probability = "(exp(z) / sum(exp(v) for v in prediction))"
    terms = {
        "logits": Term(
            name=f"{name}_logits",
            signature=signature,
            inputs=(prediction(), TARGET),
            parameters=parameters,
            formula=f"sum(t * ({formula.format(p=probability)}) for t, z in zip(target, prediction) if t != 0)",
            value=value(from_logits),
            vjp=by_logits,
            link="softmax",
        ),
        "probabilities": Term(
            name=f"{name}_probabilities",
            signature=signature,
            inputs=(prediction(0.0, 1.0), TARGET),
            parameters=parameters,
            formula=f"sum(t * ({formula.format(p='p')}) for t, p in zip(target, prediction) if t != 0)",
            value=value(from_probabilities),
            vjp=by_probabilities,
            link="identity",
        ),
    }
    return Loss(name=name, description=description, terms=terms, elicits="mean" if proper else None, **facts)


def _focal_slope(chance: Chance, gamma: Any, xp: Any) -> Any:
    return -(chance.wrong**gamma) / chance.p - product(gamma * chance.wrong ** (gamma - 1), chance.cost, xp)


def focal_pull(chance: Chance, gamma: Any, xp: Any) -> Any:
    """-(1 - p)^γ - γ p (1 - p)^(γ - 1) (-log p); where 1 - p is 0 so is the cost."""
    wrong = xp.where(chance.wrong == 0, 1.0, chance.wrong)
    steep = gamma * product(chance.p, chance.cost, xp)
    return -(chance.wrong**gamma) - xp.where((chance.wrong == 0) | (steep == 0), 0.0 * steep, steep * wrong ** (gamma - 1))


categorical_focal = right_class_loss(
    "categorical_focal",
    """Cross-entropy that turns away from the easy examples: it counts (1 - p)^γ times, p the probability of the right class.

    With `gamma` = 0 it is cross-entropy. Keras multiplies every class by an `alpha` of 0.25; here `class_weight` does that.

    Examples
    --------
    >>> ogive.categorical_focal([2.0, 0.0, 0.0], 0, given="logits").round(12)
    np.float64(0.010869330888)
    >>> ogive.categorical_focal([0.5, 0.25, 0.25], 0, given="probabilities", gamma=2.0).round(12)
    np.float64(0.17328679514)
    """,
    lambda chance, gamma, xp: product(chance.wrong**gamma, chance.cost, xp),
    focal_pull,
    _focal_slope,
    formula="-(1 - {p})**gamma * log({p})",
    parameters=(Parameter("gamma", "how strongly easy examples are turned away from; 0 or more", default=2.0, low=0.0),),
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("categorical focal loss", "categorical focal crossentropy", "multiclass focal loss"),
    references=("T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017, equation 4, arXiv:1708.02002",),
)

poly_loss = right_class_loss(
    "poly_loss",
    """Cross-entropy plus a weighted probability of being wrong, the first term of its series in 1 - p: poly-1.

    A negative epsilon takes from the first term; -1 takes it all.

    Examples
    --------
    >>> ogive.poly_loss([0.5, 0.25, 0.25], 0, given="probabilities", epsilon=2.0).round(12)
    np.float64(1.69314718056)
    """,
    lambda chance, epsilon, xp: chance.cost + epsilon * chance.wrong,
    lambda chance, epsilon, xp: -1 - epsilon * chance.p,
    lambda chance, epsilon, xp: -1 / chance.p - epsilon,
    formula="-log({p}) + epsilon * (1 - {p})",
    parameters=(Parameter("epsilon", "the weight of the probability of being wrong; -1 or more", default=2.0, low=-1.0),),
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("poly 1", "poly1 loss", "poly loss cross entropy"),
    references=("Z. Leng et al., PolyLoss: a polynomial expansion perspective of classification loss functions, ICLR 2022, section 4",),
)
