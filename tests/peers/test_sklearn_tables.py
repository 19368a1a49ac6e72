"""The values, gradients and Hessians that scikit-learn installs with its tests are ours too, for the losses of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ogive

tests = pytest.importorskip("sklearn._loss.tests.test_loss")
losses = pytest.importorskip("sklearn._loss.loss")
OURS: dict[str, tuple[str, dict[str, str]]] = {
    "HalfBinomialLoss": ("binary_cross_entropy", {"given": "logits"}),
    "HalfMultinomialLoss": ("cross_entropy", {"given": "logits"}),
    "ExponentialLoss": ("exponential_loss", {}),
}
(TABLE,) = [mark.args[1] for mark in tests.test_loss_on_specific_values.pytestmark if mark.name == "parametrize"]
ROWS = [row for row in TABLE if type(row[0]).__name__ in OURS]


def test_the_table_has_losses_of_classes() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize(("theirs", "target", "raw", "value", "gradient", "hessian"), ROWS, ids=lambda each: type(each).__name__)
def test_specific_values(theirs: Any, target: float, raw: Any, value: float, gradient: Any, hessian: Any) -> None:
    name, given = OURS[type(theirs).__name__]
    arrays = (np.array([raw], float), np.array([int(target)] if np.ndim(raw) else [target]))
    got, slope = ogive.get(name).value_and_gradient(*arrays, **given)
    assert got == pytest.approx(value, rel=1e-15, abs=1e-15)
    if gradient is not None:
        assert slope[0] == pytest.approx(gradient, rel=1e-15, abs=1e-15)
    if hessian is not None:
        assert ogive.get(name).hessian(*arrays, **given)[0] == pytest.approx(hessian, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("name", OURS)
def test_gradients_and_hessians_of_random_scores(name: str) -> None:
    """Theirs for each sample; the Hessian of several classes is its diagonal."""
    rng = np.random.default_rng(1)
    several = name == "HalfMultinomialLoss"
    loss = getattr(losses, name)(**({"n_classes": 4} if several else {}))
    raw = rng.normal(size=(50, 4) if several else 50) * 3
    target = rng.integers(0, 4 if several else 2, 50)
    entry, given = OURS[name]
    entry = ogive.get(entry)
    gradient, hessian = loss.gradient_hessian(y_true=target.astype(float), raw_prediction=raw)
    values, ours = entry.value_and_gradient(raw, target, reduction="none", **given)
    np.testing.assert_allclose(values, loss.loss(y_true=target.astype(float), raw_prediction=raw), rtol=1e-11)
    np.testing.assert_allclose(ours, gradient, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(entry.hessian(raw, target, reduction="sum", **given), hessian, rtol=1e-11, atol=1e-15)
