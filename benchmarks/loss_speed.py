"""Losses with their gradients, and functions along an axis, beside PyTorch, JAX and optax, scikit-learn and SciPy; tables of speed.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
import optax
import scipy.special
import torch
from sklearn._loss import loss as sklearn_loss
from timing import Contenders, compare

import ogive


def peer_kernels(name: str) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """PyTorch's, JAX's and SciPy's function of that name along the last axis."""
    jax_native = {"logsumexp": jax.scipy.special.logsumexp}.get(name) or getattr(jax.nn, name)
    return getattr(torch, name), jax.jit(lambda x: jax_native(x, axis=-1)), getattr(scipy.special, name)


def jax_cross_entropy(logits: Any, classes: Any) -> Any:
    """The mean over the rows."""
    return jax.numpy.mean(optax.losses.softmax_cross_entropy_with_integer_labels(logits, classes))


def rows(dtype: Any) -> dict[str, Any]:
    """Softmax and its kin, and cross-entropy, with its gradient and alone, of rows of 10, 1,000 and 50,000 logits."""
    found = {}
    for count, length in ((256, 10), (4096, 1000), (256, 50_000)):
        rng = np.random.default_rng(2)
        logits = rng.normal(scale=3, size=(count, length)).astype(dtype)
        labels = rng.integers(0, length, count)
        tensor, targets = torch.from_numpy(logits), torch.from_numpy(labels)
        graded, there, classes = tensor.clone().requires_grad_(), jax.device_put(logits), jax.device_put(labels)
        for name in ("softmax", "log_softmax", "logsumexp"):
            entry, (in_torch, in_jax, in_scipy) = ogive.get(name), peer_kernels(name)
            found[f"{name} {count} × {length}"] = compare(
                {
                    "ogive": lambda entry=entry, logits=logits: entry(logits),
                    "torch": lambda in_torch=in_torch, tensor=tensor: in_torch(tensor, -1),
                    "jax": lambda in_jax=in_jax, there=there: in_jax(there).block_until_ready(),
                    "numpy": lambda in_scipy=in_scipy, logits=logits: in_scipy(logits, axis=-1),
                }
            )

        value, both = jax.jit(jax_cross_entropy), jax.jit(jax.value_and_grad(jax_cross_entropy))
        ours = partial(ogive.cross_entropy, logits, labels, given="logits")
        found[f"cross_entropy {count} × {length}"] = compare(
            {
                "ogive": ours,
                "torch": partial(torch.nn.functional.cross_entropy, tensor, targets),
                "jax": lambda value=value, there=there, classes=classes: value(there, classes).block_until_ready(),
            }
        )
        found[f"cross_entropy and gradient {count} × {length}"] = compare(
            {
                "ogive": partial(ogive.cross_entropy.value_and_gradient, logits, labels, given="logits"),
                "torch": lambda graded=graded, targets=targets: torch.autograd.grad(
                    torch.nn.functional.cross_entropy(graded, targets), graded
                ),
                "jax": lambda both=both, there=there, classes=classes: both(there, classes)[1].block_until_ready(),
            }
        )
    return found


@dataclass(frozen=True)
class Peers:
    """The functions of a loss, to be reduced to a mean: PyTorch's, JAX's for each term, and the class in scikit-learn's `_loss`."""

    torch: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = None
    sklearn: Callable[[], Any] | None = None
    of_classes: bool = False
    positive: bool = False


def torch_focal(logits: Any, target: Any) -> Any:
    """Focal loss out of PyTorch's functions, for PyTorch itself has none."""
    cost = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    chance = torch.sigmoid(logits)
    right = chance * target + (1 - chance) * (1 - target)
    return ((0.25 * target + 0.75 * (1 - target)) * (1 - right) ** 2 * cost).mean()


POINTWISE = {
    "binary_cross_entropy": Peers(
        torch.nn.functional.binary_cross_entropy_with_logits, optax.losses.sigmoid_binary_cross_entropy, sklearn_loss.HalfBinomialLoss, True
    ),
    "focal_loss": Peers(torch_focal, partial(optax.losses.sigmoid_focal_loss, alpha=0.25), None, True),
    "mean_squared_error": Peers(torch.nn.functional.mse_loss, optax.losses.squared_error, sklearn_loss.HalfSquaredError),
    "mean_absolute_error": Peers(torch.nn.functional.l1_loss, lambda x, target: jax.numpy.abs(x - target), sklearn_loss.AbsoluteError),
    "huber": Peers(torch.nn.functional.huber_loss, optax.losses.huber_loss, sklearn_loss.HuberLoss),
    "log_cosh": Peers(None, optax.losses.log_cosh),
    "smooth_l1": Peers(torch.nn.functional.smooth_l1_loss),
    "pinball": Peers(sklearn=sklearn_loss.PinballLoss),
    "poisson": Peers(torch.nn.functional.poisson_nll_loss, sklearn=sklearn_loss.HalfPoissonLoss, positive=True),
    "gamma_nll": Peers(sklearn=sklearn_loss.HalfGammaLoss, positive=True),
    "tweedie": Peers(sklearn=sklearn_loss.HalfTweedieLoss, positive=True),
    "exponential_loss": Peers(sklearn=sklearn_loss.ExponentialLoss, of_classes=True),
    "hinge": Peers(None, lambda x, target: optax.losses.hinge_loss(x, 2 * target - 1), of_classes=True),
    "perceptron": Peers(None, lambda x, target: optax.losses.perceptron_loss(x, 2 * target - 1), of_classes=True),
    "binary_sparsemax": Peers(None, optax.losses.sparsemax_loss, of_classes=True),
    "hinge_embedding": Peers(lambda x, target: torch.nn.functional.hinge_embedding_loss(x, 2 * target - 1), of_classes=True),
}


def in_sklearn(loss: Any, predictions: Any, target: Any) -> Any:
    """The mean and the gradient of every term, not divided."""
    terms, slopes = loss.loss_gradient(y_true=target, raw_prediction=predictions, n_threads=os.cpu_count() or 1)
    return terms.mean(), slopes


def losses(dtype: Any, size: int) -> dict[str, Any]:
    """Pointwise losses reduced to a mean, with their gradients."""
    rng = np.random.default_rng(4)
    predictions = rng.normal(scale=3, size=size).astype(dtype)
    found = {}
    for name, peers in POINTWISE.items():
        drawn = (
            rng.random(size) < 0.5 if peers.of_classes else rng.gamma(2, size=size) if peers.positive else rng.normal(scale=3, size=size)
        )
        target, entry = drawn.astype(dtype), ogive.get(name, kind="loss")
        given = {"given": next(iter(entry.forms))} if len(entry.forms) > 1 else {}
        contenders: Contenders = {"ogive": partial(entry.value_and_gradient, predictions, target, **given)}
        if peers.jax is not None:
            there, at = jax.device_put(predictions), jax.device_put(target)
            traced = jax.jit(jax.value_and_grad(lambda x, target, term=peers.jax: jax.numpy.mean(term(x, target))))
            contenders["jax"] = lambda traced=traced, there=there, at=at: traced(there, at)[1].block_until_ready()
        if peers.torch is not None:
            tensor, aim = torch.from_numpy(predictions).requires_grad_(), torch.from_numpy(target)
            contenders["torch"] = lambda native=peers.torch, tensor=tensor, aim=aim: torch.autograd.grad(native(tensor, aim), tensor)
        if peers.sklearn is not None:
            contenders["sklearn"] = partial(in_sklearn, peers.sklearn(), predictions, target)
        found[name] = compare(contenders)
    return found
