"""The losses of sparse probabilities (Fenchel–Young losses), whose gradient is the probability less the target.

With p the probabilities of the scores, Ω their negative entropy and τ the threshold below which they are 0, the loss is the divergence
Ω(t) - Ω(p) - ⟨∇Ω(p), t - p⟩ plus Σ t (τ - x) over what lies below τ: no term is negative, so nothing cancels.
"""

from __future__ import annotations

from typing import Any

from ogive.activations.axiswise import first_largest
from ogive.activations.sparse import entmax
from ogive.loss import Loss
from ogive.losses.residuals import error_or_half
from ogive.losses.right_class import TARGET, prediction
from ogive.losses.shares import product
from ogive.term import Term


def _steepness(p: Any, alpha: float, xp: Any) -> Any:
    """p^(2 - α) on the support: how fast each probability rises when the threshold falls."""
    return xp.where(p == 0, 0.0, xp.where(p == 0, 1.0, p) ** (2 - alpha))


def _parts(scores: Any, target: Any, alpha: float, xp: Any) -> tuple[Any, Any]:
    """The probabilities, and the target less them.

    On the support that `entmax` finds, p^(α - 1) is a line in the scores, which one more of Newton's steps puts right to the last digit.
    """
    largest, top = first_largest(scores, xp)
    depth = xp.where(top, 0.0, largest - scores)
    found = entmax.definition(scores, xp.where(scores == scores, alpha, scores)[..., 0], xp)
    root, power = xp.amax(found, axis=-1, keepdims=True) ** (alpha - 1), 1 / (alpha - 1)

    def probabilities(root: Any) -> Any:
        line = root - (alpha - 1) * depth
        return xp.where((found > 0) & (line > 0), line, 0.0 * found) ** power

    missing = 1 - xp.sum(probabilities(root), axis=-1, keepdims=True)
    p = probabilities(root + missing / xp.sum(power * _steepness(found, alpha, xp), axis=-1, keepdims=True))
    others = xp.sum(xp.where(top, 0.0, p), axis=-1, keepdims=True)
    return p, xp.where(p > 0.5, others - (1 - target), target - p)


def _value(scores: Any, target: Any, alpha: float, xp: Any) -> Any:
    p, gap = _parts(scores, target, alpha, xp)
    highest = xp.amax(p, axis=-1, keepdims=True)
    if alpha == 2:
        divergence = gap * gap / 2
    else:
        ours, theirs = xp.sqrt(p), xp.sqrt(target)
        both = ours + theirs
        divergence = (gap / xp.where(both == 0, 1.0, both)) ** 2 * (both + theirs) * (2 / 3)
    half, whole = error_or_half(xp.amax(scores, axis=-1, keepdims=True), scores, xp)
    below = product(target, xp.where(p == 0, half - highest ** (alpha - 1) / (alpha - 1) / whole, 0.0), xp) * whole
    return xp.sum(divergence + below, axis=-1)


def _hessian(scores: Any, target: Any, alpha: float, xp: Any) -> Any:
    """s - s² / Σ s with s = p^(2 - α) on the support."""
    p, _ = _parts(scores, target, alpha, xp)
    steep = _steepness(p, alpha, xp)
    total = xp.sum(steep, axis=-1, keepdims=True)
    return steep * ((total - steep) / total) + 0 * target


def _reference(functions: Any, prediction: Any, target: Any, alpha: Any) -> Any:
    """The divergence, and what a share below the threshold costs more."""
    total, top = functions.number(0), functions.max(prediction)
    chances = [entmax.term.reference(functions, x=prediction, alpha=alpha, i=i) for i in range(len(target))]  # type: ignore[misc]
    highest = next(p for p, x in zip(chances, prediction, strict=True) if x >= top)
    threshold = top - highest ** (alpha - 1) / (alpha - 1)
    for p, t, x in zip(chances, target, prediction, strict=True):
        power = t**alpha if t > 0 else 0
        if p > 0:
            total = total + (power - p**alpha - alpha * p ** (alpha - 1) * (t - p)) / (alpha * (alpha - 1))
        else:
            total = total + power / (alpha * (alpha - 1)) + t * (threshold - x)
    return total


def _fenchel_young_loss(name: str, description: str, alpha: float, **facts: Any) -> Loss:
    """The loss whose probabilities are those of `entmax` with this alpha."""
    term = Term(
        name=name,
        signature="(c),(c)->()",
        inputs=(prediction(), TARGET),
        reference=lambda functions, prediction, target: _reference(functions, prediction, target, functions.number(alpha)),
        value=lambda scores, target, xp: _value(scores, target, alpha, xp),
        vjp=lambda scores, target, cotangent, xp: (-cotangent[..., None] * _parts(scores, target, alpha, xp)[1],),
        hessian=lambda scores, target, xp: _hessian(scores, target, alpha, xp),
        link="entmax",
        link_parameters={"alpha": alpha},
    )
    return Loss(
        name=name, description=description, terms={"scores": term}, convex=True, robust=True, symmetric=False, elicits="mean", **facts
    )


sparsemax_loss = _fenchel_young_loss(
    "sparsemax_loss",
    """The loss of sparsemax, the projection of scores onto probabilities: exactly 0 where the right class leads by 1.

    The prediction is scores, and the gradient sparsemax less the target. Optax calls that of two classes so; here it is
    `binary_sparsemax`.

    Examples
    --------
    >>> ogive.sparsemax_loss([[2.0, 1.0, 0.0], [0.5, 0.0, -3.0]], [0, 0], reduction="none")
    array([0.    , 0.0625])
    """,
    alpha=2.0,
    aliases=("multiclass sparsemax loss",),
    references=(
        "A. Martins, R. Astudillo, From softmax to sparsemax, ICML 2016, equation 17, arXiv:1602.02068",
        "M. Blondel, A. Martins, V. Niculae, Learning with Fenchel-Young losses, JMLR 21, 2020, section 4, arXiv:1901.02324",
    ),
)

entmax_loss = _fenchel_young_loss(
    "entmax_loss",
    """The loss of 1.5-entmax, between cross-entropy (softmax) and the sparsemax loss: exactly 0 where the right class leads by 2.

    The prediction is scores, and the gradient 1.5-entmax less the target.

    Examples
    --------
    >>> ogive.entmax_loss([[2.0, 0.0, 0.0], [0.5, 0.0, -3.0]], [0, 0], reduction="none").round(6)
    array([0.      , 0.184371])
    """,
    alpha=1.5,
    aliases=("entmax15 loss", "entmax 1.5 loss"),
    references=(
        "B. Peters, V. Niculae, A. Martins, Sparse sequence-to-sequence models, ACL 2019, section 3.2, arXiv:1905.05702",
        "M. Blondel, A. Martins, V. Niculae, Learning with Fenchel-Young losses, JMLR 21, 2020, section 4, arXiv:1901.02324",
    ),
)
