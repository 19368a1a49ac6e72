"""What a loss gives in the place of a Hessian that may be negative: the curvature of a parabola that is nowhere below the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples

import ogive

MAJORISED = [entry for entry in map(ogive.get, ogive.names("loss")) if entry.term.majorant]
every_majorant = pytest.mark.parametrize("entry", MAJORISED, ids=lambda entry: entry.name)
ERRORS = np.concatenate([np.linspace(-8, 8, 161), [1e-200, -1e-8, 1e8, -1e150, 1e300]])


def at(entry: Any, errors: Any) -> list[Any]:
    """Arrays of these errors: the target is 0, and any other input its own."""
    drawn = samples.arguments(entry.term, errors.shape)
    return [errors, *drawn[1:-1], np.zeros(errors.shape)]


@every_majorant
def test_a_parabola_that_bends_so_is_nowhere_below(entry: Any) -> None:
    named = samples.named(entry, next(iter(entry.forms))) | {"reduction": "none"}
    here, there = (each.ravel() for each in np.meshgrid(ERRORS[:161], ERRORS[:161]))
    arrays = at(entry, here)
    value, gradient = entry.value_and_gradient(*arrays, **named)
    slope = gradient[0] if isinstance(gradient, tuple) else gradient
    parabola = value + slope * (there - here) + entry.majorant(*arrays, **named) / 2 * (there - here) ** 2
    assert (parabola - entry(there, *arrays[1:], **named) >= -1e-12 * (1 + abs(parabola))).all()


@every_majorant
def test_it_is_never_less_than_the_hessian_and_positive_where_there_is_a_slope(entry: Any) -> None:
    named = samples.named(entry, next(iter(entry.forms))) | {"reduction": "none"}
    arrays = at(entry, ERRORS)
    majorant, hessian = entry.majorant(*arrays, **named), entry.hessian(*arrays, **named)
    gradient = entry.gradient(*arrays, **named)
    slope = gradient[0] if isinstance(gradient, tuple) else gradient
    assert (majorant >= hessian - 1e-14 * abs(hessian)).all()
    assert (majorant[abs(slope) / np.maximum(abs(ERRORS), 1) > 1e-300] > 0).all()  # elsewhere it underflows
    assert majorant[80] == hessian[80]  # of no error


def test_weights_and_the_mean_are_in_it_as_in_the_hessian() -> None:
    prediction, target, weight = np.array([0.5, -3.0, 9.0]), np.zeros(3), np.array([1.0, 2.0, 0.0])
    got = ogive.cauchy.majorant(prediction, target, scale=1.0, sample_weight=weight)
    np.testing.assert_allclose(got, [1 / 1.25 / 3, 2 / 10 / 3, 0], rtol=1e-15)


@every_majorant
def test_newton_steps_by_it_never_make_the_loss_larger(entry: Any) -> None:
    """From anywhere, where steps of gradient over Hessian run away from the minimum of a robust loss."""
    named, x = samples.named(entry, next(iter(entry.forms))), np.array([20.0])
    targets = np.array([0.0])
    for _ in range(5):
        arrays = [x, *samples.arguments(entry.term, (1,))[1:-1], targets]
        value, gradient = entry.value_and_gradient(*arrays, **named)
        bend = entry.majorant(*arrays, **named)
        x = x - np.divide(gradient[0] if isinstance(gradient, tuple) else gradient, bend, out=np.zeros(1), where=bend > 0)
        assert entry(x, *arrays[1:], **named) <= value


def test_beyond_the_square_no_parabola_is_above() -> None:
    assert ogive.general_robust.majorant([1.0], [0.0], alpha=3.0) == np.inf


def test_what_has_no_majorant_names_those_that_have() -> None:
    with pytest.raises(TypeError, match=r"focal_loss: no majorant is defined; these have one: .*cauchy, "):
        ogive.focal_loss.majorant([1.0], [1], given="logits")
