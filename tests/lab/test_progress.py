"""Progress where nobody watches a terminal: a few lines, with the time that the present part still takes."""

from __future__ import annotations

import pytest

from ogive.lab import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_a_line_for_each_quarter_with_the_time_left(clock, capsys):
    with progress.shown_progress() as bar:
        for percent in range(101):
            clock[0] = percent * 2.0
            bar("training", percent / 100)
    assert capsys.readouterr().err.splitlines() == [
        "training: 25%, about 2 min 30 s left",
        "training: 50%, about 1 min 40 s left",
        "training: 75%, about 50 s left",
    ]


def test_another_part_of_the_work_is_timed_anew(clock, capsys):
    with progress.shown_progress() as bar:
        bar("choosing", 0.9)
        clock[0] = 100.0
        bar("training", 0.1)
        clock[0] = 101.0
        bar("training", 0.6)
    assert capsys.readouterr().err == "training: 60%, about 0.8 s left\n"


def test_what_was_known_before_tells_nothing_of_the_speed(clock, capsys):
    with progress.shown_progress() as bar:
        bar("training", 0.5)
        clock[0] = 10.0
        bar("training", 0.75)
    assert capsys.readouterr().err == "training: 75%, about 10 s left\n"
