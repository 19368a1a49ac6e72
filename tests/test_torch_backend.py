"""The catalogue's activations on PyTorch tensors: NumPy's values, the declared slopes, gradients for all inputs."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import ogive  # noqa: E402  after the check for PyTorch
from ogive.backends.torch import bound, function  # noqa: E402
from ogive.errors import InputError  # noqa: E402

ENTRIES = [ogive.get(name) for name in ogive.names("activation") if not ogive.get(name).random]
BOUNDED = [entry for entry in ENTRIES if all(parameter.default is not None for parameter in entry.parameters)]


def _points(entry, dtype=np.float64):
    low, high = (max(entry.domain[0], -6.0), min(entry.domain[1], 6.0))
    return np.linspace(low, high, 101)[1:-1].astype(dtype)


@pytest.mark.parametrize("entry", BOUNDED, ids=lambda entry: entry.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_slopes_are_those_of_numpy(entry, dtype):
    points = _points(entry, dtype)
    x = torch.from_numpy(points).requires_grad_()
    y = function(entry)(x)
    y.backward(torch.full_like(y, 2.0))
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y.detach().numpy(), entry(points), rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-7)
    np.testing.assert_allclose(x.grad.numpy(), 2 * entry.slope(points), rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-7)


@pytest.mark.parametrize("entry", [entry for entry in BOUNDED if entry.trainable], ids=lambda entry: entry.name)
def test_gradients_agree_with_differences(entry):
    x = torch.from_numpy(_points(entry) + 0.0123)
    x = x[(x > entry.domain[0]) & (x < entry.domain[1])]
    assert torch.autograd.gradcheck(function(entry), x.requires_grad_(), eps=1e-6, atol=1e-5)


def test_the_slope_at_a_kink_is_the_declared_one():
    x = torch.zeros(3, requires_grad=True)
    function(ogive.get("leaky_relu"))(x).sum().backward()
    np.testing.assert_allclose(x.grad, ogive.get("leaky_relu").slope(np.zeros(3, np.float32)))


def test_a_learned_parameter_gets_its_gradient():
    entry = ogive.get("prelu")
    x = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(4, 3).requires_grad_()
    slope = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64, requires_grad=True)
    theirs = torch.nn.functional.prelu(x, slope)
    ours = function(entry)(x, slope)
    upstream = torch.arange(12, dtype=torch.float64).reshape(4, 3)
    for mine, other in zip(torch.autograd.grad(ours, (x, slope), upstream), torch.autograd.grad(theirs, (x, slope), upstream), strict=True):
        np.testing.assert_allclose(mine, other)


@pytest.mark.parametrize("entry", [entry for entry in BOUNDED if entry.learned], ids=lambda entry: entry.name)
def test_gradients_by_learned_parameters_agree_with_differences(entry):
    x = torch.from_numpy(_points(entry).reshape(33, 3) + 0.0123)
    parameters = [torch.tensor(parameter.default, dtype=torch.float64).requires_grad_() for parameter in entry.parameters]
    assert torch.autograd.gradcheck(function(entry), (x.requires_grad_(), *parameters), eps=1e-6, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_dtype_strides_and_shape_are_kept(dtype):
    x = torch.randn(6, 4).to(dtype).t()[::2].requires_grad_()
    y = function(ogive.get("silu"))(x)
    y.sum().backward()
    assert y.dtype == x.dtype
    assert y.shape == x.shape == x.grad.shape
    np.testing.assert_allclose(y.detach().float(), torch.nn.functional.silu(x.detach().float()), rtol=1e-2)


@pytest.mark.parametrize("name", ["relu", "gelu", "mish"])
def test_a_bound_activation_reads_its_memory_anew(name):
    entry = ogive.get(name)
    x, out, slope = torch.empty(2, 5), torch.empty(2, 5), torch.empty(2, 5)
    value, both = bound(entry, x, out), bound(entry, x, out, slope)
    for seed in range(2):
        points = np.random.default_rng(seed).standard_normal((2, 5)).astype(np.float32)
        x.copy_(torch.from_numpy(points))
        value()
        np.testing.assert_allclose(out, entry(points), rtol=1e-5, atol=1e-7)
        both()
        np.testing.assert_allclose(slope, entry.slope(points), rtol=1e-5, atol=1e-7)


def test_random_activations_are_refused():
    with pytest.raises(InputError, match="draws random numbers"):
        function(ogive.get("rrelu"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("entry", BOUNDED, ids=lambda entry: entry.name)
def test_the_gpu_computes_the_definitions(entry):
    points = _points(entry, np.float32)
    x = torch.from_numpy(points).cuda().requires_grad_()
    y = function(entry)(x)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().cpu(), entry(points), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(x.grad.cpu(), entry.slope(points), rtol=1e-4, atol=1e-6)


def test_the_adapter_refuses_what_the_entry_refuses() -> None:
    with pytest.raises(TypeError, match=r"tensor of floats, got torch\.int64"):
        function(ogive.get("sigmoid"))(torch.tensor([1, 2]))
    with pytest.raises(TypeError, match=r"expected a tensor, got ndarray; of arrays, ogive\.sigmoid itself"):
        function(ogive.get("sigmoid"))(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="alpha must be finite from 0"):
        function(ogive.get("elu"))(torch.tensor([-1.0]), alpha=-1.0)
    with pytest.raises(TypeError, match="elementwise activation"):
        function(ogive.get("softmax"))
