"""The report of a comparison: one HTML file with its table and pictures inside, that loads nothing."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from ogive.errors import InputError
from ogive.lab import figures
from ogive.lab.arms import output_initializer
from ogive.lab.outcome import Outcome
from ogive.lab.plan import Plan
from ogive.lab.summary import explanations
from ogive.lab.table import cells, grid

TEMPLATE = "report.html.j2"


def write_report(outcome: Outcome, path: Path) -> Path:
    """Write the report beside its place and move it there when it is whole."""
    text = render(outcome)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write the report {str(path)!r}: {error.strerror or error}; free that place, then run the command again"
        ) from error
    return path


def render(outcome: Outcome) -> str:
    """The report as HTML."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("ogive.lab").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    rows = outcome.table
    cells_by_pair = grid(outcome.plan, rows) if outcome.plan.layers_grid else {}
    means = [row.accuracy.mean for row in rows]
    return template.render(
        title=outcome.title,
        rows=[cells(row) for row in rows],
        explanations=explanations(outcome.plan),
        settings=_settings(outcome.plan),
        notes=outcome.notes,
        grid=cells_by_pair,
        grid_names=list(dict.fromkeys(first for first, _ in cells_by_pair)),
        worst=min(means),
        spread=(max(means) - min(means)) or 1.0,
        accuracies=figures.accuracies(outcome),
        learning_curves=figures.learning_curves(outcome),
        histograms=figures.histograms(outcome),
        tuning=figures.tuning(outcome),
    )


def _settings(plan: Plan) -> list[tuple[str, str]]:
    """What decided the numbers, in words."""
    return [
        ("data", f"{plan.data}: {plan.features} features, {plan.classes} classes, SHA-256 {plan.data_sha256[:16]}…"),
        ("network", f"{'-'.join(map(str, plan.layer_sizes))}, fully connected; softmax cross-entropy on the logits"),
        ("initialisers", f"recommended for each layer's activation; output layer {output_initializer()}; biases 0"),
        ("optimiser", f"stochastic gradient descent, momentum {plan.momentum:g}, batches of {plan.batch_size}, constant rate"),
        ("epochs", str(plan.epochs)),
        ("learning rates", f"{', '.join(f'{rate:g}' for rate in plan.rates)}: every arm tried each with {plan.tuning_seeds} tuning seeds"),
        ("seeds", f"{plan.seeds}; seed s validates on fold s mod {plan.folds} and trains on the others"),
        ("input", "standardised by the training rows' mean and deviation"),
        ("made with", ", ".join(f"{name} {version}" for name, version in plan.made_with.items())),
        ("run", plan.sha256),
    ]
