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
DESCENT = [name for name in NAMES if "._sgd_fast." in name]
FUNCTIONS = [name for name in NAMES if name not in OBJECTS + DESCENT]


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


def counts() -> Arrays:
    return RNG.poisson(2, 6).astype(float), RNG.uniform(0.1, 3, 6)


def positive() -> Arrays:
    return RNG.uniform(0.1, 3, 6), RNG.uniform(0.1, 3, 6)


def labels() -> Arrays:
    return RNG.integers(0, 2, (6, 4)), np.round(RNG.normal(size=(6, 4)), 1)


def two_classes() -> Arrays:
    return RNG.integers(0, 2, (6, 3)).astype(float), RNG.uniform(0, 1, (6, 3))


WEIGHTS = RNG.uniform(0, 2, 6)
WEIGHTED = grid(sample_weight=(None, WEIGHTS))
AVERAGED = grid(sample_weight=(None, WEIGHTS), multioutput=("uniform_average", "raw_values", np.array([1.0, 2, 3])))
RAW: dict[str, Any] = {
    "HalfSquaredError": (pair, [{}]),
    "AbsoluteError": (pair, [{}]),
    "PinballLoss": (pair, [{"quantile": 0.5}, {"quantile": 0.9}]),
    "HuberLoss": (pair, [{}, {"delta": 1.5, "quantile": 0.5}]),
    "HalfPoissonLoss": (counts, [{}]),
    "HalfGammaLoss": (positive, [{}]),
    "HalfTweedieLoss": (positive, [{}, *({"power": power} for power in (0.0, 1.0, 1.2, 2.0, 3.0))]),
    "HalfTweedieLossIdentity": (positive, [{}, *({"power": power} for power in (0.0, 1.0, 1.2, 2.0, 3.0))]),
    "ExponentialLoss": (lambda: (RNG.uniform(0, 1, 6), real(6)), [{}]),
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
    "sklearn.neural_network._base.poisson_loss": (lambda: (RNG.poisson(2, (6, 3)), RNG.uniform(0.1, 3, (6, 3))), WEIGHTED),
    "sklearn.metrics.hinge_loss": (lambda: (np.array([0, 1, 2, 0, 1, 2]), real(6, 3)), WEIGHTED),
    "sklearn.metrics.brier_score_loss": (
        lambda: (np.array([0, 1, 2, 0, 1, 2]), shares()[1]),
        grid(sample_weight=(None, WEIGHTS), scale_by_half=("auto", True, False)),
    ),
    "sklearn.metrics.zero_one_loss": (
        lambda: (RNG.integers(0, 3, 6), RNG.integers(0, 3, 6)),
        grid(sample_weight=(None, WEIGHTS), normalize=(True, False)),
    ),
    "sklearn.metrics.hamming_loss": (lambda: (RNG.integers(0, 3, 6), RNG.integers(0, 3, 6)), WEIGHTED),
    "sklearn.metrics.mean_absolute_percentage_error": (outputs, AVERAGED),
    "sklearn.metrics.mean_squared_log_error": (lambda: (abs(real(6, 3)), abs(real(6, 3))), AVERAGED),
    "sklearn.metrics.root_mean_squared_log_error": (lambda: (abs(real(6, 3)), abs(real(6, 3))), AVERAGED),
    "sklearn.metrics.median_absolute_error": (outputs, [*AVERAGED, {"sample_weight": np.array([1.0, 0, 2, 1, 1, 1])}]),
    "sklearn.metrics.max_error": (pair, [{}]),
    "sklearn.metrics.mean_poisson_deviance": (counts, WEIGHTED),
    "sklearn.metrics.mean_gamma_deviance": (positive, WEIGHTED),
    "sklearn.metrics.mean_tweedie_deviance": (positive, grid(sample_weight=(None, WEIGHTS), power=(-1.5, 0, 1, 1.5, 2, 3))),
    "sklearn.metrics.label_ranking_loss": (labels, WEIGHTED),
    "sklearn.metrics.coverage_error": (labels, WEIGHTED),
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
    ("sklearn.metrics.median_absolute_error", lambda: (real(7), real(7)), {}),
    ("sklearn.metrics.hinge_loss", lambda: (np.array(["no", "yes", "no"]), real(3)), {}),
    ("sklearn.metrics.hinge_loss", lambda: (np.array([-1, 1, 1]), real(3)), {}),
    ("sklearn.metrics.hinge_loss", lambda: (np.array([0, 1, 1]), real(3, 3)), {"labels": [0, 1, 2]}),
    ("sklearn.metrics.brier_score_loss", lambda: (np.array([0, 1, 1, 0]), RNG.uniform(0, 1, 4)), {}),
    ("sklearn.metrics.brier_score_loss", lambda: (np.array([3, 7, 7, 3]), RNG.uniform(0, 1, 4)), {"scale_by_half": False}),
    ("sklearn.metrics.brier_score_loss", lambda: (np.array(["a", "b", "b"]), RNG.uniform(0, 1, 3)), {"pos_label": "a"}),
    ("sklearn.metrics.brier_score_loss", lambda: (np.array([0, 1, 1]), RNG.dirichlet(np.ones(2), 3)), {}),
    ("sklearn.metrics.zero_one_loss", lambda: (labels()[0], labels()[0]), {"sample_weight": WEIGHTS}),
    ("sklearn.metrics.hamming_loss", lambda: (labels()[0], labels()[0]), {"sample_weight": WEIGHTS}),
    ("sklearn.metrics.zero_one_loss", lambda: (np.array(["a", "b"]), np.array(["a", "c"])), {}),
    ("sklearn.metrics.mean_tweedie_deviance", pair, {}),
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


MADE: dict[str, list[tuple[Any, ...]]] = {
    "EpsilonInsensitive": [(0.1,), (1.0,)],
    "SquaredEpsilonInsensitive": [(0.1,), (1.0,)],
    "Hinge": [(), (0.0,), (0.3,)],
    "SquaredHinge": [(), (0.3,)],
    "ModifiedHuber": [()],
}


@pytest.mark.parametrize(("name", "made"), [(name, each) for name, many in MADE.items() for each in many])
def test_objects_of_descent_agree(name: str, made: tuple[Any, ...]) -> None:
    ours, true = (find(f"sklearn.linear_model._sgd_fast.{name}")(*made) for find in (ogive.peer, theirs))
    targets = np.where(RNG.uniform(size=50) < 0.5, -1.0, 1.0)
    predictions = real(50)
    expected = [true.py_loss(*each) for each in zip(predictions, targets, strict=True)]
    np.testing.assert_allclose(ours(predictions, targets), expected, rtol=1e-13, atol=1e-15)


def test_everything_is_compared() -> None:
    assert {name.rpartition(".")[2] for name in DESCENT} == set(MADE)
    assert {name.rpartition(".")[2] for name in OBJECTS} == set(RAW)
    assert set(FUNCTIONS) == set(TABLE)


@pytest.mark.parametrize("name", OBJECTS + FUNCTIONS)
def test_signatures(name: str) -> None:
    assert arguments(ogive.peer(name)) == arguments(theirs(name), ("y_pred",) if name.endswith("metrics.log_loss") else ())


@pytest.mark.parametrize("method", ["loss", "__call__"])
def test_objects_are_called_as_theirs(method: str) -> None:
    ours, true = (find("sklearn._loss.loss.HalfSquaredError")() for find in (ogive.peer, theirs))
    assert arguments(getattr(ours, method)) == arguments(getattr(true, method))


@pytest.mark.parametrize("name", TABLE)
def test_a_target_is_not_broadcast(name: str) -> None:
    first, second, *others = TABLE[name][0]()
    with pytest.raises(ogive.errors.OgiveError):
        ogive.peer(name)(first, second[:1], *others, **TABLE[name][1][0])


def test_weights_of_zero_give_zero() -> None:
    """scikit-learn divides by 0."""
    assert ogive.peer("sklearn.metrics.mean_squared_error")(*pair(), sample_weight=np.zeros(6)) == 0


@pytest.mark.parametrize(
    ("targets", "means", "power", "words"),
    [
        ([1.0], [2.0], 0.5, "power must be at most 0 or at least 1"),
        ([1.0], [2.0], np.nan, "power must be at most 0 or at least 1"),
        ([1.0, 0.0], [2.0, 1.0], 2.5, "y_true must be positive where power is 2 or more, found 0.0"),
        ([-1.0], [2.0], 1.5, "target"),
        ([-1.0], [0.0], -1.0, "y_pred must be positive where power is negative, found 0.0"),
    ],
)
def test_deviances_of_no_distribution_are_refused_here_and_there(targets: Any, means: Any, power: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ogive.peer("sklearn.metrics.mean_tweedie_deviance")(targets, means, power=power)
    with pytest.raises(ValueError, match="power"):
        theirs("sklearn.metrics.mean_tweedie_deviance")(targets, means, power=power)
