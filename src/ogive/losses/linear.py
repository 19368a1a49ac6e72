"""Cross-entropy together with the linear layer in front of it, as at the output of a language model."""

from __future__ import annotations

from typing import Any

from ogive.loss import loss
from ogive.losses.probabilistic import cross_entropy
from ogive.losses.products import cross_entropy_of_products
from ogive.losses.sweeps import LINEAR
from ogive.losses.vectors import far_products
from ogive.term import Input

_of_logits = cross_entropy.forms["logits"]


def _parts(features: Any, weight: Any, target: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The logits, the one-hot rows of the target, and what leaves room for sums, as `far_products`."""
    logits, room = far_products(features, weight, 1.0, xp)
    one = xp.ones_like(logits)
    own = xp.where(xp.cumsum(one, axis=-1) - 1 == target[..., None], one, 0.0)
    return logits, own, room


def _vjp(features: Any, weight: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    *parts, room = _parts(features, weight, target, xp)
    (slopes,) = _of_logits.pull(*parts, cotangent=cotangent, xp=xp)
    counted = cotangent[..., None] != 0  # what does not count may hold anything
    slopes, features = xp.where(counted, slopes, 0.0), xp.where(counted, features, 0.0)
    return xp.matmul(slopes, weight * room) / room, xp.matmul(xp.swapaxes(slopes, -1, -2), features * room) / room


def _together(features: Any, weight: Any, target: Any, share: Any, graded: bool, narrow: bool) -> tuple[Any, Any, Any]:
    return cross_entropy_of_products(features, weight, target, 1.0, share, graded=graded, narrow=narrow)


@loss(
    formula="log(sum(exp(sum(a * b for a, b in zip(features[i], row))) for row in weight))"
    " - sum(a * b for a, b in zip(features[i], weight[target[i]]))",
    signature="(n,d),(c,d),(n)->(n)",
    vjp=_vjp,
    together=_together,
    inputs=(
        Input("features", "what the last layer takes, of shape (…, n, d)", differentiated=True),
        Input("weight", "its weights, of shape (…, c, d): a row for each class", differentiated=True),
        Input("target", "class numbers of shape (…, n)", role="labels", of="c"),
    ),
    information=True,
    sweep=LINEAR,
    convex=True,
    robust=True,
    aliases=("fused linear cross entropy",),
    native={"torch": "nn.functional.linear_cross_entropy"},
    references=("C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, equations 4.104 and 4.108",),
)
def linear_cross_entropy(features: Any, weight: Any, target: Any, xp: Any) -> Any:
    """Cross-entropy of the logits that a linear layer without bias makes of its features; for a bias, end the features with a 1.

    The gradient is a pair, by the features and by the weights. Of a sequence, `features` are those of its positions and `target` the next
    tokens; with ``mask=`` (True for what counts) or ``ignore_index=`` padding costs nothing. The same from logits is
    ``cross_entropy(logits, tokens, given="logits", mask=…)``.

    Examples
    --------
    >>> ogive.linear_cross_entropy([[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [1]).round(12)
    np.float64(0.313261687518)
    """
    logits, own, _ = _parts(features, weight, target, xp)
    return _of_logits.value(logits, own, xp)
