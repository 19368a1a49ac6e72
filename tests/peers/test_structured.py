"""Losses of segmentation, metric learning, ranking and sequences beside PyTorch, optax, Keras and scikit-learn: alike, or we are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics

import ogive

F = torch.nn.functional
INF = np.inf
RNG = np.random.default_rng(0)
A, B, C = RNG.normal(size=(3, 6, 4))
PAIR_SIGNS = np.array([1.0, -1.0, -1.0, 1.0, -1.0, 1.0])
SAME = (PAIR_SIGNS + 1) / 2
LABELS = np.array([3, 3, 7, 7, 3, 1])
MASKS = RNG.uniform(size=(2, 3, 5)), RNG.integers(0, 2, (2, 3, 5)).astype(float)


def optax() -> Any:
    return pytest.importorskip("optax")


def keras() -> Any:
    return pytest.importorskip("keras")


def torch_loss(function: Any, *arrays: Any, differentiated: int, **options: Any) -> tuple[Any, tuple[Any, ...]]:
    """PyTorch's terms, and the gradients of their sum by the first inputs."""
    tensors = [torch.tensor(array) for array in arrays]
    leading = [tensor.requires_grad_() for tensor in tensors[:differentiated]]
    values = function(*tensors, reduction="none", **options)
    return values.detach().numpy(), tuple(each.numpy() for each in torch.autograd.grad(values.sum(), leading))


@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance"),
    [
        *[
            (
                lambda p=p, swap=swap: ogive.triplet_margin.value_and_gradient(A, B, C, margin=2.0, p=p, swap=swap, reduction="none"),
                lambda p=p, swap=swap: torch_loss(F.triplet_margin_loss, A, B, C, differentiated=3, margin=2.0, p=p, swap=swap),
                1e-5,  # PyTorch adds 1e-6 to each difference
            )
            for p in (1.0, 2.0, 3.0)
            for swap in (False, True)
        ],
        (
            lambda: ogive.cosine_embedding.value_and_gradient(A, B, SAME, margin=0.1, reduction="none"),
            lambda: torch_loss(F.cosine_embedding_loss, A, B, PAIR_SIGNS, differentiated=2, margin=0.1),
            1e-10,
        ),
        (
            lambda: ogive.hinge_embedding.value_and_gradient(abs(A[:, 0]), SAME, reduction="none"),
            lambda: torch_loss(F.hinge_embedding_loss, abs(A[:, 0]), PAIR_SIGNS, differentiated=1),
            1e-14,
        ),
        (
            lambda: ogive.margin_ranking.value_and_gradient(A[:, 0], B[:, 0], SAME, margin=0.5, reduction="none"),
            lambda: torch_loss(F.margin_ranking_loss, A[:, 0], B[:, 0], PAIR_SIGNS, differentiated=2, margin=0.5),
            1e-14,
        ),
        (
            lambda: ogive.linear_cross_entropy.value_and_gradient(A, B[:5], [0, 4, 2, 1, 3, 3], reduction="none"),
            lambda: torch_loss(
                lambda x, weight, target, reduction: F.linear_cross_entropy(x, weight, target, reduction=reduction),
                *(A, B[:5], np.array([0, 4, 2, 1, 3, 3])),
                differentiated=2,
            ),
            1e-12,
        ),
    ],
)
def test_pytorch_agrees(ours: Callable[[], Any], theirs: Callable[[], Any], tolerance: float) -> None:
    (value, gradient), (expected, gradients) = ours(), theirs()
    np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance)
    for got, right in zip(gradient if isinstance(gradient, tuple) else (gradient,), gradients, strict=True):
        np.testing.assert_allclose(got, right, rtol=tolerance, atol=tolerance)


FRAMES = RNG.normal(size=(3, 6, 5))
SPELLED, INPUT_LENGTHS, LABEL_LENGTHS = np.array([[1, 1, 2], [4, 3, 0], [2, 2, 2]]), np.array([6, 4, 4]), np.array([3, 2, 3])


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_ctc_of_pytorch_with_and_without_an_alignment(zero_infinity: bool) -> None:
    """The last three labels need five frames of the four."""
    logs = torch.tensor(FRAMES.transpose(1, 0, 2)).log_softmax(-1)
    lengths = torch.tensor(INPUT_LENGTHS), torch.tensor(LABEL_LENGTHS)
    expected = F.ctc_loss(logs, torch.tensor(SPELLED), *lengths, reduction="none", zero_infinity=zero_infinity)
    got, gradient = ogive.ctc.value_and_gradient(
        FRAMES, SPELLED, INPUT_LENGTHS, LABEL_LENGTHS, given="logits", zero_infinity=zero_infinity, reduction="none"
    )
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert got[2] == (0 if zero_infinity else INF)
    assert not gradient[2].any()


def test_ctc_from_the_paddings_of_optax() -> None:
    frames_out, labels_out = np.arange(6) >= INPUT_LENGTHS[:, None], np.arange(3) >= LABEL_LENGTHS[:, None]
    expected = optax().ctc_loss(FRAMES[:2], frames_out[:2] * 1.0, SPELLED[:2], labels_out[:2] * 1.0)
    lengths = (~frames_out[:2]).sum(-1), (~labels_out[:2]).sum(-1)
    np.testing.assert_allclose(ogive.ctc(FRAMES[:2], SPELLED[:2], *lengths, given="logits", reduction="none"), expected, rtol=1e-5)


def test_dice_of_a_mask_whose_probabilities_do_not_sum_to_1() -> None:
    """optax refuses them: it takes the pixels of a row for classes."""
    prediction, target = MASKS
    with pytest.raises(ValueError, match="sum to 1"):
        optax().losses.binary_dice_loss(prediction, target, apply_sigmoid=False)
    got = ogive.soft_dice(prediction, target, given="probabilities", axis=(1, 2), reduction="none")
    overlap, whole = (prediction * target).sum((1, 2)), (prediction + target).sum((1, 2))
    np.testing.assert_allclose(got, 1 - (2 * overlap + 1) / (whole + 1), rtol=1e-14)


def test_dice_and_tversky_of_optax() -> None:
    logits, target = np.log(MASKS[0] / (1 - MASKS[0])).reshape(2, -1), MASKS[1].reshape(2, -1)
    for alpha, beta in ((0.5, 0.5), (0.3, 0.8)):
        theirs = optax().losses.dice_loss(logits[..., None], target[..., None], alpha=alpha, beta=beta)
        got = ogive.tversky(logits, target, given="logits", alpha=alpha, beta=beta, reduction="none", axis=-1)
        np.testing.assert_allclose(got, theirs, rtol=1e-5)


def test_dice_of_keras_but_for_an_empty_region() -> None:
    """Predicted empty, an empty region costs 1 there: the overlap, 0, over 1e-7."""
    prediction, target = MASKS
    theirs = keras().losses.dice(target, prediction, axis=(1, 2)).numpy()
    got = ogive.soft_dice(prediction, target, given="probabilities", smooth=0.0, axis=(1, 2), reduction="none")
    np.testing.assert_allclose(got, theirs, rtol=1e-5)
    nothing = np.zeros(4)
    assert keras().losses.dice(nothing, nothing) == 1
    assert ogive.soft_dice(nothing, nothing, given="probabilities", smooth=0.0) == 0


def test_alpha_and_beta_of_tversky_are_the_other_way_round_in_keras() -> None:
    """It takes the target for the prediction: its alpha weighs what is missed, where its documentation says false positives."""
    missed = np.array([1.0, 0.0]), np.array([1.0, 1.0])  # nothing is predicted in excess
    theirs = keras().losses.tversky(missed[1], missed[0], alpha=1.0, beta=0.0)
    assert float(theirs) == pytest.approx(0.5, abs=1e-6)
    assert ogive.tversky(*missed, given="probabilities", alpha=1.0, beta=0.0, smooth=0.0) == 0
    assert ogive.tversky(*missed, given="probabilities", alpha=0.0, beta=1.0, smooth=0.0) == 0.5


def test_circle_of_keras() -> None:
    unit = A / np.linalg.norm(A, axis=1, keepdims=True)
    theirs = keras().losses.circle(LABELS, unit, gamma=8.0, margin=0.3).numpy()
    np.testing.assert_allclose(ogive.circle(unit, LABELS, gamma=8.0, margin=0.3, reduction="none"), theirs, rtol=1e-4, atol=1e-6)


def test_nt_xent_of_optax() -> None:
    """Its labels name the two views of an example."""
    theirs = optax().losses.ntxent(np.concatenate([A, B]), np.tile(np.arange(6), 2), temperature=0.3)
    assert ogive.nt_xent(A, B, temperature=0.3) == pytest.approx(float(theirs), rel=1e-5)


def test_ranking_softmax_of_optax() -> None:
    relevance = abs(B)
    theirs = optax().losses.ranking_softmax_loss(A, relevance, reduce_fn=None)
    np.testing.assert_allclose(ogive.ranking_softmax(A, relevance, reduction="none"), theirs, rtol=1e-5)
    inside = np.array([True, True, True, False])
    theirs = optax().losses.ranking_softmax_loss(A, relevance, where=np.tile(inside, (6, 1)), reduce_fn=None)
    padded = np.where(inside, A, -INF), np.where(inside, relevance, 0.0)
    np.testing.assert_allclose(ogive.ranking_softmax(*padded, reduction="none"), theirs, rtol=1e-5)


@pytest.mark.parametrize("p", [1.0, 3.0])
def test_odd_norms_of_differences_of_either_sign(p: float) -> None:
    """optax raises signed differences to the power: they cancel, or the root is not a number."""
    anchor, positive, negative = np.zeros((1, 2)), np.array([[2.0, -2.0]]), np.array([[1.0, 0.0]])
    true = (2 * 2**p) ** (1 / p) - 1 + 1
    theirs = optax().losses.triplet_margin_loss(anchor, positive, negative, norm_degree=p)
    assert not abs(float(theirs[0]) - true) < 1
    assert ogive.triplet_margin(anchor, positive, negative, p=p) == pytest.approx(true)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-25, 1.0, 1e25])
def test_cosines_of_any_length(size: float, dtype: Any) -> None:
    """PyTorch's squares of 1e-25 vanish and those of 1e25 overflow, in float32: no gradient, or NaN."""
    first, second = (np.array(each, dtype) * dtype(size) for each in ([[3.0, 4.0]], [[4.0, 3.0]]))
    value, (by_first, _) = ogive.cosine_embedding.value_and_gradient(first, second, [1])
    assert value == pytest.approx(0.04, rel=1e-6)
    np.testing.assert_allclose(by_first * dtype(size), [[-0.0448, 0.0336]], rtol=1e-5)
    for loss in (ogive.supcon, ogive.multi_similarity, ogive.circle):
        around = (A * size).astype(dtype)
        np.testing.assert_allclose(loss(around, LABELS, reduction="none"), loss(A, LABELS, reduction="none"), rtol=2e-5, atol=1e-20)


def test_the_cosine_of_a_vector_of_zeros_is_0_and_has_no_gradient() -> None:
    """optax's cosine is NaN there, and so is every loss made of it."""
    zeros = np.zeros((1, 2))
    value, gradients = ogive.cosine_embedding.value_and_gradient(zeros, np.ones((1, 2)), [1])
    assert value == 1
    assert not gradients[0].any()
    value, gradients = ogive.nt_xent.value_and_gradient(np.zeros((2, 3)), A[:2, :3])
    assert np.isfinite(value)
    assert not gradients[0].any()
    assert np.isfinite(gradients[1]).all()


@pytest.mark.parametrize("gamma", [80.0, 1e4, 1e300])
def test_circle_does_not_overflow(gamma: float) -> None:
    value, gradient = ogive.circle.value_and_gradient(A, LABELS, gamma=gamma, reduction="none")
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


def test_label_ranking_and_coverage_of_scikit_learn() -> None:
    scores = RNG.integers(0, 4, (50, 6)).astype(float)  # many are tied
    relevant = RNG.integers(0, 2, (50, 6))
    relevant[:2] = [[0], [1]]
    assert ogive.label_ranking(scores, relevant) == pytest.approx(metrics.label_ranking_loss(relevant, scores), rel=1e-14)
    assert ogive.coverage_error(scores, relevant) == pytest.approx(metrics.coverage_error(relevant, scores), rel=1e-14)
    for measure in (ogive.label_ranking, ogive.coverage_error):
        assert not measure.gradient(scores, relevant).any()
        assert np.isnan(measure([np.nan, 1.0], [1, 0]))


def test_the_likelihood_of_a_ranking_far_apart() -> None:
    """A sum of exponentials from the end of the list loses what is e^-745 of the largest; each item has its own sum here."""
    assert ogive.listmle([2000.0, 1000.0, 0.0], [3, 2, 1]) == 0
    assert ogive.listmle([0.0, 1000.0, 2000.0], [3, 2, 1]) == 3000
    np.testing.assert_array_equal(ogive.listmle.gradient([0.0, 1000.0, 2000.0], [3, 2, 1]), [-1, -1, 2])


@pytest.mark.parametrize("gap", [1.0, 1e-17, 1e-300])
def test_differences_of_scores_that_rounding_would_lose(gap: float) -> None:
    """1 - gap rounds to 1, and the margin of 1 less that to 0."""
    assert ogive.margin_ranking([1.0], [gap], [1], margin=1.0) == gap


def test_an_empty_region_of_lovasz_costs_its_largest_error() -> None:
    value, gradient = ogive.lovasz_hinge.value_and_gradient([-3.0, 0.5, 0.25], [0, 0, 0])
    assert value == 1.5
    np.testing.assert_array_equal(gradient, [0, 1, 0])
    assert ogive.lovasz_hinge([-3.0, -2.0], [0, 0]) == 0


def test_lovasz_of_predicted_classes_is_what_is_missing_of_the_mean_intersection_over_union() -> None:
    truth, found = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0])
    missing = 1 - metrics.jaccard_score(truth, found, average="macro")
    assert ogive.lovasz_softmax(np.eye(3)[found], truth, given="probabilities") == pytest.approx(missing, rel=1e-14)
