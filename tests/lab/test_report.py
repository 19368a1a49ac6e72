"""The report is one file that needs nothing else, shows what the table holds, and can be read by everyone."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from outcomes import outcome

from ogive.errors import InputError
from ogive.lab.arms import cross
from ogive.lab.figures import COLOURED, styles
from ogive.lab.headings import columns
from ogive.lab.methods import commands, paragraph, references
from ogive.lab.options import OPTIONS, from_command_line
from ogive.lab.report import render, render_fragment, write_report
from ogive.lab.summary import summarise

FETCHING = {"src", "href", "xlink:href", "data", "poster", "srcset", "action"}
VOID = {"meta", "br", "hr", "img", "input", "link"}
TWELVE = ["elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softsign", "softplus", "silu", "mish", "gelu", "relu", "leaky_relu"]

CASES = {
    "one": lambda: outcome(["relu"]),
    "two": lambda: outcome(["relu", "tanh"], official=True),
    "twelve": lambda: outcome(TWELVE, collapsed={"sigmoid": 3, "elu": 10}, gaps={"hard_sigmoid": 0.4}),
    "thirty": lambda: outcome(TWELVE[:10], batch_sizes=[16, 32, 64]),
    "regression": lambda: outcome(classes=(), optimizers=["sgd", "adam"]),
    "one epoch": lambda: outcome(epochs=1, learning_rates=[0.1]),
    "layers": lambda: outcome(["relu/tanh", "tanh/relu", "none/none"]),
    "no hidden layer alike": lambda: outcome(["relu"], hidden=["64-32", "16", "8-8-8-8-8-8-8"]),
}


class Page(HTMLParser):
    """What a page would load, its tags, and the text of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.cells: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.titles: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.loads += [value for name, value in attributes if name in FETCHING and not (value or "").startswith("#")]
        self.ids += [value for name, value in attributes if name == "id"]
        if tag == "svg" and "svg" not in self.open and "aria-hidden" not in given:
            self.pictures.append(given)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.cells.append(data)
        if self.open and self.open[-1] == "title":
            self.titles.append(data)


@pytest.fixture(scope="module", params=CASES)
def summary(request):
    return summarise(CASES[request.param]())


@pytest.fixture(scope="module")
def text(summary):
    return render(summary)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_it_loads_nothing_and_is_small(text, page):
    assert page.loads == []
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert not re.search(r"@import|url\((?!#)", text)
    assert len(text.encode()) < 1_000_000


def test_every_tag_is_closed_and_no_id_is_there_twice(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_it_holds_the_table(summary, page):
    for row in summary.rows:
        for column in columns(summary):
            assert column.cell(row) in page.cells


def test_every_picture_has_words_that_name_what_it_shows(summary, page):
    assert len(page.pictures) >= 5
    for picture in page.pictures:
        assert picture["role"] == "img"
        assert any(row.name in picture["aria-label"] for row in summary.rows)


def test_no_number_of_a_picture_is_missing(text):
    assert not re.search(r"[\"M, L](nan|inf|-inf)\b", text)


def test_the_best_few_and_the_reference_have_colours_of_their_own_and_the_rest_is_named_on_hover(summary, page):
    found = styles(summary)
    coloured = [style for style in found.values() if style != "other"]
    assert len(coloured) == len(set(coloured)) == min(len(found), COLOURED + 1)
    assert found[summary.reference.name] == "c0"
    assert all(found[row.name] != "other" for row in summary.rows[:COLOURED])
    assert set(found) <= set(page.titles)


def test_it_is_the_same_each_time_and_replaces_the_old_one_whole(summary, tmp_path):
    first = write_report(summary, tmp_path / "r.html").read_text(encoding="utf-8")
    assert write_report(summary, tmp_path / "r.html").read_text(encoding="utf-8") == first
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_the_command_makes_the_same_study_again(summary):
    install, command = commands(summary)
    assert install.startswith("pip install")
    words = shlex.split(command)
    assert words[:2] == ["ogive", "compare"]
    given = dict(zip(words[2::2], words[3::2], strict=True))
    arguments = from_command_line({option.key: given.get(option.flag) for option in OPTIONS})
    study = summary.outcome.study
    factors = {key: value for key, value in arguments.items() if key not in ("data", "seeds", "epochs", "margin")}
    assert cross(factors, summary.outcome.dataset.task, arguments["epochs"]) == study.arms
    assert (arguments["seeds"], arguments["margin"]) == (study.seeds, study.margin)


def test_the_command_names_the_column_and_the_task_that_were_named(summary):
    asked = replace(summary.outcome, asked={"target": "a b", "task": "regression", "until": 0.1})
    [_, command] = commands(summarise(asked))
    assert "--target 'a b' --task regression" in command
    assert "--until" not in command, "the seeds are as many as it took"


def test_the_paragraph_says_how_much_was_done_and_names_its_sources(summary):
    words, sources = paragraph(summary), references(summary)
    study = summary.outcome.study
    assert f"{len(study.arms)} arm" in words
    assert f"{study.rows:,} rows" in words
    assert f"{study.seeds} networks of each arm" in words
    assert re.search(r"ogive \d.*numpy \d.*scipy \d", words)
    assert ("Nadeau" in words) == any("Nadeau" in source for source in sources) == (not study.official_test)
    assert len(sources) == len({source.split(", section")[0] for source in sources}) > 3, "no work is there twice"


def test_a_notebook_shows_the_table(summary):
    page = Page(render_fragment(summary))
    assert page.loads == page.open == []
    assert all(row.name in page.cells for row in summary.rows)


def test_a_network_that_diverged_is_in_the_pictures_and_in_the_paragraph():
    summary = summarise(CASES["twelve"]())
    assert "13 networks that diverged stayed in" in paragraph(summary)
    assert "elu 10.02 ± 0.25%" in Page(render(summary)).pictures[0]["aria-label"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write the report"):
        write_report(summarise(outcome()), tmp_path / "file" / "r.html")
