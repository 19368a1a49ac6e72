"""PyTorch's losses of classes, distributions and sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.losses.shares import product
from ogive.peers.pytorch.rules import of
from ogive.peers.values import check_shapes, floats, one_hot, reduced, terms

LARGEST = 100.0  # what binary_cross_entropy lets minus a logarithm be


def _two_classes(input: Any, target: Any, given: str, largest: float = math.inf, pos_weight: Any = 1.0) -> Array:
    """The costs of class 1 and of class 0, neither more than the largest, mixed by the target."""
    entry, prediction, share = catalogue.get("binary_cross_entropy"), floats("input", input), floats("target", target)
    check_shapes(input=prediction, target=share)
    right, wrong = (np.minimum(entry(prediction, label, given=given, reduction="none"), largest) for label in (1.0, 0.0))
    values = product(np.asarray(pos_weight) * share, right, np) + product(1 - share, wrong, np)
    return np.asarray(values, prediction.dtype)


@of("binary_cross_entropy", "BCELoss", "weight, reduction")
def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """Binary cross-entropy of probabilities; no logarithm counts as less than -100. A weighted mean is divided by the number of terms.

    Beyond e^-100 the value no longer moves, though PyTorch gives a gradient there: one over the probability, at most 1e12.
    """
    return reduced(_two_classes(input, target, "probabilities", LARGEST), reduction, weight)


@of("binary_cross_entropy", "BCEWithLogitsLoss", "weight, reduction, pos_weight")
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """Binary cross-entropy of logits, class 1 `pos_weight` times; a weighted mean is divided by the number of terms.

    PyTorch's loss of class 0 is 0 from a logit of -15 (float32) or -33 (float64) down; here it keeps its digits.
    """
    values = _two_classes(input, target, "logits", pos_weight=1.0 if pos_weight is None else pos_weight)
    return reduced(values, reduction, weight)


def _classes_last(input: Any) -> Array:
    """Along the second axis, or the only one, PyTorch has the classes."""
    array = floats("input", input)
    return np.moveaxis(array, min(1, array.ndim - 1), -1)


def _of_classes(given: str, input: Any, target: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float) -> Any:
    """Cross-entropy: of class numbers the mean is divided by the sum of their weights, of shares by the number of terms."""
    scores = _classes_last(input)
    count = scores.shape[-1]
    weights = np.ones(count) if weight is None else np.asarray(weight, np.float64)
    divisor = None
    if np.asarray(target).dtype.kind in "iu":
        shares = one_hot("target", target, scores.shape, ignore_index)
        counted, divisor = np.sum(shares, axis=-1), np.sum(shares @ weights) or 1.0
    else:
        if ignore_index >= 0:
            raise InputError("ignore_index needs a target of class numbers, and here it is shares; leave it out")
        counted, shares = np.ones(scores.shape[:-1]), _classes_last(target)
        check_shapes(input=input, target=target)
    smooth = ((1 - smoothing) * shares + smoothing / count) * counted[..., None]
    return reduced(terms("cross_entropy", scores, smooth * weights, given=given), reduction, divisor=divisor)


@of("cross_entropy", "CrossEntropyLoss", "weight, ignore_index, reduction, label_smoothing")
def cross_entropy(
    input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
) -> Any:
    """Cross-entropy of logits along the second axis, against class numbers or shares; a class's weight multiplies its part of the sum.

    The mean for class numbers is divided by the sum of the weights of the targets, for shares by the number of terms. The smoothed
    part is weighted too. Where every target is ignored PyTorch gives NaN; this gives 0, as the entry does. Nor is a share of 0 of an
    impossible class (a logit of -∞) NaN here.
    """
    return _of_classes("logits", input, target, weight, ignore_index, reduction, label_smoothing)


@of("cross_entropy", "NLLLoss", "weight, ignore_index, reduction")
def nll_loss(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """Cross-entropy of log-probabilities along the second axis, against class numbers; the mean is divided by the sum of the weights."""
    return _of_classes("log_probabilities", input, target, weight, ignore_index, reduction, 0.0)


@of("linear_cross_entropy")
def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Any:
    """`cross_entropy` of the logits input · linear_weightᵀ + linear_bias. `options` say in which portions PyTorch computes, not what."""
    logits = np.moveaxis(np.tensordot(floats("input", input), np.asarray(linear_weight), (-1, -1)), -1, -1)
    logits = logits if linear_bias is None else logits + np.asarray(linear_bias)
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(logits, target, weight, reduction=reduction, ignore_index=ignored, label_smoothing=label_smoothing)


@of("kl_divergence", "KLDivLoss", "reduction, log_target")
def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """target · (log target - input), element by element, of log-probabilities; the mean is over all elements, "batchmean" over the rows.

    Only "batchmean" and "sum" are divergences. Where a share is 0 it costs 0 here, whatever the input; PyTorch gives NaN for -∞.
    """
    logs, share = floats("input", input), floats("target", target)
    check_shapes(input=logs, target=share)
    if log_target:
        counted = share > -math.inf
        values = (np.exp(share) * (np.where(counted, share, 0.0) - np.where(counted, logs, 0.0))).astype(logs.dtype)
    else:
        values = terms("kl_divergence", logs[..., None], share[..., None], given="log_probabilities")
    rows = max(1, len(logs) if logs.ndim else 1)
    return reduced(values, "sum") / rows if reduction == "batchmean" else reduced(values, reduction)


@of("ctc", "CTCLoss", "blank, reduction, zero_infinity")
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """CTC of log-probabilities of shape (frames, sequences, classes) or (frames, classes), against padded or concatenated labels.

    The mean is over the sequences, each divided by its number of labels; `zero_infinity` lets what no alignment fits cost 0.
    """
    frames, labels, lengths = floats("log_probs", log_probs), np.asarray(targets), np.asarray(target_lengths)
    if frames.ndim == 3:
        frames = np.swapaxes(frames, 0, 1)
        if labels.ndim == 1:
            ends = np.cumsum(lengths)
            padded = np.zeros((len(lengths), max(1, int(np.max(lengths)))), np.int64)
            for row, length, end in zip(padded, lengths, ends, strict=True):
                row[:length] = labels[end - length : end]
            labels = padded
    values = catalogue.get("ctc")(
        frames,
        labels,
        np.asarray(input_lengths),
        lengths,
        blank=blank,
        zero_infinity=zero_infinity,
        given="log_probabilities",
        reduction="none",
    )
    return reduced(values / np.maximum(lengths, 1).astype(frames.dtype) if reduction == "mean" else values, reduction)
