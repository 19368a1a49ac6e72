"""The table fits the terminal: its width, its encoding."""

from __future__ import annotations

import io

import pytest
from outcomes import outcome

from ogive.lab.summary import summarise
from ogive.lab.table import print_table
from ogive.terminal import Terminal

MANY = ["relu", "leaky_relu", "hard_sigmoid", "softsign", "tanh"]


def printed(summary, *, width=120, encoding="utf-8"):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    terminal = Terminal(file=file, width=width)
    print_table(terminal, summary)
    terminal.say("Note: a sentence – with 5 µm ± 2")
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160])
@pytest.mark.parametrize("factors", [{}, {"optimizers": ["sgd", "adam"], "initializers": ["he_normal", "glorot_normal"]}])
def test_names_and_the_first_metric_are_whole_at_any_width(width, factors):
    summary = summarise(outcome(MANY, gaps={"tanh": 0.03}, **factors))
    text = printed(summary, width=width)
    lines = text.splitlines()
    assert max(map(len, (line.rstrip() for line in lines[:-1]))) <= width
    assert "…" not in text
    for row in summary.rows:
        for part in (*row.name.split(", "), f"{100 * row.score.mean:.2f}"):
            assert part in text
    if not factors:  # one factor's names stay in one line
        assert all(any(row.name in line and f"{100 * row.score.mean:.2f}" in line for line in lines) for row in summary.rows)


def test_a_wide_terminal_has_every_column_and_a_narrow_one_says_what_it_lacks():
    summary = summarise(outcome(MANY))
    assert "also show" not in printed(summary, width=160)
    assert "glorot_normal" in printed(summary, width=160)
    narrow = " ".join(printed(summary, width=60).split())
    assert "also show:" in narrow
    assert "log loss." not in narrow
    assert "minus the mean log-probability" not in narrow, "what is not shown is not explained"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_encoding_gets_signs_that_it_has(encoding):
    text = printed(summarise(outcome(MANY, classes=(), gaps={"tanh": 0.03})), encoding=encoding)
    sign = "+/-" if encoding == "ascii" else "±"
    assert f" {sign} " in text
    assert "�" not in text
    if encoding == "ascii":
        assert "-0.0" in text
        assert "R2" in text
        assert text.count("?") < 20


def test_columns_of_an_encoding_with_longer_signs_still_fit():
    lines = printed(summarise(outcome(MANY)), encoding="ascii", width=80).splitlines()
    assert any(line.startswith("   1 |a ") and "97.8" in line and "+/-" in line for line in lines), lines[:6]


def test_names_do_not_command_the_terminal(capsys):
    Terminal().say("column '\x1b[2Ja\x9b\r\x07'\nand more")
    assert capsys.readouterr().out == "column '\N{REPLACEMENT CHARACTER}[2Ja" + 3 * "\N{REPLACEMENT CHARACTER}" + "'\nand more\n"


def test_names_in_brackets_are_no_markup():
    raw = io.StringIO()
    Terminal(file=raw, width=80).say("results  /tmp/[bold]x[/bold].sqlite")
    assert raw.getvalue() == "results  /tmp/[bold]x[/bold].sqlite\n"
