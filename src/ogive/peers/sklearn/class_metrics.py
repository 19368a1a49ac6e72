"""scikit-learn's metrics of classes that are losses: averages over the samples. Labels may be numbers or strings; classes are sorted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive import catalogue
from ogive.arrays import Array
from ogive.errors import InputError
from ogive.peers.sklearn.rules import of
from ogive.peers.values import check_shapes, floats, mean, one_hot, terms

_MODULE = "sklearn.metrics"


def _classes(y_true: Any, labels: Any, count: int) -> Any:
    """The position of each label among the sorted labels, those that `labels` names or that occur."""
    known = np.unique(np.asarray(y_true if labels is None else labels))
    if len(known) != count:
        found = "labels names" if labels is not None else "y_true has"
        raise InputError(f"{found} {len(known)} classes and y_proba has {count}; name all of them with labels=")
    if unknown := set(np.unique(np.asarray(y_true)).tolist()) - set(known.tolist()):
        raise InputError(f"y_true holds {min(unknown)!r}, which labels does not name")
    return np.searchsorted(known, np.asarray(y_true))


@of(_MODULE, "cross_entropy")
def log_loss(y_true: Any, y_proba: Any = None, *, normalize: bool = True, sample_weight: Any = None, labels: Any = None) -> Any:
    """Cross-entropy of probabilities clipped by the dtype's eps; columns are in the order of the sorted labels, one is class 1 of two.

    The average over the samples, or without `normalize` their sum. A confidently wrong prediction costs at most 36 (float32: 16).
    """
    chances = floats("y_proba", y_proba)
    chances = chances[:, None] if chances.ndim == 1 else chances
    chances = np.append(1 - chances, chances, axis=1) if chances.shape[1] == 1 else chances
    eps = np.finfo(chances.dtype).eps
    shares = one_hot("y_true", _classes(y_true, labels, chances.shape[1]), chances.shape)
    values = terms("cross_entropy", np.clip(chances, eps, 1 - eps), shares, given="probabilities")
    if normalize:
        return mean(values, weight=sample_weight)
    return math.fsum(values if sample_weight is None else values * np.asarray(sample_weight))


@of(_MODULE, "label_ranking")
def label_ranking_loss(y_true: Any, y_score: Any, *, sample_weight: Any = None) -> Any:
    """The mean share of pairs of a relevant and an irrelevant label in which the irrelevant one scores as high or higher."""
    return mean(catalogue.get("label_ranking")(floats("y_score", y_score), y_true, reduction="none"), weight=sample_weight)


@of(_MODULE, "coverage_error")
def coverage_error(y_true: Any, y_score: Any, *, sample_weight: Any = None) -> Any:
    """The mean of how many labels, from the highest score down, hold all relevant ones."""
    return mean(catalogue.get("coverage_error")(floats("y_score", y_score), y_true, reduction="none"), weight=sample_weight)


@of(_MODULE, "multiclass_hinge")
def hinge_loss(y_true: Any, pred_decision: Any, *, labels: Any = None, sample_weight: Any = None) -> Any:
    """The mean hinge loss of decisions: of two classes, of which the greater counts as 1 and the other as -1, or of several."""
    scores, names = floats("pred_decision", pred_decision), np.asarray(y_true)
    known = np.unique(names if labels is None else np.asarray(labels))
    if len(known) <= 2:
        values = catalogue.get("hinge")(scores.reshape(-1), names == known[-1], reduction="none")
    else:
        numbers = _classes(names, labels, scores.shape[1] if scores.ndim > 1 else 1)
        values = catalogue.get("multiclass_hinge")(scores, numbers, reduction="none")
    return mean(values, weight=sample_weight)


def _positive(y_true: Array, pos_label: Any) -> Any:
    """The label that a probability is of: the greater of two numbers, where none is named."""
    if pos_label is None and y_true.dtype.kind in "OUS":
        raise InputError("pos_label must be one of the labels where these are strings; say which one y_proba is the probability of")
    return np.max(y_true) if pos_label is None else pos_label


@of(_MODULE, "brier")
def brier_score_loss(
    y_true: Any,
    y_proba: Any,
    *,
    sample_weight: Any = None,
    pos_label: Any = None,
    labels: Any = None,
    scale_by_half: Any = "auto",
) -> Any:
    """The mean squared error of the probability of class 1 of two, or the sum over the classes; "auto" halves that of two classes."""
    chances, names = floats("y_proba", y_proba), np.asarray(y_true)
    if chances.ndim == 1 or chances.shape[1] == 1:
        check_shapes(y_true=names, y_proba=chances.reshape(-1))
        label = _positive(names, pos_label) if set(np.unique(names).tolist()) - {-1, 0, 1} or pos_label is not None else 1
        values = 2 * catalogue.get("brier")(chances.reshape(-1), names == label, given="probabilities", reduction="none")
    else:
        shares = one_hot("y_true", _classes(names, labels, chances.shape[1]), chances.shape)
        values = terms("multiclass_brier", chances, shares, given="probabilities")
    halved = chances.ndim == 1 or chances.shape[1] < 3 if scale_by_half == "auto" else scale_by_half
    return mean(values, weight=sample_weight) * (0.5 if halved else 1.0)


def _missed(y_true: Any, y_pred: Any) -> Array:
    """1 where a label is wrong; a column for each of several labels."""
    check_shapes(y_true=y_true, y_pred=y_pred)
    wrong = np.not_equal(np.asarray(y_true), np.asarray(y_pred)).astype(np.float64)
    return np.asarray(catalogue.get("zero_one")(wrong, 0.0, threshold=0.5, reduction="none")).reshape(len(wrong), -1)


@of(_MODULE, "zero_one")
def zero_one_loss(y_true: Any, y_pred: Any, *, normalize: bool = True, sample_weight: Any = None) -> Any:
    """The share of samples of which any label is wrong, or without `normalize` their number, or weight."""
    values = np.max(_missed(y_true, y_pred), axis=1)
    if normalize:
        return mean(values, weight=sample_weight)
    return math.fsum(values if sample_weight is None else values * np.asarray(sample_weight))


@of(_MODULE, "zero_one")
def hamming_loss(y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> Any:
    """The share of labels that are wrong."""
    return mean(mean(_missed(y_true, y_pred), 1), weight=sample_weight)
