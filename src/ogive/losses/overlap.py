"""Losses of overlap: how far a predicted region is the true one.

All are made of three sums over the pixels: Σ p t, in both regions; Σ p (1 - t), predicted alone; Σ (1 - p) t, missed. What is
wrong is added up by itself, not as the difference of two regions that nearly agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ogive.activations.sigmoids import sigmoid
from ogive.loss import Loss
from ogive.parameter import Parameter
from ogive.term import Input, Term

_SMOOTH = Parameter("smooth", "added above and below, so that an empty region predicted empty costs 0", default=1.0, low=0.0)
_ALPHA = Parameter("alpha", "what a false positive weighs, Σ p (1 - t); 0 or more", default=0.3, low=0.0)
_BETA = Parameter("beta", "what a false negative weighs, Σ (1 - p) t; 0 or more", default=0.7, low=0.0)
_WEIGHTS = (_ALPHA, _BETA, _SMOOTH)

Weights = Callable[..., tuple[Any, Any, Any]]


def _ratio(p: Any, q: Any, target: Any, alpha: Any, beta: Any, smooth: Any, xp: Any) -> tuple[Any, Any]:
    """N / (N + K) and its slope by each p, with N = α Σ p (1 - t) + β Σ q t, K = Σ p t + smooth and q = 1 - p; 0 where nothing is there."""
    alpha, beta = alpha[..., None], beta[..., None]
    wrong = xp.sum(alpha * p * (1 - target) + beta * q * target, axis=-1, keepdims=True)
    right = xp.sum(p * target, axis=-1, keepdims=True) + smooth[..., None]
    whole = xp.where(wrong + right == 0, 1.0, wrong + right)
    slope = ((alpha * (1 - target) - beta * target) * (right / whole) - target * (wrong / whole)) / whole
    return (wrong / whole)[..., 0], slope


def _unchanged(ratio: Any, *_: Any) -> Any:
    return ratio


def _one(ratio: Any, *_: Any) -> Any:
    return 0 * ratio + 1


def _overlap(
    name: str, parameters: tuple[Parameter, ...], weights: Weights, formula: str, outer: Any = _unchanged, outer_slope: Any = _one
) -> dict[str, Term]:
    """The two terms of a loss of overlap, from probabilities and from logits: outer(ratio), of a formula of x, t and the probability {p}.

    `weights` takes from the parameters what `_ratio` needs.
    """

    def value(p: Any, q: Any, target: Any, *rest: Any) -> Any:
        *given, xp = rest
        return outer(_ratio(p, q, target, *weights(*given), xp)[0], *given, xp)

    def slope(p: Any, q: Any, target: Any, *rest: Any) -> Any:
        *given, cotangent, xp = rest
        ratio, by_p = _ratio(p, q, target, *weights(*given), xp)
        return (cotangent * outer_slope(ratio, *given, xp))[..., None] * by_p

    def chances(x: Any, rest: tuple[Any, ...]) -> tuple[Any, Any]:
        return sigmoid.definition(x, rest[-1]), sigmoid.definition(-x, rest[-1])

    def vjp_of_logits(x: Any, target: Any, *rest: Any) -> tuple[Any]:
        p, q = chances(x, rest)
        return (p * q * slope(p, q, target, *rest),)

    target = Input(
        "target", "the true region in the same shape, 1 inside and 0 outside, or shares between", low=0.0, high=1.0, role="binary"
    )
    shared: dict[str, Any] = {
        "signature": f"(pixels),(pixels){',()' * len(parameters)}->()",
        "parameters": parameters,
    }
    return {
        "probabilities": Term(
            name=f"{name}_probabilities",
            inputs=(Input("prediction", "probabilities of the pixels", differentiated=True, low=0.0, high=1.0), target),
            formula=formula.replace("{p}", "x"),
            value=lambda p, target, *rest: value(p, 1 - p, target, *rest),
            vjp=lambda p, target, *rest: (slope(p, 1 - p, target, *rest),),
            link="identity",
            **shared,
        ),
        "logits": Term(
            name=f"{name}_logits",
            inputs=(Input("prediction", "a logit for each pixel", differentiated=True), target),
            formula=formula.replace("{p}", "(1 / (1 + exp(-x)))"),
            value=lambda x, target, *rest: value(*chances(x, rest), target, *rest),
            vjp=vjp_of_logits,
            link="sigmoid",
            **shared,
        ),
    }


def _total(term: str) -> str:
    return f"sum({term} for x, t in zip(prediction, target))"


_WRONG = _total("{p} + t - 2 * {p} * t")
_DICE = f"{_WRONG} / ({_total('{p} + t')} + smooth)"
_MISPLACED = _total("alpha * {p} * (1 - t) + beta * (1 - {p}) * t")
_TVERSKY = f"{_MISPLACED} / ({_MISPLACED} + {_total('{p} * t')} + smooth)"
_V_NET = "F. Milletari, N. Navab, S.-A. Ahmadi, V-Net, 3DV 2016, section 3, arXiv:1606.04797 (here with p and t unsquared)"
_CLAIMS: dict[str, Any] = {"convex": False, "robust": True}


def _half_and_half(smooth: Any) -> tuple[Any, Any, Any]:
    """Dice as a Tversky index: false positives and false negatives weigh one half each."""
    half = 0 * smooth + 0.5
    return half, half, smooth / 2


soft_dice = Loss(
    name="soft_dice",
    description="""One minus the Dice coefficient (2 Σ p t + smooth) / (Σ p + Σ t + smooth) of the pixels along `axis`: 0 if they agree.

    Probabilities are those of one region, and need not sum to 1. Dice and cross-entropy in one: add the two losses. Of images (n, c, h, w),
    axis=(2, 3) gives one Dice loss for each image and class, as MONAI's DiceLoss does; (0, 2, 3) one for each class over the whole batch,
    as segmentation_models_pytorch's does; None one for everything, as Keras's does.

    Examples
    --------
    >>> ogive.soft_dice([1.0, 1.0, 0.0], [1, 0, 0], given="probabilities", smooth=0.0).round(12)
    np.float64(0.333333333333)
    >>> ogive.soft_dice([-40.0, -40.0], [0, 0], given="logits").round(12)
    np.float64(0.0)
    """,
    terms=_overlap("soft_dice", (_SMOOTH,), _half_and_half, _DICE),
    **_CLAIMS,
    aliases=("dice", "dice loss", "sorensen dice", "binary dice loss"),
    references=(_V_NET,),
)

jaccard = Loss(
    name="jaccard",
    description="""One minus the soft intersection over union (Σ p t + smooth) / (Σ p + Σ t - Σ p t + smooth) of the pixels along `axis`.

    Examples
    --------
    >>> ogive.jaccard([1.0, 1.0, 0.0], [1, 0, 0], given="probabilities", smooth=0.0)
    np.float64(0.5)
    """,
    terms=_overlap(
        "jaccard",
        (_SMOOTH,),
        lambda smooth: (0 * smooth + 1, 0 * smooth + 1, smooth),
        f"{_WRONG} / ({_total('{p} + t - {p} * t')} + smooth)",
    ),
    **_CLAIMS,
    aliases=("soft jaccard", "jaccard loss", "iou", "iou loss", "soft iou", "intersection over union"),
    references=("M. A. Rahman, Y. Wang, Optimizing intersection-over-union in deep neural networks, ISVC 2016",),
)

tversky = Loss(
    name="tversky",
    description="""One minus the Tversky index of two regions: the Dice loss where false positives and false negatives weigh as one likes.

    The index is (Σ p t + smooth) / (Σ p t + alpha Σ p (1 - t) + beta Σ (1 - p) t + smooth); alpha = beta = 1/2 gives the Dice loss, 1 and 1
    the Jaccard loss. In Keras's function of this name it is `alpha` that weighs what is missed and `beta` what is predicted in excess.

    Examples
    --------
    >>> ogive.tversky([1.0, 0.0], [1, 1], given="probabilities", alpha=0.0, beta=1.0, smooth=0.0)  # half of it missed
    np.float64(0.5)
    """,
    terms=_overlap("tversky", _WEIGHTS, lambda *weights: weights, _TVERSKY),
    **_CLAIMS,
    aliases=("tversky loss",),
    references=("S. S. M. Salehi, D. Erdogmus, A. Gholipour, Tversky loss function, MLMI 2017, equations 3 and 4, arXiv:1706.05721",),
)

_GAMMA = Parameter("gamma", "the exponent: below 1, regions that all but fit go on counting", default=0.75, low=1e-3)

focal_tversky = Loss(
    name="focal_tversky",
    description="""The Tversky loss to the power of `gamma`, which shifts the attention between regions that fit well and badly.

    The paper writes 1 / gamma, from 1 to 3, for the exponent, and alpha for what a false negative weighs. Below an exponent of 1 the slope
    has no bound beside a perfect overlap; of a perfect one it is 0.

    Examples
    --------
    >>> ogive.focal_tversky([1.0, 0.0], [1, 1], given="probabilities", beta=1.0, smooth=0.0, gamma=0.5).round(12)
    np.float64(0.707106781187)
    """,
    terms=_overlap(
        "focal_tversky",
        (*_WEIGHTS, _GAMMA),
        lambda alpha, beta, smooth, gamma: (alpha, beta, smooth),
        f"({_TVERSKY})**gamma",
        lambda ratio, alpha, beta, smooth, gamma, xp: ratio**gamma,
        lambda ratio, alpha, beta, smooth, gamma, xp: xp.where(ratio == 0, 0.0, gamma * xp.where(ratio == 0, 1.0, ratio) ** (gamma - 1)),
    ),
    convex=False,
    robust=False,
    aliases=("focal tversky loss",),
    references=("N. Abraham, N. M. Khan, A novel focal Tversky loss function, ISBI 2019, equation 3, arXiv:1810.07842",),
)

log_cosh_dice = Loss(
    name="log_cosh_dice",
    description="""The logarithm of the hyperbolic cosine of the Dice loss: its square near a perfect overlap, and gentler elsewhere.

    Examples
    --------
    >>> ogive.log_cosh_dice([1.0, 1.0, 0.0], [1, 0, 0], given="probabilities", smooth=0.0).round(12)
    np.float64(0.054556239625)
    """,
    terms=_overlap(
        "log_cosh_dice",
        (_SMOOTH,),
        _half_and_half,
        f"log((exp({_DICE}) + exp(-{_DICE})) / 2)",
        lambda ratio, smooth, xp: xp.log1p(xp.expm1(ratio) ** 2 * xp.exp(-ratio) / 2),
        lambda ratio, smooth, xp: xp.tanh(ratio),
    ),
    **_CLAIMS,
    aliases=("log cosh dice loss",),
    references=("S. Jadon, A survey of loss functions for semantic segmentation, CIBCB 2020, arXiv:2006.14822",),
)
