"""Prints a digest of what each kernel gives, part and storage by part and storage, as JSON; `bits.cpp` does so without Python."""

from __future__ import annotations

import hashlib
import json
import warnings
from typing import Any

import numpy as np
import ogive._kernels as kernels
from layouts import BFLOAT16, STORAGES, Array, dtypes, every_ufunc, settle

POINTS, LENGTH = 100_000, 100


def numbers(rng: np.random.Generator, dtype: np.dtype[Any]) -> Array:
    """Any bits at all, numbers of every ordinary size, and whole and half numbers, a third each."""
    bits = rng.integers(0, 256, (POINTS // 3, dtype.itemsize), np.uint8).view(dtype)[:, 0]
    sizes = rng.normal(size=POINTS // 3) * 2.0 ** rng.integers(-12, 7, POINTS // 3)
    return np.concatenate([bits, sizes.astype(dtype), (rng.integers(-60, 61, POINTS - 2 * (POINTS // 3)) / 2).astype(dtype)])


def arguments(rng: np.random.Generator, ufunc: Any, storage: np.dtype[Any]) -> list[Array]:
    """The inputs: any points for an elementwise function, a row of them at a time for the others."""
    if ufunc.signature is None:
        return [numbers(rng, dtype) for dtype in dtypes(ufunc, storage)[: ufunc.nin]]
    if ufunc.signature.startswith("(t,c)"):
        return alignments(rng, storage)
    inputs = []
    cores = ufunc.signature.split("->")[0].split(",")
    for core, dtype in zip(cores, dtypes(ufunc, storage), strict=False):
        shape = (POINTS // LENGTH, LENGTH) if core == "(n)" else (POINTS // LENGTH,)
        values = rng.normal(size=shape) * 2.0 ** rng.integers(-3, 4, (POINTS // LENGTH, *[1] * (len(shape) - 1)))
        inputs.append(rng.integers(0, LENGTH, shape) if dtype.kind == "i" else values.astype(dtype))
    return inputs


def alignments(rng: np.random.Generator, storage: np.dtype[Any]) -> list[Array]:
    """Frames, the labels of each, how many count of both, the blank, whether what cannot be costs nothing, weights, and the divisor."""
    items, frames, classes, labels = 300, 30, 8, 6
    x = -np.abs(rng.normal(size=(items, frames, classes)) * 2.0 ** rng.integers(-3, 4, (items, 1, 1)))
    counts = rng.integers(20, frames + 1, items), rng.integers(0, labels + 1, items)
    weights = np.array(0.0), np.array(0.0), rng.uniform(0, 2, items), np.array(float(items))
    return [x.astype(storage), rng.integers(1, classes, (items, labels)), *counts, *weights]


def digests() -> dict[str, str]:
    kernels.register_bfloat16(BFLOAT16)
    result = {}
    for kind in ("elementwise", "sums", "rows", "sequences"):
        for number, ufunc in enumerate(every_ufunc(kind)):
            for storage in STORAGES:
                rng = np.random.default_rng([number, storage.itemsize, storage.num])
                outputs = ufunc(*arguments(rng, ufunc, storage))
                outputs = outputs if isinstance(outputs, tuple) else (outputs,)
                settle(*outputs)
                result[f"{ufunc.__name__} {storage.name}"] = hashlib.sha256(b"".join(output.tobytes() for output in outputs)).hexdigest()
    return result


if __name__ == "__main__":
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        print(json.dumps(digests()))
