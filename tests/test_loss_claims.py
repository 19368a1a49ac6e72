"""What a loss claims of itself holds, and what it denies has a case against it: convex, robust, symmetric, proper, and what it elicits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import samples

import ogive
from ogive.loss import Loss
from ogive.losses.regression import RootLoss
from ogive.term import Input

LOSSES = [ogive.get(name) for name in ogive.names("loss")]
TERMS = [entry for entry in LOSSES if not isinstance(entry, RootLoss)]
Array = np.ndarray[Any, Any]


def ids(entry: Loss) -> str:
    return entry.name


def first_form(entry: Loss) -> dict[str, Any]:
    return {"given": next(iter(entry.forms))} if len(entry.forms) > 1 else {}


def defaults(entry: Loss) -> dict[str, Any]:
    """A form, and parameters where the defaults would hide what they do."""
    return samples.named(entry, next(iter(entry.forms)))


def terms(entry: Loss, arrays: list[Array]) -> Array:
    return np.asarray(entry(*arrays, reduction="none", **defaults(entry)))


def harder(each: Input, array: Array) -> Array:
    """Shares of classes as the largest of them alone: the mean over classes may be convex where its parts are not."""
    return np.eye(array.shape[-1])[array.argmax(axis=-1)] if each.role == "distribution" else array


@pytest.mark.parametrize("entry", TERMS, ids=ids)
def test_convex_is_below_its_chords(entry: Loss) -> None:
    """In the first input; what is not convex is above one of them."""
    above = 0.0
    for seed in range(8):
        one, other = (samples.arguments(entry.term, (400,), seed=2 * seed + i) for i in (0, 1))
        rest = [harder(each, array) for each, array in zip(entry.term.inputs[1:], one[1:], strict=True)] if seed % 2 else one[1:]
        for scale in (0.3, 1.0, 4.0):
            left, right = (samples.inside(entry.term, drawn[0] * scale) for drawn in (one, other))
            middle = terms(entry, [(left + right) / 2, *rest])
            chord = terms(entry, [left, *rest]) / 2 + terms(entry, [right, *rest]) / 2
            above = max(above, float(np.max((middle - chord) / (1 + abs(chord)))))
    assert entry.convex == (above < 1e-12)


@pytest.mark.parametrize("entry", TERMS, ids=ids)
def test_robust_has_a_bounded_slope(entry: Loss) -> None:
    """The largest slope by the first input does not grow when predictions become a million times as large or as small, come a
    million times as near to hard targets, or near the ends of their domain; where it is not bounded it does.
    """
    low, high = entry.term.inputs[0].low, entry.term.inputs[0].high
    largest = []
    for scale in (1e6, 1e12):
        arrays = samples.arguments(entry.term, (400,), seed=3)
        bounded = math.isfinite(low) or high == 0.0
        end = max(low, -1.0) if math.isfinite(low) else 0.0
        moved = [(end + (arrays[0] - end) / scale, arrays[1:])]
        if not bounded:
            moved.append((arrays[0] * scale, arrays[1:]))
        elif high == math.inf:
            moved[0][0][200:] = abs(arrays[0][200:]) * scale * scale
        if len(arrays) > 1 and arrays[1].shape == arrays[0].shape and entry.term.inputs[1].high == 1.0:
            exclusive = 1 in entry.term.distributions
            hard = np.eye(arrays[1].shape[-1])[arrays[1].argmax(-1)] if exclusive else np.round(arrays[1])
            moved.append((hard + (arrays[0] - hard) / scale, [hard, *arrays[2:]]))
        gradients = [
            entry.gradient(samples.inside(entry.term, prediction), *rest, reduction="none", **defaults(entry)) for prediction, rest in moved
        ]
        largest.append(max(np.abs(each[0] if isinstance(each, tuple) else each).max() for each in gradients))
    assert entry.robust == (math.isfinite(largest[1]) and largest[1] <= 1.2 * largest[0] + 1e-6)


@pytest.mark.parametrize("entry", [entry for entry in TERMS if entry.symmetric is not None], ids=ids)
def test_symmetric_means_errors_of_either_sign_or_classes_that_add_up(entry: Loss) -> None:
    arrays = samples.arguments(entry.term, (200,), seed=4)
    position = entry.term.target
    if position is None:
        where = next(i for i, each in enumerate(entry.term.inputs) if each.name == "target")
        mirrored = [*arrays]
        mirrored[0], mirrored[where] = arrays[where], arrays[0]
        same = np.allclose(terms(entry, arrays), terms(entry, mirrored), rtol=1e-12)
    else:
        shape = arrays[position].shape
        classes = np.eye(shape[-1]) if entry.term.along_axis else np.array([0.0, 1.0])
        total = 0.0
        for each in classes:
            arrays[position] = np.broadcast_to(each, shape).copy()
            total = total + terms(entry, arrays)
        same = np.allclose(total, np.ravel(total)[0], rtol=1e-9)
    assert entry.symmetric == same


ELICITING = [(entry, given) for entry in TERMS if entry.elicits for given, term in entry.forms.items() if term.link is not None]


@pytest.mark.parametrize(("entry", "given"), ELICITING, ids=lambda value: getattr(value, "name", value))
def test_the_best_constant_costs_least_and_is_the_claimed_statistic(entry: Loss, given: str) -> None:
    """Nearby constants cost more; and behind the link it is that statistic of the target."""
    term, named = entry.forms[given], samples.named(entry, given)
    form = {"given": given} if len(entry.forms) > 1 else {}
    targets = samples.arguments(term, (41,), seed=5)[1]
    weight = np.random.default_rng(6).uniform(0.5, 2, 41)
    constant = entry.best_constant(targets, sample_weight=weight, **named)

    def cost(prediction: Any) -> float:
        return float(entry(np.broadcast_to(prediction, targets.shape).copy(), targets, sample_weight=weight, **named))

    least = cost(constant)
    for step in np.random.default_rng(7).normal(size=(20, *np.shape(constant))) * 1e-3:
        if term.along_axis and term.link != "softmax":  # shares must go on to be shares
            step = step - step.mean() if term.link == "identity" else 0.0
        assert cost(np.clip(constant + step, term.inputs[0].low, term.inputs[0].high)) >= least - 1e-12 * abs(least)
    if entry.elicits == "mean":
        np.testing.assert_allclose(entry.link(constant, **form), np.average(targets, axis=0, weights=weight), rtol=1e-9)
    np.testing.assert_allclose(entry.link(entry.inverse_link(np.array([0.2, 0.8]), **form), **form), [0.2, 0.8], rtol=1e-12)


@pytest.mark.parametrize("entry", [entry for entry in TERMS if entry.optimum], ids=ids)
@pytest.mark.parametrize("weighed", [False, True])
def test_the_optimum_in_closed_form_costs_least(entry: Loss, weighed: bool) -> None:
    """No other constant costs less, near or far, one for each input that is differentiated."""
    rng = np.random.default_rng(9)
    targets, named = samples.arguments(entry.term, (41,), seed=5)[-1], samples.named(entry, next(iter(entry.forms)))
    rules = named | ({"sample_weight": rng.uniform(0.5, 2, 41), "mask": np.arange(41) % 5 > 0} if weighed else {})
    found = entry.best_constant(targets, **rules)

    def cost(*constants: Any) -> float:
        return float(entry(*(np.broadcast_to(each, (41, *np.shape(each))).copy() for each in constants), targets, **rules))

    constants = found if isinstance(found, tuple) else (found,)
    least = cost(*constants)
    domains = [each for each in entry.term.inputs if each.differentiated]
    assert len(constants) == len(domains)
    for size in (1e-4, 1e-2, 1.0, 30.0):
        for _ in range(40):
            steps = (each + size * rng.normal(size=np.shape(each)) for each in constants)
            moved = [np.clip(each, domain.low, domain.high) for each, domain in zip(steps, domains, strict=True)]
            assert cost(*moved) >= least - 1e-12 * abs(least)


@pytest.mark.parametrize("entry", [entry for entry in LOSSES if entry.optimum], ids=ids)
def test_the_optimum_of_nan_is_nan_and_of_one_number_that_number(entry: Loss) -> None:
    assert np.isnan(np.ravel(entry.best_constant([1.0, math.nan, 2.0]))).all()
    same = np.ravel(entry.best_constant([2.0, 2.0, 2.0]))
    spreads = [each.name in ("variance", "scale") for each in entry.term.inputs if each.differentiated]
    np.testing.assert_allclose(same, np.where(spreads if len(spreads) > 1 else False, 5e-324, 2.0), rtol=1e-15)


def test_the_root_of_a_mean_is_least_where_the_mean_is() -> None:
    targets = [0.5, 3.0, -0.75]
    squared, root = (
        each.best_constant(targets) for each in (ogive.mean_squared_logarithmic_error, ogive.root_mean_squared_logarithmic_error)
    )
    assert squared == root == pytest.approx(np.expm1(np.log1p(targets).mean()))


@pytest.mark.parametrize("entry", [entry for entry in TERMS if entry.proper], ids=ids)
def test_proper_expects_least_at_the_true_probabilities(entry: Loss) -> None:
    """Against a soft target, which is the expectation over classes drawn from it."""
    term = entry.term
    rng = np.random.default_rng(8)
    truth = rng.dirichlet(np.ones(4), 50) if term.along_axis else rng.uniform(0.05, 0.95, 50)
    at_truth = entry(entry.inverse_link(truth, **first_form(entry)), truth, reduction="none", **defaults(entry))
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(size=truth.shape) * 0.3
        other = truth * np.exp(noise)
        other = other / other.sum(-1, keepdims=True) if term.along_axis else np.clip(other, 0.01, 0.99)
        assert (entry(entry.inverse_link(other, **first_form(entry)), truth, reduction="none", **defaults(entry)) > at_truth).all()


LINKED = [(entry, given) for entry in LOSSES for given, term in entry.forms.items() if term.link not in (None, "identity")]


@pytest.mark.parametrize(("entry", "given"), LINKED, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("prediction", [-0.25, np.float32(1.2), [[0.5, 1.0000001]]], ids=str)
def test_what_no_output_activation_gives_has_no_inverse(entry: Loss, given: str, prediction: Any) -> None:
    form = {"given": given} if len(entry.forms) > 1 else {}
    if entry.forms[given].link == "exponential" and np.max(prediction) > 0:
        assert np.isfinite(entry.inverse_link(prediction, **form)).all()
        return
    with pytest.raises(
        ValueError, match=f"{entry.name}: prediction must (be positive|lie between 0 and (1|inf)), found (-0.25|1.2|1.0000001)"
    ):
        entry.inverse_link(prediction, **form)
    assert np.isnan(entry.inverse_link(np.nan, **form))


def test_what_has_no_best_constant_says_so() -> None:
    with pytest.raises(TypeError, match="no best constant"):
        ogive.triplet_margin.best_constant([1.0])
    with pytest.raises(TypeError, match="has no link"):
        ogive.triplet_margin.link([1.0])
