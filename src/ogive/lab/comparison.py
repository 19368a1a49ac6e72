"""`ogive.lab.compare`: train the same network with each activation on the same data, tuned alike, and rank them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path

from ogive.errors import InputError, InputTypeError, MissingExtraError
from ogive.lab.arms import grid_arms, single_arms
from ogive.lab.data import load
from ogive.lab.outcome import RESULTS_FILE, Outcome
from ogive.lab.plan import DEFAULT_BATCH_SIZE, DEFAULT_HIDDEN, DEFAULT_RATES, DEFAULT_SEEDS, Plan, default_epochs, software
from ogive.lab.protocol import Progress, carry_out
from ogive.lab.report import write_report
from ogive.lab.splits import split
from ogive.lab.store import open_store

REPORT_FILE = "report.html"

LARGEST_NUMBER = 1_000_000
"""Of units, seeds, epochs and rows of a batch; beyond it a typing mistake is likelier than a plan."""

_NEEDED = ("torch", "sklearn", "scipy", "matplotlib", "jinja2", "pooch", "rich")


class Comparison(Outcome):
    """A finished comparison, and its report."""

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one HTML file that needs nothing else, and return its path.

        Parameters
        ----------
        path
            By default ``report.html`` beside the results file. A file that is there is replaced when the new one is whole.
        """
        return write_report(self, Path(path) if path is not None else self.folder / REPORT_FILE)


def compare(
    data: str | Path = "digits",
    *,
    activations: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    data_dir: str | Path | None = None,
    target: str | None = None,
    hidden: Sequence[int] = DEFAULT_HIDDEN,
    seeds: int = DEFAULT_SEEDS,
    epochs: int | None = None,
    batch_size: int = DEFAULT_BATCH_SIZE,
    rates: Sequence[float] = DEFAULT_RATES,
    out: str | Path | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Train the same network with each activation on the same data, tuned alike, and rank them.

    Every arm gets its own learning rate, chosen on validation data by the same budget; then it is trained once for each
    seed. A seed decides the initial weights, the batch order and the fold that validates, the same for every arm. The test
    set is looked at once, at the end. Work that the folder holds already is not done again.

    Parameters
    ----------
    data
        ``"digits"``, ``"mnist"``, or a ``.csv`` or ``.npz`` file.
    activations
        Names or aliases; by default all that a hidden layer can use as they stand.
    layers
        Names (``"none"`` for no activation); instead of `activations`, compares every pair of them in two hidden layers.
    data_dir
        Folder of the four MNIST files; by default ``OGIVE_MNIST_DIR``, else a download.
    target
        CSV column of the classes; the last by default.
    hidden
        Units of each hidden layer.
    seeds
        Networks for each arm; at least 2.
    epochs
        Passes over the training rows; by default 30 for small data, fewer for big.
    batch_size
        Rows of a step.
    rates
        Learning rates that every arm tries.
    out
        Folder of the results; by default ``ogive-runs/<data>-<start of the run's hash>``.
    workers
        Processes that train side by side, where there is work enough; the numbers are the same for any number. In a
        script, more than one needs the usual ``if __name__ == "__main__":`` around the call.
    progress
        Called as ``progress(what, share)`` with the share of the work that is done.

    Returns
    -------
    Comparison
        With ``.table`` and ``.report()``.

    Raises
    ------
    InputError
        In one line: what cannot be used, and what to do. Earlier results are left as they are.

    Examples
    --------
    >>> from ogive.lab import compare
    >>> comparison = compare(activations=["relu", "tanh"], seeds=2, epochs=2)  # doctest: +SKIP
    >>> [row.arm.name for row in comparison.table]  # doctest: +SKIP
    ['relu', 'tanh']
    """
    hidden = [_whole(units, "hidden", 1) for units in _sequence(hidden, "hidden")]
    seeds, batch_size = _whole(seeds, "seeds", 2), _whole(batch_size, "batch_size", 1)
    workers = _whole(workers, "workers", 1)
    epochs = None if epochs is None else _whole(epochs, "epochs", 1)
    tried = _rates(rates)
    if layers is not None and activations is not None:
        raise InputError("layers and activations are two different comparisons; give one of them")
    if layers is not None and len(hidden) != 2:
        raise InputError(f"layers compares pairs in two hidden layers, but hidden has {len(hidden)}; give two")
    arms = single_arms(activations, len(hidden)) if layers is None else grid_arms(layers)
    _require_lab()
    dataset = load(str(data), Path(data_dir) if data_dir is not None else None, target)
    parts = split(dataset)
    plan = Plan(
        data=dataset.name,
        data_sha256=dataset.sha256,
        features=dataset.inputs.shape[1],
        classes=len(dataset.classes),
        arms=arms,
        hidden=tuple(hidden),
        rates=tried,
        seeds=seeds,
        epochs=epochs or default_epochs(len(parts.inputs)),
        batch_size=batch_size,
        layers_grid=layers is not None,
        made_with=software(),
    )
    folder = Path(out) if out is not None else Path("ogive-runs") / f"{dataset.name}-{plan.sha256[:8]}"
    with open_store(folder / RESULTS_FILE, plan) as store:
        carry_out(plan, parts, store, progress or _silent, workers)
        return Comparison(plan, folder, dataset.notes, tuple(store.runs("tune")), tuple(store.runs("final")))


def _silent(_what: str, _share: float) -> None:
    """Progress that nobody watches."""


def _require_lab() -> None:
    """Say what is missing before hours of work, not after."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(f'ogive compare needs {", ".join(missing)}; install with: pip install "ogive[lab]"')


def _sequence(values: Sequence[int], name: str) -> Sequence[int]:
    if isinstance(values, str | int) or not len(values):
        raise InputTypeError(f"{name} must be a list of whole numbers such as 64, 64; got {values!r}")
    return values


def _whole(value: int, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputTypeError(f"{name} must be a whole number, got {value!r}")
    value = int(value)
    if value > LARGEST_NUMBER:
        raise InputError(f"{name} must be at most {LARGEST_NUMBER:,}, got {value:,}")
    if value < least:
        reason = "; an interval needs two runs" if name == "seeds" else ""
        raise InputError(f"{name} must be at least {least}, got {value}{reason}")
    return value


def _rates(rates: Sequence[float]) -> tuple[float, ...]:
    """Learning rates in order."""
    try:
        tried = tuple(sorted(float(rate) for rate in rates if not isinstance(rates, str)))
    except (TypeError, ValueError):
        raise InputTypeError(f"rates must be a list of learning rates such as 0.01, 0.1; got {rates!r}") from None
    if not tried:
        raise InputError("rates must name at least one learning rate, such as 0.03")
    for rate in tried:
        if not 0 < rate < float("inf"):
            raise InputError(f"rates must be positive and finite, got {rate:g}")
    if len(set(tried)) < len(tried):
        raise InputError(f"rates names one learning rate twice: {', '.join(f'{rate:g}' for rate in tried)}; leave one out")
    return tried
