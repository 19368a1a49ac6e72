"""Our functions under scikit-learn's names agree with the installed scikit-learn in float64, and where it is wrong they do not."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from agreement import RNG, Arrays, arguments, cases, grid

import ogive

pytest.importorskip("sklearn")
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("sklearn.")]
OBJECTS = [name for name in NAMES if "._loss." in name]
FUNCTIONS = [name for name in NAMES if name not in OBJECTS]


def theirs(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def real(*shape: int) -> Any:
    return RNG.normal(size=shape) * 2


def pair() -> Arrays:
    return real(6), real(6)


def outputs() -> Arrays:
    return real(6, 3), real(6, 3)


def shares() -> Arrays:
    return np.eye(3)[[0, 1, 2, 0, 1, 2]], RNG.dirichlet(np.ones(3), 6)


def two_classes() -> Arrays:
    return RNG.integers(0, 2, (6, 3)).astype(float), RNG.uniform(0, 1, (6, 3))


WEIGHTS = RNG.uniform(0, 2, 6)
WEIGHTED = grid(sample_weight=(None, WEIGHTS))
AVERAGED = grid(sample_weight=(None, WEIGHTS), multioutput=("uniform_average", "raw_values", np.array([1.0, 2, 3])))
RAW: dict[str, Any] = {
    "HalfSquaredError": (pair, [{}]),
    "AbsoluteError": (pair, [{}]),
    "PinballLoss": (pair, [{"quantile": 0.5}, {"quantile": 0.9}]),
    "HalfBinomialLoss": (lambda: (RNG.uniform(0, 1, 6), real(6)), [{}]),
    "HalfMultinomialLoss": (lambda: (np.array([0.0, 1, 2, 0, 1, 2]), real(6, 3)), [{"n_classes": 3}]),
}
LABELS: dict[str, Any] = {
    "spam": (np.array(["spam", "ham", "ham", "spam"]), np.array([[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])),
    "one column": (np.array([1, 0, 0, 1]), np.array([0.9, 0.1, 0.0, 1.0])),
    "wrong": (np.array([1, 0]), np.array([0.0, 1.0])),
}
TABLE: dict[str, Any] = {
    "sklearn.neural_network._base.squared_loss": (outputs, WEIGHTED),
    "sklearn.neural_network._base.binary_log_loss": (two_classes, WEIGHTED),
    "sklearn.neural_network._base.log_loss": (shares, WEIGHTED),
    "sklearn.metrics.mean_squared_error": (outputs, AVERAGED),
    "sklearn.metrics.root_mean_squared_error": (outputs, AVERAGED),
    "sklearn.metrics.mean_absolute_error": (outputs, AVERAGED),
    "sklearn.metrics.mean_pinball_loss": (outputs, [*AVERAGED, {"alpha": 0.2}]),
    "sklearn.metrics.log_loss": (
        lambda: (np.array([0, 1, 2, 0, 1, 2]), shares()[1]),
        grid(sample_weight=(None, WEIGHTS), normalize=(True, False)),
    ),
}
# The same functions with other kinds of arrays.
MORE: list[tuple[str, Any, dict[str, Any]]] = [
    ("sklearn.neural_network._base.log_loss", lambda: (np.array([[0.0], [1.0]]), np.array([[0.0], [0.3]])), {}),
    ("sklearn.metrics.mean_squared_error", pair, {"sample_weight": WEIGHTS}),
    *(("sklearn.metrics.log_loss", lambda case=case: case, {}) for case in LABELS.values()),
    ("sklearn.metrics.log_loss", lambda: (np.array([1, 1]), np.array([0.2, 0.7])), {"labels": [0, 1]}),
]


@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    cases(TABLE) + [pytest.param(*case, id=f"{case[0].rpartition('.')[2]}-more-{i}") for i, case in enumerate(MORE)],
)
def test_values_agree(name: str, arrays: Any, options: dict[str, Any]) -> None:
    drawn = arrays()
    got, true = ogive.peer(name)(*drawn, **options), theirs(name)(*drawn, **options)
    assert np.shape(got) == np.shape(true)
    np.testing.assert_allclose(got, true, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "arrays", "options"), cases(RAW))
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weighted"])
def test_objects_agree(name: str, arrays: Any, options: dict[str, Any], weights: Any) -> None:
    drawn = arrays()
    ours, true = (find(f"sklearn._loss.loss.{name}")(**options) for find in (ogive.peer, theirs))
    np.testing.assert_allclose(ours.loss(*drawn, weights), true.loss(*drawn, weights), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ours(*drawn, weights), true(*drawn, weights), rtol=1e-12)
    kept = np.empty(6)
    assert ours.loss(*drawn, weights, loss_out=kept) is kept
    np.testing.assert_array_equal(kept, ours.loss(*drawn, weights))


def test_everything_is_compared() -> None:
    assert {name.rpartition(".")[2] for name in OBJECTS} == set(RAW)
    assert set(FUNCTIONS) == set(TABLE)


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name: str) -> None:
    assert arguments(ogive.peer(name)) == arguments(theirs(name), ("y_pred",) if name.endswith("metrics.log_loss") else ())


@pytest.mark.parametrize("method", ["loss", "__call__"])
def test_objects_are_called_as_theirs(method: str) -> None:
    ours, true = (find("sklearn._loss.loss.HalfSquaredError")() for find in (ogive.peer, theirs))
    assert arguments(getattr(ours, method)) == arguments(getattr(true, method))
