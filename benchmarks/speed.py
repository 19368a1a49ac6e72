"""Speed beside PyTorch, JAX and optax, scikit-learn, SciPy and NumPy, measured alternately in one run.

Writes results/speed.json and results/speed.md.

Each round times every contender once, in turn; the ratio is the median over the rounds of the peer's time over ogive's, so a machine that
slows down slows both. Above 1, ogive is faster. Values are written into the same memory (``out=``) where the contender can: JAX cannot,
and is timed with its arrays on its own device until they are ready.
Every instruction set that the processor has (but for the baseline) is measured, each in a process of its own, in which the peers
may use no more than ogive does.
"""

from __future__ import annotations

import os

# Each library brings an OpenMP of its own, whose threads would spin after every call and slow the other's next one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import jax
import numpy as np
import optax
import scipy
import scipy.special
import sklearn
import torch
from loss_speed import losses, rows
from machine import processor
from numpy._core import _multiarray_umath as numpy_core
from row_losses import losses_of_rows
from timing import Contenders, compare

import ogive

jax.config.update("jax_enable_x64", True)  # or float64 would be float32
HERE = Path(__file__).parent / "results"
SIZES = {"4 million": 4_000_000, "100 thousand": 100_000, "1 thousand": 1_000}
SIZES_OF_LOSSES = {"1 million": 1_000_000, "10 thousand": 10_000}
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
NUMPY_AVX512 = [name for name in numpy_core.__cpu_dispatch__ if name.startswith("AVX512") or name == "X86_V4"]
# What keeps PyTorch, its oneDNN and MKL, NumPy and JAX from using more than a processor of that instruction set has.
LIMITS = {
    "avx512": {},
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "NPY_DISABLE_CPU_FEATURES": " ".join(name for name in NUMPY_AVX512 if numpy_core.__cpu_features__.get(name)),
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    },
}
# Where PyTorch's function takes no out=, the operator that it is made of does.
WITH_OUT: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda x, out: torch.clamp_min(x, 0, out=out),
    "selu": lambda x, out: torch._C._nn.elu(x, ALPHA, SCALE, out=out),
    "gelu_tanh": lambda x, out: torch._C._nn.gelu(x, approximate="tanh", out=out),
    "softsign": lambda x, out: torch.div(x, x.abs().add_(1), out=out),
}
NUMPY = {"tanh": np.tanh}
FORWARD = {"gelu_tanh": partial(torch.nn.functional.gelu, approximate="tanh")}
JAX = {"gelu": partial(jax.nn.gelu, approximate=False), "gelu_tanh": jax.nn.gelu, "softsign": jax.nn.soft_sign}


def torch_operator(entry: Any) -> Callable[[Any, Any], Any] | None:
    """PyTorch's operator for an entry, writing into `out`."""
    if "torch" not in entry.native or entry.random:
        return None
    name = entry.native["torch"].rpartition(".")[2]
    operator = getattr(torch._C._nn, name, None) or getattr(torch, name, None)
    if entry.name in WITH_OUT or operator is None:
        return WITH_OUT.get(entry.name)
    return lambda x, out: operator(x, out=out)


def jax_function(name: str) -> Callable[[Any], Any] | None:
    """JAX's function of that name, compiled."""
    function = JAX.get(name) or getattr(jax.nn, name, None)
    return jax.jit(function) if function else None


def values(dtype: Any, size: int) -> dict[str, Any]:
    """Values of every activation that a peer has too."""
    rng = np.random.default_rng(0)
    found = {}
    for name in ogive.names("activation"):
        entry = ogive.get(name)
        operator, traced = torch_operator(entry), jax_function(name)
        if name == "identity" or (operator is None and traced is None):
            continue
        x = (rng.uniform(0.01, 0.99, size) if entry.domain[0] == 0 else rng.normal(scale=3, size=size)).astype(dtype)
        ours = np.empty_like(x)
        tensor, theirs = torch.from_numpy(x), torch.from_numpy(ours)  # the same memory, so that neither has better pages
        contenders: Contenders = {"ogive": lambda entry=entry, x=x, ours=ours: entry(x, out=ours)}
        if operator is not None:
            contenders["torch"] = lambda operator=operator, tensor=tensor, theirs=theirs: operator(tensor, theirs)
        if traced is not None:
            there = jax.device_put(x)
            contenders["jax"] = lambda traced=traced, there=there: traced(there).block_until_ready()
        native = getattr(scipy.special, entry.native["scipy"].rpartition(".")[2]) if "scipy" in entry.native else NUMPY.get(name)
        if native is not None:
            contenders["numpy"] = lambda native=native, x=x, ours=ours: native(x, out=ours)
        found[name] = compare(contenders)
    return found | gates(dtype, size)


def gates(dtype: Any, size: int) -> dict[str, Any]:
    """Values of swiglu, which in PyTorch is two operators."""
    x, gate = np.random.default_rng(4).normal(scale=3, size=(2, size)).astype(dtype)
    ours = np.empty_like(x)
    tensors, theirs, there = (
        (torch.from_numpy(x), torch.from_numpy(gate)),
        torch.from_numpy(ours),
        (jax.device_put(x), jax.device_put(gate)),
    )
    traced = jax.jit(lambda x, gate: jax.nn.silu(x) * gate)
    contenders: Contenders = {
        "ogive": lambda: ogive.swiglu(x, gate, out=ours),
        "torch": lambda: torch._C._nn.silu(tensors[0], out=theirs).mul_(tensors[1]),
        "jax": lambda: traced(*there).block_until_ready(),
    }
    return {"swiglu": compare(contenders)}


def fused(dtype: Any, size: int) -> dict[str, Any]:
    """Value and slope in one pass, beside forward and backward of the peers, for every smooth function that PyTorch has."""
    rng = np.random.default_rng(1)
    found = {}
    for name in ogive.names("activation"):
        entry = ogive.get(name)
        native = FORWARD.get(name) or getattr(torch.nn.functional, name, None)
        if native is None or not entry.smoothness > 0 or entry.linear:
            continue
        x = rng.normal(scale=3, size=size).astype(dtype)
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


def calls() -> dict[str, Any]:
    """What a call costs beside the ufunc underneath, on 1,000 numbers."""
    x = np.random.default_rng(3).normal(size=1000).astype(np.float32)
    y = np.empty_like(x)
    return {"relu, the ufunc alone": compare({"ogive": lambda: ogive.relu(x, out=y), "numpy": lambda: ogive.relu.ufunc(x, out=y)})}


def behind_products() -> dict[str, Any]:
    """Values behind a matrix product of NumPy, whose threads wait for the next one in a loop."""
    x = np.random.default_rng(4).normal(scale=3, size=(1000, 1000)).astype(np.float32)
    ours, matrix = np.empty_like(x), np.ones((256, 256))
    tensor, theirs = torch.from_numpy(x), torch.from_numpy(ours)
    there = jax.device_put(x)
    found = {}
    for name in ("sigmoid", "softmax"):
        entry, operator, traced = ogive.get(name), getattr(torch, name), jax.jit(getattr(jax.nn, name))
        options = {"dim": -1} if name == "softmax" else {}
        contenders: Contenders = {
            "ogive": lambda entry=entry: entry(x, out=ours),
            "torch": lambda operator=operator, options=options: operator(tensor, **options, out=theirs),
            "jax": lambda traced=traced: traced(there).block_until_ready(),
        }
        found[name] = compare(contenders, behind=lambda: matrix @ matrix)
    return found


def measured() -> dict[str, Any]:
    """Every table, in the instruction set in use."""
    found: dict[str, Any] = {}
    for words, size in SIZES.items():
        found[f"value, float32, {words}"] = values(np.float32, size)
    found["value, float64, 4 million"] = values(np.float64, SIZES["4 million"])
    for words in ("4 million", "100 thousand"):
        found[f"value and slope, float32, {words}"] = fused(np.float32, SIZES[words])
    for words in ("1 million", "10 thousand"):
        found[f"loss and gradient, float32, {words}"] = losses(np.float32, SIZES_OF_LOSSES[words])
    tables = {"rows, float32": rows(np.float32), "losses of rows and gradient, float32": losses_of_rows(np.float32), "calls": calls()}
    behind = {"value, float32, 1 million, behind a matrix product": behind_products()}  # last, for those threads stay
    return found | tables | behind


def check_limits() -> None:
    """Refuse to measure where a peer that can be asked uses AVX-512 and ogive does not.

    MKL uses none on processors other than Intel's, and XLA stops at a flag that it does not know.
    """
    if ogive.kernel.config()["instruction_set"] != "avx2":
        return
    command = [sys.executable, "-c", "import torch; torch.nn.functional.gelu(torch.ones(64))"]
    one_dnn = subprocess.run(command, env=os.environ | {"ONEDNN_VERBOSE": "1"}, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603
    held = {
        "PyTorch": torch.backends.cpu.get_cpu_capability() == "AVX2",
        "oneDNN": "jit:avx2," in one_dnn,
        "NumPy": not any(numpy_core.__cpu_features__.get(name) for name in NUMPY_AVX512),
    }
    if not all(held.values()):
        sys.exit(f"not held to AVX2: {', '.join(name for name, is_held in held.items() if not is_held)}; has its switch been renamed?")


def measured_with(instruction_set: str) -> dict[str, Any]:
    """The same in a process of its own."""
    environment = os.environ | {"OGIVE_INSTRUCTION_SET": instruction_set} | LIMITS.get(instruction_set, {})
    printed = subprocess.run([sys.executable, __file__, "--print"], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        "# Speed beside peers",
        "",
        f"Generated by `make bench`. {results['machine']}, {os.cpu_count()} cores; {results['versions']}. Median of alternating rounds. "
        "A ratio is the peer's time over ogive's: above 1, ogive is faster. `numpy` stands for NumPy's or SciPy's own function, `jax` for "
        "JAX's or optax's, `sklearn` for scikit-learn's `_loss`. "
        "In the tables for avx2 the peers are held to AVX2 too, by "
        + ", ".join(f"`{name}={value}`" for name, value in LIMITS["avx2"].items())
        + ".",
    ]
    for instruction_set, tables in results["measured"].items():
        for what, functions in tables.items():
            best = [min(row["ratio"].values()) for row in functions.values()]
            lines += [
                "",
                f"## {what}, {instruction_set}",
                "",
                f"Against the best peer: geometric mean {geometric_mean(best):.2f}, least {min(best):.2f}.",
                "",
                "| function | ogive, µs | torch / ogive | jax / ogive | numpy / ogive | sklearn / ogive |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            for name, row in functions.items():
                peers = " | ".join(str(row["ratio"].get(peer, "")) for peer in ("torch", "jax", "numpy", "sklearn"))
                lines.append(f"| {name} | {row['microseconds']['ogive']} | {peers} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every instruction set and write the tables."""
    ogive.show_config()
    sets = [name for name in ogive.kernel.config().get("supported_sets", ()) if name != "baseline"] or ["baseline"]
    results = {
        "machine": processor(),
        "versions": f"ogive {ogive.__version__}, NumPy {np.__version__}, torch {torch.__version__.partition('+')[0]}, "
        f"JAX {jax.__version__}, optax {optax.__version__}, SciPy {scipy.__version__}, "
        f"scikit-learn {sklearn.__version__}",
        "measured": {name: measured_with(name) for name in sets},
    }
    HERE.mkdir(exist_ok=True)
    (HERE / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "speed.md").write_text(table(results))
    print(table(results))


if __name__ == "__main__":
    if "--print" in sys.argv:
        check_limits()
        print(json.dumps(measured()))
    else:
        main()
