"""Metrics: right on what can be worked out, worst where outputs are no numbers, the same for a member alone or among others."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as peers

from ogive.lab.task import METRICS, Task

KINDS = {"binary": Task(("no", "yes")), "multiclass": Task(tuple("abcdefghij")), "regression": Task()}
MEASURED = [(kind, metric) for kind, task in KINDS.items() for metric in task.metrics]
IDS = [f"{kind}-{metric.name}" for kind, metric in MEASURED]


def _outputs_and_target(kind: str, members: int = 3, rows: int = 200):
    rng = np.random.default_rng(0)
    task = KINDS[kind]
    outputs = rng.normal(size=(members, rows, task.outputs)).round(1).astype(np.float32)  # rounded, so that some are equal
    target = rng.integers(0, task.outputs, rows) if task.classes else rng.normal(3, 2, rows)
    return outputs, target


def _probabilities(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(float))
    return powers / powers.sum(-1, keepdims=True)


PEERS = {
    "accuracy": lambda outputs, target: peers.accuracy_score(target, outputs.argmax(-1)),
    "balanced_accuracy": lambda outputs, target: peers.balanced_accuracy_score(target, outputs.argmax(-1)),
    "auc": lambda outputs, target: peers.roc_auc_score(target, outputs[:, 1].astype(float) - outputs[:, 0]),
    "log_loss": lambda outputs, target: peers.log_loss(target, _probabilities(outputs), labels=range(outputs.shape[1])),
    "r2": lambda outputs, target: peers.r2_score(target, outputs[:, 0].astype(float)),
    "rmse": lambda outputs, target: peers.root_mean_squared_error(target, outputs[:, 0].astype(float)),
    "mae": lambda outputs, target: peers.mean_absolute_error(target, outputs[:, 0].astype(float)),
}


@pytest.mark.parametrize(("kind", "metric"), MEASURED, ids=IDS)
def test_every_metric_is_what_scikit_learn_measures(kind, metric):
    outputs, target = _outputs_and_target(kind)
    expected = [PEERS[metric.name](member, target) for member in outputs]
    np.testing.assert_allclose(metric(outputs, target), expected, rtol=1e-6)


@pytest.mark.parametrize(("kind", "metric"), MEASURED, ids=IDS)
def test_a_member_alone_has_the_number_that_it_has_among_others(kind, metric):
    outputs, target = _outputs_and_target(kind, members=9, rows=1003)
    alone = [metric(member[None], target)[0] for member in outputs]
    np.testing.assert_array_equal(metric(outputs, target), alone)


@pytest.mark.parametrize(("kind", "metric"), MEASURED, ids=IDS)
def test_outputs_that_are_no_numbers_count_as_the_worst(kind, metric):
    outputs, target = _outputs_and_target(kind)
    outputs[1] = np.nan
    measured = metric(outputs, target)
    assert measured[1] == metric.worst
    assert np.isfinite(measured[[0, 2]]).all()
    better = measured[0] > metric.worst
    assert better == metric.higher_is_better


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e38])
@pytest.mark.parametrize(("kind", "metric"), MEASURED, ids=IDS)
def test_overflowing_outputs_give_a_number_or_infinity_and_no_warning(kind, metric, value):
    outputs, target = _outputs_and_target(kind)
    outputs[0] = value
    outputs[1, :, 0] = value
    assert not np.isnan(metric(outputs, target)).any()


def test_one_row_that_is_no_number_is_wrong_and_the_others_count():
    outputs, target = np.array([[[0, 9], [9, 0], [0, np.nan], [np.nan, 0]]]), np.array([1, 0, 1, 0])
    assert Task(("no", "yes")).metrics[0](outputs, target) == [0.5]


def test_the_first_metric_of_a_kind_is_its_primary_one():
    assert [task.metrics[0].name for task in KINDS.values()] == ["accuracy", "accuracy", "r2"]
    assert {kind for metric in METRICS for kind in metric.kinds} == set(KINDS)
    assert [KINDS[kind].kind for kind in KINDS] == list(KINDS)


def test_the_baseline_of_classes_knows_how_often_each_occurs():
    task = Task(("common", "rare"))
    training, test = np.repeat([0, 1], [95, 5]), np.repeat([0, 1], [90, 10])
    baseline = task.baseline(training, test)
    assert baseline["accuracy"] == 0.9
    assert baseline["balanced_accuracy"] == 0.5
    assert baseline["auc"] == 0.5
    assert baseline["log_loss"] == pytest.approx(-0.9 * np.log(0.95) - 0.1 * np.log(0.05))


def test_the_baseline_of_numbers_is_the_training_mean():
    baseline = Task().baseline(np.array([1.0, 3.0]), np.array([2.0, 4.0]))
    assert baseline == {"r2": -1.0, "rmse": pytest.approx(2**0.5), "mae": 1.0}


def test_a_class_that_training_lacks_costs_the_baseline_everything_in_log_loss():
    assert Task(("a", "b", "c")).baseline(np.array([0, 1]), np.array([2, 0]))["log_loss"] == np.inf
