"""Losses of logits: slopes, curvatures and surfaces that recipes draw, against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

import ogive
from ogive.errors import OgiveError
from ogive.recipes.dynamics import logistic

LOGITS = np.linspace(-12, 12, 49)


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("loss", logistic.LOSSES)
def test_slopes_and_curvatures_by_logits_are_those_of_finite_differences(loss, target):
    def look(logits):
        return logistic.by_logits(loss, logits, np.full_like(logits, target))

    step = 1e-4
    (below, slopes_below, _), (above, slopes_above, _) = look(LOGITS - step), look(LOGITS + step)
    _, slopes, curvatures = look(LOGITS)
    np.testing.assert_allclose(slopes, (above - below) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(curvatures, (slopes_above - slopes_below) / (2 * step), atol=1e-8)


def test_a_sigmoid_output_takes_the_squared_errors_gradient_away_where_it_is_wrong():
    p = ogive.sigmoid(LOGITS)
    _, slopes, _ = logistic.by_logits("squared error", LOGITS, np.ones_like(LOGITS))
    np.testing.assert_allclose(slopes, 2 * (p - 1) * p * (1 - p), rtol=1e-9, atol=1e-14)
    _, [steepest], _ = logistic.by_logits("squared error", np.array([-np.log(2)]), np.ones(1))
    assert steepest == pytest.approx(-8 / 27)
    assert np.all(np.abs(slopes) <= 8 / 27)
    _, slopes, _ = logistic.by_logits("cross-entropy", LOGITS, np.ones_like(LOGITS))
    np.testing.assert_allclose(slopes, p - 1, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def rows():
    return logistic.rows_of_two_classes(60, 2.0)


@pytest.mark.parametrize("loss", logistic.LOSSES)
def test_the_surface_has_the_gradient_and_curvature_of_finite_differences(loss, rows):
    point = np.array([0.7, -1.3])
    _, gradient, curvature = logistic.at(loss, rows, point)
    np.testing.assert_allclose(gradient, optimize.approx_fprime(point, lambda each: logistic.at(loss, rows, each)[0], 1e-7), atol=1e-6)
    np.testing.assert_allclose(curvature, optimize.approx_fprime(point, lambda each: logistic.at(loss, rows, each)[1], 1e-7), atol=1e-6)


def test_cross_entropy_is_convex_and_leads_down_fast_and_squared_error_is_and_does_not(rows):
    cross_entropy, squared_error = (logistic.surface(loss, rows, reach=12.0, start=(-8.0, -4.0)) for loss in logistic.LOSSES)
    assert cross_entropy.convex == 1 > squared_error.convex
    assert cross_entropy.flat < squared_error.flat
    assert cross_entropy.wrong == squared_error.wrong > 0.5
    assert cross_entropy.arrived
    assert len(squared_error.path) > 20 * len(cross_entropy.path)
    for own in (cross_entropy, squared_error):
        np.testing.assert_allclose(logistic.at(own.loss, rows, own.least)[1], 0, atol=1e-5)


def test_classes_that_do_not_overlap_have_no_best_weight():
    with pytest.raises(OgiveError, match="do not overlap"):
        logistic.rows_of_two_classes(20, 50.0)
