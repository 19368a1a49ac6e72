"""The guide says what runs: its commands and programs are run, its links and generated numbers resolve, and both languages say the same."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

import ogive
from ogive import cli

pytest.importorskip("jinja2")
pytest.importorskip("typer")
ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(path.name for path in GUIDE.glob("*.md"))
CALL = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
SMALL = {"recipe": ["--quick"], "compare": ["--epochs", "2", "--learning-rates", "0.1", "--workers", "1"]}
"""What makes slow commands quick."""

sys.path.insert(0, str(ROOT / "docs" / "site"))
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def site() -> Any:
    """What lays the site out."""
    import assemble

    return assemble


@pytest.fixture(scope="module")
def laid_out(site: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; the pictures of its function pages are made, but not written as SVG, which takes most of the time."""
    folder = tmp_path_factory.mktemp("site") / "source"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("function_pages.themed", lambda _picture, about: f"<svg>{about}</svg>")
        site.assemble(folder)
    return folder


def blocks(text: str, language: str) -> list[str]:
    return [content for kind, content in FENCED.findall(text) if kind == language]


def commands(text: str) -> list[list[str]]:
    """What stands behind the prompts, in words."""
    lines = (line for block in blocks(text, "console") for line in block.splitlines())
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def test_every_page_is_in_both_languages_and_in_the_contents(site: Any) -> None:
    assert sorted(path.name for path in (GUIDE / "ko").glob("*.md")) == PAGES
    assert sorted(["index.md", *(f"{name}.md" for name in site.GUIDE)]) == PAGES


@every_page
def test_both_languages_run_the_same_and_read_the_same_numbers(name: str) -> None:
    english, korean = ((folder / name).read_text(encoding="utf-8") for folder in (GUIDE, GUIDE / "ko"))
    assert f"](ko/{name})" in english
    assert f"](../{name})" in korean
    assert FENCED.findall(english) == FENCED.findall(korean)
    calls = [sorted(re.sub(r'(picture\("[^"]+").*', r"\1", call.strip()) for call in CALL.findall(text)) for text in (english, korean)]
    assert calls[0] == calls[1]
    assert re.search("[가-힣]", korean)


@every_page
def test_no_measured_number_is_typed(name: str) -> None:
    """Outside of programs and calls there are no decimals and no percentages but what is quoted, and the level of tests."""
    for folder in (GUIDE, GUIDE / "ko"):
        prose = CALL.sub("", FENCED.sub("", (folder / name).read_text(encoding="utf-8")))
        prose = re.sub(r'`[^`]*`|"[^"]*"|\]\([^)]*\)', "", prose)
        assert re.findall(r"\d+[.,]\d+|\d+ ?%", prose.replace("5,000", "").replace("100,000", "").replace("5 %", "")) == []


def test_every_link_leads_somewhere(laid_out: Path) -> None:
    followed = 0
    for page in laid_out.rglob("*.md"):
        text = FENCED.sub("", page.read_text(encoding="utf-8"))
        assert "{{" not in text
        for link in LINK.findall(text):
            assert (page.parent / link).is_file(), f"{page.relative_to(laid_out)} links to {link}"
            followed += 1
    assert followed > 300


def test_every_function_has_a_page_with_what_is_known_of_it(laid_out: Path) -> None:
    listed = "".join(path.read_text(encoding="utf-8") for path in (laid_out / "functions").glob("*-list.md"))
    for name in ogive.names():
        text = (laid_out / "functions" / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n")
        assert "<svg" in text
        assert text.count("\n- ") >= len(ogive.get(name).references)
        assert f"]({name}.md)" in listed
        assert "\\`" not in text, "what stands between backticks is code"


def test_a_wrong_name_in_a_page_is_an_error(site: Any) -> None:
    for text in ("{{ sigmoyd.lipschitz }}", "{{ sigmoid.lipshitz }}", "{{ facts('sigmoyd') }}", "{{ picture('s-curve', '') }}"):
        with pytest.raises(Exception, match=r"sigmoyd|lipshitz|s-curve"):
            site.expand(text, "en")


def test_the_guide_leaves_out_no_recipe() -> None:
    from ogive.recipes import reading

    shown = set(re.findall(r'recipe\("([^"]+)"\)', "".join((GUIDE / name).read_text(encoding="utf-8") for name in PAGES)))
    assert set(reading.names()) <= shown


@every_page
def test_the_programs_of_a_page_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    together: dict[str, Any] = {}
    for program in blocks((GUIDE / name).read_text(encoding="utf-8"), "python"):
        exec(compile(program, name, "exec"), together)
    assert "Traceback" not in capsys.readouterr().out


def every_command() -> list[Any]:
    from macros import expand

    found = [command for name in PAGES for command in commands(expand((GUIDE / name).read_text(encoding="utf-8"), "en"))]
    return [pytest.param(command, id=line) for line, command in {" ".join(command): command for command in found}.items()]


@pytest.mark.parametrize("command", every_command())
def test_the_commands_of_the_guide_run(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if command[0] == "python":  # an example, which tests of its own run
        assert (ROOT / command[1]).exists()
        return
    monkeypatch.chdir(tmp_path)
    program, *arguments = command
    assert program == "ogive"
    slow = SMALL.get(arguments[0], []) if len(arguments) > 1 else []
    assert cli.main([*arguments, *slow]) == 0
    assert capsys.readouterr().out


def test_what_is_said_of_the_comparison_is_so() -> None:
    """That the sigmoid is not told apart from the best, on a shallow network and with a rate of its own."""
    table = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line.startswith("|")][2:]
    groups = {row[2]: set(row[1]) for row in rows}
    assert groups["sigmoid"] & groups[rows[0][2]]
