"""`ogive.lab.compare`: train the same network with each level of what is compared, on the same data, each tuned alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from inspect import signature
from pathlib import Path
from threading import Thread
from typing import Any

from ogive.errors import InputError
from ogive.lab import export
from ogive.lab.archive import described, named
from ogive.lab.arguments import check_names, check_seeds, check_until, margin_of, names_of, rates_to_try, require_lab, whole
from ogive.lab.arms import Arm, cross, layer_pairs
from ogive.lab.data import load
from ogive.lab.memory import Limits, check_memory, default_memory
from ogive.lab.networks import gathered
from ogive.lab.outcome import RESULTS_FILE, ArmResult, Outcome
from ogive.lab.problem import Problem
from ogive.lab.protocol import Laboratory, Progress, tested_baseline, tune
from ogive.lab.report import render_fragment, write_report
from ogive.lab.splits import fold
from ogive.lab.store import open_store
from ogive.lab.study import MOST_SEEDS, Study
from ogive.lab.summary import Summary, summarise
from ogive.lab.tuning import Tuning
from ogive.lab.workers import Team

DEFAULT_SEEDS = 10


class Comparison(Outcome):
    """A finished comparison: its rows, its report, and all of it as data."""

    @cached_property
    def summary(self) -> Summary:
        """The table's rows, best first."""
        return summarise(self)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one HTML file that needs nothing else, and return its path.

        Parameters
        ----------
        path
            By default ``report-<study>.html`` beside the results file. A file that is there is replaced when the new one is whole.
        """
        return write_report(self.summary, Path(path) if path is not None else self.folder / f"report-{self.study.sha256[:8]}.html")

    def to_dataframe(self) -> Any:
        """A pandas data frame with one row for each network that was compared: its levels, its seed, its metrics."""
        return export.data_frame(export.networks(self))

    def _repr_html_(self) -> str:
        return render_fragment(self.summary)


def compare(
    data: Any = "digits",
    *,
    layers: Sequence[str] | None = None,
    target: str | None = None,
    task: str | None = None,
    data_dir: str | Path | None = None,
    seeds: int = DEFAULT_SEEDS,
    until: float | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    try_rates: Sequence[float] | None = None,
    margin: float | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    memory: int | None = None,
    progress: Progress | None = None,
    admit: Callable[[Study], None] | None = None,
    **factors: Any,
) -> Comparison:
    """Train networks that differ in one thing or several, each tuned alike, and say which are better and which cannot be told apart.

    Every combination of the factors' levels is an arm. Every arm gets its own learning rate, searched on validation rows by the same
    budget; then it is trained once for each seed and looked at on test rows that neither trained it nor chose its rate. A seed decides
    the first weights, the order of the rows, and which rows are held out, the same for every arm, so that differences are paired.
    Networks that the results file holds are not trained again, whatever study they were trained for.

    Parameters
    ----------
    data
        A name ("digits", "mnist", …), a file (CSV, Parquet, NPZ), a pandas or polars frame, or arrays ``(X, y)``.
    layers
        Names (``"none"`` for no activation): instead of `activations`, every pair of them in two hidden layers.
    target, task, data_dir
        The column to predict; "classification" or "regression" where that is not plain; the folder of image files.
    seeds
        Networks for each arm; where each fifth of the rows is the test part in turn, 2 to 5 or a multiple of 5.
    until
        Add seeds until every difference is known to ± this, in the unit of the metric (0.005: half a percentage point); ends where
        1,000 would not be enough, as far as can be told.
    epochs
        Passes over the training rows; by default 30 for small data, fewer for big.
    steps
        Instead of `epochs`: batches that each network trains on.
    try_rates
        Learning rates to choose from; by default a search on a logarithmic grid around the best.
    margin
        The difference that does not matter in practice, in the unit of the metric; 0.005 for shares, 0.01 for R².
    out
        Folder of the results; by default ``ogive-runs/<data>``.
    workers
        Processes that train side by side; the numbers are the same for any number. In a script, more than one needs the usual
        ``if __name__ == "__main__":`` around the call.
    memory
        Bytes for the networks that train at once; a quarter of the machine's by default. The numbers are the same for any number.
    progress
        Called as ``progress(what, share)`` with the share of the present work that is done.
    admit
        Called with the study before anything is trained or stored; what it raises ends the comparison.
    **factors
        The levels of each factor, a list or one: ``activations``, ``initializers``, ``inputs``, ``hidden``, ``biases``, ``losses``,
        ``reductions``, ``optimizers``, ``schedules``, ``learning_rates``, ``batch_sizes``; `ogive.lab.factors.FACTORS` says how each is
        written.

    Returns
    -------
    Comparison
        With ``.arms``, ``.verdicts`` and ``.report()``.

    Raises
    ------
    InputError
        In one line: what cannot be used, and what to do. What is stored stays.

    Examples
    --------
    >>> from ogive.lab import compare
    >>> comparison = compare("iris", activations=["relu", "tanh"], seeds=2, epochs=2)  # doctest: +SKIP
    >>> [result.arm.name for result in comparison.arms]  # doctest: +SKIP
    ['relu', 'tanh']
    """
    seeds, workers = whole(seeds, "seeds", 2), whole(workers, "workers", 1)
    epochs = None if epochs is None else whole(epochs, "epochs", 1)
    steps = None if steps is None else whole(steps, "steps", 1)
    if epochs is not None and steps is not None:
        raise InputError("epochs and steps are two ways to say how long networks train; give one of them")
    limits = Limits(workers, default_memory() if memory is None else whole(memory, "memory", 1, most=None))
    check_until(until)
    rates = None if try_rates is None else rates_to_try(try_rates)
    check_names(factors, signature(compare).parameters)
    if layers is not None:
        if "activations" in factors:
            raise InputError("layers and activations are two ways to give the activations; give one of them")
        factors["activations"] = layer_pairs(names_of(layers, "layers"))
    require_lab()
    dataset = load(data, data_dir=data_dir, target=target, task=task)
    folds = fold(dataset)
    check_seeds(seeds, folds)
    arms = cross(factors, dataset.task, epochs or default_epochs(folds.training_rows), steps=steps, rows=folds.training_rows)
    check_memory(arms, dataset, limits)
    margin = margin_of(margin, dataset)
    study = Study(
        data=dataset.name,
        data_sha256=dataset.sha256,
        rows=len(dataset.target),
        features=dataset.features,
        task={"kind": dataset.task.kind, "classes": dataset.task.classes},
        official_test=folds.official,
        arms=arms,
        seeds=seeds,
        epochs=max(arm.setup.epochs for arm in arms),
        rates=rates,
        margin=margin,
    )
    if admit is not None:
        admit(study)
    folder = Path(out) if out is not None else Path("ogive-runs") / dataset.name
    with open_store(folder / RESULTS_FILE) as store, Team(workers) as team:
        if store.is_empty:  # there is work for sure, and processes take as long to start as this one to get it ready
            team.start()
        problem = Problem(dataset, folds)
        team.brief(problem)
        if workers > 1:  # the verdicts need it, and this process has nothing to do while the others train
            Thread(target=import_module, args=("scipy.special",)).start()
        store.begin(study.sha256, named(study))
        laboratory = Laboratory(study, problem, store, team, limits, progress or _silent)
        tunings, baseline = tune(laboratory), tested_baseline(problem, study)
        options = {"data": str(data) if isinstance(data, str | Path) else None, "target": target, "task": task, "until": until}
        asked = {name: value for name, value in options.items() if value is not None}
        split = folds.split(None if folds.official else 0, 1)
        while True:
            results = _finals(laboratory, tunings, study)
            comparison = Comparison(study, dataset, results, baseline, len(split.test), len(split.training), folder, asked)
            store.finish(study.sha256, described(comparison.summary))
            more = 0 if until is None else seeds_to_know(comparison, until)
            if more <= study.seeds:
                return comparison
            study = replace(study, seeds=more)


def _finals(laboratory: Laboratory, tunings: Mapping[Arm, Tuning | None], study: Study) -> tuple[ArmResult, ...]:
    """Train every arm's networks for all seeds at the rates that were chosen."""
    rates = {
        arm: {fold: tuning.chosen(fold) if tuning is not None else float(arm.rate or 0) for fold in study.test_folds()}
        for arm, tuning in tunings.items()
    }
    members = (member for arm, own in rates.items() for member in study.finals(arm, own, study.seeds))
    laboratory.train(members, len(rates) * study.seeds, "training to compare")
    streams = tuple(map(study.final_stream, range(study.seeds)))
    return tuple(
        ArmResult(arm, tunings[arm], own, gathered(streams, laboratory.trained(study.finals(arm, own, study.seeds))))
        for arm, own in rates.items()
    )


def seeds_to_know(outcome: Outcome, until: float) -> int:
    """How many seeds to train in all so that every difference is known to ± `until`.

    Seeds are added for the width of intervals alone: who looks again and again, and stops when a difference is seen, sees too many.

    The seeds that the widest interval calls for, but no more than twice those that there are, for what is known of the noise is rough;
    no more than there are where the rest does not depend on seeds.
    """
    seeds, parts = outcome.study.seeds, len(outcome.study.test_folds())
    wide = outcome.wider_than(until)
    if not wide or seeds >= MOST_SEEDS:
        return seeds
    if parts > 1 and seeds <= parts:  # one seed in each part does not say what more would do
        return parts if seeds < parts else 2 * parts
    needed = [pair.noise.seeds_to_narrow(until, most=MOST_SEEDS // parts) for pair in wide]
    reachable = [each * parts for each in needed if each is not None]
    if not reachable:
        return seeds
    wanted = min(max(*reachable, seeds + parts), 2 * seeds, MOST_SEEDS)
    return wanted - wanted % parts


def default_epochs(rows: int) -> int:
    """Thirty passes over small data; fewer over big data, where each makes more steps, but at least five."""
    return max(5, min(30, 50_000 // max(rows, 1)))


def _silent(_what: str, _share: float) -> None:
    """Progress that nobody watches."""
