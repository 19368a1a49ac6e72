"""Losses of rows, of sequences and of whole batches with their gradients, beside PyTorch and optax; tables of speed.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import numpy as np
import optax
import torch
from timing import Contenders, compare

import ogive

SHAPE = (4096, 100)


@dataclass(frozen=True)
class Peers:
    """What a loss is given, and the peers' functions of it, PyTorch's reduced to a mean and JAX's not.

    ``mine`` are options of ogive's, ``loss`` its name where that is not the line's, ``size`` what is not of the usual shape.
    """

    kinds: tuple[str, ...]
    torch: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = None
    mine: dict[str, Any] = field(default_factory=dict)
    loss: str = ""
    size: str = f"{SHAPE[0]} × {SHAPE[1]}"


F = torch.nn.functional


def torch_cosine(prediction: Any, target: Any) -> Any:
    """One minus the cosine of each row."""
    return (1 - F.cosine_similarity(prediction, target, dim=-1)).mean()


def torch_cosine_embedding(first: Any, second: Any, same: Any) -> Any:
    """With labels of 1 and -1."""
    return F.cosine_embedding_loss(first, second, 2 * same - 1)


def torch_margin_ranking(first: Any, second: Any, higher: Any) -> Any:
    """With labels of 1 and -1."""
    return F.margin_ranking_loss(first, second, 2 * higher - 1)


def torch_gaussian_nll(mean: Any, variance: Any, target: Any) -> Any:
    """With the target before the variance."""
    return F.gaussian_nll_loss(mean, target, variance)


def torch_dice(logits: Any, target: Any) -> Any:
    """The Dice loss of each row out of PyTorch's functions, for PyTorch itself has none."""
    p = torch.sigmoid(logits)
    return (1 - (2 * (p * target).sum(-1) + 1) / (p.sum(-1) + target.sum(-1) + 1)).mean()


def torch_multilabel_margin(logits: Any, labels: Any) -> Any:
    """With the numbers of the labels in the first places, then -1."""
    order = torch.argsort(labels, dim=-1, descending=True, stable=True)
    return F.multilabel_margin_loss(logits, torch.where(labels.gather(-1, order) == 1, order, -1))


def jax_dice(logits: Any, target: Any) -> Any:
    """That of each row: optax's own function adds up all of an example."""
    return jax.vmap(lambda x, t: optax.losses.binary_dice_loss(x[None, :, None], t[None, :, None])[0])(logits, target)


def jax_poly(logits: Any, classes: Any) -> Any:
    """With one-hot rows, as optax wants them, and the factor that is ogive's default."""
    return optax.losses.poly_loss_cross_entropy(logits, jax.nn.one_hot(classes, logits.shape[-1]), epsilon=1.0)


def jax_smoothed(logits: Any, classes: Any) -> Any:
    """Cross-entropy with labels smoothed by a tenth."""
    shares = optax.losses.smooth_labels(jax.nn.one_hot(classes, logits.shape[-1]), 0.1)
    return optax.losses.softmax_cross_entropy(logits, shares)


def torch_ctc(logits: Any, labels: Any, frames: Any, counts: Any) -> Any:
    """From logits, each sequence once."""
    return F.ctc_loss(logits.log_softmax(-1).transpose(0, 1), labels, frames, counts, reduction="none").mean()


def jax_ctc(logits: Any, labels: Any, frames: Any, counts: Any) -> Any:
    """With paddings made of the lengths."""
    missing = (jax.numpy.arange(size)[None] >= lengths[:, None] for size, lengths in ((logits.shape[1], frames), (labels.shape[1], counts)))
    no_frame, no_label = (each.astype(logits.dtype) for each in missing)
    return optax.losses.ctc_loss(logits, no_frame, labels, no_label)


def jax_nt_xent(first: Any, second: Any) -> Any:
    """With the number of each example as its label."""
    numbers = jax.numpy.tile(jax.numpy.arange(len(first)), 2)
    return optax.losses.ntxent(jax.numpy.concatenate([first, second]), numbers, temperature=0.5)


OF_ROWS = {
    "cross_entropy of shares": Peers(
        ("numbers", "shares"), F.cross_entropy, optax.losses.softmax_cross_entropy, {"given": "logits"}, "cross_entropy"
    ),
    "cross_entropy, smoothed": Peers(
        ("numbers", "classes"),
        partial(F.cross_entropy, label_smoothing=0.1),
        jax_smoothed,
        {"given": "logits", "label_smoothing": 0.1},
        "cross_entropy",
    ),
    "cross_entropy of log-probabilities": Peers(("logs", "classes"), F.nll_loss, mine={"given": "log_probabilities"}, loss="cross_entropy"),
    "kl_divergence_of_logs": Peers(
        ("logs", "log_shares"), partial(F.kl_div, reduction="batchmean", log_target=True), optax.losses.kl_divergence_with_log_targets
    ),
    "kl_divergence": Peers(
        ("logs", "shares"), partial(F.kl_div, reduction="batchmean"), optax.losses.kl_divergence, {"given": "log_probabilities"}
    ),
    "multi_margin": Peers(("numbers", "classes"), F.multi_margin_loss),
    "multilabel_margin": Peers(("numbers", "labels"), torch_multilabel_margin),
    "multiclass_hinge": Peers(("numbers", "classes"), jax=jax.vmap(optax.losses.multiclass_hinge_loss)),
    "multiclass_perceptron": Peers(("numbers", "classes"), jax=jax.vmap(optax.losses.multiclass_perceptron_loss)),
    "sparsemax_loss": Peers(("numbers", "classes"), jax=optax.losses.multiclass_sparsemax_loss),
    "poly_loss": Peers(("numbers", "classes"), jax=jax_poly, mine={"given": "logits"}),
    "multilabel_soft_margin": Peers(("numbers", "labels"), F.multilabel_soft_margin_loss),
    "ranking_softmax": Peers(("numbers", "shares"), jax=partial(optax.losses.ranking_softmax_loss, reduce_fn=None)),
    "soft_dice": Peers(("numbers", "labels"), torch_dice, jax_dice, {"given": "logits", "axis": -1}),
    "cosine_distance": Peers(("numbers", "positives"), torch_cosine, optax.losses.cosine_distance),
    "cosine_embedding": Peers(("numbers", "positives", "same"), torch_cosine_embedding),
    "margin_ranking": Peers(("numbers", "positives", "labels"), torch_margin_ranking),
    "gaussian_nll": Peers(("numbers", "variances", "positives"), torch_gaussian_nll),
    "generalized_kl_divergence": Peers(("logs", "shares"), jax=optax.losses.convex_kl_divergence, mine={"given": "log_values"}),
    "triplet_margin": Peers(("numbers", "positives", "negatives"), F.triplet_margin_loss, optax.losses.triplet_margin_loss),
    "ctc": Peers(
        ("frames", "labels_of_frames", "frame_counts", "label_counts"),
        torch_ctc,
        jax_ctc,
        {"given": "logits"},
        size="32 × 100 × 32, up to 20 labels",
    ),
    "linear_cross_entropy": Peers(("features", "weights", "next_classes"), F.linear_cross_entropy, size="512 × 256, 1000 classes"),
    "nt_xent": Peers(("features", "other_features"), jax=jax_nt_xent, size="512 × 256"),
}


def rows_of(dtype: Any) -> dict[str, Any]:
    """Rows of each kind that a loss of rows takes."""
    rng = np.random.default_rng(5)
    count, length = SHAPE
    numbers, positives, negatives = (rng.normal(scale=3, size=SHAPE).astype(dtype) for _ in range(3))
    return {
        "numbers": numbers,
        "positives": positives,
        "negatives": negatives,
        "variances": positives**2 + dtype(0.1),
        "logs": np.array(jax.nn.log_softmax(numbers, axis=-1)),
        "shares": (shares := rng.dirichlet(np.ones(length), count).astype(dtype)),
        "log_shares": np.log(np.maximum(shares, np.finfo(dtype).tiny)),
        "labels": (positives > 0).astype(dtype),
        "same": (positives[:, 0] > 0).astype(dtype),
        "classes": rng.integers(0, length, count),
        "frames": rng.normal(scale=3, size=(32, 100, 32)).astype(dtype),
        "labels_of_frames": rng.integers(1, 32, (32, 20)),
        "frame_counts": rng.integers(80, 101, 32),
        "label_counts": rng.integers(10, 21, 32),
        "features": rng.normal(size=(512, 256)).astype(dtype),
        "other_features": rng.normal(size=(512, 256)).astype(dtype),
        "weights": rng.normal(scale=1 / 16, size=(1000, 256)).astype(dtype),
        "next_classes": rng.integers(0, 1000, 512),
    }


def losses_of_rows(dtype: Any) -> dict[str, Any]:
    """Losses reduced to a mean, with their gradients by all inputs that ogive differentiates by."""
    drawn, found = rows_of(dtype), {}
    for name, peers in OF_ROWS.items():
        entry = ogive.get(peers.loss or name, kind="loss")
        arrays, by = [drawn[kind] for kind in peers.kinds], range(len(entry.term.differentiated))
        contenders: Contenders = {"ogive": partial(entry.value_and_gradient, *arrays, **peers.mine)}
        if peers.torch is not None:
            tensors = [torch.from_numpy(array).requires_grad_(i in by) for i, array in enumerate(arrays)]
            first = [tensors[i] for i in by]
            contenders["torch"] = lambda native=peers.torch, first=first, every=tensors: torch.autograd.grad(native(*every), first)
        if peers.jax is not None:
            mean = jax.jit(jax.value_and_grad(lambda *given, term=peers.jax: jax.numpy.mean(term(*given)), argnums=tuple(by)))
            with jax.enable_x64(dtype == np.float64):  # optax's sparsemax mixes the two types otherwise, and fails
                there = [jax.device_put(array) for array in arrays]
                compiled = mean.lower(*there).compile()
            contenders["jax"] = lambda compiled=compiled, there=there: jax.block_until_ready(compiled(*there))
        found[f"{name} {peers.size}"] = compare(contenders)
    return found
