"""class_weight='balanced': classes of a call count the same, by scikit-learn's weights, of what counts and as much as it counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples

import ogive

sklearn = pytest.importorskip("sklearn.utils.class_weight")
RNG = np.random.default_rng(0)
NUMBERS = np.array([0, 0, 0, 2, 2, 0, 3, 0])
LOGITS = RNG.normal(size=(8, 4))
WEIGHTS = RNG.uniform(0.5, 2, 8)


def weights_of(numbers: Any, count: int) -> list[float]:
    """scikit-learn's, and any for a class that is not there."""
    present = np.unique(numbers)
    found = dict(zip(present, sklearn.compute_class_weight("balanced", classes=present, y=numbers), strict=True))
    return [found.get(number, 7.0) for number in range(count)]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_weights_are_those_of_scikit_learn(reduction: str) -> None:
    options = {"given": "logits", "reduction": reduction}
    got = ogive.cross_entropy(LOGITS, NUMBERS, class_weight="balanced", **options)
    np.testing.assert_allclose(got, ogive.cross_entropy(LOGITS, NUMBERS, class_weight=weights_of(NUMBERS, 4), **options), rtol=1e-14)
    shares = np.eye(4)[NUMBERS]
    np.testing.assert_allclose(ogive.cross_entropy(LOGITS, shares, class_weight="balanced", **options), got, rtol=1e-14)
    two = (NUMBERS > 0).astype(float)
    np.testing.assert_allclose(
        ogive.binary_cross_entropy(LOGITS[:, 0], two, class_weight="balanced", **options),
        ogive.binary_cross_entropy(LOGITS[:, 0], two, class_weight=weights_of(two, 2), **options),
        rtol=1e-14,
    )


def test_rows_that_do_not_count_are_not_counted_and_others_as_their_weights_say() -> None:
    options: dict[str, Any] = {"given": "logits", "class_weight": "balanced"}
    kept = NUMBERS != 3
    dropped = ogive.cross_entropy(LOGITS[kept], NUMBERS[kept], **options)
    np.testing.assert_allclose(ogive.cross_entropy(LOGITS, NUMBERS, ignore_index=3, **options), dropped, rtol=1e-14)
    holes = np.where(kept[:, None], np.eye(4)[NUMBERS], np.nan)
    np.testing.assert_allclose(ogive.cross_entropy(LOGITS, holes, mask=kept, **options), dropped, rtol=1e-14)
    twice = ogive.cross_entropy(np.repeat(LOGITS, 2, 0)[:-1], np.repeat(NUMBERS, 2)[:-1], **options)
    weights = np.array([2.0] * 7 + [1])
    np.testing.assert_allclose(ogive.cross_entropy(LOGITS, NUMBERS, sample_weight=weights, **options), twice, rtol=1e-14)


def test_smoothing_comes_after_the_classes_were_counted() -> None:
    options: dict[str, Any] = {"given": "logits", "label_smoothing": 0.2}
    got = ogive.cross_entropy(LOGITS, NUMBERS, class_weight="balanced", **options)
    weights = np.where(np.bincount(NUMBERS, minlength=4) > 0, weights_of(NUMBERS, 4), 1.0)
    np.testing.assert_allclose(got, ogive.cross_entropy(LOGITS, NUMBERS, class_weight=weights, **options), rtol=1e-14)


WEIGHED = [(entry, given) for entry, given in samples.TERMS if entry.forms[given].weighs_classes]


@pytest.mark.parametrize(("entry", "given"), WEIGHED, ids=lambda value: getattr(value, "name", value))
def test_each_class_weighs_the_same(entry: Any, given: str) -> None:
    """In every loss that weighs classes: those of a hard target all have the same part of the denominator."""
    term = entry.forms[given]
    arrays, named = samples.arguments(term, (40,)), samples.named(entry, given)
    target = arrays[term.target or 0]
    arrays[term.target or 0] = np.round(target) if term.binary else np.eye(target.shape[-1])[target.argmax(-1)]
    hard = arrays[term.target or 0]
    parts = []
    for number in range(2 if term.binary else hard.shape[-1]):
        own = hard == number if term.binary else hard[..., number] == 1
        weight = ogive.rules.balanced(
            np.array([hard.size - hard.sum(), hard.sum()]) if term.binary else hard.reshape(-1, hard.shape[-1]).sum(0), np
        )
        parts.append(weight[number] * own.sum())
    np.testing.assert_allclose(parts, parts[0], rtol=1e-13)
    _, all_weights = entry.sum_and_weight(*arrays, class_weight="balanced", **named)
    np.testing.assert_allclose(all_weights, sum(parts), rtol=1e-13)


def test_other_words_are_refused() -> None:
    with pytest.raises(
        ValueError, match="cross_entropy: class_weight must be 'balanced', or one number for each of the 4 classes, got 'even'"
    ):
        ogive.cross_entropy(LOGITS, NUMBERS, given="logits", class_weight="even")
