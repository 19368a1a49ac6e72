"""The numbers that recipes measure, against theory, finite differences and other libraries."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("sklearn")

from scipy import integrate, optimize, stats

from ogive import catalogue
from ogive.errors import OgiveError
from ogive.lab.data import load
from ogive.recipes.dynamics import gradients, layers, nets, signals, signs, two_weights, wide

USUAL = ("sigmoid", "tanh", "relu", "selu")


def entry(name):
    return catalogue.get(name, "activation")


def weights_of(net, sizes, rng):
    return [rng.standard_normal(size) * net.initializer.std(*size) for size in pairwise(sizes)]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("relu", "relu he_normal"),
        ("selu", "selu lecun_normal"),
        (" tanh  normal(0.01) ", "tanh normal(0.01)"),
        ("identity", "identity lecun_normal"),
    ],
)
def test_a_net_is_an_activation_with_an_initialiser_or_the_recommended_one(written, name):
    assert nets.read(written).name == name
    assert nets.read(nets.read(written).name) == nets.read(written)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (("sigmoyd",), "unknown activation 'sigmoyd'; did you mean 'sigmoid'"),
        (("relu he_norml",), "unknown initialiser 'he_norml'; .*; did you mean 'he_normal'"),
        (("rrelu",), "rrelu draws random numbers"),
        (("relu", "relu he_normal"), "networks has 'relu he_normal' twice"),
    ],
)
def test_nets_that_cannot_be_are_refused(written, words):
    with pytest.raises(OgiveError, match=words.replace("(", r"\(")):
        nets.read_all(written, "networks")


@pytest.mark.parametrize("name", USUAL)
def test_what_comes_back_is_the_derivative_by_each_layers_weights(name):
    net, rng = nets.read(name), np.random.default_rng(0)
    weights, inputs, pull = weights_of(net, (7, 5, 6, 4), rng), rng.standard_normal((9, 7)), rng.standard_normal((9, 4))

    def pulled(flat):
        moved = [part.reshape(own.shape) for part, own in zip(np.split(flat, ends), weights, strict=True)]
        return float(np.sum(pull * layers.forward(inputs, moved, net.activation).outputs[-1]))

    ends = np.cumsum([own.size for own in weights])[:-1]
    flat = np.concatenate([own.ravel() for own in weights])
    passed = layers.forward(inputs, weights, net.activation)
    by_sums = layers.backward(pull, weights, passed)
    found = np.concatenate([(below.T @ own).ravel() for below, own in zip(passed.outputs, by_sums, strict=False)])
    np.testing.assert_allclose(found, optimize.approx_fprime(flat, pulled, 1e-7), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", USUAL)
def test_means_over_a_normal_number_are_its_integrals(name):
    def integrand(z):
        return entry(name)(1.5 * z) ** 2 * stats.norm.pdf(z)

    expected = integrate.quad(integrand, -10, 0)[0] + integrate.quad(integrand, 0, 10)[0]
    assert wide.mean(entry(name)(1.5 * wide.Z) ** 2) == pytest.approx(expected, rel=1e-6)


def test_the_mean_square_of_relu_is_kept_by_he_and_halved_by_xavier_in_every_layer():
    np.testing.assert_allclose(wide.second_moments(entry("relu"), 2.0, 5), np.ones(5), rtol=1e-6)
    np.testing.assert_allclose(wide.second_moments(entry("relu"), 1.0, 5), 0.5 ** np.arange(1, 6), rtol=1e-6)
    np.testing.assert_allclose(wide.gradient_factors(entry("relu"), 2.0, 5), np.ones(5), rtol=1e-6)


def test_selu_with_lecuns_initialiser_keeps_a_mean_square_of_1():
    np.testing.assert_allclose(wide.second_moments(entry("selu"), 1.0, 5), np.ones(5), rtol=1e-6)


@pytest.mark.parametrize("written", ["relu he_normal", "relu glorot_normal", "tanh glorot_normal", "sigmoid normal(1)", "selu"])
def test_wide_layers_put_out_what_theory_says(written):
    units, draws, depth = 200, 10, 3
    found = signals.measure(nets.read(written), rows=20, units=units, layers=depth, seeds=draws)
    # a layer of ReLU has the largest spread of these: E z⁴/2 − 1/4 over 1/4 is 5, of each unit
    deviation = np.sqrt(((1 + 5 / units) ** depth - 1) / draws)
    np.testing.assert_allclose(found.second_moments, found.predicted, rtol=3 * deviation)
    assert found.bars.sum(1).tolist() == [20 * units * draws] * depth
    assert np.all(np.abs(found.zeros - 0.5) < 0.1) if "relu" in written else not found.zeros.any()


def test_the_ends_hold_as_many_outputs_of_saturated_sigmoids_as_the_normal_distribution_says():
    found = signals.measure(nets.read("sigmoid normal(1)"), rows=50, units=100, layers=2, seeds=20)
    logit = np.log((1 - signals.NEAR) / signals.NEAR)
    expected = stats.norm.sf(logit, scale=np.sqrt(100 * np.array([1.0, found.second_moments[0]])))
    np.testing.assert_allclose(found.low, expected, atol=0.03)
    np.testing.assert_allclose(found.high, expected, atol=0.03)
    assert np.all(found.low + found.high > 0.45)


def test_small_weights_make_all_outputs_of_sigmoids_a_half():
    found = signals.measure(nets.read("sigmoid normal(0.01)"), rows=50, units=100, layers=3, seeds=5)
    # the slope at 0 is ¼, the sums' deviation 0.01 √100 times the root mean square of what is below
    below = np.sqrt([1.0, *found.second_moments[:-1]])
    np.testing.assert_allclose(found.deviations, 0.25 * 0.01 * 10 * below, rtol=0.15)


@pytest.mark.parametrize("name", USUAL)
def test_gradient_norms_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch")
    net, problem = nets.read(name), gradients.problem(3, rows=11, units=8, layers=4)
    weights = [torch.tensor(net.deviation(8) * own, requires_grad=True) for own in problem.hidden[:3]]
    outputs = torch.tensor(problem.inputs)
    for own in weights:
        outputs = getattr(torch, name)(outputs @ own)
    logits = outputs @ torch.tensor(gradients.LAST.std(8, gradients.CLASSES) * problem.output)
    torch.nn.functional.cross_entropy(logits, torch.tensor(problem.classes)).backward()
    expected = [float(own.grad.norm()) for own in weights]
    np.testing.assert_allclose(gradients.measure(net, 3, [problem]).weights, expected, rtol=1e-10)


@pytest.mark.parametrize("name", [each.name for each in catalogue.entries("activation") if each.hidden])
def test_no_gradient_exceeds_the_product_of_slopes_and_norms(name):
    problems = [gradients.problem(seed, rows=20, units=12, layers=6) for seed in range(3)]
    for depth in (2, 6):
        assert 0 < gradients.measure(nets.read(name), depth, problems).closest <= 1


def test_the_bound_is_met_where_nothing_is_lost():
    problems = [gradients.problem(seed, rows=1, units=1, layers=4) for seed in range(3)]
    found = gradients.measure(nets.read("identity"), 4, problems)
    # a row of one unit has one weight in each layer; only the output layer's ten still lose
    np.testing.assert_allclose(found.weights / found.bounds, (found.weights / found.bounds)[0], rtol=1e-12)
    assert found.factor == pytest.approx(found.most, rel=1e-12)


@pytest.fixture(scope="module")
def deep():
    return [gradients.problem(seed, rows=50, units=100, layers=20) for seed in range(5)]


@pytest.mark.parametrize("name", USUAL)
def test_each_layer_multiplies_the_gradient_by_what_theory_says(name, deep):
    found = gradients.measure(nets.read(name), 20, deep)
    deviation = np.sqrt(5 / 100 / 19 / len(deep))  # of ReLU's, which spreads most: 5 over the units, for each layer passed and each draw
    assert found.factor == pytest.approx(gradients.predicted_factor(nets.read(name), 20, 100), rel=4 * deviation)
    assert found.factor < found.most


@pytest.mark.parametrize("name", USUAL)
def test_the_condition_is_that_of_the_inputs_curvature(name):
    inputs = two_weights.inputs_of(entry(name), 200_000, 3)
    assert np.linalg.cond(inputs.T @ inputs) == pytest.approx(two_weights.condition(entry(name), 3), rel=0.03)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_steps_of_one_row_push_weights_above_positive_outputs_one_way(name):
    found = two_weights.measure(entry(name), rows=500, seeds=20, most=5000)
    steps = int(found.one_row_steps.sum())
    if name == "tanh":
        assert found.one_signed == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / steps))
    else:
        assert found.one_signed == 1


def test_the_way_down_takes_as_many_steps_as_the_condition_says():
    found = {name: two_weights.measure(entry(name), rows=2000, seeds=9, most=5000) for name in ("sigmoid", "tanh")}
    for own in found.values():
        condition = np.linalg.cond(own.curvature)
        shrinks = (condition - 1) / (condition + 1)
        off = own.all_rows - two_weights.MINIMUM
        sizes = np.sqrt(np.einsum("si,ij,sj->s", off, own.curvature, off))
        assert np.all(sizes[1:] <= shrinks * sizes[:-1] * (1 + 1e-9))
    assert found["sigmoid"].all_rows_steps > 5 * found["tanh"].all_rows_steps
    assert np.median(found["sigmoid"].one_row_steps) > np.median(found["tanh"].one_row_steps)


def test_a_contour_is_where_the_loss_is_that_share_of_the_first():
    curvature = np.array([[2.0, 0.7], [0.7, 0.5]])

    def loss(points):
        return np.einsum("...i,ij,...j->...", points - two_weights.MINIMUM, curvature, points - two_weights.MINIMUM)

    np.testing.assert_allclose(loss(two_weights.contour(curvature, 0.3)), 0.3 * loss(two_weights.START), rtol=1e-12)


def test_an_activation_whose_outputs_hide_the_surface_is_refused():
    with pytest.raises(OgiveError, match="no learning rate takes two weights above softplus to the minimum in 3 steps"):
        two_weights.measure(entry("softplus"), rows=50, seeds=2, most=3)


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    return (data.numeric - 8.0) / 8.0, data.target


@pytest.mark.parametrize(("name", "batch"), [("sigmoid", 1), ("relu", 1), ("sigmoid", 64), ("tanh", 1), ("tanh", 64)])
def test_gradients_of_a_unit_have_one_sign_above_positive_outputs_in_steps_of_one_row(digits, name, batch):
    share = signs.measure(nets.read(name), *digits, signs.Training((16, 16), batch, 60, 0.1), 2)
    if name == "tanh":
        assert share < 0.01, "16 signs that agree by chance"
    else:
        assert share == 1 if batch == 1 else 0.01 < share < 0.9
