"""The recipes as they were run in full, in the site: their pictures are drawn from what is stored, in both languages."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")
ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "docs" / "site")]
import kept  # noqa: E402 - modules beside the pages, in no package
import korean  # noqa: E402
import recipe_pages  # noqa: E402

from ogive.lab.figures import Figure  # noqa: E402
from ogive.panel import Axis, Panel, names  # noqa: E402
from ogive.recipes import reading  # noqa: E402
from ogive.recipes.sheet import sheet  # noqa: E402
from ogive.verdict import from_json  # noqa: E402

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
STAND_INS = re.compile("[\u2600-\u27bf]")
every_recipe = pytest.mark.parametrize("name", reading.names())


@every_recipe
def test_a_recipe_that_was_run_in_full_is_shown_with_its_pictures(name: str) -> None:
    page, text = recipe_pages.page(name, "en"), (kept.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert len(SVG.findall(page)) == len(kept.pictures(name)) > 0
    assert set(text.split("\n\n")) <= set(page.split("\n\n")), "nothing of the text is left out"
    verdicts = json.loads((ROOT / "src" / "ogive" / "verdicts.json").read_text(encoding="utf-8"))[name]
    assert all(from_json(verdict) in text for verdict in verdicts), "text and verdicts are of one run"


@every_recipe
def test_a_recipes_page_is_in_korean_with_the_words_in_its_pictures(name: str) -> None:
    page = recipe_pages.page(name, "ko")
    recipe = reading.read(name)
    assert page.startswith(f"# {korean.said(recipe.title)}\n")
    assert korean.said(recipe.why) in page
    for picture, figure in zip(SVG.findall(page), kept.pictures(name), strict=True):
        assert re.search("[가-힣]", picture)
        assert not STAND_INS.search(picture), "what stood in for syllables is gone"
        assert korean.said(figure.caption) in page
        assert figure.caption not in page
    assert [line for line in page.splitlines() if line.startswith(("| rank", "- **rank"))] == [], "the comparison is in Korean too"


@pytest.mark.parametrize("template", korean.WORDS)
def test_a_korean_sentence_has_what_the_english_one_has(template: str) -> None:
    english, said = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in (template, korean.WORDS[template]))
    assert said == english


def test_what_has_no_korean_is_an_error_and_names_and_numbers_have_none() -> None:
    assert korean.said("bias −1") == "편향 −1"
    assert korean.said("relu, lecun_normal*0.577, standardized") == "relu, lecun_normal*0.577, standardized"
    assert korean.said("96.66 ± 2.16% ab") == "96.66 ± 2.16% ab"
    assert korean.said("relu, tanh and elu are not shown to be better than the baseline.").startswith("relu, tanh, elu은(는) ")
    assert korean.marked("- **rank**: learning rate, as given.") == "- **순위**: 주어진 학습률."
    for text in ("units that sleep", "3 of many", "above all"):
        with pytest.raises(KeyError, match=text):
            korean.said(text)


def test_a_picture_that_is_kept_is_the_same_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    panel = Panel("about", Axis(0.1, 10, log=True, label="rate"), names(["one", "two"]), width=100, height=50, title="a title")
    panel.line([0.1, np.nan, 10], [0, 1, 1], "c0", "broken")
    panel.dots([0.01, 1, 100], [0, 0, 1], "faint c1", 2.5, "beyond")
    panel.band([1, 2], [0, 0], [1, 1], "margin")
    panel.aside(1, "far away", low=True)
    figure = Figure("a caption", (panel, panel), (("c0", "first"), ("c1", "second")), small=True)
    kept.keep([figure], "mine")
    [again] = kept.pictures("mine")
    assert sheet(again) == sheet(figure)
    assert again.panels[0].about == "about"


def test_what_is_written_in_a_picture_is_all_said() -> None:
    panel = Panel("about", Axis(0, 1, label="x"), names(["one"], "y"), title="title")
    panel.aside(0, "aside", low=True)
    seen: list[Any] = []
    said = kept.said(Figure("caption", (panel,), (("c0", "label"),)), lambda text: seen.append(text) or text.upper())
    assert {*seen} >= {"caption", "label", "title", "x", "y", "one", "aside"}
    assert said.panels[0].marks[0].words == "ASIDE"
