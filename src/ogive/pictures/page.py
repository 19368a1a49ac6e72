"""A function's card on a page: HTML that loads nothing, in light and in dark, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from ogive.palette import DARK, LIGHT, variables
from ogive.pictures.card import FORMULA, prose, rows, seen
from ogive.pictures.panels import panel, styles
from ogive.pictures.views import View
from ogive.svg import STYLE, drawn

_FIGURES = (
    STYLE
    + """\
.views { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: .5rem 0; flex: 1 1 18rem; max-width: 26rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .85rem; color: var(--soft); }
.legend svg { width: 26px; height: 10px; margin-right: .4rem; }
.aid { --colour: var(--grey); stroke-width: 5; opacity: .5; }
"""
)
_STYLE = f"""<style>
.ogive {{ {variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ .ogive {{ {variables(DARK)} }} }}
[data-jp-theme-light="true"] .ogive {{ {variables(LIGHT)} }}
[data-jp-theme-light="false"] .ogive, .vscode-dark .ogive {{ {variables(DARK)} }}
.ogive {{ background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; padding: .75rem 1rem; max-width: 52rem;
{_FIGURES}
h3 {{ margin: 0; font-size: 1.15rem; }} h3 small {{ color: var(--soft); font-weight: 400; }} p {{ margin: .25rem 0 .5rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .9rem; margin: .5rem 0 0; }}
dt {{ font-weight: 600; }} dd {{ margin: 0; color: var(--soft); overflow-wrap: anywhere; }}
}}
</style>"""


def card(entry: Any) -> str:
    """The card of an entry."""
    paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in prose(entry))
    lines = "".join(f"<dt>{escape(heading)}</dt><dd>{_marked(heading, text)}</dd>" for heading, text in rows(entry))
    heading = f"<h3>{escape(entry.name)} <small>{escape(entry.kind)}</small></h3>"
    return f'{_STYLE}<div class="ogive">{heading}{paragraphs}{figures(seen(entry))}<dl>{lines}</dl></div>'


def figures(found: Iterable[View]) -> str:
    """Views beside each other, or below, where a page is narrow."""
    return f'<div class="views">{"".join(map(_figure, found))}</div>'


def _marked(heading: str, text: str) -> str:
    lines = [f"<code>{escape(line)}</code>" if heading == FORMULA else escape(line) for line in text.splitlines()]
    return "<br/>".join(lines)


def _figure(view: View) -> str:
    named = "".join(
        f'<span><svg viewBox="0 0 26 10"><path class="line {style}" d="M0,5H26"/></svg>{escape(curve.name)}</span>'
        for curve, style in zip(view.curves, styles(view), strict=True)
    )
    return f'<figure>{drawn(panel(view))}<div class="legend">{named if len(view.curves) > 1 else ""}</div></figure>'
