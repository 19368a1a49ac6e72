"""Speed of the kernels beside PyTorch and SciPy, measured alternately in one run; writes results/speed.json and results/speed.md.

Each round times every contender once, in turn, with ``out=`` given where the contender has it; the ratio is the median over
the rounds of the peer's time over ogive's, so a machine that slows down slows both. Above 1, ogive is faster.
"""

from __future__ import annotations

import os

# Each library brings an OpenMP of its own, whose threads would spin after every call and slow the other's next one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import scipy
import scipy.special
import torch

import ogive

HERE = Path(__file__).parent / "results"
ELEMENTS = 4_000_000
ROUNDS = 31
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
# Where PyTorch's function takes no out=, the operator that it is made of does.
WITH_OUT: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda x, out: torch.clamp_min(x, 0, out=out),
    "selu": lambda x, out: torch._C._nn.elu(x, ALPHA, SCALE, out=out),
}


def torch_operator(entry: Any) -> Callable[[Any, Any], Any] | None:
    """PyTorch's operator for an entry, writing into `out`."""
    if "torch" not in entry.native or entry.random:
        return None
    name = entry.native["torch"].rpartition(".")[2]
    operator = getattr(torch._C._nn, name, None) or getattr(torch, name, None)
    if entry.name in WITH_OUT or operator is None:
        return WITH_OUT.get(entry.name)
    return lambda x, out: operator(x, out=out)


def seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(contenders: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Time the contenders in turn; "ogive" is the one that the ratios are taken against."""
    for call in contenders.values():
        call()
    rounds = [{name: seconds(call) for name, call in contenders.items()} for _ in range(ROUNDS)]
    return {
        "milliseconds": {name: round(1000 * median(row[name] for row in rounds), 3) for name in contenders},
        "ratio": {name: round(median(row[name] / row["ogive"] for row in rounds), 2) for name in contenders if name != "ogive"},
    }


def elementwise(dtype: Any) -> dict[str, Any]:
    """Values of every activation that PyTorch or SciPy has too."""
    rng = np.random.default_rng(0)
    found = {}
    for name in ogive.names("activation"):
        entry = ogive.get(name)
        operator = torch_operator(entry)
        if operator is None or name == "identity":
            continue
        x = (rng.uniform(0.01, 0.99, ELEMENTS) if entry.domain[0] == 0 else rng.normal(scale=3, size=ELEMENTS)).astype(dtype)
        ours = np.empty_like(x)
        tensor, theirs = torch.from_numpy(x), torch.from_numpy(ours)  # the same memory, so that neither has better pages
        contenders = {
            "ogive": lambda entry=entry, x=x, ours=ours: entry(x, out=ours),
            "torch": lambda operator=operator, tensor=tensor, theirs=theirs: operator(tensor, theirs),
        }
        if "scipy" in entry.native:
            ufunc = getattr(scipy.special, entry.native["scipy"].rpartition(".")[2])
            contenders["scipy"] = lambda ufunc=ufunc, x=x, ours=ours: ufunc(x, out=ours)
        found[name] = compare(contenders)
    return found


def fused(dtype: Any) -> dict[str, Any]:
    """Value and slope in one pass, beside PyTorch's forward and backward through autograd."""
    rng = np.random.default_rng(1)
    found = {}
    for name in ("gelu", "silu", "mish", "softplus"):
        entry = ogive.get(name)
        native = getattr(torch.nn.functional, name)
        x = rng.normal(scale=3, size=ELEMENTS).astype(dtype)
        out = (np.empty_like(x), np.empty_like(x))
        tensor = torch.from_numpy(x).requires_grad_()
        ones = torch.ones_like(tensor)
        found[name] = compare(
            {
                "ogive": lambda entry=entry, x=x, out=out: entry.value_and_slope(x, out=out),
                "torch": lambda native=native, tensor=tensor, ones=ones: torch.autograd.grad(native(tensor), tensor, ones),
            }
        )
    return found


def rows(dtype: Any) -> dict[str, Any]:
    """Softmax and cross-entropy (value and gradient) of 4,000 rows of 1,000 logits."""
    rng = np.random.default_rng(2)
    logits = rng.normal(scale=3, size=(4000, 1000)).astype(dtype)
    labels = rng.integers(0, 1000, 4000)
    tensor, targets = torch.from_numpy(logits).requires_grad_(), torch.from_numpy(labels)

    def torch_loss() -> Any:
        return torch.autograd.grad(torch.nn.functional.cross_entropy(tensor, targets), tensor)

    return {
        "softmax": compare(
            {
                "ogive": lambda: ogive.softmax(logits),
                "torch": lambda: torch.softmax(tensor.detach(), -1),
                "scipy": lambda: scipy.special.softmax(logits, axis=-1),
            }
        ),
        "cross_entropy": compare(
            {"ogive": lambda: ogive.cross_entropy.value_and_gradient(logits, labels, given="logits"), "torch": torch_loss}
        ),
    }


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        "# Speed beside peers",
        "",
        f"Generated by `make bench`. {results['machine']}; {results['versions']}. {ELEMENTS:,} elements, {os.cpu_count()} cores, "
        f"median of {ROUNDS} alternating rounds. A ratio above 1 means that ogive is faster.",
        "",
        "| what | function | ogive, ms | torch, ms | torch / ogive | scipy / ogive |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for what, functions in results["measured"].items():
        for name, row in functions.items():
            times, ratio = row["milliseconds"], row["ratio"]
            lines.append(f"| {what} | {name} | {times['ogive']} | {times['torch']} | {ratio['torch']} | {ratio.get('scipy', '')} |")
    return "\n".join(lines) + "\n"


def processor() -> str:
    """The processor's name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    ogive.show_config()
    results = {
        "machine": processor(),
        "versions": f"ogive {ogive.__version__} ({ogive.kernel.config().get('instruction_set', 'definitions')}), NumPy {np.__version__}, "
        f"torch {torch.__version__.partition('+')[0]}, SciPy {scipy.__version__}",
        "measured": {
            "value, float32": elementwise(np.float32),
            "value, float64": elementwise(np.float64),
            "value and slope, float32": fused(np.float32),
            "rows, float32": rows(np.float32),
        },
    }
    HERE.mkdir(exist_ok=True)
    (HERE / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "speed.md").write_text(table(results))
    print(table(results))
