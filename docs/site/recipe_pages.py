"""The pages of the recipes as they were run in full: the text of docs/recipes with its pictures, in both languages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

import korean

from ogive import choices
from ogive.lab.figures import Figure
from ogive.pictures.themed import themed
from ogive.recipes.sheet import laid_out

sys.path.append(str(Path(__file__).parents[1]))
import kept

ENGLISH, KOREAN = "[English](../{name}.md)", "[한국어](ko/{name}.md)"
"""Links between both, from one page to the other."""


def names() -> list[str]:
    """The recipes that were run in full."""
    return sorted(path.stem for path in kept.FOLDER.glob("*.json"))


@cache
def pictures(name: str, language: str) -> list[str]:
    """The pictures of a recipe, as they stand in a page."""
    return [_korean(figure) if language == "ko" else _english(figure) for figure in kept.pictures(name)]


def page(name: str, language: str) -> str:
    """A recipe's page: what it is and what it found, its pictures, its tables."""
    head, *tables = _text(name).split("\n\n## ")
    if language == "en":
        title, *found = head.split("\n\n")
        parts = [title, f"*{KOREAN.format(name=name)}*", *found, *pictures(name, language), *(f"## {table.strip()}" for table in tables)]
        return "\n\n".join(parts) + "\n"
    return "\n\n".join(_in_korean(name, head, tables)) + "\n"


def _text(name: str) -> str:
    return (kept.FOLDER / f"{name}.md").read_text(encoding="utf-8")


def _english(figure: Figure) -> str:
    return _framed(themed(laid_out(figure), figure.caption), figure.caption)


def _korean(figure: Figure) -> str:
    texts: set[str] = set()
    translated = kept.said(figure, lambda text: texts.add(korean.said(text)) or korean.said(text))
    there, back = korean.stand_ins(texts)
    drawn = themed(laid_out(kept.said(translated, lambda text: text.translate(there))), translated.caption, outlines=False)
    return _framed(drawn.translate(back), translated.caption)


def _framed(drawn: str, caption: str) -> str:
    return f'<div class="ogive">{drawn}<p class="legend">{escape(caption)}</p></div>'


def _in_korean(name: str, head: str, tables: list[str]) -> Iterator[str]:
    verdicts = {str(verdict): verdict.said_in(korean.VERDICTS) for verdict in choices.verdicts()[name]}
    title, *found = head.strip().split("\n\n")
    yield f"# {korean.said(title.removeprefix('# '))}"
    yield f"*{ENGLISH.format(name=name)}*"
    yield from (verdicts.get(each) or korean.said(each) for each in found)
    yield from pictures(name, "ko")
    for heading, *parts in (table.strip().split("\n\n") for table in tables):
        yield f"## {korean.said(heading)}"
        yield from map(korean.marked, parts)
