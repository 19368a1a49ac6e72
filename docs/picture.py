"""Draws compare.svg, the README's picture: what `ogive compare` prints, on the digits; compare.md is its table (half a minute).

Run as ``.venv/bin/python docs/picture.py``; the figures in it are those of that run.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT

from ogive.lab import compare
from ogive.lab.export import as_markdown
from ogive.lab.table import print_table
from ogive.lab.workers import usable_processors
from ogive.terminal import Terminal

if __name__ == "__main__":
    folder = Path(__file__).parent
    comparison = compare(workers=usable_processors())
    (folder / "compare.md").write_text(as_markdown(comparison.summary), encoding="utf-8")
    terminal = Terminal(record=True, width=104, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    print_table(terminal, comparison.summary)
    no_web_fonts = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    terminal.save_svg(str(folder / "compare.svg"), title="ogive compare", code_format=no_web_fonts)
