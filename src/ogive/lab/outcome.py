"""What a comparison found: its plan, every network's numbers, and the table made from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ogive.lab.plan import Plan
from ogive.lab.results import Run
from ogive.lab.summary import Row, summarise

RESULTS_FILE = "results.sqlite"
NO_KERNELS = "The activations were computed by their definitions, without compiled kernels: right, but several times slower."


@dataclass(frozen=True)
class Outcome:
    """A finished comparison.

    Attributes
    ----------
    plan
        Everything that decided the numbers.
    folder
        Where the results file is.
    data_notes
        What a reader should know of the data.
    tuning_runs, runs
        What is known of every network: of those that chose the learning rates, and of those that the table counts.
    """

    plan: Plan
    folder: Path
    data_notes: tuple[str, ...]
    tuning_runs: tuple[Run, ...]
    runs: tuple[Run, ...]

    @property
    def title(self) -> str:
        """One line: the data, the network, and how much was trained."""
        plan = self.plan
        sizes = "-".join(map(str, plan.layer_sizes))
        return f"{plan.data}, network {sizes}, {plan.epochs} epochs, {plan.seeds} seeds, {len(plan.arms)} arms"

    @property
    def notes(self) -> list[str]:
        """What a reader should know: of the data, and where the compiled kernels were missing."""
        slow = self.plan.made_with["kernels"].startswith("definitions")
        return [*self.data_notes, *([NO_KERNELS] if slow else [])]

    @property
    def table(self) -> list[Row]:
        """The rows of the ranked table, best first."""
        return summarise(self.plan, self.runs)

    @property
    def results_path(self) -> Path:
        """The SQLite file with every network's numbers."""
        return self.folder / RESULTS_FILE
