"""Lovász losses of a segmentation: the intersection over union, extended from sets of wrong pixels to the sizes of their errors."""

from __future__ import annotations

from typing import Any

from ogive.activations.axiswise import softmax
from ogive.loss import Loss, loss
from ogive.losses.shares import complementary_softmax
from ogive.losses.sweeps import PIXELS
from ogive.special import take_along
from ogive.term import Input, Term

_BERMAN = "M. Berman, A. Rannen Triki, M. B. Blaschko, The Lovász-Softmax loss, CVPR 2018, definition 2, arXiv:1705.08790"


def _gains(errors: Any, inside: Any, xp: Any) -> Any:
    """What each error weighs: by how much the Jaccard loss grows when its pixel joins those with larger errors.

    With G the region, and a and b of the pixels so far inside and outside it, that loss is (a + b) / (G + b). The first of equal errors
    comes first.
    """
    order = xp.argsort(-errors, stable=True)
    joins = take_along(inside, order, xp)
    left = xp.flip(xp.cumsum(xp.flip(joins, (-1,)), axis=-1), (-1,))  # G - a
    after = left[..., :1] + xp.cumsum(1 - joins, axis=-1)
    before = after - (1 - joins)
    empty = before == 0  # no region: the first pixel costs all
    gains = (joins / after) + (1 - joins) * (left / after) / xp.where(empty, 1.0, before)
    largest = xp.amax(errors, axis=-1, keepdims=True)  # of which NaN makes NaN: it has no place in the order
    return take_along(xp.where(largest == largest, xp.where(empty, 1.0, gains), largest), xp.argsort(order, stable=True), xp)


def _hinge_parts(logits: Any, target: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The hinge errors, what they weigh, and the signs of the targets."""
    sign = 2 * target - 1
    errors = 1 - logits * sign
    errors = xp.where(errors <= 0, 0.0, errors)
    return errors, _gains(1 - logits * sign, target, xp), sign


def _hinge_vjp(logits: Any, target: Any, cotangent: Any, xp: Any) -> tuple[Any]:
    errors, gains, sign = _hinge_parts(logits, target, xp)
    return (cotangent[..., None] * xp.where(errors == 0, 0.0, -sign * gains),)


def _extension(errors: Any, inside: Any) -> Any:
    """The Lovász extension of the Jaccard loss, by its definition (Berman et al., definition 2), over plain numbers."""
    order = sorted(range(len(errors)), key=lambda i: errors[i], reverse=True)
    region, total, before = sum(inside), 0, 0
    for size in range(1, len(order) + 1):
        chosen = order[:size]
        outside = sum(1 - inside[i] for i in chosen)
        after = 1 - (region - sum(inside[i] for i in chosen)) / (region + outside)
        total = total + max(0, errors[order[size - 1]]) * (after - before)
        before = after
    return total


def _hinge_reference(functions: Any, prediction: Any, target: Any) -> Any:
    errors = [1 - x * (2 * t - 1) for x, t in zip(prediction, target, strict=True)]
    return _extension(errors, target)


@loss(
    reference=_hinge_reference,
    signature="(pixels),(pixels)->()",
    vjp=_hinge_vjp,
    inputs=(
        Input("prediction", "a score for each pixel, above 0 inside the region", differentiated=True),
        Input("target", "the true region in the same shape, 1 inside and 0 outside", low=0.0, high=1.0, role="binary"),
    ),
    convex=True,
    robust=True,
    aliases=("lovasz hinge loss", "binary lovasz"),
    references=(
        _BERMAN,
        "J. Yu, M. B. Blaschko, Learning submodular losses with the Lovász hinge, ICML 2015",
    ),
)
def lovasz_hinge(prediction: Any, target: Any, xp: Any) -> Any:
    """The hinge errors of the pixels along `axis`, weighted so that thresholded scores would cost one minus the intersection over union.

    Where nothing is in the region the largest error counts alone. Of equal errors the first comes first.

    Examples
    --------
    >>> ogive.lovasz_hinge([2.0, -1.0, 0.5], [1, 0, 0])
    np.float64(0.75)
    """
    errors, gains, _ = _hinge_parts(prediction, target, xp)
    return xp.sum(errors * gains, axis=-1)


def _by_class(p: Any, q: Any, labels: Any, xp: Any) -> tuple[Any, Any, Any, Any]:
    """Errors |[label = class] - p| of shape (…, c, n), what they weigh (0 for classes that are nowhere), their signs by p, and how many
    classes there are.
    """
    one = xp.ones_like(p)
    own = xp.swapaxes(xp.cumsum(one, axis=-1) - 1 == labels[..., None], -1, -2)
    one = xp.swapaxes(one, -1, -2)
    errors = xp.where(own, xp.swapaxes(q, -1, -2), xp.swapaxes(p, -1, -2))
    inside = xp.where(own, one, 0.0)
    present = xp.amax(inside, axis=-1, keepdims=True)
    return errors, present * _gains(errors, inside, xp), xp.where(own, -one, 1.0), xp.sum(present, axis=-2)


def _value(p: Any, q: Any, labels: Any, xp: Any) -> Any:
    errors, gains, _, count = _by_class(p, q, labels, xp)
    return xp.sum(xp.sum(errors * gains, axis=-1), axis=-1) / count[..., 0]


def _slope(p: Any, q: Any, labels: Any, cotangent: Any, xp: Any) -> Any:
    _, gains, signs, count = _by_class(p, q, labels, xp)
    return xp.swapaxes(cotangent[..., None, None] * signs * gains / count[..., None], -1, -2)


def _logits_vjp(logits: Any, labels: Any, cotangent: Any, xp: Any) -> tuple[Any, ...]:
    return softmax.term.pull(logits, cotangent=_slope(*complementary_softmax(logits, xp), labels, cotangent, xp), xp=xp)


def _reference(functions: Any, prediction: Any, target: Any) -> Any:
    terms = []
    for number in sorted(set(target)):
        inside = [1 if label == number else 0 for label in target]
        terms.append(_extension([1 - row[number] if own else row[number] for row, own in zip(prediction, inside, strict=True)], inside))
    return sum(terms) / len(terms)


def _logits_reference(functions: Any, prediction: Any, target: Any) -> Any:
    return _reference(functions, [[functions.exp(v) / sum(map(functions.exp, row)) for v in row] for row in prediction], target)


_LABELS = Input("target", "class numbers of shape (…, pixels)", role="labels", of="c")

lovasz_softmax = Loss(
    name="lovasz_softmax",
    description="""What is missing of the mean intersection over union of the classes, as a function of their probabilities.

    Shapes are (pixels, classes) or (batch, pixels, classes), and images have to be laid so. The mean is over the classes that are in the
    target; leave out the pixels that do not count. Of equal errors the first comes first.

    Examples
    --------
    >>> ogive.lovasz_softmax([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], [0, 0, 1], given="probabilities").round(12)
    np.float64(0.383333333333)
    """,
    terms={
        "logits": Term(
            name="lovasz_softmax_logits",
            signature="(pixels,c),(pixels)->()",
            inputs=(Input("prediction", "logits of shape (…, pixels, c)", differentiated=True), _LABELS),
            reference=_logits_reference,
            value=lambda logits, labels, xp: _value(*complementary_softmax(logits, xp), labels, xp),
            vjp=_logits_vjp,
            link="softmax",
        ),
        "probabilities": Term(
            name="lovasz_softmax_probabilities",
            signature="(pixels,c),(pixels)->()",
            inputs=(Input("prediction", "probabilities of shape (…, pixels, c)", differentiated=True, low=0.0, high=1.0), _LABELS),
            reference=_reference,
            value=lambda p, labels, xp: _value(p, 1 - p, labels, xp),
            vjp=lambda p, labels, cotangent, xp: (_slope(p, 1 - p, labels, cotangent, xp),),
            link="identity",
        ),
    },
    sweep=PIXELS,
    convex=False,
    robust=True,
    aliases=("lovasz softmax loss", "multiclass lovasz"),
    references=(_BERMAN,),
)
