"""The report of a comparison: one HTML file with its table and pictures inside, that loads nothing."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ogive import palette, svg
from ogive.files import write_whole
from ogive.lab import figures, layer_figures, methods, wording
from ogive.lab.findings import findings
from ogive.lab.grid import grid
from ogive.lab.headings import columns, legend
from ogive.lab.summary import Summary


def write_report(summary: Summary, path: Path) -> Path:
    """Write the report beside its place and move it there when it is whole."""
    return write_whole(render(summary), path, "report")


def render(summary: Summary) -> str:
    """The report as HTML."""
    return render_page("report.html.j2", **parts(summary))


def parts(summary: Summary) -> dict[str, Any]:
    """What the templates of a comparison show, by the names that they know."""
    return {
        "title": summary.outcome.title,
        "findings": findings(summary),
        "notes": summary.outcome.notes,
        **_table(summary),
        "grid": grid(summary),
        "verdicts": figures.intervals(summary),
        "differences": _differences(summary),
        "learning_curves": figures.learning_curves(summary),
        "tuning": figures.tuning(summary),
        "activations": layer_figures.activations(summary),
        "gradients": layer_figures.gradients(summary),
        "units": layer_figures.units(summary),
        "cost": figures.cost(summary),
        "layers": 1 + max(len(row.result.arm.activations) for row in summary.rows),
        "paragraph": methods.paragraph(summary),
        "references": methods.references(summary),
        "settings": methods.settings(summary),
        "commands": methods.commands(summary),
    }


def render_fragment(summary: Summary) -> str:
    """The table and what it comes to, for a notebook."""
    return render_page("fragment.html.j2", title=summary.outcome.title, findings=findings(summary), **_table(summary))


def _table(summary: Summary) -> dict[str, Any]:
    shown = columns(summary)
    return {
        "headings": [(column.heading, column.meaning, column.text) for column in shown],
        "rows": [(row.rank, [(column.cell(row), column.text) for column in shown]) for row in summary.rows],
        "legend": legend(summary),
    }


def _differences(summary: Summary) -> list[tuple[str, ...]]:
    """Each arm beside the best, in words and rounded numbers."""
    return [
        (
            row.name,
            wording.interval(summary.metric, row.gap.difference),
            wording.probability(row.gap.p),
            f"{row.gap.probability:.1%}",
            f"{row.gap.won:.0%}",
            wording.number(row.gap.effect, "+.2f"),
            "–" if row.gap.seeds_needed is None else f"{row.gap.seeds_needed:,}",
            row.gap.verdict,
        )
        for row in summary.rows
        if row.gap
    ]


def render_page(template: str, *, package: str = "ogive.lab", **values: Any) -> str:
    """A page or a part of one, from the template of that name in a package; what it includes may be the lab's."""
    text: str = _environment(package).get_template(template).render(**values)
    return text


@cache
def _environment(package: str) -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    places = [files(package), files("ogive.lab")]

    def load(wanted: str) -> str:
        return next(found for place in places if (found := place / wanted).is_file()).read_text(encoding="utf-8")

    environment = Environment(loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"light": palette.variables(palette.LIGHT), "dark": palette.variables(palette.DARK), "panels": svg.STYLE}
    environment.filters["drawn"] = svg.drawn
    return environment
