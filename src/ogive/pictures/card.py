"""What a card says of a function, whether in a terminal or on a page: everything comes from its entry."""

from __future__ import annotations

from typing import Any

from ogive.pictures.views import View, views

FORMULA = "formula"


def prose(entry: Any) -> list[str]:
    """The paragraphs of its description."""
    text = str(entry.description).partition("Examples\n---")[0]
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def rows(entry: Any) -> list[tuple[str, str]]:
    """Headings and what stands beside them, in one line or several."""
    found = [(FORMULA, entry.formula)]
    found += [(each.name, each.about) for each in entry.term.inputs if each.about]
    found += [(each.name, each.meaning) for each in entry.parameters]
    found += [*entry.facts, ("also known as", ", ".join(entry.aliases))]
    found += [("in other libraries", "\n".join(entry.elsewhere)), ("references", "\n".join(entry.references))]
    return [(heading, text) for heading, text in found if text]


def seen(entry: Any) -> tuple[View, ...]:
    """Its views, with slopes where they can be drawn."""
    return views([entry], slope=not (entry.kind == "axiswise" and not entry.reduces))
