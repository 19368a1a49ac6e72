"""Values worked by hand in the study literature on activation and loss functions; each must come out of ogive."""

from __future__ import annotations

import numpy as np
import pytest

import ogive

P, Q_UNIFORM, Q_NEAR = [0.5, 0.125, 0.125, 0.25], [0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]
PREDICTED, ACTUAL = [3, 4, 5], [1, 2, 3]


def test_sigmoid_and_relu() -> None:
    np.testing.assert_allclose(ogive.sigmoid([-1.0, 1.0, 2.0]), [0.26894142, 0.73105858, 0.88079708], atol=5e-9)
    np.testing.assert_array_equal(ogive.relu([-1.0, 1.0, 2.0]), [0, 1, 2])


def test_sigmoid_table_from_minus_five_to_five() -> None:
    x = np.arange(-5.0, 5.0, 0.1)
    assert x.shape == (100,)
    np.testing.assert_allclose(ogive.sigmoid(x), 1 / (1 + np.exp(-x)), rtol=1e-14)


def test_tanh_is_a_scaled_sigmoid() -> None:
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(ogive.tanh(x), 2 * ogive.sigmoid(2 * x) - 1, rtol=1e-13, atol=1e-15)


def test_slope_of_the_sigmoid() -> None:
    x = np.linspace(-5, 5, 101)
    s = ogive.sigmoid(x)
    np.testing.assert_allclose(ogive.sigmoid.slope(x), s * (1 - s), rtol=1e-13)
    assert ogive.sigmoid.slope(x).max() == ogive.sigmoid.slope(0.0) == 0.25


def test_logit_inverts_the_sigmoid() -> None:
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(ogive.logit(ogive.sigmoid(x)), x, rtol=1e-13, atol=1e-14)


def test_sigmoid_is_softmax_of_two_classes() -> None:
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(ogive.softmax(np.stack([x, np.zeros_like(x)]), axis=0)[0], ogive.sigmoid(x), rtol=1e-14)


def test_leaky_relu_with_slopes_of_the_literature() -> None:
    assert ogive.leaky_relu(-10.0) == -0.1
    assert ogive.leaky_relu(-10.0, 0.2) == -2.0
    np.testing.assert_allclose(ogive.leaky_relu(-10.0, 0.09), -0.9)


def test_gelu_and_elu_as_plotted() -> None:
    from scipy.special import erf

    x = np.linspace(-5, 5, 400)
    np.testing.assert_allclose(ogive.gelu(x), 0.5 * x * (1 + erf(x / np.sqrt(2))), atol=1e-15)
    np.testing.assert_allclose(ogive.elu(x), np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1), atol=1e-15)


def test_identity() -> None:
    assert ogive.identity(30) == 30


def test_logsumexp_of_0_to_9_and_its_closeness_to_the_maximum() -> None:
    np.testing.assert_allclose(ogive.logsumexp(np.arange(10)), 9.4586297444267107, rtol=1e-15)
    assert 9 < ogive.logsumexp(np.arange(10)) < 9 + np.log(10)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([2, 1, 0.1], [0.65900114, 0.24243297, 0.09856589]), ([2, 4, 5, 3], [0.0320586, 0.23688282, 0.64391426, 0.08714432])],
)
def test_softmax(scores: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(ogive.softmax(scores), expected, atol=5e-9)
    np.testing.assert_allclose(ogive.softmax(scores).sum(), 1, rtol=1e-15)


def test_softmax_of_a_growing_score_against_constant_ones() -> None:
    x = np.arange(-2, 6, 0.1)
    scores = np.vstack([x, np.ones_like(x), 0.2 * np.ones_like(x)])
    shares = ogive.softmax(scores, axis=0)
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-14)
    assert (np.diff(shares[0]) > 0).all()
    assert (np.diff(shares[1]) < 0).all()


def test_regression_losses() -> None:
    assert ogive.mean_squared_error(PREDICTED, ACTUAL) == 4
    assert ogive.mean_absolute_error(PREDICTED, ACTUAL) == 2
    assert ogive.root_mean_squared_error(PREDICTED, ACTUAL) == 2
    assert ogive.sum_squared_error(PREDICTED, ACTUAL) == 12
    assert ogive.half_mean_squared_error(PREDICTED, ACTUAL) == 2


def test_binary_cross_entropy() -> None:
    loss = ogive.binary_cross_entropy([0.1, 0.9, 0.8, 0.2, 0.7], [0, 1, 1, 0, 1], given="probabilities")
    np.testing.assert_allclose(loss, 0.20273661557656092, rtol=1e-15)


def test_cross_entropy_of_logits_by_index_one_hot_and_explicit_softmax() -> None:
    logits, expected = [10, 5, 3, 1, 4], 0.010199795719758164
    np.testing.assert_allclose(ogive.cross_entropy(logits, 0, given="logits"), expected, rtol=1e-13)
    np.testing.assert_allclose(ogive.cross_entropy(logits, [1, 0, 0, 0, 0], given="logits"), expected, rtol=1e-13)
    np.testing.assert_allclose(ogive.cross_entropy(ogive.softmax(logits), 0, given="probabilities"), expected, rtol=1e-13)
    np.testing.assert_allclose(ogive.cross_entropy(ogive.log_softmax(logits), 0, given="log_probabilities"), expected, rtol=1e-13)


def test_cross_entropy_of_two_distributions() -> None:
    np.testing.assert_allclose(ogive.cross_entropy(Q_UNIFORM, P, given="probabilities"), 1.386, atol=5e-4)
    np.testing.assert_allclose(ogive.cross_entropy(Q_NEAR, P, given="probabilities"), 1.2997, atol=5e-5)
    for q in (Q_UNIFORM, Q_NEAR):
        apart = ogive.cross_entropy(q, P, given="probabilities") - ogive.entropy(P)
        np.testing.assert_allclose(ogive.kl_divergence(q, P, given="probabilities"), apart, rtol=1e-13)


def test_relative_entropy_of_a_distribution_with_itself_is_zero() -> None:
    assert ogive.kl_divergence(P, P, given="probabilities") == 0


def test_entropy_of_a_coin_is_one_bit_at_a_half_and_less_elsewhere() -> None:
    p = np.linspace(0, 1, 101)
    bits = ogive.entropy(np.stack([p, 1 - p], axis=-1), unit="bits", reduction="none")
    assert bits[50] == 1 == bits.max()
    assert bits[0] == bits[100] == 0
    assert (np.diff(bits[:51]) > 0).all()
