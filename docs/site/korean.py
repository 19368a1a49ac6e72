"""What generated pages say, in Korean: words and sentences by their English ones, which may have names in braces."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from string import Formatter

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

from ogive import catalogue, initializers
from ogive.errors import OgiveError
from ogive.lab.data import BUILT_IN
from ogive.lab.outputs import LOSSES

HERE = Path(__file__).parent
WORDS: dict[str, str] = json.loads((HERE / "korean.json").read_text(encoding="utf-8"))
VERDICTS: dict[str, str] = json.loads((HERE / "verdicts.ko.json").read_text(encoding="utf-8"))
"""What the recipes' verdicts are, by their English templates."""

TYPED = {"none", "normal", "standardized", "unit", *LOSSES, *BUILT_IN}
"""Levels of factors and names of data, as one types them."""

SOURCE = "source"
"""Stands in a sentence for what is quoted as it is."""

_LETTERS = re.compile(r"[A-Za-z_]{3,}")
_HANGUL = re.compile("[가-힣]")
_GROUPS = re.compile("a?b?c?d?e?f?")
"""The letters of an arm that is in several groups."""

SYMBOLS = range(0x2600, 0x27C0)
"""No text has these signs of Unicode."""


def said(text: str) -> str:
    """A text in Korean; names and numbers are what they are.

    Raises
    ------
    KeyError
        The text is not in korean.json.
    """
    if text in WORDS:
        return WORDS[text]
    for english, korean in _templates():
        parts = found.groupdict() if (found := english.fullmatch(text)) else {}
        with suppress(KeyError):
            if parts:
                return korean.format_map({name: part if name == SOURCE else said(part) for name, part in parts.items()})
    if _stays(text):
        return text
    raise KeyError(f"korean.json lacks {text!r}")


def marked(text: str) -> str:
    """A paragraph, a table or a list of Markdown, whose marks stay."""
    if text.startswith("|"):
        headings, ruler, *rows = text.splitlines()
        return "\n".join([_line(headings), ruler, *map(_line, rows)])
    if text.startswith("- **"):
        items = (line.removeprefix("- **").split("**: ", 1) for line in text.splitlines())
        return "\n".join(f"- **{said(heading)}**: {said(meaning)}" for heading, meaning in items)
    return f"**{said(text.strip('*'))}**" if text.startswith("**") else said(text)


def _line(text: str) -> str:
    return f"| {' | '.join(said(cell.strip()) if cell.strip() else '' for cell in text.strip('|').split('|'))} |"


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """The sentences with names in braces, each as what it looks like and what it is."""
    found = []
    for english, korean in WORDS.items():
        parts = list(Formatter().parse(english))
        if any(name for _, name, _, _ in parts):
            looks = "".join(re.escape(words) + (f"(?P<{name}>.+?)" if name else "") for words, name, _, _ in parts)
            found.append((re.compile(looks, re.DOTALL), korean))
    return found


def _stays(text: str) -> bool:
    """Whether it has nothing but names, numbers and signs."""
    return all(map(_is_name, _LETTERS.findall(text)))


@cache
def _is_name(word: str) -> bool:
    for get in (catalogue.get, initializers.get):
        try:
            get(word)
        except OgiveError:
            continue
        return True
    return word in TYPED or _GROUPS.fullmatch(word) is not None


def stand_ins(texts: set[str]) -> tuple[dict[int, str], dict[int, str]]:
    """For each syllable a sign that matplotlib's own font has, nearly as wide; there and back, for `str.translate`.

    So a picture is laid out without a Korean font, which a machine need not have: whoever reads the page has one.
    """
    known = FT2Font(findfont("DejaVu Sans")).get_charmap()
    pairs = dict(zip(sorted(set(_HANGUL.findall("".join(texts)))), filter(known.get, SYMBOLS), strict=False))
    return {ord(syllable): chr(sign) for syllable, sign in pairs.items()}, {sign: syllable for syllable, sign in pairs.items()}
