"""The tests that optax installs with its losses of classes, run with our functions in the place of theirs.

They pass, or stand below with the reason why they do not. What is compiled there is called as it is, for ours are of NumPy.
"""

from __future__ import annotations

import functools
import re
import unittest
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ogive

jax = pytest.importorskip("jax")
theirs = pytest.importorskip("optax.losses._classification")
suite = pytest.importorskip("optax.losses._classification_test")

Function = Callable[..., Any]


def ours(name: str, **fixed: Any) -> Function:
    """The terms of an entry."""
    return functools.partial(ogive.get(name), reduction="none", **fixed)


def shares(function: Function) -> Function:
    """With rows that are drawn to sum to 1 along another axis, or of which a part is left out, scaled to sum to 1."""

    def call(scores: Any, target: Any, axis: Any = -1, **options: Any) -> Any:
        target = np.asarray(target)
        if target.ndim != np.ndim(scores):
            return function(scores, target, axis=axis, **options)
        total = target.sum(axis=axis, keepdims=True)
        return function(scores, target / np.where(total == 0, 1, total), axis=axis, **options) * np.squeeze(total, axis)

    return call


def signed(name: str) -> Function:
    """With targets of -1 and 1."""
    return lambda scores, target: ours(name, labels=(-1, 1))(scores, np.asarray(target))


def where(function: Function, impossible: float) -> Function:
    """With optax's `where`: rows that do not count cost 0, and elements that do not are impossible classes without a share."""

    def call(scores: Any, target: Any, axis: Any = -1, where: Any = None, **options: Any) -> Any:
        scores, target = np.asarray(scores), np.asarray(target)
        if where is None or np.ndim(where) < scores.ndim:
            return function(scores, target, axis=axis, mask=where, **options)
        soft = np.where(where, target if target.shape == scores.shape else np.eye(scores.shape[-1])[target], 0)
        rows = soft.any(-1)
        return np.where(rows, function(np.where(where, scores, impossible), soft, mask=rows, **options), 0)

    return call


FUNCTIONS: dict[str, Function] = {
    "sigmoid_binary_cross_entropy": ours("binary_cross_entropy", given="logits"),
    "hinge_loss": signed("hinge"),
    "perceptron_loss": signed("perceptron"),
    "sparsemax_loss": ours("binary_sparsemax"),
    "softmax_cross_entropy": where(shares(ours("cross_entropy", given="logits")), -np.inf),
    "safe_softmax_cross_entropy": ours("cross_entropy", given="logits"),
    "softmax_cross_entropy_with_integer_labels": where(shares(ours("cross_entropy", given="logits")), -np.inf),
    "multiclass_hinge_loss": ours("multiclass_hinge"),
    "multiclass_perceptron_loss": ours("multiclass_perceptron"),
    "multiclass_sparsemax_loss": ours("sparsemax_loss"),
    "poly_loss_cross_entropy": where(shares(ours("poly_loss", given="logits")), -np.inf),
    "kl_divergence": where(ours("kl_divergence", given="log_probabilities"), 0.0),
    "kl_divergence_with_log_targets": where(ours("kl_divergence_of_logs"), 0.0),
    "generalized_kl_divergence": where(ours("generalized_kl_divergence", given="log_values"), -np.inf),
}
SKIPPED = {
    "gradient": "they differentiate through JAX, and by the target too; our gradients are compared with 50 digits",
    "against_plain_implementation": "they differentiate through JAX",
    "deprecated_alias": "no loss of ours is deprecated",
}
REFUSED = {
    r"\.KLDivergenceTest\.test_batched": "must have shares that sum to 1",  # a target of 0.9
    r"\.KLDivergence\w*\.test_(mask|axis)": "must lie between -inf and 0",  # numbers above 0 are no logarithms of probabilities
}
TESTS = [
    test
    for name, each in vars(suite).items()
    if isinstance(each, type) and issubclass(each, unittest.TestCase) and name not in ("CTCTest", "SigmoidFocalLossTest")
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(each)
]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: ".".join(test.id().split(".")[-2:]))
def test_it_passes(test: unittest.TestCase, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = next((why for part, why in SKIPPED.items() if part in test.id()), None)
    if reason:
        pytest.skip(reason)
    np.random.seed(0)  # noqa: NPY002  their tests draw from it
    for name, function in FUNCTIONS.items():
        monkeypatch.setattr(theirs, name, function)
    monkeypatch.setattr(suite, "jax", SimpleNamespace(**vars(jax) | {"jit": lambda function: function}))
    result = unittest.TestResult()
    test.run(result)
    said = "".join(text for _, text in (*result.failures, *result.errors))
    refusal = next((words for part, words in REFUSED.items() if re.search(part, test.id())), None)
    assert refusal in said if refusal else not said, said
