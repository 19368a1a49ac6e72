"""Label smoothing by itself, for targets that other code is to take."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import domains, rules
from ogive.arrays import Array, Rows, any_array, real_array
from ogive.errors import InputError, InputTypeError
from ogive.term import Input

_NAME = "smooth_labels"
_SHARES = Input("target", low=0.0, high=1.0, role="shares")


def smooth_labels(target: Any, smoothing: float, *, classes: int | None = None, possible: Any = None, axis: int | None = -1) -> Array:
    """A target moved towards equal shares of the classes: what ``label_smoothing`` does inside a loss.

    Parameters
    ----------
    target : shares of classes along `axis` that sum to 1 (a one-hot target among them), or, with `classes`, class numbers
    smoothing : from 0 to 1; 0 leaves the target as it is, 1 gives equal shares
    classes : how many there are, where the target is class numbers (integers); the result has them along a new axis
    possible : booleans in the shape of the result, True for the classes that can be; the others get no share of the smoothing.
        A loss of logits sees them by itself: they are those whose logit is -∞
    axis : that of the classes in the result; None where each number is the share of class 1 of two, for itself

    Returns
    -------
    The smoothed target, in the dtype of the target where that is one of floats, otherwise float64.

    Raises
    ------
    ValueError for shares outside 0 … 1 or that do not sum to 1, class numbers out of range, a row without a possible class;
    TypeError for what is not real numbers, or class numbers that are not integers.

    Examples
    --------
    >>> import ogive
    >>> ogive.smooth_labels([[0, 1, 0, 0]], 0.2)
    array([[0.05, 0.85, 0.05, 0.05]])
    >>> ogive.smooth_labels([2, 0], 0.3, classes=3)
    array([[0.1, 0.1, 0.8],
           [0.8, 0.1, 0.1]])
    >>> ogive.smooth_labels([0, 1, 1], 0.1, axis=None)
    array([0.05, 0.95, 0.95])

    References
    ----------
    * C. Szegedy et al., Rethinking the inception architecture for computer vision, CVPR 2016, section 7, arXiv:1512.00567
    """
    domains.check_smoothing(_NAME, "smoothing", smoothing)
    if axis is None and (classes is not None or possible is not None):
        raise InputTypeError(f"{_NAME}: classes and possible need an axis of classes; leave them out or say axis=-1")
    shares = _one_hot(target, classes, axis) if classes is not None else real_array(_NAME, "target", target)
    dtype = shares.dtype if np.asarray(target).dtype.kind not in "biu" else np.dtype(np.float64)
    domains.check_bounds(_NAME, _SHARES, shares, _SHARES.bounds, None, "")
    if axis is None:
        return np.asarray(rules.smoothed_binary(shares.astype(np.float64), smoothing)).astype(dtype)[()]
    rows = Rows(_NAME, shares.shape, axis)
    if rows.length == 0:
        raise InputError(f"{_NAME}: target must have at least one class along axis {axis}, got shape {shares.shape}")
    laid = rows.lay(shares)
    domains.check_sums(_NAME, _SHARES, laid, None, rows.kept, "")
    allowed = np.broadcast_to(True, laid.shape) if possible is None else rows.lay(_possible(possible, shares.shape))
    if not allowed.any(axis=-1).all():
        raise InputError(f"{_NAME}: possible must leave at least one class in every row")
    return np.asarray(rows.restore(rules.smoothed_distribution(laid.astype(np.float64), smoothing, allowed, np).astype(dtype)))


def _one_hot(target: Any, classes: int, axis: int | None) -> Array:
    numbers = any_array(_NAME, "target", target)
    if numbers.dtype.kind not in "iu":
        raise InputTypeError(f"{_NAME}: class numbers must be integers, got dtype {numbers.dtype}; leave classes out for shares of classes")
    if not isinstance(classes, int | np.integer) or isinstance(classes, bool) or classes < 1:
        raise InputError(f"{_NAME}: classes must be a whole number from 1, got {classes!r}")
    domains.check_classes(_NAME, numbers, (numbers < 0) | (numbers >= classes), None, int(classes))
    rows = Rows(_NAME, (*numbers.shape, int(classes)), axis)
    one_hot = (numbers[..., None] == np.arange(classes)).astype(np.float64)
    if len(rows.axes) > 1:
        raise InputError(f"{_NAME}: with classes, axis must be one, that of the classes in the result, got {axis!r}")
    return np.moveaxis(one_hot, -1, rows.axes[0])


def _possible(given: Any, shape: tuple[int, ...]) -> Array:
    possible = any_array(_NAME, "possible", given)
    if possible.dtype != np.bool_ or possible.shape not in ((), shape):
        raise InputError(f"{_NAME}: possible must be booleans of shape {shape}, got dtype {possible.dtype} and shape {possible.shape}")
    return np.broadcast_to(possible, shape)
