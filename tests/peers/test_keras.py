"""Our functions under Keras's names agree with the installed Keras in float64, and where it is wrong they do not."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import pytest
from agreement import RNG, Arrays, arguments, cases, grid

import ogive

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("keras.")]
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


def sequences() -> Arrays:
    return np.array([[1, 2, 2], [3, 0, 0], [0, 0, 0]]), RNG.normal(size=(3, 7, 5))


TABLE: dict[str, Any] = {
    "mean_squared_error": (pair, [{}]),
    "mean_absolute_error": (pair, [{}]),
    "kl_divergence": (divergent, [{}]),
    "binary_crossentropy": (two_classes, grid(**SMOOTHED, axis=(-1, 0))),
    "binary_focal_crossentropy": (
        two_classes,
        [*grid(**SMOOTHED, apply_class_balancing=(False, True)), {"gamma": 3.0, "alpha": 0.4, "axis": 0, "apply_class_balancing": True}],
    ),
    "categorical_crossentropy": (shares, [*grid(**SMOOTHED), {"axis": 0}, {"axis": 0, "from_logits": True}]),
    "sparse_categorical_crossentropy": (numbered, grid(from_logits=(False, True), ignore_class=(None, 0))),
    "ctc": (sequences, [{}]),
}
# The same functions with other kinds of arrays.
MORE: list[tuple[str, Any, dict[str, Any]]] = [
    ("mean_squared_error", lambda: (RNG.normal(size=5), RNG.normal(size=(5, 1))), {}),
    ("mean_squared_error", lambda: (RNG.normal(size=(5, 3, 1)), RNG.normal(size=(5, 3))), {}),
    ("mean_absolute_error", lambda: (RNG.normal(size=5), RNG.normal(size=5)), {}),
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
    np.testing.assert_allclose(got, true, rtol=1e-11, atol=1e-14)


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
    size = np.shape(theirs(function, arrays, {}))
    weights = RNG.uniform(0, 2, size) if weighted and size else None
    true = module(reduction=reduction, dtype="float64")(*map(tensor, arrays), sample_weight=weights)
    got = ogive.peer(f"keras.losses.{name}")(reduction=reduction)(*arrays, sample_weight=weights)
    np.testing.assert_allclose(got, np.asarray(true), rtol=1e-11)
