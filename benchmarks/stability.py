"""Whether the verdict of `ogive compare` holds where nothing that matters has changed; writes results/stability.md.

Studies are run, then again and again with every input moved to a neighbouring float32 at random, and with the other instruction sets.
A verdict of a pair of arms is "better", "worse" or not told apart (equivalent or not).
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import ogive
from ogive.lab import compare
from ogive.lab.data import load
from ogive.lab.dataset import Dataset
from ogive.lab.workers import usable_processors

HERE = Path(__file__).parent / "results"
RUNS = 20
STUDIES: dict[str, dict[str, Any]] = {
    "wine, four hidden layers": {"data": "wine", "hidden": (16, 16, 16, 16), "seeds": 20},
    "digits, three narrow hidden layers": {
        "data": "digits",
        "activations": ["relu", "tanh", "sigmoid", "hard_sigmoid", "softplus", "selu", "none"],
        "hidden": (12, 12, 12),
        "seeds": 20,
        "epochs": 8,
    },
    "digits, activations and initialisers": {
        "data": "digits",
        "activations": ["relu", "tanh", "sigmoid"],
        "initializers": ["he_normal", "glorot_normal", "normal(0.1)"],
        "hidden": (16, 16, 16),
        "seeds": 20,
        "epochs": 8,
    },
}
"""Some arms are far behind, some a little, and some not at all. (Of the twelve arms of the default comparison none is told apart.)"""

Verdicts = dict[str, Any]


def flipped(dataset: Dataset, seed: int) -> Dataset:
    """The same data with each input moved to the next float32 above or below, at random."""
    numbers = dataset.numeric.astype(np.float32)
    ends = np.random.default_rng(seed).choice(np.array([-np.inf, np.inf], np.float32), numbers.shape)
    return dataclasses.replace(dataset, numeric=np.nextafter(numbers, ends))


def verdicts(study: str, seed: int | None = None) -> Verdicts:
    """The verdict of every pair, by the names of the arms, which arms come first, and a number of every network that a flip may move."""
    options = dict(STUDIES[study])
    dataset = load(options.pop("data"))
    with tempfile.TemporaryDirectory() as folder:
        data = dataset if seed is None else flipped(dataset, seed)
        found = compare(data, **options, out=folder, workers=usable_processors())
    said = found.verdicts
    if said is None:
        raise SystemExit("a study needs two arms")
    names = [result.arm.name for result in found.arms]
    return {
        "pairs": {
            f"{names[pair.first]} – {names[pair.second]}": pair.verdict.replace("equivalent", "not told apart") for pair in said.pairs
        },
        "networks": [value for result in found.arms for value in result.values("log_loss")],
        "first": names[said.best_first[0]],
        "first_group": [name for name, rank in zip(names, said.ranks, strict=True) if rank == 1],
    }


def elsewhere(study: str, instruction_set: str) -> Verdicts:
    """The same, unflipped, in a process that uses another instruction set."""
    environment = os.environ | {"OGIVE_INSTRUCTION_SET": instruction_set}
    command = [sys.executable, __file__, "--print", study]
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    result: Verdicts = json.loads(run.stdout)
    return result


def settings(study: str) -> str:
    """What is compared, as it is given to `ogive.lab.compare`; all else is the default."""
    return "; ".join(
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}" for name, value in STUDIES[study].items()
    )


def section(study: str, reference: Verdicts, others: dict[str, Verdicts]) -> list[str]:
    """What changed in one study, as Markdown."""
    pairs = reference["pairs"]
    apart = sum(verdict != "not told apart" for verdict in pairs.values())
    lines = [
        "",
        f"## {study.capitalize()}",
        "",
        f"{settings(study)}. Told apart in the first run: {apart} of {len(pairs)} pairs.",
        "",
        "| run | networks with other numbers | pairs with another verdict | better to worse | comes first | stays in the first group |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, other in others.items():
        changed = [pair for pair, verdict in pairs.items() if other["pairs"][pair] != verdict]
        turned = [pair for pair in changed if "not told apart" not in (pairs[pair], other["pairs"][pair])]
        stays = "yes" if other["first"] in reference["first_group"] and reference["first"] in other["first_group"] else "no"
        other_numbers = np.mean(np.array(other["networks"]) != np.array(reference["networks"]))
        columns = f"{other_numbers:.0%}", f"{len(changed)} ({len(changed) / len(pairs):.1%})", len(turned), other["first"], stays
        lines.append(f"| {name} | {' | '.join(map(str, columns))} |")
    ever = sorted({pair for other in others.values() for pair, verdict in pairs.items() if other["pairs"][pair] != verdict})
    said = f"Pairs whose verdict changed in any run: {len(ever)} of {len(pairs)}{': ' * bool(ever)}{', '.join(ever)}."
    share = np.mean([other["pairs"][pair] != verdict for other in others.values() for pair, verdict in pairs.items()])
    return [*lines, "", f"{said} Over all runs, {share:.1%} of the verdicts changed."]


def main() -> None:
    """Run all, and write the tables."""
    config = ogive.kernel.config()
    other_sets = [name for name in config.get("supported_sets", ()) if name != config.get("instruction_set")]
    lines = [
        "# Whether the verdict holds",
        "",
        f"Generated by `benchmarks/stability.py`: each study, then {RUNS} runs of it in which every input is moved to a neighbouring",
        "float32 at random, and the other instruction sets.",
    ]
    for study in STUDIES:
        reference, others = verdicts(study), {}
        for seed in range(RUNS):
            others[f"flip {seed + 1}"] = verdicts(study, seed)
            print(study, seed + 1, file=sys.stderr)
        others |= {name: elsewhere(study, name) for name in other_sets}
        lines += section(study, reference, others)
    HERE.mkdir(exist_ok=True)
    (HERE / "stability.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if "--print" in sys.argv:
        print(json.dumps(verdicts(sys.argv[-1])))
    else:
        main()
