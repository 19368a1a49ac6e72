"""Losses beside those of scikit-learn and PyTorch: the same numbers where these are right, and the right ones where they are not."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import pytest
import samples

import ogive

F32, F64 = np.float32, np.float64
INF = np.inf


def close(got: Any, true: Any, dtype: Any, ulp: float = 4) -> None:
    assert np.asarray(got).dtype == dtype
    assert oracle.ulps(got, mpmath.mpf(true), dtype) <= ulp


# --- scikit-learn -----------------------------------------------------------------------------------------------------

sklearn_losses = pytest.importorskip("sklearn._loss.loss")
sklearn_table = pytest.importorskip("sklearn._loss.tests.test_loss")
OF_REGRESSION = (
    "HalfSquaredError", "AbsoluteError", "PinballLoss", "HuberLoss",
    "HalfPoissonLoss", "HalfGammaLoss", "HalfTweedieLoss", "HalfTweedieLossIdentity",
)  # fmt: skip
TABLE = [
    row for row in sklearn_table.test_loss_on_specific_values.pytestmark[0].args[1] if type(row[0]).__name__ in OF_REGRESSION
]  # loss, target, raw prediction, and its value, gradient and Hessian, or None


def ours(theirs: Any) -> tuple[Any, dict[str, Any]]:
    """The entry that has scikit-learn's name among its own, and what it has to be told."""
    name = type(theirs).__name__
    entry = ogive.get(name)
    parameters = {
        "PinballLoss": ("quantile",),
        "HuberLoss": ("delta",),
        "HalfTweedieLoss": ("power",),
        "HalfTweedieLossIdentity": ("power",),
    }
    named: dict[str, Any] = {each: getattr(theirs.closs, each) for each in parameters.get(name, ())}
    if len(entry.forms) > 1:
        named["given"] = list(entry.forms)[name.endswith("Identity")]
    return entry, named


def constant(theirs: Any, target: Any) -> Any:
    """What HalfTweedieLossIdentity, and HalfTweedieLoss at 0, take off: the value at the target itself, so that the least of it is 0."""
    entry, named = ours(theirs)
    if named.get("power") == 0 or type(theirs).__name__ == "HalfTweedieLossIdentity":
        return entry(target, target, reduction="none", **named | {"given": "means"})
    return 0.0


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{type(row[0]).__name__} {row[1]} {row[2]:.3g}")
def test_scikit_learns_own_table_holds_with_our_functions(row: Any) -> None:
    theirs, target, raw, value, gradient, hessian = row
    entry, named = ours(theirs)
    arrays = (np.array([raw], F64), np.array([target], F64))
    assert entry(*arrays, **named) - np.sum(constant(theirs, arrays[1])) == pytest.approx(value, rel=1e-15)
    if gradient is not None:
        assert entry.gradient(*arrays, **named) == pytest.approx(gradient, rel=1e-15)
    if hessian is not None:
        assert entry.hessian(*arrays, **named) == pytest.approx(hessian, rel=1e-15)


def test_the_table_has_a_row_for_every_loss() -> None:
    assert {type(row[0]).__name__ for row in TABLE} == set(OF_REGRESSION)


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("name", OF_REGRESSION)
def test_scikit_learns_losses_give_the_same_numbers(name: str, power: float) -> None:
    options = {"power": power} if "Tweedie" in name else {"quantile": 0.3} if name == "PinballLoss" else {}
    if not options and power != 0.0:
        pytest.skip("one run is enough for what has no power")
    theirs = getattr(sklearn_losses, name)(**options)
    entry, named = ours(theirs)
    rng = np.random.default_rng(1)
    target, raw = rng.lognormal(size=50), rng.normal(size=50) if not name.endswith("Identity") else rng.lognormal(size=50)
    value, gradient = entry.value_and_gradient(raw, target, **named | {"reduction": "none"})
    np.testing.assert_allclose(value - constant(theirs, target), theirs.loss(target, raw), rtol=1e-12, atol=1e-13)
    their_gradient, their_hessian = theirs.gradient_hessian(target, raw)
    np.testing.assert_allclose(gradient, their_gradient, rtol=1e-12, atol=1e-13)
    if name not in ("AbsoluteError", "PinballLoss", "HuberLoss"):  # for these scikit-learn's boosting takes 1
        np.testing.assert_allclose(entry.hessian(raw, target, **named | {"reduction": "none"}), their_hessian, rtol=1e-12, atol=1e-13)


# --- PyTorch ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["huber", "smooth_l1", "poisson", "mean_squared_error", "mean_absolute_error", "gaussian_nll"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_pytorchs_functions_mean_the_same(name: str, reduction: str) -> None:
    torch = pytest.importorskip("torch")
    entry = ogive.get(name)
    arrays = samples.arguments(entry.term, (30,), seed=2)
    named = {"given": next(iter(entry.forms))} if len(entry.forms) > 1 else {}
    native = getattr(torch.nn.functional, entry.native["torch"].rpartition(".")[2])
    tensors = [torch.tensor(array, requires_grad=each.differentiated) for each, array in zip(entry.term.inputs, arrays, strict=True)]
    order = (0, 2, 1) if name == "gaussian_nll" else range(len(tensors))
    value = native(*(tensors[i] for i in order), reduction=reduction)
    value.sum().backward()
    ours_value, ours_gradient = entry.value_and_gradient(*arrays, reduction=reduction, **named)
    np.testing.assert_allclose(ours_value, value.detach().numpy(), rtol=1e-12)
    by_input = ours_gradient if isinstance(ours_gradient, tuple) else (ours_gradient,)
    for got, tensor in zip(by_input, [tensor for tensor in tensors if tensor.requires_grad], strict=True):
        np.testing.assert_allclose(got, tensor.grad.numpy(), rtol=1e-12, atol=1e-15)


# --- where they are wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [F32, F64])
@pytest.mark.parametrize("error", [3e-8, 1e-8, 1e-4, 1e-3, 0.5, 1.99, 2.0, 40.0, 1e4, 1e30])
def test_log_cosh_keeps_its_digits(error: float, dtype: Any) -> None:
    """Keras and optax compute e + softplus(-2 e) - log 2: 0, or below 0, for small errors."""
    x = np.array([error, -error], dtype)
    values, slopes = ogive.log_cosh.value_and_gradient(x, np.zeros(2, dtype), reduction="none")
    with mpmath.workdps(60):
        exact = mpmath.mpf(float(x[0]))
        true = exact + mpmath.log1p(mpmath.exp(-2 * exact)) - mpmath.log(2)
        steep = mpmath.tanh(exact)
    assert (values > 0).all()
    for got, slope, sign in zip(values, slopes, (1, -1), strict=True):
        close(got, true, dtype)
        close(slope, sign * steep, dtype)
    assert ogive.log_cosh([0.0], [0.0]) == 0
    assert ogive.log_cosh([-INF], [0.0]) == INF


@pytest.mark.parametrize("error", [1e-5, 1e-8, 1e-150, 1e150, 1e300])
def test_pseudo_huber_keeps_its_digits(error: float) -> None:
    """SciPy's gives 0 at 1e-9 in float64."""
    with mpmath.workdps(700):
        true = mpmath.sqrt(1 + mpmath.mpf(error) ** 2) - 1
    close(ogive.pseudo_huber([error], [0.0]), true, F64)


@pytest.mark.parametrize("y", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 9.99, 10.0, 12.0, 1e3, 1e15])
@pytest.mark.parametrize("rate", [0.5, 3.0, 10.001, 1e3])
def test_the_whole_poisson_likelihood_has_an_exact_factorial(y: float, rate: float) -> None:
    """PyTorch's full=True is off by 0.055 at 1.5, by 0.041 at 2 and by 0.0083 at 10: Stirling's formula, and nothing up to 1."""
    with mpmath.workdps(60):
        true = mpmath.mpf(rate) - y * mpmath.log(mpmath.mpf(rate)) + mpmath.loggamma(mpmath.mpf(y) + 1)
    close(ogive.poisson_nll_full([rate], [y], given="rates"), true, F64, 8)
    log_rate = np.log(rate)
    with mpmath.workdps(60):
        exact = mpmath.mpf(float(log_rate))
        true = mpmath.exp(exact) - y * exact + mpmath.loggamma(mpmath.mpf(y) + 1)
    close(ogive.poisson_nll_full([log_rate], [y], given="log_rates"), true, F64, 8)


def test_pytorchs_factorial_is_stirlings() -> None:
    torch = pytest.importorskip("torch")
    full = torch.nn.functional.poisson_nll_loss(torch.tensor(0.0).double(), torch.tensor(1.5).double(), full=True)
    assert float(ogive.poisson_nll_full([0.0], [1.5], given="log_rates")) - float(full) == pytest.approx(0.0549, abs=1e-3)


def test_no_rate_is_clipped() -> None:
    """PyTorch adds 1e-8 to a rate of 1e-10 (36.82), Keras 1e-7 (32.23)."""
    value, gradient = ogive.poisson.value_and_gradient([1e-10], [2], given="rates")
    close(value, mpmath.mpf(1e-10) - 2 * mpmath.log(mpmath.mpf(1e-10)), F64)
    close(gradient[0], 1 - 2 / mpmath.mpf(1e-10), F64)


@pytest.mark.parametrize("scale", [1e-38, 1e-25, 1.0, 1e25, 1e38])
def test_cosines_neither_overflow_nor_underflow(scale: float) -> None:
    """In float32, optax gives inf at 1e-25, PyTorch, optax and Keras 0 at 1e25, for the squares of the norms."""
    x = np.array([1.0, 2.0, 2.0], F32) * F32(scale)
    assert ogive.cosine_proximity(x, x) == pytest.approx(-1, abs=1e-7)
    assert ogive.cosine_distance(x, x) == pytest.approx(0, abs=1e-12)
    assert ogive.cosine_distance(x, -x) == pytest.approx(2, abs=1e-6)
    across = np.array([2.0, -1.0, 0.0], F32) * F32(scale)
    value, gradient = ogive.cosine_distance.value_and_gradient(x, across)
    assert value == pytest.approx(1, abs=1e-6)
    expected = -np.array([2.0, -1.0, 0.0]) / 5**0.5 / (3 * float(F32(scale)))
    np.testing.assert_allclose(gradient, expected.astype(F32), rtol=1e-6)


@pytest.mark.parametrize("name", ["cosine_distance", "cosine_proximity", "pearson_loss"])
def test_a_vector_without_direction_has_no_similarity_and_no_gradient(name: str) -> None:
    """NaN in optax, and NaN gradients in Keras."""
    entry = ogive.get(name)
    for pair in (([0.0, 0.0, 0.0], [1.0, 2.0, 4.0]), ([1.0, 2.0, 4.0], [0.0, 0.0, 0.0])):
        value, gradient = entry.value_and_gradient(*pair)
        assert value == (0 if name == "cosine_proximity" else 1)
        np.testing.assert_array_equal(gradient, 0)


def test_correlation_does_not_mind_an_offset() -> None:
    x, y = np.array([1.0, 2.0, 4.0, 3.5]), np.array([2.0, 1.0, 5.0, 3.0])
    near = ogive.pearson_loss.value_and_gradient(x, y)
    far = ogive.pearson_loss.value_and_gradient(x + 2.0**40, y - 2.0**40)
    np.testing.assert_allclose(far[0], near[0], rtol=1e-13)
    np.testing.assert_allclose(far[1], near[1], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(1 - near[0], np.corrcoef(x, y)[0, 1], rtol=1e-14)


def test_concordance_is_lins() -> None:
    x, y = np.array([1.0, 2.0, 4.0, 3.5]), np.array([2.0, 1.0, 5.0, 3.0])
    lin = 2 * np.cov(x, y, ddof=0)[0, 1] / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    assert ogive.concordance_loss(x, y) == pytest.approx(1 - lin, rel=1e-14)
    assert ogive.concordance_loss([3.0, 3.0], [3.0, 3.0]) == 0


@pytest.mark.parametrize(
    ("alpha", "other", "scale"),
    [(2.0, "half_mean_squared_error", 1.0), (1.0, "pseudo_huber", 1.0), (0.0, "cauchy", 2**0.5), (-2.0, "geman_mcclure", 2.0),
     (-1e8, "welsch", 2**0.5), (-1e300, "welsch", 2**0.5), (1e-9, "cauchy", 2**0.5), (2 - 2**-52, "half_mean_squared_error", 1.0)],
)  # fmt: skip
def test_the_general_robust_loss_holds_the_others(alpha: float, other: str, scale: float) -> None:
    errors = np.r_[0.0, np.geomspace(1e-8, 1e3, 60)]
    target = np.zeros_like(errors)
    entry = ogive.get(other)
    named = {"scale": scale} if entry.parameters and entry.parameters[0].name == "scale" else {}
    value, slope = ogive.general_robust.value_and_gradient(errors, target, alpha=alpha, reduction="none")
    expected, expected_slope = entry.value_and_gradient(errors, target, reduction="none", **named)
    tolerance = 1e-12 if abs(alpha) in (0, 1, 2, 1e300) else 1e-5
    np.testing.assert_allclose(value, expected, rtol=tolerance)
    np.testing.assert_allclose(slope, expected_slope, rtol=tolerance, atol=1e-12)


@pytest.mark.parametrize("alpha", [3.0, 1.5, 0.3, -0.5, -7.0, -40.0])
def test_the_general_robust_loss_is_its_formula_at_every_shape(alpha: float) -> None:
    entry = ogive.general_robust
    errors = np.geomspace(1e-9, 1e3, 40)
    value, slope = entry.value_and_gradient(errors, np.zeros(40), alpha=alpha, scale=0.7, reduction="none")
    for got, steep, error in zip(value, slope, errors, strict=True):
        true = oracle.truth(entry.formula, "prediction", prediction=float(error), target=0.0, alpha=alpha, scale=0.7)
        close(got, true[0], F64, 16)
        close(steep, true[1], F64, 64)


def test_robust_losses_are_half_the_squared_error_near_zero() -> None:
    for name in ("huber", "pseudo_huber", "log_cosh", "cauchy", "geman_mcclure", "welsch", "tukey_biweight", "general_robust"):
        entry = ogive.get(name)
        np.testing.assert_allclose(entry([1e-6], [0.0]), 5e-13, rtol=1e-11, err_msg=name)
        np.testing.assert_allclose(entry.hessian([0.0], [0.0]), 1.0, rtol=1e-15, err_msg=name)


@pytest.mark.parametrize(("dtype", "error"), [(F32, 2.5e19), (F64, 1.8e154)])
def test_no_square_overflows_before_its_weight(dtype: Any, error: float) -> None:
    x = np.array([error], dtype)
    half = mpmath.mpf(float(x[0])) ** 2 / 2
    for value in (
        ogive.expectile(x, x * 0, expectile=0.5),
        ogive.huber(x, x * 0, delta=float(2 * x[0])),
        ogive.tukey_biweight(x, x * 0, scale=float(x[0]) * 1e9),
        ogive.geman_mcclure(x, x * 0, scale=float(x[0]) * 1e9),
    ):
        close(value, half, dtype)


@pytest.mark.parametrize("delta", [0.5, 3.0])
def test_smooth_l1_is_huber_over_its_parameter(delta: float) -> None:
    x = np.linspace(-5, 5, 101)
    for got, expected in zip(
        ogive.smooth_l1.value_and_gradient(x, 0.25 * x, beta=delta), ogive.huber.value_and_gradient(x, 0.25 * x, delta=delta), strict=True
    ):
        np.testing.assert_allclose(got, expected / delta, rtol=1e-14)


def test_several_quantiles_are_as_many_pinball_losses() -> None:
    rng = np.random.default_rng(3)
    prediction, target, quantiles = rng.normal(size=(20, 4)), rng.normal(size=20), (0.05, 0.3, 0.5, 0.95)
    value, gradient = ogive.multi_quantile.value_and_gradient(prediction, target, quantiles=quantiles)
    parts = [ogive.pinball.value_and_gradient(prediction[:, i], target, quantile=q) for i, q in enumerate(quantiles)]
    assert value == pytest.approx(np.mean([part for part, _ in parts]), rel=1e-14)
    np.testing.assert_allclose(gradient, np.stack([slope for _, slope in parts], axis=1) / 4, rtol=1e-14)


def test_quantiles_are_as_many_as_the_columns() -> None:
    with pytest.raises(ValueError, match="quantiles must hold one number for each of the 4 along the axis of prediction, got 3"):
        ogive.multi_quantile(np.zeros((2, 4)), np.zeros(2), quantiles=[0.1, 0.5, 0.9])
    with pytest.raises(ValueError, match="quantiles must be finite from 0 to 1"):
        ogive.multi_quantile(np.zeros((2, 2)), np.zeros(2), quantiles=[0.1, 1.5])


def test_the_median_and_the_largest_error_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(4)
    for n in (1, 2, 7, 8):
        prediction, target = rng.normal(size=(2, n))
        assert ogive.max_error(prediction, target) == metrics.max_error(target, prediction)
        assert ogive.median_absolute_error(prediction, target) == pytest.approx(
            metrics.median_absolute_error(target, prediction), rel=1e-15
        )
        size = np.abs(prediction - target)
        ogive_gradient = ogive.median_absolute_error.gradient(prediction, target)
        assert np.abs(ogive_gradient).sum() == pytest.approx(1)
        assert set(np.flatnonzero(ogive_gradient)) == set(np.argsort(size)[(n - 1) // 2 : n // 2 + 1])


def test_relative_errors_are_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    prediction, target = rng.lognormal(size=(2, 40))
    target[0] = 0.0
    for ours_name, theirs in (
        ("mean_squared_logarithmic_error", metrics.mean_squared_log_error),
        ("mean_absolute_percentage_error", metrics.mean_absolute_percentage_error),
    ):
        assert ogive.get(ours_name)(prediction, target) == pytest.approx(theirs(target, prediction), rel=1e-12)
