"""The README says what is so: its links lead somewhere, it names every function and recipe, its programs and commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import ogive
from ogive import cli
from ogive.recipes import reading

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
COMMANDS = [shlex.split(line, comments=True)[2:] for line in README.splitlines() if line.startswith("$ .venv/bin/ogive ")]
SMALL = {"compare": ["--epochs", "1", "--learning-rates", "0.1", "--hidden", "4-4", "--workers", "1"], "recipe": ["--quick"]}
"""What makes slow commands quick."""


@pytest.mark.parametrize("text", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/why.md"])
def test_every_link_leads_somewhere(text: str) -> None:
    path = ROOT / text
    assert [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()] == []


def test_no_function_and_no_recipe_is_left_out() -> None:
    words = set(re.findall(r"[\w-]+", README))
    assert [name for name in (*ogive.names(), *reading.names()) if name not in words] == []


def test_the_programs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    together: dict[str, object] = {}
    for program in re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE):
        quick = program.replace('compare("iris", ', 'compare("iris", epochs=1, learning_rates=[0.1], ')
        exec(compile(quick, "README.md", "exec"), together)
    assert (tmp_path / "iris.html").exists()


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, for some read what others wrote."""
    rows = (f"{'ab'[i % 2]},{i % 7},{i % 5 + (i % 2)}" for i in range(60))
    (tmp_path / "table.csv").write_text("\n".join(["species,size,price", *rows]) + "\n")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        if "mnist" in command:  # the tests of MNIST's files do
            continue
        small = SMALL.get(command[0], []) if len(command) > 1 and "--write" not in command else []
        assert cli.main([*command, *small]) == 0, command
        assert capsys.readouterr().out or "--out" in command or "--write" in command
