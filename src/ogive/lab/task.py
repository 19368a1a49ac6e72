"""What a network is asked for, and the measures of how well it answers: named columns of a task.

A new metric is one entry of ``METRICS``; the tables, the tuning and the reports read it from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.losses.probabilistic import cross_entropy

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """One measure of a network's outputs against the target, a column of every table.

    Attributes
    ----------
    name
        The column's heading, and the key of what is stored.
    meaning
        One sentence for the legend.
    kinds
        The kinds of task that have it.
    measure
        ``measure(outputs, target)``: outputs ``(members, rows, task.outputs)``, target ``(rows,)``; one number a member.
    higher_is_better
        Which way is up.
    percent
        Whether it is a share, shown as a percentage, and differences of it in percentage points.
    range
        What no value of it lies beyond.
    """

    name: str
    meaning: str
    kinds: tuple[str, ...]
    measure: Callable[[NDArray[Any], NDArray[Any]], Floats]
    higher_is_better: bool
    percent: bool = False
    range: tuple[float, float] = (0.0, np.inf)

    @property
    def worst(self) -> float:
        """What outputs that are no numbers count as."""
        if self.percent:
            return 0.0
        return -np.inf if self.higher_is_better else np.inf

    def __call__(self, outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
        """How well each member answers, ``(members,)``.

        Each member's number is the same whichever members are beside it, and on every processor.

        Parameters
        ----------
        outputs
            ``(members, rows, task.outputs)``: the last layer's sums, or predictions in the target's own unit (regression).
        target
            ``(rows,)``: class numbers, or real numbers.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            measured = self.measure(outputs, target)
        return np.where(np.isnan(measured), self.worst, measured)


def _right(outputs: NDArray[Any], target: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each row's class has the largest output; a row with an output that is no number is wrong."""
    right: NDArray[np.bool_] = (outputs.argmax(-1) == target) & ~np.isnan(outputs).any(-1)
    return right


def _accuracy(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    return np.asarray(_right(outputs, target).mean(-1))


def _balanced_accuracy(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    right = _right(outputs, target)
    shares = np.stack([right[:, target == label].mean(-1) for label in np.unique(target)], axis=-1)
    return np.asarray(shares.mean(-1))


def _log_loss(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    terms = cross_entropy(outputs, np.broadcast_to(target, outputs.shape[:-1]), given="logits", reduction="none")
    return np.asarray(terms.astype(np.float64).mean(-1))


def _area_under_curve(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    """The share of pairs of one row of each class that the scores put in order, ties counting half (Mann and Whitney 1947)."""
    margins = outputs[..., 1].astype(np.float64) - outputs[..., 0]
    areas = np.full(len(margins), np.nan)
    for member, margin in enumerate(margins):
        negative, positive = np.sort(margin[target == 0]), margin[target == 1]
        if not np.isnan(margin).any():
            below, not_above = (np.searchsorted(negative, positive, side).sum() for side in ("left", "right"))
            areas[member] = (below + not_above) / (2 * len(negative) * len(positive))
    return areas


def _errors(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    return np.asarray(outputs[..., 0].astype(np.float64) - target)


def _r2(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    spread = np.square(target - target.mean()).sum()
    return np.asarray(1 - np.square(_errors(outputs, target)).sum(-1) / spread)


def _rmse(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    return np.asarray(np.sqrt(np.square(_errors(outputs, target)).mean(-1)))


def _mae(outputs: NDArray[Any], target: NDArray[Any]) -> Floats:
    return np.asarray(np.abs(_errors(outputs, target)).mean(-1))


BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
_CLASSES, _NUMBERS = (BINARY, MULTICLASS), (REGRESSION,)
_SHARE = (0.0, 1.0)

METRICS = (
    Metric("accuracy", "the share of rows whose class is right", _CLASSES, _accuracy, higher_is_better=True, percent=True, range=_SHARE),
    Metric(
        name="balanced_accuracy",
        meaning="the mean over the classes of the share of their rows that are right",
        kinds=_CLASSES,
        measure=_balanced_accuracy,
        higher_is_better=True,
        percent=True,
        range=_SHARE,
    ),
    Metric(
        name="auc",
        meaning="the area under the ROC curve: how often a row of the second class scores above one of the first",
        kinds=(BINARY,),
        measure=_area_under_curve,
        higher_is_better=True,
        percent=True,
        range=_SHARE,
    ),
    Metric("log_loss", "minus the mean log-probability of the right class, in nats", _CLASSES, _log_loss, higher_is_better=False),
    Metric(
        name="r2",
        meaning="the share of the target's variance that is explained; its mean reaches 0",
        kinds=_NUMBERS,
        measure=_r2,
        higher_is_better=True,
        range=(-np.inf, 1.0),
    ),
    Metric("rmse", "the root of the mean squared error, in the target's unit", _NUMBERS, _rmse, higher_is_better=False),
    Metric("mae", "the mean absolute error, in the target's unit", _NUMBERS, _mae, higher_is_better=False),
)
"""All that can be measured; the first of a kind of task is its primary metric, which tuning and verdicts go by."""


@dataclass(frozen=True)
class Task:
    """What is asked of a network: one of several classes, or a number.

    Attributes
    ----------
    classes
        What the user calls each class; none where the target is a number.

    Examples
    --------
    >>> Task(("no", "yes")).kind
    'binary'
    >>> [metric.name for metric in Task().metrics]
    ['r2', 'rmse', 'mae']
    """

    classes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``"binary"``, ``"multiclass"`` or ``"regression"``."""
        if not self.classes:
            return REGRESSION
        return BINARY if len(self.classes) == 2 else MULTICLASS

    @property
    def outputs(self) -> int:
        """The units of the last layer: one for each class, or one for the number."""
        return len(self.classes) or 1

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is measured, the primary metric first."""
        return tuple(metric for metric in METRICS if self.kind in metric.kinds)

    @property
    def graded(self) -> Metric:
        """The first metric that is no share of rows: it says how good answers are, where a share says how many are right."""
        return next(metric for metric in self.metrics if not metric.percent)

    def baseline(self, training_target: NDArray[Any], test_target: NDArray[Any]) -> dict[str, float]:
        """Each metric of a network that has learnt nothing but how often each class occurs, or the target's mean."""
        if self.classes:
            shares = np.bincount(training_target, minlength=len(self.classes)) / len(training_target)
            with np.errstate(divide="ignore"):
                constant = np.log(shares)
        else:
            constant = np.array([training_target.mean()])
        outputs = np.broadcast_to(constant, (1, len(test_target), self.outputs))
        return {metric.name: float(metric(outputs, test_target)[0]) for metric in self.metrics}
