"""``ogive list``, ``ogive show`` and ``ogive plot``: what they print on any terminal, and that mistakes are one line."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ogive
from ogive.catalogue import entries
from ogive.cli import main

pytest.importorskip("typer")
from ogive.pictures import listing
from ogive.terminal import Terminal

EVERY = list(entries())


def printed(monkeypatch, print_it, *, width, encoding="utf-8"):
    """What it prints on a terminal of that width and encoding."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    monkeypatch.setattr(listing, "Terminal", lambda: Terminal(file=file, width=width))
    print_it()
    file.flush()
    return raw.getvalue().decode(encoding)


def names_in(text):
    """Names stand before their summaries, or above them on a line of their own."""
    return re.findall(r"^(?:  (?=\w+  ))?([a-z0-9_]+)(?:  .*)?$", text, re.MULTILINE)


def test_the_list_holds_every_function_and_its_kind(capsys):
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert sorted(names_in(text)) == sorted(ogive.names())
    assert text.rstrip().endswith(f"{len(ogive.names())} functions; ogive show NAME tells more")
    assert main(["list", "--losses", "--gates"]) == 0
    assert names_in(capsys.readouterr().out) == [*ogive.names("gate"), *ogive.names("loss")]


@pytest.mark.parametrize("name", sorted({name for entry in EVERY for name in entry.properties}))
def test_every_property_finds_those_that_have_it(capsys, name):
    for written, wanted in ((name.replace("_", "-").upper(), True), (f"not {name}", False)):
        assert main(["list", "--property", written, "--format", "json"]) == 0
        found = [record["name"] for record in json.loads(capsys.readouterr().out)]
        assert sorted(found) == sorted(entry.name for entry in EVERY if entry.properties.get(name) is wanted)


def test_several_properties_are_all_had(capsys):
    assert main(["list", "--losses", "--property", "convex,robust", "--property", "not symmetric", "--format", "json"]) == 0
    for record in json.loads(capsys.readouterr().out):
        assert record["kind"] == "loss"
        assert record["properties"]["convex"] is record["properties"]["robust"] is True
        assert record["properties"]["symmetric"] is False


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_list_is_readable_at_any_width(monkeypatch, width, encoding):
    text = printed(monkeypatch, lambda: listing.print_listing(EVERY), width=width, encoding=encoding)
    assert max(len(line.rstrip()) for line in text.splitlines()[:-1]) <= width
    assert sorted(names_in(text)) == sorted(ogive.names())
    together = " ".join(text.split())
    for entry in EVERY:
        assert " ".join(entry.summary.split()[:3]) in together or not entry.summary.isascii() or width > 40


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.name)
def test_every_card_fits_forty_columns_of_ascii(monkeypatch, entry):
    text = printed(monkeypatch, lambda: listing.print_card(entry), width=40, encoding="ascii")
    assert max(map(len, text.splitlines())) <= 40
    known = "".join(f"{heading}{words}" for heading, words in listing.card.rows(entry)) + entry.description
    assert text.count("?") == known.count("?"), "every sign has another that stands for it"
    for heading, _ in listing.card.rows(entry):
        assert heading in text


def test_a_card_by_any_name_in_text_and_json(capsys):
    assert main(["show", "Swish"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("silu  activation\n")
    assert "x / (1 + exp(-x))" in text
    assert main(["show", "Swish", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["name"] == "silu"
    assert record["facts"] == dict(ogive.silu.facts)


def test_a_card_without_uniplot_says_how_to_get_the_plot(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uniplot", None)
    assert main(["show", "gelu"]) == 0
    assert 'pip install "ogive[plot]"' in capsys.readouterr().out


def test_plots_in_characters_and_in_files(capsys, tmp_path):
    pytest.importorskip("uniplot")
    assert main(["plot", "gelu", "silu", "--interval=-2,2"]) == 0
    text = capsys.readouterr().out
    assert "gelu" in text
    assert "over x" in text
    pytest.importorskip("matplotlib")
    out = tmp_path / "curves.svg"
    assert main(["plot", "gelu", "silu", "mish", "--slope", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"picture  {out}\n"
    assert out.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--property", "convx"], "unknown property 'convx'; did you mean 'convex'?"),
        (["list", "--property", ""], "unknown property ''; choose from"),
        (["list", "--format", "jsn"], "unknown format 'jsn'; did you mean 'json'?"),
        (["show", "sillu"], "did you mean 'silu'?"),
        (["show"], "Missing argument 'NAME'"),
        (["show", "silu", "--format", "table"], "unknown format 'table'"),
        (["plot"], "Missing argument 'NAME...'"),
        (["plot", "sillu"], "did you mean 'silu'?"),
        (["plot", "silu", "--interval", "wide"], "--interval must be two numbers with a comma"),
        (["plot", "silu", "--interval", "1,2,3"], "--interval must be two numbers with a comma"),
        (["plot", "silu", "--interval", "2,1"], "the smaller first"),
        (["plot", "silu", "--out", "silu.gif"], "must be one of .svg, .png, .pdf, got '.gif'"),
        (["plot", "silu", "--out", "/proc/silu.svg"], "'/proc/silu.svg': No such file or directory; name another place"),
        (["plot", "ctc", "--interval", "0,2"], "its interval must be within 0 to 1"),
        (["plot", "relu", "cross_entropy"], "draw functions of one kind together"),
    ],
)
def test_mistakes_are_one_line(capsys, arguments, words):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ogive: ")
    assert said.err.count("\n") == 1
    assert words in said.err


@pytest.mark.parametrize(("missing", "arguments"), [("matplotlib", ["plot", "silu", "--out", "silu.svg"]), ("uniplot", ["plot", "silu"])])
def test_a_missing_extra_is_one_line(capsys, monkeypatch, tmp_path, missing, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "ogive.pictures.drawing", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert missing in said
    assert 'pip install "ogive[plot]"' in said
    assert list(tmp_path.iterdir()) == []


def _ogive(arguments, **given):
    return subprocess.run([sys.executable, "-m", "ogive", *arguments], stderr=subprocess.PIPE, timeout=60, check=False, **given)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--format", "json"], ["show", "silu"], ["plot", "silu"]])
def test_a_full_disk_and_a_closed_pipe_are_one_line(arguments):
    read, write = os.pipe()
    os.close(read)
    with Path("/dev/full").open("wb") as full, os.fdopen(write, "wb") as closed:
        ended = {"No space left on device": _ogive(arguments, stdout=full), "was closed": _ogive(arguments, stdout=closed)}
    for reason, each in ended.items():
        assert each.returncode == 2
        assert each.stderr.decode().startswith("ogive: cannot write the output: ")
        assert reason in each.stderr.decode()
        assert each.stderr.count(b"\n") == 1


def test_the_list_loads_nothing_that_it_does_not_need():
    code = (
        "import sys; from ogive.cli import main; main(['list']);"
        "heavy = {'torch', 'sklearn', 'scipy', 'matplotlib', 'pandas', 'jinja2', 'pooch', 'sqlite3', 'PIL'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr


def test_a_dumb_terminal_is_as_wide_as_it_is(monkeypatch):
    for name, value in (("TERM", "dumb"), ("COLUMNS", "44")):
        monkeypatch.setenv(name, value)
    assert Terminal(file=io.StringIO(), force_terminal=True).width == 44
