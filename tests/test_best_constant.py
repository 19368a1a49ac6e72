"""The best constant prediction takes the rules of a call, and refuses the targets that a call refuses."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import ogive
from ogive.catalogue import entries
from ogive.loss import Loss

ELICITING = [entry for entry in entries("loss") if entry.elicits and entry.term.pointwise and entry.term.link]


def form(entry: Loss) -> dict[str, Any]:
    return {"given": next(iter(entry.forms))} if len(entry.forms) > 1 else {}


@pytest.mark.parametrize("entry", [ogive.binary_cross_entropy, ogive.brier, ogive.exponential_loss, ogive.squared_hinge], ids=repr)
@pytest.mark.parametrize(
    "rules",
    [
        {"class_weight": [1.0, 3.0]},
        {"label_smoothing": 0.2, "sample_weight": np.arange(6.0)},
        {"mask": np.arange(6) > 1},
        {"labels": (-1, 1)},
    ],
    ids="_and_".join,
)
def test_the_best_constant_keeps_to_the_rules_of_a_call(entry: Loss, rules: dict[str, Any]) -> None:
    expect_no_slope_at_the_best_constant(entry, rules)


@pytest.mark.parametrize("entry", [ogive.binary_cross_entropy, ogive.exponential_loss, ogive.squared_hinge], ids=repr)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_best_constant_weighs_class_1(entry: Loss, smoothing: float) -> None:
    expect_no_slope_at_the_best_constant(entry, {"pos_weight": 4.0, "label_smoothing": smoothing})


def expect_no_slope_at_the_best_constant(entry: Loss, rules: dict[str, Any]) -> None:
    named = rules | form(entry)
    target = np.array([0, 1, 1, 0, 1, 1]) if "labels" not in rules else np.array([-1, 1, 1, -1, 1, 1])
    constant = entry.best_constant(target, **named)
    assert abs(constant) > 1e-3
    assert abs(np.sum(entry.gradient(np.full(6, constant), target, **named))) < 1e-14  # the rounding of six terms


def test_the_best_constant_of_class_numbers() -> None:
    classes, weight = np.array([0, 2, 2, 9, 2]), [1.0, 1.0, 2.0, 5.0, 1.0]
    found = ogive.cross_entropy.best_constant(
        classes, given="probabilities", classes=4, ignore_index=9, sample_weight=weight, class_weight=[2, 1, 1, 1]
    )
    np.testing.assert_allclose(found, [2 / 6, 0, 4 / 6, 0])
    images = ogive.cross_entropy.best_constant(classes[:3].reshape(3, 1), given="logits", classes=3)
    np.testing.assert_allclose(ogive.softmax(images), [1 / 3, 0, 2 / 3])


@pytest.mark.parametrize("entry", ELICITING, ids=lambda entry: entry.name)
def test_the_best_constant_of_nan_is_nan(entry: Loss) -> None:
    assert np.isnan(entry.best_constant([1.0, math.nan, 1.0], **form(entry)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ogive.cross_entropy.best_constant([0, 1, 2], given="logits"),
            "class numbers; say how many classes there are, as in classes=3",
        ),
        (lambda: ogive.cross_entropy.best_constant(2, given="probabilities"), "class numbers; say how many"),
        (lambda: ogive.cross_entropy.best_constant([[0, 1], [4, 1]], given="logits"), "class numbers; say how many"),
        (lambda: ogive.cross_entropy.best_constant([0, 5], given="logits", classes=3), "class numbers must lie between 0 and 2, found 5"),
        (lambda: ogive.cross_entropy.best_constant([0, 1], given="logits", classes=2.0), "classes says how many there are"),
        (lambda: ogive.huber.best_constant([0, 1], classes=2), "classes says how many there are"),
        (lambda: ogive.cross_entropy.best_constant([[0.5, 0.6]], given="logits"), "shares that sum to 1"),
        (lambda: ogive.cross_entropy.best_constant(0.5, given="probabilities"), "axis must name axes of the input"),
        (lambda: ogive.binary_cross_entropy.best_constant([-1, 1], given="logits"), "must lie between 0 and 1, found -1.0"),
        (lambda: ogive.poisson.best_constant([-1.0, 2.0], given="log_rates"), "must lie between 0 and inf, found -1.0"),
        (lambda: ogive.gamma_nll.best_constant([0.0, 2.0], given="log_means"), "found 0.0"),
        (lambda: ogive.huber.best_constant([]), "nothing that counts"),
        (lambda: ogive.huber.best_constant([1.0], sample_weight=[0.0]), "nothing that counts"),
        (lambda: ogive.pinball.best_constant([1.0, 2.0], quantile=[0.1, 0.9]), "needs one number for each parameter"),
        (lambda: ogive.multi_quantile.best_constant([1.0, 2.0], quantiles=[0.1, 1.9]), "quantiles"),
        (lambda: ogive.interval_score.best_constant([1.0, 2.0], classes=2), "classes says how many there are"),
        (lambda: ogive.student_t_nll.best_constant([1.0, 2.0]), "no best constant is defined"),
        (
            lambda: ogive.mean_squared_error.best_constant([1.0, 2.0], sample_weight=[1.0, 2.0, 3.0]),
            "sample_weight must have one number for each term",
        ),
    ],
)
def test_a_target_that_the_loss_refuses_has_no_best_constant(call: Any, message: str) -> None:
    with pytest.raises((ogive.errors.InputError, ogive.errors.InputTypeError), match=re.escape(message)):
        call()
