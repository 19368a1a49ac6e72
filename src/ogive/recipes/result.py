"""What a recipe gave, to be read in a terminal, a notebook, a page or a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ogive.errors import InputError, MissingExtraError
from ogive.files import write_whole
from ogive.lab import export, report
from ogive.lab.comparison import Comparison
from ogive.lab.figures import Figure, intervals
from ogive.lab.grid import grid
from ogive.lab.outcome import RESULTS_FILE
from ogive.recipes.measured import Measured, Table
from ogive.recipes.reading import Recipe
from ogive.recipes.sheet import sheet
from ogive.verdict import Verdict

GRID = "Mean on the test rows."


def report_path(path: str | Path) -> Path:
    """The path, whose suffix says what kind of report it is."""
    if Path(path).suffix not in (".html", ".md"):
        raise InputError(f"the suffix of a report must be .html or .md, got {str(path)!r}")
    if Path(path).suffix == ".md" and find_spec("matplotlib") is None:
        raise MissingExtraError('a report in .md has pictures of matplotlib; install with: pip install "ogive[plot]", or take .html')
    return Path(path)


@dataclass(frozen=True)
class Result:
    """A recipe that was run.

    Attributes
    ----------
    recipe
        What was run.
    folder
        Where its results file is.
    measured
        What it shows beside a comparison's own table and pictures, published results first.
    comparison
        That of `ogive.lab.compare`; ``None`` of recipes that measure something else.
    """

    recipe: Recipe
    folder: Path
    measured: Measured
    comparison: Comparison | None = None

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """What follows, a sentence each."""
        return self.measured.verdicts

    @property
    def tables(self) -> Sequence[Table]:
        """The tables beside a comparison's own."""
        return self.measured.tables

    @property
    def figures(self) -> Sequence[Figure]:
        """The pictures beside a comparison's own."""
        return self.measured.figures

    @property
    def pictures(self) -> Sequence[Figure]:
        """Those that stand beside a text: a comparison's own is the last."""
        return (*self.figures, *([intervals(self.comparison.summary)] if self.comparison is not None else []))

    @property
    def results_path(self) -> Path:
        """The SQLite file that holds what was computed."""
        return self.folder / RESULTS_FILE

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report and return its path.

        Parameters
        ----------
        path
            Ends in ``.html``, one file that needs nothing else, or in ``.md``, with its pictures beside it; by default
            ``<recipe>.html`` beside the results file. A file that is there is replaced when the new one is whole.
        """
        place = report_path(path) if path is not None else self.folder / f"{self.recipe.name}.html"
        if place.suffix == ".html":
            return write_whole(self._page(), place, "report")
        pictures = {place.with_name(f"{place.stem}-{number}.svg"): figure for number, figure in enumerate(self.pictures, start=1)}
        for picture, figure in pictures.items():
            write_whole(sheet(figure), picture, "picture")
        return write_whole(self.markdown({figure.caption: picture.name for picture, figure in pictures.items()}), place, "report")

    def markdown(self, pictures: Mapping[str, str] | None = None) -> str:
        """Everything in words and tables; `pictures` are the files of the figures, by the caption."""
        parts = [f"# {self.recipe.title}", self.recipe.why, *self.verdicts]
        for table in (*self._grid(), *self.tables):
            parts += [
                f"## {table.title}",
                export.markdown_table(table.columns, table.texts(), map(table.is_text, range(len(table.columns)))),
            ]
            parts += [table.note]
        if self.comparison is not None:
            parts += ["## The comparison", export.as_markdown(self.comparison.summary).rstrip()]
        parts += [f"![{caption}]({file})\n\n*{caption}*" for caption, file in (pictures or {}).items()]
        return "\n\n".join(filter(None, parts)) + "\n"

    def _grid(self) -> list[Table]:
        """Two things that a comparison crossed, as a table of their levels."""
        found = grid(self.comparison.summary) if self.comparison is not None else None
        if found is None:
            return []
        rows = tuple((level, *(cell for cell, _ in cells)) for level, cells in zip(found.down_levels, found.cells, strict=True))
        return [Table(f"{found.down} × {found.across}", (f"{found.down} ╲ {found.across}", *found.across_levels), rows, GRID)]

    def _page(self) -> str:
        shown: dict[str, Any] = {"layers": 1, "notes": [], "findings": []} | (
            report.parts(self.comparison.summary) if self.comparison is not None else {}
        )
        return report.render_page("recipe.html.j2", package="ogive.recipes", result=self, **shown)

    def _repr_html_(self) -> str:
        return report.render_page("recipe_fragment.html.j2", package="ogive.recipes", result=self)
