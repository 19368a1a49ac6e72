"""The pages of the functions, from the catalogue: one for each, and lists of them by families."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from ogive import activations, losses
from ogive.catalogue import entries
from ogive.pictures.card import prose, seen
from ogive.pictures.drawing import draw
from ogive.pictures.themed import themed
from ogive.pictures.views import View

KINDS = {
    "activation": "Activations",
    "gate": "Gates",
    "axiswise": "Functions along an axis",
    "loss": "Losses",
}
_MARKS = re.compile(r"([\\`*_{}\[\]<>|$#~])")
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def write(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True)
    for kind, title in KINDS.items():
        found = [entry for entry in entries() if entry.kind == kind]
        for entry in found:
            (folder / f"{entry.name}.md").write_text(function_page(entry), encoding="utf-8")
        (folder / f"{kind}-list.md").write_text(_list(title, found), encoding="utf-8")
    lines = [f"- [{title}]({kind}-list.md), {sum(entry.kind == kind for entry in entries())}" for kind, title in KINDS.items()]
    words = "Every function of the catalogue. The same cards are in the terminal: `ogive list`, `ogive show NAME`."
    content = ["# Functions", words, "\n".join(lines), _tree(f"{kind}-list" for kind in KINDS)]
    (folder / "index.md").write_text("\n\n".join(content) + "\n", encoding="utf-8")


def function_page(entry: Any) -> str:
    """One function: what it is, its picture, formula, facts, examples, names elsewhere, references."""
    parts = [f"# {entry.name}", *map(marked, prose(entry)), picture(seen(entry))]
    parts += ["## Formula", *_formulas(entry)]
    named = [(f"`{each.name}`", marked(each.about)) for each in entry.term.inputs if each.about]
    named += [(f"`{each.name}`", marked(each.meaning)) for each in entry.parameters]
    parts += ["## Arguments", _table("argument", "what it is", named)] if named else []
    known = [(plain(heading), plain(text)) for heading, text in entry.facts]
    known += [("also known as", plain(", ".join(entry.aliases)))] if entry.aliases else []
    parts += ["## Facts", _table("property", "value", known)]
    example = str(entry.description).partition("Examples\n--------\n")[2].strip()
    parts += ["## Examples", f"```pycon\n{example}\n```"] if example else []
    if entry.elsewhere:
        calls = "\n".join(entry.elsewhere)
        parts += ["## In other libraries", "`ogive.peer(name)` gives these, over NumPy arrays:", f"```text\n{calls}\n```"]
    parts += ["## References", "\n".join(f"- {_linked(plain(each))}" for each in entry.references)]
    return "\n\n".join(parts) + "\n"


def _formulas(entry: Any) -> list[str]:
    found = []
    for name, term in entry.terms.items():
        found += [f"Given `{name}`:"] if len(entry.terms) > 1 else []
        found += [f"$$\n{term.latex}\n$$"] if term.latex else []
        found.append(f"```text\n{term.formula or f'an algorithm: {term.signature}'}\n```")
    return found


def _table(first: str, second: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {heading} | {' '.join(text.split())} |" for heading, text in rows]
    return "\n".join(["{.facts}", f"| {first} | {second} |", "| --- | --- |", *lines])


def _list(title: str, found: list[Any]) -> str:
    parts = [f"# {title}"]
    for family, about, names in _families():
        members = [entry for entry in found if entry.name in names]
        if not members:
            continue
        if len(members) < len(found):
            parts += [f"## {family.replace('_', ' ').capitalize()}", marked(about)]
        parts.append("\n".join(f"- [{entry.name}]({entry.name}.md): {marked(entry.summary)}" for entry in members))
    return "\n\n".join([*parts, _tree(sorted(entry.name for entry in found))]) + "\n"


@cache
def _families() -> list[tuple[str, str, set[str]]]:
    """The files that define the entries: their names, what they say of themselves, and the names that they define."""
    found = []
    for path in sorted(path for package in (activations, losses) for path in Path(package.__path__[0]).glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        names |= {
            target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)
        }
        found.append((path.stem, " ".join(str(ast.get_docstring(tree)).partition("\n\n")[0].split()), names))
    return found


def _tree(names: Iterable[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])


def plain(text: str) -> str:
    """Text as it is, whatever signs it has."""
    return _MARKS.sub(r"\\\1", text)


def marked(text: str) -> str:
    """Text in which what stands between backticks is code."""
    parts, end = [], 0
    for found in _CODE.finditer(text):
        parts += [plain(text[end : found.start()]), f"`{found[2]}`"]
        end = found.end()
    return "".join([*parts, plain(text[end:])])


def _linked(text: str) -> str:
    return _ARXIV.sub(lambda found: f"[{found[0]}](https://arxiv.org/abs/{found[1]})", text)


def picture(views: Iterable[View], caption: str = "") -> str:
    """Views beside each other, or below, where a page is narrow; matplotlib draws them, in the colours of the page."""
    drawn = "".join(f"<figure>{themed(draw([view]), view.about)}</figure>" for view in views)
    below = f'<p class="legend">{escape(caption)}</p>' if caption else ""
    return f'<div class="ogive"><div class="views">{drawn}</div>{below}</div>'
