"""Settings of Sphinx for the site that `make docs` builds; the pages are those that assemble.py lays out.

Nothing is fetched when a page is read: fonts are the system's, and formulas are MathML, which docutils writes and browsers know.
"""

from __future__ import annotations

from typing import Any

from docutils.utils.math.latex2mathml import tex2mathml

import ogive

project = "ogive"
author = "the ogive maintainers"
version = release = ogive.__version__
html_title = "ogive"
language = "en"
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath", "attrs_block"]
myst_heading_anchors = 3
nitpicky = True
smartquotes_action = "qe"  # "--option" keeps its dashes
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["colours.css", "style.css"]
html_math_renderer = "mathml"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise _skip()


def _block(translator: Any, node: Any) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    raise _skip()


def _skip() -> Exception:
    from docutils.nodes import SkipNode

    return SkipNode()


def _speak(_app: Any, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """A Korean page says so, for fonts, line breaks and readers aloud."""
    if "/ko/" in page:
        context["language"] = "ko"


def setup(app: Any) -> dict[str, Any]:
    """Add what the settings name."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _speak)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
