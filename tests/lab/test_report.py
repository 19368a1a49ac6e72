"""The report is one file that needs nothing else, and holds what the table holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from lab_samples import TINY

from ogive.errors import InputError
from ogive.lab import compare
from ogive.lab.table import cells

FETCHING = {"src", "href", "xlink:href", "data", "poster", "srcset", "action"}


class _Page(HTMLParser):
    """What a page would load, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.loads += [value for name, value in attributes if name in FETCHING and not (value or "").startswith("#")]


@pytest.fixture(scope="module", params=["activations", "layers"])
def comparison(request, tmp_path_factory):
    arguments = dict(TINY)
    if request.param == "layers":
        arguments = {**arguments, "activations": None, "layers": ["relu", "none"]}
    return compare(**arguments, out=tmp_path_factory.mktemp(request.param))


def test_it_loads_nothing_and_is_small(comparison):
    path = comparison.report()
    text = path.read_text(encoding="utf-8")
    page = _Page(text)
    assert page.loads == []
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert not re.search(r"@import|url\((?!#)", text)
    assert path.stat().st_size < 1_000_000


def test_it_holds_the_table_and_four_pictures(comparison):
    text = comparison.report().read_text(encoding="utf-8")
    for row in comparison.table:
        for cell in cells(row):
            assert f"<td>{cell}</td>" in text
    assert _Page(text).tags.count("svg") == 4
    assert "#123456" not in text, "the pictures take their ink from the page"
    assert ("hidden layer 1 goes down" in text.lower()) == comparison.plan.layers_grid
    if comparison.plan.layers_grid:
        assert all(f">{row.accuracy.mean:.4f}</td>" in text for row in comparison.table)


def test_it_is_the_same_each_time_and_replaces_the_old_one_whole(comparison, tmp_path):
    first = comparison.report(tmp_path / "r.html").read_text(encoding="utf-8")
    assert comparison.report(tmp_path / "r.html").read_text(encoding="utf-8") == first
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_place_that_cannot_be_written(comparison, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write the report"):
        comparison.report(tmp_path / "file" / "r.html")
