"""Pictures as SVG text: places, ticks, and spans that a few bad numbers do not squeeze."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ogive.panel import Axis, Panel, near_span, span
from ogive.svg import drawn


def marks(panel: Panel):
    """The marks of a panel, which are in its inner picture."""
    root = ET.fromstring(drawn(panel))
    return list(root.find("svg"))


@pytest.mark.parametrize(
    ("axis", "values", "places"),
    [
        (Axis(0, 10), [0, 5, 10, 20], [0, 0.5, 1, 2]),
        (Axis(10, 0), [0, 5, 10], [1, 0.5, 0]),
        (Axis(0.01, 100, log=True), [0.01, 1, 100], [0, 0.5, 1]),
    ],
)
def test_numbers_have_their_places(axis, values, places):
    np.testing.assert_allclose(axis.places(values), places, atol=1e-12)


@pytest.mark.parametrize("axis", [Axis(0, 30), Axis(96.31, 97.9), Axis(-0.012, 0.004), Axis(1e-6, 1e3, log=True), Axis(0.02, 2, log=True)])
def test_ticks_are_few_round_and_inside(axis):
    values = [value for value, _ in axis.labels()]
    assert 2 <= len(values) <= 8
    assert all(axis.low <= value <= axis.high for value in values)
    assert all(len(label.strip("−")) <= 7 for _, label in axis.labels())


def test_one_bad_group_does_not_squeeze_the_others():
    good = [97 + np.linspace(-0.3, 0.3, 10) + 0.1 * arm for arm in range(11)]
    low, high = near_span([*good, np.array([10.0, 11.0])])
    assert 96 < low < 96.7
    assert 98.3 < high < 99


def test_one_collapsed_number_does_not_squeeze_its_group():
    groups = [np.array([97.0, 97.2, 97.4, 97.3]), np.array([97.1, 97.2, 97.3, 10.0]), np.array([97.0, 97.2, 97.1, 97.3])]
    low, high = near_span(groups)
    assert low > 95
    assert high < 98


def test_two_groups_are_both_inside_however_far_apart():
    low, high = near_span([np.array([97.0, 98.0]), np.array([10.0, 11.0])])
    assert low <= 10
    assert high >= 98


def test_where_less_is_better_the_highest_is_what_may_leave():
    low, high = near_span([np.array([0.1, 0.2]), np.array([0.12, 0.22]), np.array([0.11, 0.21]), np.array([50.0, 51.0])], lowest=True)
    assert low <= 0.1
    assert 0.22 <= high < 1


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf], [3.0], [0.0, 0.0]])
def test_spans_of_nothing_or_one_number_are_no_points(values):
    for low, high in (span(values), near_span([values])):
        assert math.isfinite(low)
        assert low < high


def test_a_line_breaks_where_there_is_no_number():
    panel = Panel("", Axis(0, 4), Axis(0, 1))
    panel.line([0, 1, 2, 3, 4], [0, 1, math.nan, 1, math.inf], "a", "relu")
    [path] = marks(panel)
    assert path.get("d").count("M") == 2
    assert path.find("title").text == "relu"


def test_a_dot_beyond_the_picture_is_an_arrow_at_its_edge():
    panel = Panel("", Axis(0, 10), Axis(0, 1), width=100)
    panel.dots([5, -3, 40, math.nan], [0.5] * 4, "c1")
    circle, low, high = marks(panel)
    assert circle.tag == "circle"
    assert low.get("d").startswith("M1,")
    assert high.get("d").startswith("M99,")


def test_names_are_escaped_and_long_ones_are_whole_on_hover():
    name = "<relu> & " + "x" * 40
    text = drawn(Panel("a <b>", Axis(0, 1), Axis(0.5, -0.5, ticks=((0, name),)), title="<t>"))
    root = ET.fromstring(text)
    assert root.get("aria-label") == "a <b>"
    assert name in [title.text for title in root.iter("title")]
