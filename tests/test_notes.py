"""What the study literature works by hand and claims of activation and loss functions: each fact beside what ogive says of it.

A fact is a line of a table: what is stated, ogive's answer, the stated value, and half a unit of its last printed digit. Where the
literature is wrong, the line says what is right. ``test_notes_advice.py`` has what follows for networks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ogive
from ogive import initializers

Fact = tuple[str, Callable[[], Any], Any, float]
X = np.arange(-5.0, 5.0, 0.1)
WIDE = np.linspace(-30.0, 30.0, 601)
P, Q_UNIFORM, Q_NEAR = [0.5, 0.125, 0.125, 0.25], [0.25, 0.25, 0.25, 0.25], [0.5, 0.25, 0.125, 0.125]
PREDICTED, ACTUAL = np.array([3, 4, 5]), np.array([1, 2, 3])
CHANCES, ANSWERS = np.array([0.1, 0.9, 0.8, 0.2, 0.7]), np.array([0, 1, 1, 0, 1])
SCORES, ONE_HOT = [10, 5, 3, 1, 4], [1, 0, 0, 0, 0]
EXACT = 1e-14


def check(facts: list[Fact]) -> Any:
    return pytest.mark.parametrize(("found", "stated", "within"), [pytest.param(*rest, id=said) for said, *rest in facts])


def agree(found: Callable[[], Any], stated: Any, within: float) -> None:
    value = found()
    if isinstance(stated, (bool, str)):
        assert value == stated
    else:
        np.testing.assert_allclose(value, stated, rtol=0, atol=within)


def rises(values: Any) -> bool:
    return bool((np.diff(values) > 0).all())


def shares_of_classes(power: float | None) -> Any:
    """Nine scores as shares of their sum, of the sum of their powers, or by softmax."""
    scores = np.arange(1.0, 10.0)
    return ogive.softmax(scores) if power is None else scores**power / (scores**power).sum()


ACTIVATIONS: list[Fact] = [
    ("a line of a line is a line", lambda: ogive.identity.linear, True, 0),
    ("identity(30)", lambda: ogive.identity(30), 30, 0),
    ("a table from -5 to 5 has 100 places", lambda: X.shape, (100,), 0),
    ("step: 1 at 0, by one convention", lambda: ogive.step([-0.1, 0.0, 0.1]), [0, 1, 1], 0),
    ("step: 0 at 0, by the other", lambda: ogive.step([-0.1, 0.0, 0.1], at_zero=0), [0, 0, 1], 0),
    ("step over the table", lambda: ogive.step(X, at_zero=0).sum(), 49, 0),
    ("step has slope 0 everywhere", lambda: ogive.step.slope(X), np.zeros(100), 0),
    ("step is of no use to backpropagation", lambda: ogive.step.trainable, False, 0),
    ("sigmoid of -1, 1, 2", lambda: ogive.sigmoid([-1.0, 1.0, 2.0]), [0.26894142, 0.73105858, 0.88079708], 5e-9),
    ("sigmoid is 1 / (1 + e^-x)", lambda: ogive.sigmoid(X), 1 / (1 + np.exp(-X)), EXACT),
    ("sigmoid is e^x / (e^x + 1)", lambda: ogive.sigmoid(X), np.exp(X) / (np.exp(X) + 1), EXACT),
    ("sigmoid ranges from 0 to 1", lambda: ogive.sigmoid.range, (0, 1), 0),
    ("sigmoid is above a half right of 0", lambda: ((ogive.sigmoid(WIDE) >= 0.5) == (WIDE >= 0)).all(), True, 0),
    ("sigmoid's slope is s (1 - s)", lambda: ogive.sigmoid.slope(X), ogive.sigmoid(X) * (1 - ogive.sigmoid(X)), EXACT),
    ("sigmoid's slope is at most a quarter", lambda: (ogive.sigmoid.slope(WIDE).max(), ogive.sigmoid.lipschitz), (0.25, 0.25), 0),
    ("sigmoid's slope is a quarter at 0", lambda: ogive.sigmoid.slope(0.0), 0.25, 0),
    ("sigmoid saturates on both sides", lambda: ogive.sigmoid.saturates, "both", 0),
    ("sigmoid's slope is nearly 0 far out", lambda: ogive.sigmoid.slope([-20.0, 20.0]), [0, 0], 3e-9),
    ("sigmoid is not centred", lambda: ogive.sigmoid.zero_centred, False, 0),
    ("logit inverts the sigmoid", lambda: ogive.logit(ogive.sigmoid(X)), X, 1e-13),
    ("sigmoid is the softmax of two classes", lambda: ogive.softmax(np.stack([X, 0 * X]), axis=0)[0], ogive.sigmoid(X), EXACT),
    ("tanh is 2 s(2x) - 1", lambda: ogive.tanh(X), 2 * ogive.sigmoid(2 * X) - 1, EXACT),
    ("tanh is a ratio of exponentials", lambda: ogive.tanh(X), (np.exp(X) - np.exp(-X)) / (np.exp(X) + np.exp(-X)), EXACT),
    ("tanh ranges from -1 to 1", lambda: ogive.tanh.range, (-1, 1), 0),
    ("tanh's slope is 1 - tanh^2", lambda: ogive.tanh.slope(X), 1 - ogive.tanh(X) ** 2, EXACT),
    ("tanh is centred", lambda: ogive.tanh.zero_centred, True, 0),
    ("tanh saturates on both sides", lambda: ogive.tanh.saturates, "both", 0),
    ("relu of -1, 1, 2", lambda: ogive.relu([-1.0, 1.0, 2.0]), [0, 1, 2], 0),
    ("relu is max(0, x)", lambda: ogive.relu(X), np.maximum(0, X), 0),
    ("relu has no largest value", lambda: ogive.relu.range, (0, np.inf), 0),
    ("relu is continuous, its slope jumps at 0", lambda: (ogive.relu.smoothness, ogive.relu.kinks[0].at), (0, 0), 0),
    ("relu's slope is 0, then 1", lambda: ogive.relu.slope([-2.0, -0.1, 0.1, 2.0]), [0, 0, 1, 1], 0),
    ("relu has no slope left of 0 (dead units)", lambda: ogive.relu.saturates, "left", 0),
    ("leaky relu is max(a x, x)", lambda: ogive.leaky_relu(X, 0.2), np.maximum(0.2 * X, X), EXACT),
    ("leaky relu leaks 0.01", lambda: ogive.leaky_relu(-10.0), -0.1, 0),
    ("leaky relu of 0.2", lambda: ogive.leaky_relu(np.arange(-10, 11), 0.2)[[0, 5, 10, 20]], [-2, -1, 0, 10], EXACT),
    ("leaky relu of 0.09", lambda: ogive.leaky_relu(np.arange(-10, 11), 0.09)[[0, 10, 20]], [-0.9, 0, 10], EXACT),
    ("0.2 did better than 0.01", lambda: "0.2 did better" in ogive.leaky_relu.parameters[0].meaning, True, 0),
    ("leaky relu has no dead side", lambda: ogive.leaky_relu.saturates, "none", 0),
    ("rrelu draws its slopes in training", lambda: ogive.rrelu.random, True, 0),
    ("rrelu takes their mean in tests", lambda: ogive.rrelu(-24.0), -24 * (1 / 8 + 1 / 3) / 2, EXACT),
    ("prelu learns its slope", lambda: ogive.prelu.learned, True, 0),
    ("elu is a (e^x - 1) left of 0", lambda: ogive.elu(X, 1.5), np.where(X >= 0, X, 1.5 * (np.exp(np.minimum(X, 0)) - 1)), EXACT),
    ("elu goes to -a far left", lambda: (ogive.elu(-40.0, 1.5), ogive.elu.claim(ogive.elu.limits[0], alpha=1.5)), (-1.5, -1.5), EXACT),
    ("elu has a slope left of 0", lambda: (ogive.elu.slope(X) > 0).all(), True, 0),
    ("elu's slope has no jump where a = 1", lambda: np.ptp(ogive.elu.slope([-1e-9, 1e-9])), 0, 1e-8),
    ("elu's slope jumps elsewhere", lambda: np.ptp(ogive.elu.slope([-1e-9, 1e-9], alpha=0.5)), 0.5, 1e-8),
    ("elu's mean is nearer to 0 than relu's", lambda: abs(ogive.elu(X).mean()) < ogive.relu(X).mean(), True, 0),
    ("gelu is x/2 (1 + erf(x/√2))", lambda: ogive.gelu([-1.0, 0.0, 1.0]), [-0.15865525, 0, 0.84134475], 5e-9),
    ("maxout is the larger of two lines", lambda: ogive.maxout(np.stack([2 * X + 1, -X], -1)), np.maximum(2 * X + 1, -X), 0),
    ("relu is a maxout of x and 0", lambda: ogive.maxout(np.stack([X, 0 * X], -1)), ogive.relu(X), 0),
    ("softmax of 2, 1, 0.1", lambda: ogive.softmax([2.0, 1.0, 0.1]), [0.65900114, 0.24243297, 0.09856589], 5e-9),
    ("softmax of 2, 4, 5, 3", lambda: ogive.softmax([2, 4, 5, 3]), [0.0320586, 0.23688282, 0.64391426, 0.08714432], 5e-9),
    ("softmax adds up to 1", lambda: ogive.softmax([2, 4, 5, 3]).sum(), 1, 1e-15),
    ("softmax does not overflow", lambda: ogive.softmax([1000.0, 999.0]), ogive.softmax([1.0, 0.0]), EXACT),
    ("softmax favours a growing score", lambda: rises(ogive.softmax(np.stack([X, X * 0 + 1, X * 0 + 0.2]), axis=0)[0]), True, 0),
    ("softmax spreads more than squares and shares", lambda: rises([shares_of_classes(n).std() for n in (1, 2, None)]), True, 0),
    ("logsumexp of 0 to 9", lambda: ogive.logsumexp(np.arange(10)), 9.4586297444267107, 2e-15),
    ("logsumexp is a little above the maximum", lambda: 9 < ogive.logsumexp(np.arange(10)) < 9 + np.log(10), True, 0),
    ("logsumexp hardly sees the smaller", lambda: ogive.logsumexp([9, 2]) - ogive.logsumexp([9, 0]), 0, 1e-3),
]  # fmt: skip


def two(y: Any, p: Any, **options: Any) -> Any:
    return ogive.binary_cross_entropy(p, y, given="probabilities", **options)


def several(q: Any, t: Any, given: str = "probabilities", **options: Any) -> Any:
    return ogive.cross_entropy(q, t, given=given, **options)


LOSSES: list[Fact] = [
    ("MSE of 3, 4, 5 against 1, 2, 3", lambda: ogive.mean_squared_error(PREDICTED, ACTUAL), 4.0, 0),
    ("MAE", lambda: ogive.mean_absolute_error(PREDICTED, ACTUAL), 2.0, 0),
    ("RMSE, the root of MSE", lambda: ogive.root_mean_squared_error(PREDICTED, ACTUAL), 2.0, 0),
    ("SSE is n MSE", lambda: ogive.sum_squared_error(PREDICTED, ACTUAL), 3 * 4.0, 0),
    ("half the MSE", lambda: ogive.half_mean_squared_error(PREDICTED, ACTUAL), 4.0 / 2, 0),
    ("its gradient is the error, without a 2", lambda: ogive.half_mean_squared_error.gradient(PREDICTED, ACTUAL), [2 / 3] * 3, EXACT),
    ("MAE is the norm of city blocks", lambda: 3 * ogive.mean_absolute_error(PREDICTED, ACTUAL), np.abs(PREDICTED - ACTUAL).sum(), 0),
    ("a price of 100,000 taken for 95,000", lambda: ogive.mean_squared_error([95_000], [100_000]), 25e6, 0),
    ("MSE is convex", lambda: ogive.mean_squared_error.convex, True, 0),
    ("MSE belongs to the identity", lambda: ogive.mean_squared_error.term.link, "identity", 0),
    ("binary cross-entropy belongs to the sigmoid", lambda: ogive.binary_cross_entropy.forms["logits"].link, "sigmoid", 0),
    ("cross-entropy belongs to softmax", lambda: ogive.cross_entropy.forms["logits"].link, "softmax", 0),
    ("binary cross-entropy", lambda: two(ANSWERS, CHANCES), 0.20273661557656092, 1e-16),
    ("it is -(t log p + (1 - t) log(1 - p))", lambda: two(ANSWERS, CHANCES, reduction="none"),
     -(ANSWERS * np.log(CHANCES) + (1 - ANSWERS) * np.log(1 - CHANCES)), EXACT),
    ("it grows with the distance from the answer", lambda: rises([two([1.0], [1 - d]) for d in (0.1, 0.5, 0.9, 0.99)]), True, 0),
    ("and faster and faster", lambda: rises(np.diff([two([1.0], [1 - d]) for d in (0.1, 0.3, 0.5, 0.7, 0.9)])), True, 0),
    ("a sure mistake is not clipped", lambda: two([1.0], [0.0]), np.inf, 0),
    ("a rare class can count more", lambda: two([1.0], [0.3], class_weight=[1, 9], reduction="sum"), -9 * np.log(0.3), EXACT),
    ("cross-entropy of scores", lambda: several(SCORES, ONE_HOT, "logits"), 0.010199795719758164, 2e-16),
    ("by the class number", lambda: several(SCORES, 0, "logits"), 0.010199795719758164, 2e-16),
    ("by softmax first", lambda: several(ogive.softmax(SCORES), ONE_HOT), 0.010199795719758164, 2e-16),
    ("it is the logsumexp less the right score", lambda: several(SCORES, 0, "logits"), ogive.logsumexp(SCORES) - 10, EXACT),
    ("only the right class counts", lambda: several([0.7, 0.2, 0.1], 0), several([0.7, 0.1, 0.2], 0), 0),
    ("the mean over rows of -Σ t log p", lambda: several([Q_NEAR, Q_UNIFORM], np.eye(4)[[1, 2]]), np.log(4), EXACT),
    ("it is the negative log-likelihood", lambda: several([Q_NEAR, Q_NEAR], [0, 2], reduction="sum"), -np.log(0.5 * 0.125), EXACT),
    ("H(p, q1), called 1.38", lambda: several(Q_UNIFORM, P), 1.3863, 5e-5),
    ("H(p, q2), called 1.29", lambda: several(Q_NEAR, P), 1.29965, 5e-6),
    ("so q2 is nearer", lambda: several(Q_NEAR, P) < several(Q_UNIFORM, P), True, 0),
    ("relative entropy is cross-entropy less entropy, not the same",
     lambda: ogive.kl_divergence(Q_NEAR, P, given="probabilities"), several(Q_NEAR, P) - ogive.entropy(P), EXACT),
    ("relative entropy of equals is 0", lambda: ogive.kl_divergence(P, P, given="probabilities"), 0, 0),
    ("a coin has one bit", lambda: ogive.entropy([0.5, 0.5], unit="bits"), 1, 0),
    ("a coin of two heads none", lambda: ogive.entropy([1.0, 0.0], unit="bits"), 0, 0),
    ("and every other coin less than one", lambda: rises([ogive.entropy([p, 1 - p], unit="bits") for p in (0, 0.1, 0.3, 0.5)]), True, 0),
    ("squared error behind a sigmoid forgets a sure mistake", lambda: ogive.brier.gradient([-20.0], [1.0], given="logits"), [0], 5e-9),
    ("cross-entropy does not", lambda: ogive.binary_cross_entropy.gradient([-20.0], [1.0], given="logits"), [-1], 5e-9),
]  # fmt: skip


@check(ACTIVATIONS)
def test_what_is_said_of_activations(found: Callable[[], Any], stated: Any, within: float) -> None:
    agree(found, stated, within)


@check(LOSSES)
def test_what_is_said_of_losses(found: Callable[[], Any], stated: Any, within: float) -> None:
    agree(found, stated, within)


STARTS: list[Fact] = [
    ("relu starts from He's weights", lambda: ogive.relu.initializer, "he_normal", 0),
    ("whose deviation is √(2/n), not √(n/2)", lambda: initializers.he_normal.std(50, 10), (2 / 50) ** 0.5, EXACT),
    ("sigmoid from Xavier's", lambda: initializers.get("xavier_normal").name == ogive.sigmoid.initializer, True, 0),
    ("whose deviation is 1/√n", lambda: initializers.glorot_normal.std(100, 100), 0.1, EXACT),
    ("selu from LeCun's", lambda: ogive.selu.initializer, "lecun_normal", 0),
]


@check(STARTS)
def test_what_is_said_of_first_weights(found: Callable[[], Any], stated: Any, within: float) -> None:
    agree(found, stated, within)
