"""The same of losses of numbers, counts, vectors, regions and distributions, and of sparsemax: a peer's wrong number, and ours."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from right import F32, F64, INF, close, exp, keras, log1p, off, optax, torch_with_gradient

import ogive


@pytest.mark.parametrize(
    ("scores", "right"),
    [([1, 0.5, -3], [0.75, 0.25, 0]), ([1, 1, 1], [1 / 3] * 3), ([30, 29.5, 0], [0.75, 0.25, 0]), ([1e8, 1e8, 1e8], [1 / 3] * 3)],
)
def test_w1_sparsemax_with_several_classes(scores: list[float], right: list[float]) -> None:
    ours = ogive.entmax(np.array(scores, F32), alpha=2.0)
    np.testing.assert_array_max_ulp(ours, np.array(right, F32), maxulp=1)
    theirs = pytest.importorskip("keras").activations.sparsemax(np.array([scores], F32))
    assert not np.allclose(theirs, right)


def test_w2_float64_losses_are_float64() -> None:
    """Keras computes the mean in float32 whatever the input."""
    rng = np.random.default_rng(0)
    prediction, target = rng.normal(size=(2, 1000))
    exact = mpmath.fsum((mpmath.mpf(p) - mpmath.mpf(t)) ** 2 for p, t in zip(prediction, target, strict=True)) / 1000
    ours = ogive.mean_squared_error(prediction, target)
    assert ours.dtype == F64
    close(ours, exact, F64, 2)
    assert off(np.asarray(keras("mean_squared_error")(target, prediction)), exact) > 1e-9


def test_w11_divergences_with_zeros() -> None:
    zeros, logs = np.array([0.0, 1.0]), np.log([0.5, 0.5])
    assert ogive.kl_divergence(zeros, zeros, given="probabilities") == 0
    close(ogive.kl_divergence(logs, zeros, given="log_probabilities"), mpmath.log(2))
    with np.errstate(divide="ignore"):
        log_target = np.log(zeros)
    close(ogive.kl_divergence_of_logs(logs, log_target), mpmath.log(2))
    assert ogive.kl_divergence_of_logs(log_target, log_target) == 0
    assert ogive.reverse_kl_divergence(zeros, zeros) == 0
    assert ogive.jensen_shannon(zeros, zeros) == 0
    close(ogive.jensen_shannon(zeros, zeros[::-1].copy()), mpmath.log(2))
    torch = pytest.importorskip("torch")
    shares = torch.tensor(zeros)
    assert torch.isnan(torch.nn.functional.kl_div(shares.log(), shares, reduction="sum"))
    found = torch.nn.functional.kl_div(torch.tensor(logs), torch.tensor(log_target), reduction="sum", log_target=True)
    assert torch.isnan(found)


def test_w11_optax_gives_no_number_for_log_targets_of_minus_infinity() -> None:
    assert np.isnan(optax("kl_divergence_with_log_targets")(np.log(np.array([0.5, 0.5], F32)), np.array([-INF, 0.0], F32)))


def test_w11_divergence_with_zeros() -> None:
    """PyTorch and optax give NaN where q = p = 0; Keras clips both to 1e-7."""
    value, gradient = ogive.kl_divergence.value_and_gradient([0.0, 0.5, 0.5], [0.0, 0.5, 0.5], given="probabilities")
    assert value == 0
    np.testing.assert_array_equal(gradient, [0, -1, -1])
    logs = np.log([0.5, 0.5])
    close(ogive.kl_divergence(logs, [0.0, 1.0], given="log_probabilities"), -mpmath.mpf(logs[1]), F64)
    assert ogive.kl_divergence([0.0, 1.0], [0.5, 0.5], given="probabilities") == INF
    assert ogive.kl_divergence.gradient([0.0, 1.0], [0.5, 0.5], given="probabilities")[0] == -INF
    tiny = ogive.kl_divergence([1e-8, 1.0], [1e-9, 1.0], given="probabilities")
    assert tiny == pytest.approx(1e-9 * np.log(0.1), rel=1e-12)


def test_w11b_keras_clips_both_distributions() -> None:
    apart, near = ([0.0, 1.0], [0.5, 0.5]), ([1e-9, 1.0], [1e-8, 1.0])  # what is predicted, and the target
    assert ogive.kl_divergence(*apart, given="probabilities") == INF
    close(ogive.generalized_kl_divergence([1e-9], [1e-8], given="values"), mpmath.mpf(1e-8) * mpmath.log(10) - 9e-9, F64, 1e9)
    assert float(keras("kl_divergence")(np.array(apart[1]), np.array(apart[0]))) == pytest.approx(7.366, abs=1e-3)
    assert ogive.kl_divergence(*near, given="probabilities") == pytest.approx(1e-8 * np.log(10), rel=1e-7)
    assert float(keras("kl_divergence")(np.array(near[1]), np.array(near[0]))) == 0


@pytest.mark.parametrize("error", [3e-8, 1e-4, 1e-3, 0.5, 1e4, 1e30, 1e38])
def test_w12_log_cosh_of_any_size(error: float) -> None:
    true = mpmath.mpf(float(F32(error)))
    with mpmath.workdps(60):
        exact = true + log1p(exp(-2 * true)) - mpmath.log(2)
        close(ogive.log_cosh(np.array([error], F32), np.zeros(1, F32)), exact, F32)
    assert ogive.log_cosh([-INF], [0.0]) == INF
    if error < 1e-2:
        assert off(optax("log_cosh")(np.array([error], F32))[0], exact) > 0.05
        assert off(keras("log_cosh")(np.zeros((1, 1), F32), np.array([[error]], F32))[0], exact) > 0.04


@pytest.mark.parametrize(("y", "error"), [(1.5, 0.055), (2.0, 0.041), (10.0, 0.0083)])
def test_w16_the_whole_likelihood_of_counts(y: float, error: float) -> None:
    log_rate = np.array([0.3])
    true = exp(mpmath.mpf(0.3)) - y * mpmath.mpf(0.3) + mpmath.loggamma(y + 1)
    close(ogive.poisson_nll_full(log_rate, [y], given="log_rates"), true)
    theirs, _ = torch_with_gradient(lambda torch: torch.nn.functional.poisson_nll_loss, log_rate, np.array([y]), full=True)
    assert float(true - float(theirs)) == pytest.approx(error, rel=0.03)


def test_w16b_rates_are_not_raised() -> None:
    true = mpmath.mpf(1e-10) - 2 * mpmath.log(mpmath.mpf(1e-10))
    close(ogive.poisson([1e-10], [2.0], given="rates"), true)
    theirs, _ = torch_with_gradient(lambda torch: torch.nn.functional.poisson_nll_loss, np.array([1e-10]), np.array([2.0]), log_input=False)
    assert theirs == pytest.approx(36.84, abs=0.03)
    assert float(keras("poisson")(np.array([[2.0]]), np.array([[1e-10]]))[0]) == pytest.approx(32.24, abs=0.03)


@pytest.mark.parametrize("length", [1e-25, 1e-30, 1e25, 1e38])
def test_w17_cosines_of_vectors_of_any_length(length: float) -> None:
    vector, other = np.array([[length, 0]], F32), np.array([[1, 0]], F32)
    assert ogive.cosine_proximity(vector, other) == -1
    assert ogive.cosine_distance(vector, other) == 0
    assert abs(ogive.cosine_distance.gradient(vector, other)[0]).max() * length < 1e-30
    assert float(optax("cosine_similarity")(vector, other)[0]) != 1


def test_w17_the_cosine_of_nothing_is_a_number() -> None:
    nothing, other = np.zeros((1, 2)), np.array([[1.0, 0]])
    value, gradients = ogive.cosine_distance.value_and_gradient(nothing, other)
    assert value == 1
    assert np.isfinite(gradients).all()
    assert np.isnan(optax("cosine_similarity")(nothing.astype(F32), other.astype(F32))[0])


def test_w18_probabilities_of_pixels_need_not_sum_to_one() -> None:
    mask, chances = np.array([1.0, 0.0]), np.array([0.9, 0.2])
    p, q = mpmath.mpf(0.9), mpmath.mpf(0.2)
    close(ogive.soft_dice(chances, mask, given="probabilities", axis=-1, smooth=1.0), 1 - (2 * p + 1) / (1 + p + q + 1))
    with pytest.raises(ValueError, match="sum to 1"):
        optax("binary_dice_loss")(chances.astype(F32), mask.astype(F32), apply_sigmoid=False)
