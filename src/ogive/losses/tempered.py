"""The bi-tempered logistic loss: cross-entropy with two temperatures, one that bounds it and one that makes its tails heavy."""

from __future__ import annotations

from typing import Any

from ogive.activations.axiswise import first_largest
from ogive.activations.sparse import entmax
from ogive.loss import loss
from ogive.losses.right_class import TARGET, Chance, prediction, pulled
from ogive.losses.shares import product
from ogive.parameter import Parameter

_TERMS = 55  # of a series whose terms are halved, one after the other


def _probabilities(logits: Any, target: Any, t2: Any, xp: Any) -> tuple[Any, Any]:
    """The tempered softmax, which is entmax on the other side of the softmax, with alpha = 2 - t2; and the target less it."""
    _, top = first_largest(logits, xp)
    p = entmax.definition(logits, 2 - t2, xp)
    others = xp.sum(xp.where(top, 0.0, p), axis=-1, keepdims=True)
    return p, xp.where(top, others - (1 - target), target - p)


def _divergence(p: Any, gap: Any, target: Any, beta: Any, xp: Any) -> Any:
    """t log_t1 t - t log_t1 p - (t^(1+β) - p^(1+β)) / (1 + β) with β = 1 - t1, class by class, from gap = t - p.

    Where t is near p it is p^(1+β) times a series in their relative difference, for there the terms cancel.
    """
    ratio = gap / xp.where(p == 0, 1.0, p)
    near = (abs(ratio) < 0.5) & (p > 0)
    small = xp.where(near, ratio, 0.0)
    series = 0.0 * small + 1
    for k in range(_TERMS, 2, -1):
        series = 1 + small * ((beta + 2 - k) / k) * series
    logarithm = xp.log(p) - xp.log(xp.where(target == 0, 1.0, target))
    tempered = xp.where(
        beta == 0, logarithm, xp.expm1(xp.where(beta == 0, 0.0 * logarithm, beta * logarithm)) / xp.where(beta == 0, 1.0, beta)
    )
    far = -product(target ** (1 + beta), tempered, xp) - gap * p**beta
    return xp.where(near, p ** (1 + beta) * small * small / 2 * series, far / (1 + beta))


def _vjp(logits: Any, target: Any, t1: Any, t2: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    """The pull on p_j is its slope, (p_j - t_j) p_j^-t1, times p_j^t2; the weights p^t2 / Σ p^t2 are the slopes of the normaliser."""
    p, gap = _probabilities(logits, target, t2, xp)
    _, top = first_largest(logits, xp)
    powers = p ** t2[..., None]
    others = xp.sum(xp.where(top, 0.0, powers), axis=-1, keepdims=True)
    total = others + xp.sum(xp.where(top, powers, 0.0), axis=-1, keepdims=True)
    escort = Chance(powers / total, powers, xp.where(top, others, total - powers) / total)
    return (cotangent[..., None] * pulled(escort, -gap * p ** (t2 - t1)[..., None], xp),)


def _reference(functions: Any, prediction: Any, target: Any, t1: Any, t2: Any) -> Any:
    gamma, total = 2 - t1, functions.number(0)
    for i, t in enumerate(target):
        p = entmax.term.reference(functions, x=prediction, alpha=2 - t2, i=i)  # type: ignore[misc]
        power = t**gamma if t > 0 else 0
        total = total + (power - gamma * t * p ** (gamma - 1) + (gamma - 1) * p**gamma) / (gamma * (gamma - 1))
    return total


@loss(
    reference=_reference,
    signature="(c),(c)->()",
    inputs=(prediction(), TARGET),
    vjp=_vjp,
    parameters=(
        Parameter("t1", "below 1 the loss is bounded, so that outliers pull only so far; from 0 to 1", default=0.8, low=0.0, high=1.0),
        Parameter(
            "t2", "above 1 the tails are heavy, so that labels beside the boundary may be wrong; 1 to 100", default=1.2, low=1.0, high=100.0
        ),
    ),
    convex=False,
    robust=True,
    symmetric=False,
    aliases=("bi tempered", "bitempered loss", "bi tempered logistic loss"),
    references=(
        "E. Amid et al., Robust bi-tempered logistic loss based on Bregman divergences, NeurIPS 2019, equation 4, arXiv:1906.03361",
    ),
)
def bi_tempered_logistic(prediction: Any, target: Any, t1: Any, t2: Any, xp: Any) -> Any:
    """Cross-entropy that is bounded (t1 < 1) and whose probabilities have heavy tails (t2 > 1), against outliers and wrong labels.

    The prediction is logits. With both temperatures 1 it is cross-entropy (less the entropy of a soft target).

    Examples
    --------
    >>> ogive.bi_tempered_logistic([2.0, 0.0, 0.0], 0).round(6)
    np.float64(0.214823)
    """
    p, gap = _probabilities(prediction, target, t2, xp)
    return xp.sum(_divergence(p, gap, target, (1 - t1)[..., None], xp), axis=-1)
