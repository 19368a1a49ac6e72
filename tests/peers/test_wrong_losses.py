"""Inputs at which a peer's loss of classes is wrong: the number that the installed peer gives, and beside it ours, which is right.

The numbers W1 to W20 are those of the survey of peers that this library began with.
"""

from __future__ import annotations

import functools
from typing import Any

import mpmath
import numpy as np
import pytest
import samples
from right import F32, F64, INF, close, exp, keras, log1p, off, optax, torch_with_gradient

import ogive


def test_w3_a_confidently_wrong_example_keeps_its_focal_loss_and_gradient() -> None:
    value, gradient = ogive.focal_loss.value_and_gradient([-100.0], [1], given="logits", alpha=1.0)
    close(value, 100)
    close(gradient[0], -1)
    from_probability = ogive.focal_loss(np.array([1e-30]), [1], given="probabilities", alpha=1.0)
    close(from_probability, -mpmath.log(mpmath.mpf(1e-30)) * (1 - mpmath.mpf(1e-30)) ** 2)


def test_w3_keras_clips_the_focal_loss() -> None:
    found = keras("binary_focal_crossentropy")(np.array([[1.0]], F32), np.array([[-100.0]], F32), from_logits=True)
    assert 16 < float(found[0]) < 16.2


def test_w3b_a_confidently_wrong_class_keeps_its_focal_loss_and_gradient() -> None:
    value, gradient = ogive.categorical_focal.value_and_gradient([0.0, 40.0, 0.0], 0, given="logits", gamma=2.0)
    assert 0.25 * value == 10
    close(gradient[0], -1)
    close(gradient[1], 1)


def test_w3b_keras_clips_the_categorical_focal_loss() -> None:
    found = keras("categorical_focal_crossentropy")(np.array([[1.0, 0, 0]], F32), np.array([[0.0, 40, 0]], F32), from_logits=True)
    assert 4 < float(found[0]) < 4.1


def test_w4_w5_probabilities_are_not_clipped() -> None:
    """Keras clips at 1e-7, PyTorch clamps the log at -100 and the divisor at 1e-12, scikit-learn clips at the dtype's eps."""
    value, gradient = ogive.binary_cross_entropy.value_and_gradient(np.array([1e-30]), [1], given="probabilities")
    close(value, -mpmath.log(mpmath.mpf(1e-30)), F64)
    close(gradient[0], -1 / mpmath.mpf(1e-30), F64)
    close(ogive.binary_cross_entropy(np.array([1e-8]), [0], given="probabilities"), -mpmath.log1p(-mpmath.mpf(1e-8)), F64)
    assert ogive.binary_cross_entropy([0.0], [1], given="probabilities") == INF
    assert ogive.binary_cross_entropy.gradient([0.0], [1], given="probabilities") == -INF
    assert ogive.binary_cross_entropy.value_and_gradient([0.0], [0], given="probabilities") == (0, 1)
    assert ogive.binary_cross_entropy.value_and_gradient([1.0], [1], given="probabilities") == (0, -1)
    assert ogive.cross_entropy([1e-30, 1.0], 0, given="probabilities") == ogive.binary_cross_entropy([1e-30], [1], given="probabilities")


def test_w5b_scikit_learn_clips_probabilities() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    chances, target = np.array([1e-30, 1.0]), np.array([1, 1])
    close(ogive.cross_entropy(np.array([1e-30, 1.0]), 0, given="probabilities"), -mpmath.log(mpmath.mpf(1e-30)))
    assert 2 * sklearn.log_loss(target, chances, labels=[0, 1]) == pytest.approx(36.04365)


@pytest.mark.parametrize(("margin", "dtype"), [(-89, F32), (-812, F64)])
def test_w6_the_soft_margin_of_a_confidently_wrong_score(margin: float, dtype: Any) -> None:
    for y, sign in ((1, 1), (0, -1)):
        value, gradient = ogive.get("soft_margin_loss").value_and_gradient(np.array([sign * margin], dtype), [y], given="logits")
        assert value == -margin
        assert gradient[0] == -sign
    value, gradient = torch_with_gradient(lambda torch: torch.nn.functional.soft_margin_loss, np.array([margin], dtype), np.ones(1, dtype))
    assert value == INF
    assert np.isnan(gradient[0])


@pytest.mark.parametrize(("x", "error"), [(-8, 8e-4), (-12, 0.06), (-14, 0.14), (-15, 0.99)])
def test_w7_binary_cross_entropy_of_a_right_negative(x: float, error: float) -> None:
    true = log1p(exp(x))
    close(ogive.binary_cross_entropy(np.array([x], F32), [0], given="logits"), true, F32, 2)
    theirs, _ = torch_with_gradient(
        lambda torch: torch.nn.functional.binary_cross_entropy_with_logits, np.array([x], F32), np.zeros(1, F32)
    )
    assert off(theirs, true) > error


@pytest.mark.parametrize("x", [-8, -10, -12, -14, -15, -33.3, -80, 18.04, 16.64, 36.7, 89, 812])
@pytest.mark.parametrize("dtype", [F32, F64])
def test_w7_binary_cross_entropy_is_as_good_on_both_sides(x: float, dtype: Any) -> None:
    """PyTorch and Keras lose the y = 0 side from x = -8 on, and the y = 1 gradient from 16.64; scikit-learn the value at 18."""
    logit = dtype(x)
    exact = mpmath.mpf(float(logit))
    for y, sign in ((0, 1), (1, -1)):
        value, gradient = ogive.binary_cross_entropy.value_and_gradient(np.array([logit]), [y], given="logits")
        close(value, mpmath.log1p(mpmath.exp(sign * exact)), dtype, 2)
        close(gradient[0], sign / (1 + mpmath.exp(-sign * exact)), dtype)


@pytest.mark.parametrize(("x", "dtype"), [(16.64, F32), (36.8, F64)])
def test_w7b_the_gradient_of_a_right_positive(x: float, dtype: Any) -> None:
    logit = np.array([x], dtype)
    close(ogive.binary_cross_entropy.gradient(logit, [1], given="logits")[0], -1 / (1 + exp(mpmath.mpf(float(logit[0])))), dtype)
    _, theirs = torch_with_gradient(lambda torch: torch.nn.functional.binary_cross_entropy_with_logits, logit, np.ones(1, dtype))
    assert theirs[0] == 0


@pytest.mark.parametrize(("scale", "wrong"), [(1e4, 0.86230469), (1e5, 0.859375), (1e6, 0.875), (1e7, 1.0)])
def test_w8_cross_entropy_of_large_logits(scale: float, wrong: float) -> None:
    logits = np.array([[scale, scale, scale - 1]], F32)
    close(ogive.cross_entropy(logits, [0], given="logits"), mpmath.log(2 + exp(-1)), F32, 2)
    sklearn = pytest.importorskip("sklearn._loss.loss")
    assert sklearn.HalfMultinomialLoss(n_classes=3)(y_true=np.zeros(1, F32), raw_prediction=logits) == pytest.approx(wrong)


def test_w8_optax_subtracts_the_label_after_the_logsumexp() -> None:
    found = optax("softmax_cross_entropy_with_integer_labels")(np.array([1e7, 1e7, 1e7 - 1], F32), np.int32(0))
    assert float(found) == 1.0


@pytest.mark.parametrize(("margin", "error"), [(12, 8e-3), (15, 0.15), (17, 0.99)])
def test_w9_cross_entropy_of_a_confidently_right_class(margin: float, error: float) -> None:
    logits = np.array([[margin, 0, 0]], F32)
    others = 2 * exp(-margin)
    value, gradient = ogive.cross_entropy.value_and_gradient(logits, [0], given="logits")
    close(value, log1p(others), F32, 2)
    close(gradient[0, 0], -others / (1 + others), F32)
    theirs, slope = torch_with_gradient(lambda torch: torch.nn.functional.cross_entropy, logits, np.array([0]))
    assert off(theirs, log1p(others)) > error
    assert margin < 17 or slope[0, 0] == 0


@pytest.mark.parametrize("margin", [10, 12, 14, 15, 17, 37, 80])
@pytest.mark.parametrize("dtype", [F32, F64])
def test_w9_cross_entropy_beside_a_confidently_right_class(margin: float, dtype: Any) -> None:
    """Every peer rounds the loss to 0, and the gradient of the right class with it, from a margin of 17 (float32)."""
    logits = np.array([margin, 0, 0], dtype)
    others = 2 * mpmath.exp(-mpmath.mpf(margin))
    value, gradient = ogive.cross_entropy.value_and_gradient(logits, 0, given="logits")
    close(value, mpmath.log1p(others), dtype, 2)
    close(gradient[0], -others / (1 + others), dtype)
    close(ogive.log_softmax(logits)[0], -mpmath.log1p(others), dtype, 2)
    one_hot_value, one_hot_gradient = ogive.cross_entropy.value_and_gradient(logits, [1, 0, 0], given="logits")
    np.testing.assert_array_max_ulp(one_hot_value, value, maxulp=2)
    np.testing.assert_array_max_ulp(one_hot_gradient, gradient, maxulp=4)


def test_w10_masked_logits_cost_nothing_with_targets_of_shares() -> None:
    logits, target = np.array([[0, -INF, 1]], F32), np.array([[1, 0, 0]], F32)
    value, gradient = ogive.cross_entropy.value_and_gradient(logits, target, given="logits")
    close(value, log1p(mpmath.e), F32)
    assert np.isfinite(gradient).all()
    theirs, _ = torch_with_gradient(lambda torch: torch.nn.functional.cross_entropy, logits, target)
    assert np.isnan(theirs)


def test_w10_masked_logits_cost_nothing_whatever_the_target() -> None:
    """PyTorch, Keras and optax give NaN with one-hot targets."""
    for target in (0, [1, 0, 0]):
        value, gradient = ogive.cross_entropy.value_and_gradient(np.array([0, -INF, 1]), target, given="logits")
        close(value, mpmath.log1p(mpmath.e), F64, 2)
        np.testing.assert_allclose(gradient, [-0.7310585786300049, 0, 0.7310585786300049], rtol=1e-15)
    assert ogive.cross_entropy([0, -INF, 1], 1, given="logits") == INF


@pytest.mark.parametrize("raw", [1000.0, -1000.0])
def test_w13_the_exponential_loss_of_a_score_far_out(raw: float) -> None:
    right, wrong = (1, 0) if raw > 0 else (0, 1)
    value, gradient = ogive.exponential_loss.value_and_gradient([raw], [right])
    assert value == 0
    assert gradient[0] == 0
    assert ogive.exponential_loss.hessian([raw], [right])[0] == 0
    assert ogive.exponential_loss([raw], [wrong]) == INF
    sklearn = pytest.importorskip("sklearn._loss.loss")
    with np.errstate(all="ignore"):
        assert np.isnan(sklearn.ExponentialLoss().loss(y_true=np.array([float(right)]), raw_prediction=np.array([raw])))


def test_w14_binary_cross_entropy_between_18_and_33() -> None:
    raw = np.array([18.04])
    true = log1p(exp(-mpmath.mpf(18.04)))
    close(ogive.binary_cross_entropy(raw, [1], given="logits"), true, F64, 2)
    sklearn = pytest.importorskip("sklearn._loss.loss")
    assert off(sklearn.HalfBinomialLoss()(y_true=np.ones(1), raw_prediction=raw), true) > 1e-9


@pytest.mark.parametrize(("logits", "wrong"), [([1e4, 1e4, 1e4 - 1], 0.99969), ([1e7, 1e7, 1e7 - 1], 0.871), ([3.4e38, 3.4e38], 2.0)])
def test_w15_the_gradient_of_logsumexp_sums_to_one(logits: list[float], wrong: float) -> None:
    array = np.array(logits, F32)
    assert float(ogive.logsumexp.vjp(array, F32(1)).sum(dtype=float)) == pytest.approx(1, abs=2e-7)
    _, theirs = torch_with_gradient(lambda torch: lambda x: torch.logsumexp(x, -1), array)
    assert float(theirs.sum(dtype=float)) == pytest.approx(wrong, rel=1e-3)


def test_w20_where_no_target_counts_the_loss_is_0_and_so_is_its_gradient() -> None:
    logits, classes = np.array([[1.0, 2.0], [0.5, 0.25]]), np.array([-1, -1])
    for options in ({"ignore_index": -1}, {"class_weight": [0.0, 0.0]}):
        targets = classes if "ignore_index" in options else np.array([0, 1])
        value, gradient = ogive.cross_entropy.value_and_gradient(logits, targets, given="logits", **options)
        assert value == 0
        assert not gradient.any()
    theirs, _ = torch_with_gradient(lambda torch: torch.nn.functional.cross_entropy, logits, classes, ignore_index=-1)
    assert np.isnan(theirs)


def test_the_categorical_hinge_of_keras_takes_the_right_class_for_a_rival() -> None:
    """Where every other score is below 0 it counts 0 as the best of them."""
    target, scores = np.array([[1.0, 0, 0]], F32), np.array([[0.5, -3, -4]], F32)
    assert ogive.multiclass_hinge(scores, target) == 0
    assert float(keras("categorical_hinge")(target, scores)[0]) == 0.5


CLASSIFIERS = [  # of scores; what takes distances and signs in PyTorch is among its peers
    entry
    for entry in map(ogive.get, ogive.names("loss"))
    if "torch" in entry.native and entry.term.target is not None and (entry.term.link or entry.term.distributions)
]


@pytest.mark.parametrize("entry", CLASSIFIERS, ids=lambda entry: entry.name)
def test_the_native_function_means_the_same(entry: Any) -> None:
    """Of ordinary scores, with every default; class numbers stand for hard targets."""
    torch = pytest.importorskip("torch")
    prediction, target = samples.arguments(entry.term, (40,), seed=9)
    if entry.term.inputs[1].role == "distribution":
        target = target.argmax(axis=-1)
    given = {"given": "logits"} if len(entry.forms) > 1 else {}
    theirs = functools.reduce(getattr, entry.native["torch"].split("."), torch)(torch.tensor(prediction), torch.tensor(target))
    np.testing.assert_allclose(entry(prediction, target, **given), theirs.item(), rtol=1e-12)
