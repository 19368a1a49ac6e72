"""Runs every recipe (hours on two cores; what is done stays in build/recipes) and keeps what came out.

The text of each goes to docs/recipes, its pictures as data beside it, for `make docs` to draw them, and its verdicts, which `ogive suggest`
quotes, to src/ogive/verdicts.json.
Run as ``.venv/bin/python docs/recipes.py [NAME …]``; with names, only those are run, and the verdicts of the others stay.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import kept

import ogive
from ogive.files import write_whole
from ogive.recipes import reading

ROOT = Path(__file__).parents[1]
VERDICTS = ROOT / "src" / "ogive" / "verdicts.json"


def main(names: list[str]) -> None:
    """Run the recipes of these names, or all."""
    verdicts = json.loads(VERDICTS.read_text()) if VERDICTS.exists() else {}
    for name in names or reading.names():
        found = ogive.recipe(name, out=ROOT / "build" / "recipes" / name)
        write_whole(found.markdown(), kept.FOLDER / f"{name}.md", "text")
        kept.keep(found.pictures, name)
        verdicts[name] = [verdict.as_json() for verdict in found.verdicts]
        VERDICTS.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        print(name, *found.verdicts, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
