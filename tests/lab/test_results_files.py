"""Results files that lack a network, were edited, or may not be written."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from outcomes import outcome, store_outcome
from test_report import Page

from ogive.cli import main
from ogive.errors import InputError
from ogive.lab.archive import finished, named, network_records, opened
from ogive.lab.store import read_store


@pytest.fixture
def gap(archives, tmp_path):
    """A file with two studies, of which digits lacks a network."""
    path = tmp_path / "gap" / "results.sqlite"
    path.parent.mkdir()
    path.write_bytes(archives[1].read_bytes())
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


def test_what_one_file_lacks_another_brings(gap, archives, tmp_path):
    with opened([gap, archives[0]]) as stores:
        assert len(finished(stores)) == 2
    joined = tmp_path / "all.sqlite"
    assert main(["results", str(gap), str(archives[0]), "--join", str(joined)]) == 0
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


HALF_MADE = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE networks (key TEXT)")
connection.executemany("INSERT INTO networks VALUES (?)", [("x" * 999,)] * 999)
os._exit(9)
"""


@pytest.mark.parametrize("begun", [False, True])
def test_a_file_of_a_run_that_was_killed_before_it_had_tables_is_a_results_file_with_nothing_in_it(archives, tmp_path, capsys, begun):
    path = tmp_path / "results.sqlite"
    path.touch()
    if begun:
        subprocess.run([sys.executable, "-c", HALF_MADE, str(path)], check=False)
        assert path.stat().st_size > 0, "the kill came in the middle of it"
    assert main(["results", str(path), str(archives[0])]) == 0
    empty, other, *_ = capsys.readouterr().out.splitlines()
    assert empty == f"{path}: 0 networks, of them 0 to choose learning rates; nothing is in it yet"
    assert other.startswith(f"{archives[0]}: 30 networks, of them 0 to choose")
    assert path.read_bytes() == b"", "reading makes nothing of it"
    assert main(["results", str(path), "--plot", str(tmp_path / "p.html")]) == 2
    assert "nothing to draw" in capsys.readouterr().err


def test_a_file_that_may_not_be_written_can_be_read(archives, monkeypatch, capsys):
    monkeypatch.setattr("ogive.lab.store.os.access", lambda _, mode: mode != os.W_OK)
    assert main(["results", str(archives[0])]) == 0
    assert "30 networks" in capsys.readouterr().out
    with pytest.raises(InputError, match="readonly database"), read_store(archives[0]) as store:
        store.begin("0", named(outcome().study))


def test_a_file_that_cannot_be_joined_to_names_the_option(archives, tmp_path, capsys):
    (tmp_path / "mine").write_text("mine")
    assert main(["results", str(archives[0]), "--join", str(tmp_path / "mine")]) == 2
    assert capsys.readouterr().err.endswith("name another file by --join\n")
    assert (tmp_path / "mine").read_text() == "mine"
