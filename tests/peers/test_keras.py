"""Our functions under Keras's names agree with the installed Keras in float64, and where it is wrong they do not."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from agreement import RNG, Arrays, arguments, cases, grid

import ogive

keras = pytest.importorskip("keras")
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("keras.losses.")]
FUNCTIONS = [name.rpartition(".")[2] for name in NAMES if name.rpartition(".")[2].islower()]
CLASSES = [name.rpartition(".")[2] for name in NAMES if not name.rpartition(".")[2].islower()]
REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)
SMOOTHED: dict[str, Any] = {"from_logits": (False, True), "label_smoothing": (0.0, 0.2)}


@pytest.fixture(autouse=True)
def _float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras takes float64 for float32 wherever types meet, a mean included: here it may not, so that there are digits to compare."""
    monkeypatch.setitem(importlib.import_module("keras.src.backend.common.dtypes").BIT64_TO_BIT32_DTYPE, "float64", "float64")


def pair() -> Arrays:
    return RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))


def two_classes(prediction: Any = None) -> Arrays:
    return RNG.integers(0, 2, (5, 4)).astype(float), RNG.uniform(0, 1, (5, 4)) if prediction is None else prediction


def shares() -> Arrays:
    """Targets are one-hot; predictions need not sum to 1."""
    return np.eye(4)[[0, 1, 2, 3, 0]], RNG.uniform(0, 2, (5, 4))


def divergent() -> Arrays:
    return RNG.dirichlet(np.ones(4), 5), RNG.dirichlet(np.ones(4), 5)


def numbered() -> Arrays:
    return np.array([0, 1, 2, 3, 0]), RNG.uniform(0.1, 2, (5, 4))


def positive() -> Arrays:
    return RNG.poisson(2, (5, 4)).astype(float), RNG.uniform(0.1, 4, (5, 4))


def labelled() -> Arrays:
    embeddings = RNG.normal(size=(6, 3))
    return np.array([0, 1, 0, 1, 2, 2]), embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def sequences() -> Arrays:
    return np.array([[1, 2, 2], [3, 0, 0], [0, 0, 0]]), RNG.normal(size=(3, 7, 5))


TABLE: dict[str, Any] = {
    "mean_squared_error": (pair, [{}]),
    "mean_absolute_error": (pair, [{}]),
    "huber": (pair, [{}, {"delta": 0.3}]),
    "log_cosh": (pair, [{}]),
    "mean_absolute_percentage_error": (lambda: (pair()[0] * [0, 1, 1, 1], pair()[1]), [{}]),
    "mean_squared_logarithmic_error": (positive, [{}]),
    "poisson": (positive, [{}]),
    "cosine_similarity": (pair, [{}, {"axis": 0}]),
    "dice": (two_classes, [{}, {"axis": 0}, {"axis": (0, 1)}]),
    "tversky": (two_classes, [{}, {"axis": -1}, {"alpha": 0.2, "beta": 0.9}]),
    "circle": (labelled, [{"gamma": 5.0}, {"gamma": 5.0, "remove_diagonal": False}, {"margin": 0.1, "gamma": 2.0}]),
    "kl_divergence": (divergent, [{}]),
    "binary_crossentropy": (two_classes, grid(**SMOOTHED, axis=(-1, 0))),
    "binary_focal_crossentropy": (
        two_classes,
        [*grid(**SMOOTHED, apply_class_balancing=(False, True)), {"gamma": 3.0, "alpha": 0.4, "axis": 0, "apply_class_balancing": True}],
    ),
    "categorical_crossentropy": (shares, [*grid(**SMOOTHED), {"axis": 0}, {"axis": 0, "from_logits": True}]),
    "sparse_categorical_crossentropy": (numbered, grid(from_logits=(False, True), ignore_class=(None, 0))),
    "ctc": (sequences, [{}]),
    "hinge": (lambda: (RNG.integers(0, 2, (5, 4)), pair()[1]), [{}]),
    "squared_hinge": (lambda: (RNG.choice([-1.0, 1.0], (5, 4)), pair()[1]), [{}]),
    "categorical_hinge": (lambda: (shares()[0], pair()[1]), [{}]),
    "categorical_focal_crossentropy": (shares, [*grid(**SMOOTHED), {"alpha": 0.75, "gamma": 0.5, "axis": 0}]),
    "categorical_generalized_cross_entropy": (lambda: (np.array([0, 1, 2, 3, 0]), RNG.dirichlet(np.ones(4), 5)), [{"q": 0.5}, {"q": 0.75}]),
}
# The same functions with other kinds of arrays.
MORE: list[tuple[str, Any, dict[str, Any]]] = [
    ("mean_squared_error", lambda: (RNG.normal(size=5), RNG.normal(size=(5, 1))), {}),
    ("mean_squared_error", lambda: (RNG.normal(size=(5, 3, 1)), RNG.normal(size=(5, 3))), {}),
    ("mean_absolute_error", lambda: (RNG.normal(size=5), RNG.normal(size=5)), {}),
    ("mean_squared_logarithmic_error", lambda: (np.array([0.0, 1.0]), np.array([-3.0, 0.0])), {}),
    ("hinge", lambda: (np.array([-1.0, 0.0, 1.0]), pair()[1][0, :3]), {}),
    ("categorical_hinge", lambda: (np.eye(3), -np.ones((3, 3))), {}),
    ("categorical_focal_crossentropy", shares, {"alpha": np.array([0.1, 0.2, 0.3, 0.4])}),
    ("cosine_similarity", lambda: (np.zeros(3), np.ones(3)), {}),
    ("dice", lambda: (np.zeros((2, 3)), np.zeros((2, 3))), {"axis": 1}),
    ("tversky", lambda: (np.zeros((2, 3)), np.zeros((2, 3))), {"axis": 1}),
    ("tversky", lambda: (np.ones((2, 3)), np.full((2, 3), 0.5)), {"axis": None, "alpha": 0.0}),
    ("circle", lambda: (*labelled(), np.array([0, 1, 2]), labelled()[1][:3]), {"gamma": 3.0, "remove_diagonal": False}),
    ("sparse_categorical_crossentropy", lambda: (np.array([[0], [1], [2], [3], [0]]), RNG.normal(size=(5, 4))), {"from_logits": True}),
    ("sparse_categorical_crossentropy", lambda: (RNG.integers(0, 4, (5, 3)), RNG.normal(size=(5, 3, 4))), {"from_logits": True}),
    ("sparse_categorical_crossentropy", lambda: (np.array([0, -1, 2, 3, -1]), pair()[1]), {"from_logits": True, "ignore_class": -1}),
]  # fmt: skip

CLIPPED: list[tuple[str, Any, dict[str, Any]]] = [
    ("binary_crossentropy", lambda: (np.array([[0.0, 1, 1, 0]]), np.array([[0.0, 0.0, 1.0, 1.0]])), {}),
    ("binary_crossentropy", lambda: (np.array([[0.0, 1, 1, 0]]), np.array([[1e-9, 1e-9, 1e-6, 1 - 1e-9]])), {}),
    ("binary_focal_crossentropy", lambda: (np.array([[0.0, 1, 1, 0]]), np.array([[1e-9, 1e-9, 1e-6, 1 - 1e-9]])), {}),
    ("categorical_crossentropy", lambda: (np.eye(3), np.eye(3)[[1, 1, 2]]), {}),
    ("kl_divergence", lambda: (np.array([0.0, 1.0]), np.array([0.5, 0.5])), {}),
    ("kl_divergence", lambda: (np.array([0.5, 0.5]), np.array([0.0, 1.0])), {}),
    ("sparse_categorical_crossentropy", lambda: (np.array([0, 1]), np.eye(2)), {}),
    ("kl_divergence", lambda: (RNG.dirichlet(np.full(4, 0.01), 5), RNG.dirichlet(np.full(4, 0.01), 5)), {}),
]
OFF = {"log_cosh": 2e-9, "circle": 3e-9}  # Keras's log 2 is a float32, and its softplus x from x = 20 on


def tensor(array: Any) -> Any:
    return keras.ops.convert_to_tensor(array, dtype=array.dtype.name)


def theirs(name: str, arrays: Arrays, options: dict[str, Any]) -> Any:
    return np.asarray(getattr(keras.losses, name)(*map(tensor, arrays), **options))


@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    cases(TABLE) + [pytest.param(*case, id=f"{case[0]}-more-{i}") for i, case in enumerate(MORE)],
)
def test_values_agree(name: str, arrays: Any, options: dict[str, Any]) -> None:
    drawn = arrays()
    got = ogive.peer(f"keras.losses.{name}")(*drawn, **options)
    true = theirs(name, drawn, options)
    assert np.shape(got) == true.shape
    assert np.asarray(got).dtype == np.float64
    np.testing.assert_allclose(got, true, rtol=1e-11, atol=OFF.get(name, 1e-14))


@pytest.mark.parametrize(("name", "arrays", "options"), CLIPPED)
def test_clipped_values_agree(name: str, arrays: Any, options: dict[str, Any]) -> None:
    """To the digits of Keras's 1e-7, a float32."""
    drawn = arrays()
    np.testing.assert_allclose(ogive.peer(f"keras.losses.{name}")(*drawn, **options), theirs(name, drawn, options), rtol=3e-8, atol=2e-14)


def test_every_function_is_compared() -> None:
    assert set(FUNCTIONS) == set(TABLE)


@pytest.mark.parametrize("name", FUNCTIONS + CLASSES)
def test_signatures(name: str) -> None:
    assert arguments(ogive.peer(f"keras.losses.{name}")) == arguments(getattr(keras.losses, name))


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_classes_agree(name: str, reduction: str | None, weighted: bool) -> None:
    module = getattr(keras.losses, name)
    function = next(each for each in FUNCTIONS if each == name or each.replace("_", "") == name.lower())
    arrays = TABLE[function][0]()
    size = np.shape(ogive.peer(f"keras.losses.{function}")(*arrays, **TABLE[function][1][0]))
    weights = RNG.uniform(0, 2, size) if weighted and size else None
    true = module(reduction=reduction, dtype="float64")(*map(tensor, arrays), sample_weight=weights)
    got = ogive.peer(f"keras.losses.{name}")(reduction=reduction)(*arrays, sample_weight=weights)
    np.testing.assert_allclose(got, np.asarray(true), rtol=1e-11, atol=20 * OFF.get(function, 0))


def test_distillation_agrees_where_keras_is_given_its_class() -> None:
    """By name Keras takes the logits for probabilities."""
    teacher, student = pair()
    true = keras.distillation.LogitsDistillation(4.0, loss=keras.losses.KLDivergence(dtype="float64"))
    got = ogive.peer("keras.distillation.LogitsDistillation")(4.0)(teacher, student)
    np.testing.assert_allclose(got, np.asarray(true.compute_loss(tensor(teacher), tensor(student))), rtol=1e-9)
    by_name = keras.distillation.LogitsDistillation(4.0).compute_loss(tensor(teacher), tensor(student))
    assert not np.isclose(np.asarray(by_name), got, rtol=0.1)


@pytest.mark.parametrize("loss", ["mse", "cosine_similarity", "mean_absolute_error"])
def test_distillation_by_other_losses_agrees(loss: str) -> None:
    teacher, student = pair()
    for name, options in (("LogitsDistillation", {"temperature": 4.0}), ("FeatureDistillation", {})):
        made = getattr(keras.distillation, name)(loss=loss, **options)
        got = ogive.peer(f"keras.distillation.{name}")(loss=loss, **options)(teacher, student)
        np.testing.assert_allclose(got, np.asarray(made.compute_loss(tensor(teacher), tensor(student))), rtol=1e-11)


@pytest.mark.parametrize("name", ["LogitsDistillation", "FeatureDistillation"])
def test_distillation_has_its_signature(name: str) -> None:
    assert arguments(ogive.peer(f"keras.distillation.{name}")) == arguments(getattr(keras.distillation, name))


def test_features_have_no_layers_to_name() -> None:
    with pytest.raises(ogive.errors.InputError, match="must be None"):
        ogive.peer("keras.distillation.FeatureDistillation")(teacher_layer_name="dense")


@pytest.mark.parametrize("name", TABLE)
def test_a_target_is_not_broadcast(name: str) -> None:
    first, second, *others = TABLE[name][0]()
    with pytest.raises(ogive.errors.OgiveError):
        ogive.peer(f"keras.losses.{name}")(first, second[:1], *others, **TABLE[name][1][0])


def test_classes_take_a_column_for_a_row() -> None:
    """As Keras does, whatever the function itself would say."""
    target, prediction = RNG.integers(0, 2, 5).astype(float), RNG.uniform(0.1, 0.9, (5, 1))
    true = keras.losses.BinaryCrossentropy(dtype="float64")(tensor(target), tensor(prediction))
    np.testing.assert_allclose(ogive.peer("keras.losses.BinaryCrossentropy")()(target, prediction), np.asarray(true), rtol=1e-11)
