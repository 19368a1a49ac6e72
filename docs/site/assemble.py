"""Lays out the pages of the site: a copy of the repository's texts at their own paths, the functions' pages, and the contents.

Run as ``python docs/site/assemble.py FOLDER``; `make docs` then has Sphinx make a site of them.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import function_pages
import recipe_pages
from macros import expand

from ogive.palette import DARK, LIGHT, variables

ROOT = Path(__file__).parents[2]
GUIDE = ("activations", "drawbacks", "initialisation", "outputs", "choosing", "comparing", "from-scratch")
TEXTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/why.md", "benchmarks/results/*.md")
"""Pages beside the guide, the functions and the recipes."""
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")

START = """\
# ogive

```{include} README.md
:start-line: 2
:end-before: "## Two commands"
```

Begin with the [guide](docs/guide/index.md), [in Korean](docs/guide/ko/index.md) too, look up a [function](functions/index.md),
or go on reading [what there is](README.md).
"""


def assemble(folder: Path) -> None:
    """Make the folder anew, with all that Sphinx needs."""
    shutil.rmtree(folder, ignore_errors=True)
    function_pages.write(folder / "functions")
    texts = sorted(path for pattern in TEXTS for path in ROOT.glob(pattern))
    for path in texts:
        _copy(path, folder, path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "docs" / "guide").rglob("*.md")):
        _copy(path, folder, expand(path.read_text(encoding="utf-8"), "ko" if path.parent.name == "ko" else "en"))
    for name in recipe_pages.names():
        for language, place in (("en", ""), ("ko", "ko/")):
            _copy(ROOT / "docs" / "recipes" / f"{place}{name}.md", folder, recipe_pages.page(name, language))
    (folder / "index.md").write_text("\n".join([START, *_contents(texts)]), encoding="utf-8")
    static = folder / "_static"
    static.mkdir()
    (static / "colours.css").write_text(_colours(), encoding="utf-8")
    for name in ("conf.py", "style.css"):
        shutil.copy(Path(__file__).parent / name, static if name.endswith(".css") else folder)


def _copy(path: Path, folder: Path, text: str) -> None:
    """A text at its own path, and the files that it links to, which are no pages, at theirs."""
    place = folder / path.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    for link in _LINK.findall(text):
        linked = (path.parent / link).resolve()
        if linked.is_file() and linked.suffix != ".md":
            copy = folder / linked.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(linked, copy)


def _contents(texts: list[Path]) -> list[str]:
    """What stands beside every page."""
    pages = [str(path.relative_to(ROOT).with_suffix("")) for path in texts]
    measured = [page for page in pages if page.startswith("benchmarks/")]
    recipes = recipe_pages.names()
    return [
        *_tree("Guide", ["docs/guide/index", *(f"docs/guide/{name}" for name in GUIDE)]),
        *_tree("안내서", ["docs/guide/ko/index", *(f"docs/guide/ko/{name}" for name in GUIDE)]),
        *_tree("Functions", ["functions/index"]),
        *_tree("Recipes, as run", [f"docs/recipes/{name}" for name in recipes]),
        *_tree("레시피와 그 결과", [f"docs/recipes/ko/{name}" for name in recipes]),
        *_tree("The project", ["README <README>", "docs/why", *measured, "CONTRIBUTING", "CHANGELOG"]),
    ]


def _tree(caption: str, pages: list[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""]


def _colours() -> str:
    """The palette in light and dark, as the reader has set the theme."""
    dark = f".ogive {{ {variables(DARK)} }}"
    return (
        f".ogive {{ {variables(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ body:not([data-theme=light]) {dark} }}\nbody[data-theme=dark] {dark}\n"
    )


if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
