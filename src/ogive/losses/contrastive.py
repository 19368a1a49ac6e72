"""Losses of metric learning over batches of pairs, in which every example is compared with those of the other pairs.

They are the cross-entropy of some scores against some shares. A row that does not count costs nothing itself, and is still there for
the others to be compared with; to be rid of it, leave it out of the arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ogive.loss import loss
from ogive.losses.probabilistic import cross_entropy
from ogive.losses.products import cross_entropy_kernel, cross_entropy_of_products
from ogive.losses.sweeps import PAIRED
from ogive.losses.vectors import cosines, far_products, log_sum, products, unit
from ogive.parameter import Parameter
from ogive.term import Input

inf = math.inf

_of_scores = cross_entropy.forms["logits"]


def _identity(scores: Any, xp: Any) -> Any:
    return xp.eye(scores.shape[-1], dtype=scores.dtype)


def _slopes(scores: Any, shares: Any, cotangent: Any, xp: Any) -> Any:
    """The gradient of the rows' cross-entropies; 0 for rows that do not count, whatever they hold."""
    (found,) = _of_scores.pull(scores, shares, cotangent=cotangent, xp=xp)
    return xp.where(cotangent[..., None] != 0, found, 0.0)


def _temperature(default: float) -> Parameter:
    return Parameter("temperature", "what the scores are divided by", default=default, low=1e-30)


def _info_nce_vjp(queries: Any, keys: Any, temperature: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    scores, room = far_products(queries, keys, temperature[..., None, None], xp)
    by_scores = _slopes(scores, _identity(scores, xp), cotangent, xp) / temperature[..., None, None]
    asking = xp.where(cotangent[..., None] != 0, queries, 0.0)  # what does not count may hold anything
    return xp.matmul(by_scores, keys * room) / room, xp.matmul(xp.swapaxes(by_scores, -1, -2), asking * room) / room


def _info_nce_together(queries: Any, keys: Any, temperature: Any, share: Any, graded: bool, narrow: bool) -> tuple[Any, Any, Any]:
    own = np.broadcast_to(np.arange(queries.shape[-2]), queries.shape[:-1])
    return cross_entropy_of_products(queries, keys, own, temperature, share, graded=graded, narrow=narrow)


@loss(
    formula="log(sum(exp(sum(a * b for a, b in zip(queries[i], key)) / temperature) for key in keys))"
    " - sum(a * b for a, b in zip(queries[i], keys[i])) / temperature",
    signature="(n,d),(n,d)->(n)",
    vjp=_info_nce_vjp,
    together=_info_nce_together,
    inputs=(
        Input("queries", "embeddings of shape (…, n, d); scale them to length 1 where cosines are meant", differentiated=True),
        Input("keys", "embeddings of the same shape; key i belongs to query i, the others are its negatives", differentiated=True),
    ),
    parameters=(_temperature(0.1),),
    sweep=PAIRED,
    convex=True,
    robust=True,
    aliases=("infonce", "contrastive loss of pairs", "n pair loss", "multi class n pair loss"),
    references=(
        "A. van den Oord, Y. Li, O. Vinyals, Representation learning with contrastive predictive coding, 2018, eq. 4, arXiv:1807.03748",
        "K. Sohn, Improved deep metric learning with multi-class N-pair loss objective, NIPS 2016 (temperature = 1)",
    ),
)
def info_nce(queries: Any, keys: Any, temperature: Any, xp: Any) -> Any:
    """Cross-entropy of finding each query's own key among all keys of the batch, from their inner products over the temperature.

    The terms are one for each query; the gradient is a pair, by the queries and by the keys. A query that does not count leaves its
    key among the negatives of the others: drop the pair to be rid of both.

    Examples
    --------
    >>> ogive.info_nce([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], temperature=1.0).round(12)
    np.float64(0.313261687518)
    """
    scores, _ = far_products(queries, keys, temperature[..., None, None], xp)
    return _of_scores.value(scores, _identity(scores, xp), xp)


def _views(first: Any, second: Any, temperature: Any, xp: Any) -> tuple[Any, Any, Any]:
    """Scores of every view with every other of the batch, -∞ with itself; the shares of the partners; and the unit vectors, as `unit`."""
    both, pull = unit(xp.concatenate([first, second], axis=-2), xp)
    scores = products(both, both, xp) / temperature[..., None, None]
    own = _identity(scores, xp)
    n = first.shape[-2]
    partners = xp.concatenate([own[..., n:], own[..., :n]], axis=-1)
    return xp.where(own == 1, -inf, scores), partners, (both, pull)


def _nt_xent_vjp(first: Any, second: Any, temperature: Any, cotangent: Any, xp: Any) -> tuple[Any, Any]:
    scores, partners, (both, pull) = _views(first, second, temperature, xp)
    slopes = _slopes(scores, partners, xp.concatenate([cotangent, cotangent], axis=-1) / 2, xp)
    by_both = pull(xp.matmul((slopes + xp.swapaxes(slopes, -1, -2)) / temperature[..., None, None], both))
    n = first.shape[-2]
    return by_both[..., :n, :], by_both[..., n:, :]


def _nt_xent_together(first: Any, second: Any, temperature: Any, share: Any, graded: bool, narrow: bool) -> tuple[Any, Any, Any]:
    n = first.shape[-2]
    views = np.concatenate([first, second], axis=-2).astype(np.float64)
    both, pull = unit(np.where((share != 0).any(axis=-1)[..., None, None], views, 0.0), np)
    scores = products(both, both, np)
    scores /= temperature[..., None, None]
    scores[..., np.arange(2 * n), np.arange(2 * n)] = -inf
    partners = np.broadcast_to((np.arange(2 * n) + n) % (2 * n), scores.shape[:-1])
    shares = np.concatenate([share, share], axis=-1) / 2
    if not graded:
        values = cross_entropy_kernel(narrow, graded=False)(scores, partners, shares, 1.0)
        return (values[..., :n] + values[..., n:]) / 2, None, None
    values, slopes = cross_entropy_kernel(narrow, graded=True)(scores, partners, shares, 1.0)
    by_both = pull(np.matmul((slopes + np.swapaxes(slopes, -1, -2)) / temperature[..., None, None], both))
    return (values[..., :n] + values[..., n:]) / 2, by_both[..., :n, :], by_both[..., n:, :]


def _nt_xent_reference(functions: Any, first: Any, second: Any, temperature: Any, i: int) -> Any:
    between, n = cosines(functions, [*first, *second]), len(first)
    total = 0
    for view, partner in ((i, i + n), (i + n, i)):
        scores = [cosine / temperature for k, cosine in enumerate(between[view]) if k != view]
        total = total + log_sum(functions, scores) - between[view][partner] / temperature
    return total / 2


@loss(
    reference=_nt_xent_reference,
    signature="(n,d),(n,d)->(n)",
    vjp=_nt_xent_vjp,
    together=_nt_xent_together,
    inputs=(
        Input("first", "embeddings of one view of each example, of shape (…, n, d)", differentiated=True),
        Input("second", "embeddings of another view of each, of the same shape", differentiated=True),
    ),
    parameters=(_temperature(0.5),),
    sweep=PAIRED,
    convex=False,
    robust=False,
    aliases=("nt xent loss", "ntxent", "simclr", "simclr loss", "normalized temperature scaled cross entropy"),
    references=(
        "T. Chen, S. Kornblith, M. Norouzi, G. Hinton, A simple framework for contrastive learning, ICML 2020, eq. 1, arXiv:2002.05709",
    ),
)
def nt_xent(first: Any, second: Any, temperature: Any, xp: Any) -> Any:
    """Cross-entropy of finding each view's other view among all views of the batch, from their cosines over the temperature.

    A term is the mean over the two views of an example, and the mean of the terms the loss of the paper. The gradient is a pair. Vectors of
    zeros have the cosine 0 with everything, and no gradient.

    Examples
    --------
    >>> ogive.nt_xent([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 3.0]], temperature=1.0).round(12)
    np.float64(0.551444713932)
    """
    scores, partners, _ = _views(first, second, temperature, xp)
    values = _of_scores.value(scores, partners, xp)
    n = first.shape[-2]
    return (values[..., :n] + values[..., n:]) / 2
