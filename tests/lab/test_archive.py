"""`ogive results`: what results files hold is listed, exported, joined and drawn; nothing is lost or counted twice."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from outcomes import outcome
from test_report import Page

from ogive.cli import main
from ogive.lab.archive import described, finished, named, network_records, opened, over_data_sets
from ogive.lab.results import Trained
from ogive.lab.store import open_store
from ogive.lab.summary import summarise


def trained(networks, place):
    metrics = {part: {name: values[place].item() for name, values in named.items()} for part, named in networks.metrics.items()}
    loss, diverged, seconds = (values[place].item() for values in (networks.training_loss, networks.diverged, networks.seconds))
    return Trained(metrics, (loss,), diverged, seconds)


def store_outcome(folder, found):
    """Write an outcome as a finished study."""
    study = found.study
    with open_store(folder / "results.sqlite") as store:
        for result in found.arms:
            members = study.finals(result.arm, result.rates, study.seeds)
            store.save(
                (member.key(study.problem), member.settings(study.problem), trained(result.networks, place))
                for place, member in enumerate(members)
            )
        store.finish(study.sha256, described(summarise(found)))
    return folder / "results.sqlite"


def of_data(name, **settings):
    found = outcome(**settings)
    return replace(found, study=replace(found.study, data=name, data_sha256=name))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two files: one with digits, one with digits and iris."""
    folder = tmp_path_factory.mktemp("runs")
    digits = outcome(gaps={"sigmoid": 0.03})
    store_outcome(folder / "b", of_data("iris", activations=["relu", "tanh", "gelu"]))
    return [store_outcome(folder / "a", digits), store_outcome(folder / "b", digits)]


def test_a_finished_study_is_known_again_with_every_score(files):
    with opened(files[:1]) as stores:
        [study] = finished(stores)
    expected = outcome(gaps={"sigmoid": 0.03})
    assert study.title == expected.title
    assert list(study.scores) == ["relu", "tanh", "sigmoid"]
    for result in expected.arms:
        np.testing.assert_array_equal(study.scores[result.arm.name], result.values("accuracy"))


@pytest.fixture
def gap(files, tmp_path):
    """A file with two studies, of which digits lacks a network."""
    path = tmp_path / "gap" / "results.sqlite"
    path.parent.mkdir()
    path.write_bytes(files[1].read_bytes())
    edit(path, "DELETE FROM networks WHERE rowid = 37")  # the first 30 are of iris
    return path


def edit(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1


def test_a_study_that_lacks_a_network_is_said_to_and_the_others_are_shown(gap, tmp_path, capsys):
    lack = "lacks 1 of its 30 networks; its command trains what is missing"
    picture = tmp_path / "p.html"
    assert main(["results", str(gap), "--plot", str(picture)]) == 0
    shown = capsys.readouterr()
    assert shown.out.count(lack) == shown.err.count(lack) == 1
    assert "iris: 3 arms, 10 seeds, 30 epochs\n" in shown.out
    assert "digits: 3 arms, 10 seeds, 30 epochs; lacks" in shown.out
    assert len(Page(picture.read_text(encoding="utf-8")).pictures) == 1
    assert main(["results", str(gap), "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert len(json.loads(shown.out)) == 59
    assert lack in shown.err


def test_what_one_file_lacks_another_brings(gap, files, tmp_path):
    with opened([gap, files[0]]) as stores:
        assert len(finished(stores)) == 2
    joined = tmp_path / "all.sqlite"
    assert main(["results", str(gap), str(files[0]), "--join", str(joined)]) == 0
    with opened([joined]) as stores:
        assert (len(network_records(stores)), len(finished(stores))) == (60, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE studies SET settings = '{}'",
        "UPDATE studies SET settings = '[]'",
        "UPDATE studies SET settings = 'mine'",
        "UPDATE studies SET settings = replace(settings, 'accuracy', 'log_loss')",
        "UPDATE networks SET settings = replace(settings, 'he_normal', 'ones') WHERE rowid = 3",
    ],
)
def test_settings_that_were_edited_are_noticed(tmp_path, capsys, statement):
    path = store_outcome(tmp_path, outcome())
    edit(path, statement)
    assert main(["results", str(path), "--format", "csv"]) == 2
    complaint = capsys.readouterr().err
    assert "is damaged (what is named " in complaint
    assert complaint.count("\n") == 1


def test_a_network_that_overflowed_counts_as_it_did_in_the_verdicts(tmp_path):
    found = outcome(classes=(), seeds=5)
    for place, value in ((0, -np.inf), (1, -3.0)):
        found.arms[place].networks.metrics["test"]["r2"][2] = value
    with opened([store_outcome(tmp_path, found)]) as stores:
        [study] = finished(stores)
    for scores, expected in zip(study.scores.values(), found.scores, strict=True):
        np.testing.assert_array_equal(scores, expected[:, 0])
    assert study.scores["relu"][2] == -3


def test_two_data_sets_of_one_name_are_two(files):
    with opened(files[:1]) as stores:
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


def test_what_two_files_hold_counts_once(files):
    with opened(files) as stores:
        assert len(finished(stores)) == 2
        assert len(network_records(stores)) == 60


def test_joining_loses_nothing_and_adds_nothing_twice(files, tmp_path, capsys):
    joined = tmp_path / "all.sqlite"
    for _ in range(2):
        assert main(["results", *map(str, files), "--join", str(joined)]) == 0
    with opened(files) as stores, opened([joined]) as together:
        assert sorted(map(repr, network_records(together))) == sorted(map(repr, network_records(stores)))
        assert {study.key for study in finished(together)} == {study.key for study in finished(stores)}
    assert "joined" in capsys.readouterr().out


def test_the_list_names_every_study_and_the_command_that_shows_it_again(files, capsys):
    assert main(["results", str(files[0].parent.parent)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("digits: 3 arms, 10 seeds, 30 epochs") == 2
    assert printed.count("ogive compare --data digits --activations relu,tanh,sigmoid --seeds 10 --epochs 30 --margin 0.5pp") == 2
    assert f"{files[1]}: 60 networks, of them 0 to choose learning rates" in printed


def test_a_study_that_is_not_finished_is_listed_as_such(tmp_path, capsys):
    with open_store(tmp_path / "results.sqlite") as store:
        store.begin("0123456789", named(outcome().study))
    assert main(["results", str(tmp_path)]) == 0
    assert "01234567" in capsys.readouterr().out
    assert main(["results", str(tmp_path), "--plot", str(tmp_path / "p.html")]) == 2
    assert "nothing to draw" in capsys.readouterr().err
    assert not (tmp_path / "p.html").exists()


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_every_network_is_a_record(files, capfdbinary, form):
    assert main(["results", str(files[1]), "--format", form]) == 0
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


def test_the_picture_shows_every_study_and_ranks_over_the_arms_that_all_data_have(files, tmp_path):
    assert main(["results", *map(str, files), "--plot", str(tmp_path / "p.html")]) == 0
    page = Page((tmp_path / "p.html").read_text(encoding="utf-8"))
    assert page.loads == page.open == []
    ranks, *studies = (picture["aria-label"] for picture in page.pictures)
    assert ranks.startswith("average rank over 2 data sets: ")
    assert "gelu" not in ranks
    assert "sigmoid" not in ranks
    assert len(studies) == 2
    with opened(files) as stores:
        arms, data, means = over_data_sets(finished(stores))
    assert (set(arms), set(data), means.shape) == ({"relu", "tanh"}, {"digits", "iris"}, (2, 2))


def test_one_data_set_has_no_ranks_over_several(files):
    with opened(files[:1]) as stores:
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
