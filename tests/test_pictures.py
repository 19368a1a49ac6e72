"""Pictures show what functions compute: every entry and form of the catalogue, as curves, as cards and as files."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from ogive.catalogue import entries, get
from ogive.entry import Entry
from ogive.errors import OgiveError
from ogive.loss import Loss, loss
from ogive.pictures import card, page
from ogive.pictures.characters import drawn
from ogive.pictures.views import MOST, View, views
from ogive.term import Input

EVERY = list(entries())
every_entry = pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.name)
FORMS = [(entry, given) for entry in EVERY for given in (entry.forms if entry.kind == "loss" else [None])]
SWEPT = [(entry, given) for entry, given in FORMS if isinstance(entry, Loss) and entry.sweep]
MANY = [entry.name for entry in entries("activation") if entry.hidden][:MOST]


def has_slopes(entry: Entry) -> bool:
    return entry.kind != "axiswise" or entry.reduces


def slopes_fit(value: Any, slope: Any) -> bool:
    """Whether one curve is the derivative of the other, at nearly all places that are no jump."""
    steps = np.diff(value.x)
    wide = steps > 0.5 * np.median(steps)
    with np.errstate(invalid="ignore"):  # both ends may be infinite
        rise = np.diff(value.y)[wide] / steps[wide]
        mean = ((slope.y[1:] + slope.y[:-1]) / 2)[wide]
    known = np.isfinite(rise) & np.isfinite(mean)
    off = abs(rise[known] - mean[known]) > 0.03 * (1 + abs(mean[known]))
    return bool(known.mean() > 0.9 and off.mean() < 0.05)


@pytest.mark.parametrize(("entry", "given"), FORMS, ids=lambda each: getattr(each, "name", each))
def test_every_function_has_a_picture(entry: Entry, given: str | None) -> None:
    found = views([entry], given=given, slope=has_slopes(entry))
    curves = [curve for view in found for curve in view.curves if not curve.aid]
    for view in found:
        assert -np.inf < view.low < view.high < np.inf
        assert view.title in (entry.name, "slope")
    for curve in curves:
        assert np.isfinite(curve.y).mean() > 0.9
        assert (np.diff(curve.x) > 0).all()
    if has_slopes(entry):
        half = len(curves) // 2
        assert all(slopes_fit(value, slope) for value, slope in zip(curves[:half], curves[half:], strict=True))


@pytest.mark.parametrize(("entry", "given"), SWEPT, ids=lambda each: getattr(each, "name", each))
def test_a_small_example_is_drawn_with_the_cost_that_it_has_by_itself(entry: Loss, given: str) -> None:
    assert entry.sweep is not None
    options = {"given": given} if len(entry.forms) > 1 else {}
    [view, *_] = views([entry], given=given)
    assert view.label.startswith(entry.sweep.label)
    for curve, made in zip(view.curves, entry.sweep.cases.values(), strict=True):
        for place in range(20, len(curve.x), 80):
            first, *others = (part[0] for part in made(curve.x[[place]]))
            if entry.sweep.probabilities and given != "probabilities":
                first = np.log(first)
            term = entry(first, *others, reduction="none", **options)
            assert curve.y[place] == pytest.approx(np.ravel(term)[0], rel=1e-12, abs=1e-15)


def logistic_cost(score: Any) -> Any:
    return np.logaddexp(0, score)


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        ("contrastive", [lambda x: x**2 / 2, lambda x: np.maximum(1 - x, 0) ** 2 / 2]),
        ("cosine_embedding", [lambda x: 1 - x, lambda x: np.maximum(x, 0)]),
        ("triplet_margin", [lambda x, near=near: np.maximum(0, near - x + 1) for near in (0.5, 1, 2)]),
        ("info_nce", [lambda x: logistic_cost(-x / 0.1), lambda x: logistic_cost(x / 0.1)]),
        ("supcon", [lambda x: logistic_cost(-x / 0.1), lambda x: logistic_cost(x / 0.1)]),
        ("nt_xent", [lambda x: np.log1p(2 * np.exp(-2 * x)), lambda x: (np.log(2 + np.exp(2 * x)) + np.log(3)) / 2]),
        ("multi_similarity", [lambda x: logistic_cost(2 * (1 - x)) / 2 + logistic_cost(-50) / 50]),
        ("circle", [lambda x: logistic_cost(80 * (1.4 - x) * (0.6 - x) * (x < 1.4) - 80 * 0.16)]),
        ("multi_quantile", [lambda x, q=q: np.maximum(-q * x, (1 - q) * x) / 3 for q in (0.1, 0.5, 0.9)]),
        ("cumulative_logit", [lambda x: logistic_cost(x + 2)]),
        ("linear_cross_entropy", [lambda x: logistic_cost(-x)]),
        ("lovasz_softmax", [lambda x: 1 - x]),
        ("generalized_dice", [lambda x: 1 - 2 * (3 * x / 9 + x) / ((4 + 2 * x) / 9 + 4 - 2 * x)]),
        ("ctc", [lambda x: -np.log(x**3 + x**2 * (1 - x) + x * (1 - x) ** 2 / 2)]),  # 1-2, 112 and 122, -12 and 12-
    ],
)
def test_what_moves_in_the_picture_is_what_its_axis_says(name: str, costs: list[Any]) -> None:
    [view, *_] = views([name])
    for curve, cost in zip(view.curves, costs, strict=False):
        x = curve.x[20:-20]
        np.testing.assert_allclose(curve.y[20:-20], cost(x), rtol=1e-9, atol=1e-9)


def test_a_loss_of_more_than_a_line_shows_has_to_say_what_its_picture_is() -> None:
    inputs = tuple(Input(name, differentiated=True) for name in ("first", "second", "third"))
    with pytest.raises(ValueError, match=r"^between: .*say with sweep="):

        @loss(formula="0", signature="(d),(d),(d)->()", inputs=inputs, convex=True, robust=True, references=("none",))
        def between(first: Any, second: Any, third: Any, xp: Any) -> Any:
            """Nothing."""


@pytest.mark.parametrize("entry", list(entries("activation")), ids=lambda entry: entry.name)
def test_an_activation_is_drawn_with_its_kinks_and_their_slopes(entry: Any) -> None:
    value, slope = (curve for view in views([entry], slope=True) for curve in view.curves)
    between = np.isfinite(value.y)
    np.testing.assert_array_equal(value.y[between], entry(value.x)[between])
    assert [x for x, _ in slope.dots] == [kink.at for kink in entry.kinks]
    assert [y for _, y in slope.dots] == [entry.claim(kink.slope) for kink in entry.kinks]
    assert value.x[0] < min(value.dots, default=(0.0,))[0] < value.x[-1] or entry.domain == (0.0, 1.0)


def test_losses_of_classes_are_laid_over_each_other_by_their_margin() -> None:
    [view] = views(["binary_cross_entropy", "cross_entropy"])
    assert view.label.startswith("margin")
    for curve in view.curves:
        np.testing.assert_allclose(curve.y, np.log1p(np.exp(-curve.x)), rtol=1e-12)
    [view] = views(["binary_cross_entropy", "cross_entropy"], given="probabilities")
    assert view.label.startswith("probability of the right class")
    for curve in view.curves:
        np.testing.assert_allclose(curve.y, -np.log(curve.x, where=curve.x > 0, out=np.full_like(curve.x, -np.inf)), rtol=1e-12)


@pytest.mark.parametrize("name", [entry.name for entry in entries("axiswise") if not entry.reduces])
def test_what_keeps_a_vector_is_drawn_against_one_of_its_scores(name: str) -> None:
    values, slopes = views([name], against="score", interval=(-2, 6), slope=True)
    assert [curve.name for curve in values.curves] == ["score x", "score 1", "score 0"]
    for place, (value, slope) in enumerate(zip(values.curves, slopes.curves, strict=True)):
        for x, y in zip(value.x[::60], value.y[::60], strict=True):
            assert y == pytest.approx(get(name)([x, 1.0, 0.0])[place])
        steps = np.diff(value.y) / np.diff(value.x)
        assert np.quantile(np.abs((slope.y[1:] + slope.y[:-1]) / 2 - steps), 0.98) < 1e-3, "the slope is that of the line"


def test_the_pictures_of_the_notes() -> None:
    [binary_entropy] = views(["entropy"])
    [curve] = binary_entropy.curves
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 0)
    assert max(curve.y) == pytest.approx(np.log(2), rel=1e-4)
    [temperatures] = views(["softmax"])
    assert temperatures.logarithmic
    np.testing.assert_allclose(sum(curve.y for curve in temperatures.curves), 1.0)
    [maximum] = views(["logsumexp"])
    smooth, largest = maximum.curves
    assert largest.aid
    assert (smooth.y > largest.y).all()


def test_what_is_measured_in_bits_can_be_drawn_in_bits() -> None:
    [view] = views(["entropy(unit=bits)"])
    [curve] = view.curves
    np.testing.assert_allclose((curve.x[curve.y.argmax()], curve.y.max(), curve.y[0], curve.y[-1]), (0.5, 1, 0, 0), atol=1e-15)
    assert view.title == "entropy(unit=bits)"


@pytest.mark.parametrize(
    ("functions", "options", "words"),
    [
        ([], {}, "a picture is of 1 to 12 functions, got 0"),
        (["relu"] * 13, {}, "got 13"),
        (["sillu"], {}, "did you mean 'silu'?"),
        (["elu(alpha=a)"], {}, "cannot read 'alpha=a'"),
        (["elu(alpha=0.5"], {}, "cannot read 'elu(alpha=0.5'"),
        (["elu(beta=1)"], {}, "unknown parameter 'beta'"),
        (["elu(alpha=-1)"], {}, "alpha must be finite"),
        (["relu", "mean_squared_error"], {}, "draw functions of one kind together"),
        (["relu"], {"interval": (1.0, 1.0)}, "interval must be two finite numbers"),
        (["relu"], {"interval": (1.0,)}, "interval must be two finite numbers"),
        (["relu"], {"interval": (0.0, np.nan)}, "interval must be two finite numbers"),
        (["softmax"], {"interval": (-1.0, 1.0)}, "the interval must be positive"),
        (["softmax"], {"slope": True}, "draw it without slopes"),
        (["relu"], {"given": "logits"}, "given is for losses"),
        (["cross_entropy"], {"given": "logit"}, "unknown given='logit'"),
        (["relu"], {"against": "margins"}, "unknown against 'margins'; did you mean 'margin'?"),
        (["relu"], {"against": "margin"}, "relu has no margin"),
        (["relu"], {"against": "score"}, "relu is not drawn against a score"),
        (["logsumexp"], {"against": "score"}, "logsumexp is not drawn against a score"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(functions: list[str], options: dict[str, Any], words: str) -> None:
    with pytest.raises(OgiveError, match=re.escape(words)) as caught:
        views(functions, **options)
    assert "\n" not in str(caught.value)


def test_parameters_are_written_as_in_a_call() -> None:
    [view] = views(["leaky_relu(negative_slope=0.5)", "relu"])
    leaky, _ = view.curves
    assert leaky.name == "leaky_relu(negative_slope=0.5)"
    assert np.nanmin(leaky.y) == -2


@every_entry
def test_every_card_says_all_that_is_known(entry: Entry) -> None:
    text = page.card(entry)
    said = "".join(ET.fromstring(f"<card>{text}</card>").itertext())
    for heading, words in card.rows(entry):
        assert heading in said
        assert words.replace("\n", "") in said
    assert entry.summary in said
    for fact in entry.facts:
        assert fact in card.rows(entry)
        assert fact[1] in (entry.__doc__ or "")
    assert entry._repr_html_() == text
    assert not re.search(r"src=|href=|url\(|<script", text), "it loads nothing"


def test_a_card_in_a_notebook_needs_numpy_alone() -> None:
    program = "import sys, numpy, ogive; before = set(sys.modules); ogive.gelu._repr_html_(); print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names <= {"ogive", "numpy"}


@pytest.mark.parametrize("width", [30, 40, 120])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("functions", [["gelu"], ["softmax"], ["logsumexp"], ["logit"], MANY], ids="-".join)
def test_characters_fit_the_terminal(functions: list[str], width: int, plain: bool) -> None:
    pytest.importorskip("uniplot")
    for view in views(functions):
        assert drawn(view, width, dots=True, colours=True)
        lines = drawn(view, width, dots=not plain, colours=False).splitlines()
        assert max(map(len, lines)) <= width
        assert len(lines) > 10
        if plain:
            "".join(lines).encode("ascii")
        if len(view.curves) > 1:
            assert all(any(curve.name in line for line in lines) for curve in view.curves)


def test_views_say_in_words_what_they_show() -> None:
    view: View = views(["relu", "tanh"])[0]
    assert view.about == "value over x from -4 to 4: relu; tanh"
