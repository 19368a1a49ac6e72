"""Training many networks beside PyTorch, scikit-learn, Keras, JAX and ictonyx; writes results/training.json, training.md and training.svg.

Every contender runs in a fresh process, and all that it takes counts: imports, compilation, the processes that it starts, its report.
The rounds take the contenders in turn. Those that train one network after another train a few, and the rest are taken to last as long.
"""

from __future__ import annotations

import compileall
import dataclasses
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from contenders import Work
from machine import processor

import ogive
from ogive.lab.data import load
from ogive.lab.problem import Problem
from ogive.lab.splits import FOLDS, fold
from ogive.lab.workers import usable_processors

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PEERS = HERE.parent / "build" / "peers"
"""Where `make bench` puts the peers that nothing else needs."""

ROUNDS = 1
RATES = (0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12)
DIGITS = Work("digits", "", (64, 32), 32, 30, RATES, 60, workers=usable_processors())
MNIST = Work("mnist", "", (128, 128), 100, 5, (0.1,), 8, activations=("relu", "tanh"), workers=usable_processors())
SIZES = (10, 100, 1_000, 10_000)
TINY = Work("iris", "", (8,), 32, 2, (0.1,), 0, workers=1)
TWELVE = tuple(name for name in ogive.names("activation") if ogive.get(name).hidden)[:12]

Row = dict[str, Any]


def run(contender: str, work: Work, *, workers: int | None = None, **environment: str) -> Row:
    """One run in a process of its own: what it reports, and the seconds from its start to its end."""
    if workers is not None:
        work = dataclasses.replace(work, workers=workers)
    command = [sys.executable, str(HERE / "contenders.py"), contender, json.dumps(dataclasses.asdict(work))]
    started, processor_time = time.perf_counter(), _processor_time()
    process = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    wall = time.perf_counter() - started
    found: Row = json.loads(process.stdout.splitlines()[-1])
    return found | {"wall": wall, "processor": _processor_time() - processor_time}


def _processor_time() -> float:
    """Of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole(contender: str, work: Work, **options: Any) -> Row:
    """All networks are trained."""
    row = run(contender, work, **options)
    found = {"total": row["wall"], "processor": row["processor"], "accuracy": mean(row["accuracies"]), "compilation": sum(row["seconds"])}
    return found | {"first_split": first_split(work, row["accuracies"])}


def first_split(work: Work, accuracies: Sequence[float]) -> list[float]:
    """For each learning rate the mean over the networks of the first activation that the first split trains and tests."""
    networks = np.reshape(accuracies, (len(work.activations), work.seeds, len(work.rates)))
    return [float(each) for each in networks[0, :: len(work.splits())].mean(axis=0)]


def scaled(contender: str, work: Work, rates: int, seeds: int, **environment: str) -> Row:
    """A few are trained, at learning rates over the same range; the rest would each take as long as the median of these."""
    every = max(1, len(work.rates) // rates)
    less = dataclasses.replace(work, rates=work.rates[::every], seeds=seeds)
    row = run(contender, less, **environment)
    networks = len(list(work.networks())) * len(work.activations)
    total = row["wall"] - sum(row["seconds"]) + networks * median(row["seconds"])
    return {"total": total, "accuracy": mean(row["accuracies"]), "trained": len(row["seconds"]), "every": every}


def rounds(contenders: Mapping[str, Callable[[], Row]]) -> dict[str, Row]:
    """The mean of each contender over the rounds."""
    found: dict[str, list[Row]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, measure in contenders.items():
            found[name].append(measure())
            print(f"{name}: {found[name][-1]}", file=sys.stderr)
    return {name: {key: np.mean([row[key] for row in rows], axis=0).tolist() for key in rows[0]} for name, rows in found.items()}


def with_rows(work: Work, folder: str) -> Work:
    """The work with the splits that ogive makes, in a file for its peers."""
    dataset = load(work.data)
    folds = fold(dataset)
    problem = Problem(dataset, folds)
    splits = [(None, each) if folds.official else (each, (each + 1) % FOLDS) for each in range(FOLDS)]
    arrays = {}
    for number, split in enumerate(splits):
        prepared = problem.prepared(*split)
        for part, rows in enumerate((prepared.training.inputs, prepared.training.targets, prepared.test.inputs, prepared.test.targets)):
            arrays[f"{number}_{part}"] = rows
    path = Path(folder) / f"{work.data}.npz"
    np.savez(path, splits=len(splits), **arrays)
    return dataclasses.replace(work, rows=str(path))


def beside_peers(work: Work) -> dict[str, Row]:
    """The same networks by everyone."""
    return rounds(
        {
            "ogive": lambda: whole("ogive", work),
            "ogive, one process": lambda: whole("ogive", work, workers=1),
            "JAX, vmap and scan": lambda: whole("jax", work),
            "PyTorch, a plain loop": lambda: scaled("torch", work, 8, 1),
            "scikit-learn, MLPClassifier": lambda: scaled("sklearn", work, 8, 1),
            "Keras, on JAX": lambda: scaled("keras", work, 2, 1, KERAS_BACKEND="jax"),
            "ictonyx": lambda: scaled("ictonyx", work, 4, 2),
        }
    )


def measured() -> dict[str, Any]:
    """Every table."""
    with tempfile.TemporaryDirectory() as folder:
        digits = with_rows(DIGITS, folder)
        few = dataclasses.replace(digits, seeds=4)
        found: dict[str, Any] = {f"digits, {each.seeds * len(RATES)} networks": beside_peers(each) for each in (digits, few)}
        if "OGIVE_MNIST_DIR" in os.environ:
            mnist = with_rows(MNIST, folder)
            contenders = {
                "ogive": lambda: whole("ogive", mnist),
                "ogive, one process": lambda: whole("ogive", mnist, workers=1),
                "PyTorch, a plain loop": lambda: scaled("torch", mnist, 1, 4),
            }
            found["MNIST, 16 networks"] = rounds(contenders)
            found["floor"] = floor(mnist)
        one = dataclasses.replace(digits, rates=(0.05,), seeds=480)
        twelve = dataclasses.replace(one, seeds=40, activations=TWELVE)
        found["arms, 480 networks"] = rounds({"one arm": lambda: whole("ogive", one), "twelve arms": lambda: whole("ogive", twelve)})
        found["default"] = rounds({"ogive compare": lambda: {"total": run("ogive_default", digits)["wall"]}})
        found["growth"] = [growth(count) for count in SIZES]
    return found


def floor(work: Work) -> Row:
    """The seconds of the work's matrix products alone, as fast as every core multiplies large matrices beside the others."""
    cores = usable_processors()
    with ThreadPoolExecutor(cores) as pool:
        rates = [row["seconds"][0] for row in pool.map(lambda _: run("product", work), range(cores))]
    return {"seconds": work.multiplications() / sum(rates), "rate": sum(rates)}


def growth(networks: int) -> Row:
    """Time and memory of so many tiny networks in one process."""
    row = run("ogive", dataclasses.replace(TINY, seeds=networks))
    return {"networks": networks, "seconds": row["wall"], "memory": row["memory"]}


def table(measured: Mapping[str, Row], networks: int) -> list[str]:
    """One row for each contender, against the first."""
    first = next(iter(measured.values()))
    heads = ["", "networks", "seconds", "networks a second", "seconds / ogive's", "test accuracy", "ogive's on the same"]
    lines = [f"| {' | '.join(heads)} |".replace("|  |", "| |"), "|" + " --- |" * len(heads)]
    for name, row in measured.items():
        total, trained = row["total"], row.get("trained", networks)
        count = f"{networks}" if trained == networks else f"{networks}, scaled from {trained:.0f}"
        same = mean(first["first_split"][:: round(row["every"])]) if "every" in row else first["accuracy"]
        times = f"{total:.2f} | {networks / total:.2f} | {total / first['total']:.2f}"
        lines.append(f"| {name} | {count} | {times} | {row['accuracy']:.2%} | {same:.2%} |")
    return lines


def markdown(results: Mapping[str, Any]) -> str:
    """The results as Markdown."""
    found = results["measured"]
    lines = [
        "# Training beside peers",
        "",
        f"Generated by `make bench`. {results['machine']}, {os.cpu_count()} cores; {results['versions']}. Rounds: {ROUNDS}. Every"
        " contender runs in a fresh process, and all that it takes counts: imports, compilation, processes, for ogive the results file,"
        " the statistics and the report. ReLU, He's initialiser, SGD with momentum 0.9, eight learning rates from 0.05 to 0.12 from"
        " which a cosine leads to 0 (constant with scikit-learn and ictonyx, which have no schedule by the step). ogive uses every core"
        " that it may, and the peers as many as they will.",
        "",
        "Test accuracy is the mean over the networks that were trained. Those that train a few train them on the first split of the rows"
        " alone, at learning rates over the whole range; the last column is the mean over those networks of ogive that had the same"
        " activation, the same learning rates and the same split, and beside contenders that train all networks it is that of all of"
        " ogive's.",
    ]
    for title, rows in found.items():
        networks = int(title.split()[-2]) if title.endswith("networks") else 0
        if networks and "arms" not in title:
            lines += ["", f"## {title}", "", *table(rows, networks)]
            if "JAX, vmap and scan" in rows:
                row = rows["JAX, vmap and scan"]
                apart = row["total"] - row["compilation"]
                lines += [
                    "",
                    f"JAX's compilation takes {row['compilation']:.2f} s of that; without it {networks / apart:.2f} networks a second.",
                ]
    if "floor" in found:
        seconds, loop = found["floor"]["seconds"], found["MNIST, 16 networks"]["PyTorch, a plain loop"]["total"]
        lines += [
            "",
            f"The matrix products of this training alone take {seconds:.2f} s at the {found['floor']['rate'] / 1e9:.0f} GFLOP/s that all"
            " cores together reach on products of 1,024 × 1,024 in PyTorch: nothing that multiplies as fast and does nothing else could be"
            f" more than {loop / seconds:.2f} times as fast as the loop.",
        ]
    one, twelve = (found["arms, 480 networks"][name]["total"] for name in ("one arm", "twelve arms"))
    lines += [
        "",
        "## Arms",
        "",
        f"480 networks of the digits take {twelve:.2f} s as twelve arms of 40, {one:.2f} s as one arm of 480 (ReLU): {twelve / one:.2f}.",
        "",
        f"The default `ogive compare` takes {found['default']['ogive compare']['total']:.2f} s.",
        "",
        "## Growth",
        "",
        "Networks of iris, one hidden layer of 8 units, 2 epochs, in one process.",
        "",
        "| networks | seconds | networks a second | peak memory, MB |",
        "| --- | --- | --- | --- |",
        *(
            f"| {r['networks']} | {r['seconds']:.2f} | {r['networks'] / r['seconds']:.0f} | {r['memory'] / 1e6:.0f} |"
            for r in found["growth"]
        ),
        "",
        "![Seconds and memory against the number of networks](training.svg)",
    ]
    return "\n".join(lines) + "\n"


def picture(rows: Sequence[Row], path: Path) -> None:
    """Seconds and peak memory against the number of networks."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "ogive"
    figure = Figure(figsize=(7, 3), layout="constrained")
    networks = [row["networks"] for row in rows]
    for axes, key, unit, label in zip(figure.subplots(1, 2), ("seconds", "memory"), (1, 1e6), ("seconds", "peak memory, MB"), strict=True):
        axes.plot(networks, [row[key] / unit for row in rows], "o-")
        axes.set(xscale="log", xlabel="networks", ylabel=label, ylim=(0, None) if key == "memory" else None)
        if key == "seconds":
            axes.set_yscale("log")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure and write the tables."""
    compileall.compile_dir(Path(ogive.__file__).parent, quiet=1)  # as pip has compiled the peers, when it installed them
    peers = str(PEERS) if PEERS.is_dir() else ""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (peers, os.environ.get("PYTHONPATH"))))
    sys.path.append(peers)
    packages = ("numpy", "torch", "scikit-learn", "keras", "jax", "ictonyx")
    results = {
        "machine": processor(),
        "versions": f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name).partition('+')[0]}" for name in packages),
        "measured": measured(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "training.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "training.md").write_text(markdown(results))
    picture(results["measured"]["growth"], RESULTS / "training.svg")
    print(markdown(results))


if __name__ == "__main__":
    main()
