"""Text in a terminal, whatever the terminal can show, and text for programs on standard output."""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ogive.errors import OutputError

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""

CLOSED = "what reads it was closed"

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

PLAIN_SIGNS = {"±": "+/-", "−": "-", "–": "-", "≈": "~", "∞": "inf", "²": "2", "×": "x", "↓": "down", "→": "across", "…": "..."}
PLAIN_SIGNS |= {"·": "*", "√": "sqrt ", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "←": "<-", "’": "'", "“": '"', "”": '"', "₊": "+"}
PLAIN_SIGNS |= dict.fromkeys("─┄", "-") | dict.fromkeys("│┆", "|") | dict.fromkeys("┌┐└┘├┤┬┴┼", "+")
"""What stands for a sign that the terminal's encoding lacks; letters lose their accents, and Greek ones are spelled out."""


class Terminal(Console):
    """A console that prints whole lines where nobody's terminal decides the width, and no sign that its encoding lacks."""

    def __init__(self, *, stderr: bool = False, **settings: Any) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, **settings)
        if "width" in settings:
            return
        if not self.is_terminal:
            self.width = PLAIN_WIDTH
        elif self.is_dumb_terminal:  # for which rich takes 80 columns, however few there are
            self.size = shutil.get_terminal_size()

    def on_broken_pipe(self) -> None:
        """Say so."""
        raise OutputError(CLOSED)

    def plain(self, text: str) -> str:
        """The text in signs that can be encoded, without those that would command the terminal: names come from other people's files."""
        text = CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
        if not self.can_show(text):
            text = "".join(sign if self.can_show(sign) else _spelled(sign) for sign in text)
            text = text.encode(self.encoding, "replace").decode(self.encoding)
        return text

    def can_show(self, text: str) -> bool:
        """Whether the terminal's encoding has every sign of it."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def say(self, text: str) -> None:
        """Print a paragraph, whose paths and names are no markup."""
        self.print(Text(self.plain(text)), soft_wrap=True)


def _spelled(sign: str) -> str:
    """A sign in simpler ones, where there is a way."""
    if sign in PLAIN_SIGNS:
        return PLAIN_SIGNS[sign]
    name = unicodedata.name(sign, "")
    if name.startswith("GREEK") or (name.startswith("LATIN") and " WITH " in name):
        letter = name.partition(" LETTER ")[2].partition(" ")[0]
        return letter.lower() if "SMALL" in name else letter.title()
    return unicodedata.normalize("NFKD", sign)


def hanging(heading: str, meaning: str, indent: int) -> Table:
    """A heading with its meaning beside it."""
    layout = Table.grid(padding=0)
    layout.add_column(width=indent, no_wrap=True)
    layout.add_column()
    layout.add_row(Text(heading, style="bold"), Text(meaning, style="dim"))
    return layout


def write_out(text: str) -> None:
    """Write text for programs to standard output, in UTF-8 whatever the terminal."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise OutputError(CLOSED) from None
