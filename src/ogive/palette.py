"""The colours of every picture, light and dark, and the dashes that tell its lines apart where colours do not.

The five colours of series differ for all common kinds of colour blindness; no line is told from its neighbours by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping

LIGHT = {
    "paper": "#fff", "ink": "#1c2430", "soft": "#55606f", "line": "#d5dbe3", "band": "#f2f5f8", "grey": "#a3acb8",
    "one": "#035bc4", "two": "#e97412", "three": "#06a966", "four": "#9d277d", "five": "#65490d", "bad": "#c0392b", "good": "#00795a",
}  # fmt: skip
DARK = {
    "paper": "#14181f", "ink": "#e6eaf0", "soft": "#a1acba", "line": "#333c49", "band": "#1c222c", "grey": "#66707d",
    "one": "#4a95ff", "two": "#d0651a", "three": "#19cd73", "four": "#c694e9", "five": "#feb424", "bad": "#ff7b6b", "good": "#45d0a5",
}  # fmt: skip

SERIES: dict[str, tuple[float, ...]] = {
    "ink": (),
    "one": (9, 3),
    "two": (2, 3),
    "three": (9, 3, 2, 3),
    "four": (5, 3),
    "five": (12, 3, 2, 3, 2, 3),
}
"""The colours of lines in their order, each with its dashes: lengths of ink and gap in pixels, none for a whole line."""


def variables(colours: Mapping[str, str]) -> str:
    """The colours as CSS custom properties."""
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
