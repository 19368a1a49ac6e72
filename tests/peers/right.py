"""What is right to a few ulp, by how much a peer is off, and the peers' losses by name, where they are installed."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import pytest

F32, F64 = np.float32, np.float64
INF = np.inf
exp, log1p = mpmath.exp, mpmath.log1p


def close(got: Any, true: Any, dtype: Any = F64, ulp: float = 4) -> None:
    assert oracle.ulps(np.asarray(got)[()], mpmath.mpf(true), dtype) <= ulp


def off(got: Any, true: Any) -> float:
    """The relative error of a peer."""
    return abs(float(got) - float(true)) / abs(float(true))


def torch_with_gradient(function: Any, x: Any, *rest: Any, **options: Any) -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(x, requires_grad=True)
    value = function(torch)(tensor, *map(torch.as_tensor, rest), **options)
    value.backward()
    return value.detach().numpy(), tensor.grad.numpy()


def optax(name: str) -> Any:
    return getattr(pytest.importorskip("optax").losses, name)


def keras(name: str) -> Any:
    return getattr(pytest.importorskip("keras").losses, name)
