"""`ogive results`: what results files hold is listed, exported, joined and drawn; nothing is lost or counted twice."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from outcomes import outcome, store_outcome
from test_report import Page

from ogive.cli import main
from ogive.lab import archive_figures
from ogive.lab.archive import described, finished, named, network_records, opened, over_data_sets
from ogive.lab.store import open_store
from ogive.lab.summary import summarise


def test_a_finished_study_is_known_again_with_every_score(archives):
    with opened(archives[:1]) as stores:
        [study] = finished(stores)
    expected = outcome(gaps={"sigmoid": 0.03})
    assert study.title == expected.title
    assert list(study.scores) == ["relu", "tanh", "sigmoid"]
    for result in expected.arms:
        np.testing.assert_array_equal(study.scores[result.arm.name], result.values("accuracy"))


def test_a_network_that_overflowed_counts_as_it_did_in_the_verdicts(tmp_path):
    found = outcome(classes=(), seeds=5)
    for place, value in ((0, -np.inf), (1, -3.0)):
        found.arms[place].networks.metrics["test"]["r2"][2] = value
    with opened([store_outcome(tmp_path, found)]) as stores:
        [study] = finished(stores)
    for scores, expected in zip(study.scores.values(), found.scores, strict=True):
        np.testing.assert_array_equal(scores, expected[:, 0])
    assert study.scores["relu"][2] == -3


def test_two_data_sets_of_one_name_are_two(archives):
    with opened(archives[:1]) as stores:
        [study] = finished(stores)
    other = replace(study, data_sha256="other", scores={name: scores - 0.1 for name, scores in study.scores.items()})
    _, names, means = over_data_sets([study, other])
    assert names == ["digits", "digits"]
    np.testing.assert_allclose(means[:, 0] - means[:, 1], 0.1)


def test_beginning_again_forgets_nothing_and_a_second_end_changes_nothing(tmp_path):
    found = outcome()
    path = store_outcome(tmp_path, found)
    before = path.read_bytes()
    with open_store(path) as store:
        store.begin(found.study.sha256, named(found.study))
        store.finish(found.study.sha256, described(summarise(found)))
        assert len(finished([store])) == 1
    assert path.read_bytes() == before


def test_what_two_files_hold_counts_once(archives):
    with opened(archives) as stores:
        assert len(finished(stores)) == 2
        assert len(network_records(stores)) == 60


def test_joining_loses_nothing_and_adds_nothing_twice(archives, tmp_path, capsys):
    joined = tmp_path / "all.sqlite"
    for _ in range(2):
        assert main(["results", *map(str, archives), "--join", str(joined)]) == 0
    with opened(archives) as stores, opened([joined]) as together:
        assert sorted(map(repr, network_records(together))) == sorted(map(repr, network_records(stores)))
        assert {study.key for study in finished(together)} == {study.key for study in finished(stores)}
    assert "joined" in capsys.readouterr().out


def test_the_list_names_every_study_and_the_command_that_shows_it_again(archives, capsys):
    assert main(["results", str(archives[0].parent.parent)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("digits: 3 arms, 10 seeds, 30 epochs") == 2
    assert printed.count("ogive compare --data digits --activations relu,tanh,sigmoid --seeds 10 --epochs 30 --margin 0.5pp") == 2
    assert f"{archives[1]}: 60 networks, of them 0 to choose learning rates" in printed


def test_a_study_that_is_not_finished_is_listed_as_such(tmp_path, capsys):
    with open_store(tmp_path / "results.sqlite") as store:
        store.begin("0123456789", named(outcome().study))
    assert main(["results", str(tmp_path)]) == 0
    assert "01234567" in capsys.readouterr().out
    assert main(["results", str(tmp_path), "--plot", str(tmp_path / "p.html")]) == 2
    assert "nothing to draw" in capsys.readouterr().err
    assert not (tmp_path / "p.html").exists()


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_every_network_is_a_record(archives, capfdbinary, form):
    assert main(["results", str(archives[1]), "--format", form]) == 0
    text = capfdbinary.readouterr().out.decode()
    if form == "csv":
        records = list(csv.DictReader(io.StringIO(text)))
        assert {record["data"] for record in records} == {"digits", "iris"}
    elif form == "json":
        records = json.loads(text, parse_constant=pytest.fail)
        assert all(0 < record["test accuracy"] < 1 for record in records)
    else:
        records = text.splitlines()[2:]
    assert len(records) == 60


def test_the_picture_shows_every_study_and_ranks_over_the_arms_that_all_data_have(archives, tmp_path):
    assert main(["results", *map(str, archives), "--plot", str(tmp_path / "p.html")]) == 0
    page = Page((tmp_path / "p.html").read_text(encoding="utf-8"))
    assert page.loads == page.open == []
    ranks, *studies = (picture["aria-label"] for picture in page.pictures)
    assert ranks.startswith("average rank over 2 data sets: ")
    assert "gelu" not in ranks
    assert "sigmoid" not in ranks
    assert len(studies) == 2
    with opened(archives) as stores:
        arms, data, means = over_data_sets(finished(stores))
    assert (set(arms), set(data), means.shape) == ({"relu", "tanh"}, {"digits", "iris"}, (2, 2))


@pytest.mark.parametrize("classes", [(), tuple("0123456789")])
def test_the_picture_cuts_intervals_as_the_table_does(tmp_path, classes):
    expected = outcome(seeds=2, classes=classes, gaps={"relu": -0.018})
    with opened([store_outcome(tmp_path, expected)]) as stores:
        [panel] = archive_figures.studies(finished(stores)).panels
    unit = 100 if classes else 1
    drawn = [unit * np.array([row.score.low, row.score.high]) for row in summarise(expected).rows]
    assert [mark.xs.tolist() for mark in panel.marks if mark.style.startswith("interval")] == [pytest.approx(ends) for ends in drawn]
    assert max(high for _, high in drawn) == unit


@pytest.mark.parametrize("name", ["p.svg", "p.pdf", "p"])
def test_a_picture_that_is_no_page_is_refused_before_any_work(archives, tmp_path, capsys, name):
    assert main(["results", str(archives[0]), "--plot", str(tmp_path / name), "--join", str(tmp_path / "all.sqlite")]) == 2
    said = capsys.readouterr()
    assert said.err == f"ogive: --plot must end in .html, for the picture is a page, got {str(tmp_path / name)!r}; name it so\n"
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_one_data_set_has_no_ranks_over_several(archives):
    with opened(archives[:1]) as stores:
        assert over_data_sets(finished(stores)) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nowhere"], "no results file 'nowhere'"), (["--format", "html"], "unknown format 'html'"), ([], "no results file 'ogive-runs'")],
)
def test_what_is_wrong_is_one_line(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["results", *arguments]) == 2
    printed = capsys.readouterr().err
    assert words in printed
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "results.sqlite").write_text("mine")
    assert main(["results", str(tmp_path)]) == 2
    assert "results.sqlite" in capsys.readouterr().err
    assert (tmp_path / "results.sqlite").read_text() == "mine"
