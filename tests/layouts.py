"""Random layouts of every kernel's arguments, compared with contiguous copies; run as a program, for a fault may end the process.

All arguments lie between two pages that may not be touched: apart or over each other, strided, reversed, repeated, of either byte
order. A call must leave the whole memory, byte for byte, as NumPy's own assignment of the results would. The program prints a digest
of what it computed of arguments that are large enough for threads.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import math
import mmap
import sys
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import ogive._kernels as kernels

Array = np.ndarray[Any, Any]
SMALL = (0, 1, 2, 31, 32, 33, 100, 1023, 1024, 1025, 2100)
LARGE = (65535, 65536, 70000, 140000)
OF_PAIRS = ("multi_margin", "multilabel_margin")  # which take time as the square of the length
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
STORAGES = (*map(np.dtype, "efd"), BFLOAT16)
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e30, -1e30)


class Arena:
    """Memory between two guard pages: a read or a write outside it ends the process."""

    def __init__(self, size: int) -> None:
        page = mmap.PAGESIZE
        self.size = -(-size // page) * page
        self.map = mmap.mmap(-1, self.size + 2 * page)
        whole = np.frombuffer(self.map, np.uint8)
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        for start in (0, page + self.size):
            assert protect(ctypes.c_void_p(whole.ctypes.data + start), ctypes.c_size_t(page), 0) == 0, ctypes.get_errno()
        self.bytes = whole[page : page + self.size]


def strides(rng: np.random.Generator, shape: tuple[int, ...], itemsize: int, *, repeat: bool) -> list[int]:
    """Strides of an array without elements over each other; `repeat` allows a stride of 0."""
    spread = [1, 1, 1, 2, 3, 5] if math.prod(shape) < max(SMALL) else [1, 1, 2]
    result = [0] * len(shape)
    step = itemsize
    for axis in rng.permutation(len(shape)):
        step *= int(rng.choice(spread))
        result[axis] = 0 if repeat and rng.random() < 0.15 else step * int(rng.choice([1, 1, -1]))
        step *= max(1, shape[axis])
    return result


def place(rng: np.random.Generator, arena: Arena, shape: tuple[int, ...], dtype: np.dtype[Any], *, repeat: bool) -> Array:
    """A view of the arena with a random layout: against one of its ends, at its middle, or anywhere."""
    steps = strides(rng, shape, dtype.itemsize, repeat=repeat)
    reach = [(length - 1) * step for length, step in zip(shape, steps, strict=True) if length > 0]
    low, high = sum(r for r in reach if r < 0), sum(r for r in reach if r > 0) + dtype.itemsize
    room = (arena.size - (high - low)) // dtype.itemsize
    offset = int(rng.choice([0, room, room // 2, room // 2 + rng.integers(-3, 4), rng.integers(0, room + 1)]))
    start = min(max(offset, 0), room) * dtype.itemsize - low
    return np.ndarray(shape, dtype, arena.bytes.data, start, steps)


def beside(rng: np.random.Generator, arena: Arena, other: Array) -> Array | None:
    """A view over another array: its very place, some elements before or after, or half its stride; None if that is not inside."""
    divisor = int(rng.choice([1, 1, 2])) if other.ndim == 1 else 1
    steps = [step // divisor // other.itemsize * other.itemsize for step in other.strides]
    start = other.ctypes.data - arena.bytes.ctypes.data + int(rng.integers(-3, 4)) * int(rng.choice([0, other.itemsize, steps[0]]))
    reach = [(length - 1) * step for length, step in zip(other.shape, steps, strict=True)]
    low, high = start + sum(r for r in reach if r < 0), start + sum(r for r in reach if r > 0) + other.itemsize
    inside = other.size > 0 and 0 not in steps and low >= 0 and high <= arena.size
    return np.ndarray(other.shape, other.dtype, arena.bytes.data, start, steps) if inside else None


def fill(rng: np.random.Generator, array: Array, length: int, *, special: bool) -> None:
    if array.dtype.kind == "i":
        array[...] = rng.integers(-1, length + 1, array.shape)
        return
    values = rng.normal(scale=4.0, size=array.shape)
    if special:
        values = np.where(rng.random(array.shape) < 0.05, rng.choice(SPECIAL, array.shape), values)
    positive = np.abs(values) / (1 + np.abs(values))
    with np.errstate(all="ignore"):
        array[...] = (positive if rng.random() < 0.5 else values).astype(array.dtype)


def dtypes(ufunc: Any, storage: np.dtype[Any]) -> list[np.dtype[Any]]:
    """The dtypes of all arguments where the data are stored so."""
    floats, doubles = (types.replace("->", "") for types in ufunc.types[1:3])
    return [storage if f == "f" and d == "d" else np.dtype(d) for f, d in zip(floats, doubles, strict=True)]


def shapes(rng: np.random.Generator, ufunc: Any, size: int) -> tuple[list[tuple[int, ...]], int]:
    """The shape of each argument, and the length of a row."""
    if ufunc.signature is None:
        columns = int(rng.choice([1, 3, 32]))
        shape = (size,) if rng.random() < 0.7 else (size // columns, columns)
        return [shape] * ufunc.nargs, 1
    rows = int(rng.choice([1, 2, 7])) if size < 3000 else 1
    length = max(1, size // rows)
    cores = [core.strip("()") for core in ufunc.signature.replace("->", ",").split(",")]
    return [(rows, length) if core else (rows,) for core in cores], length


def trial(rng: np.random.Generator, ufunc: Any, storage: np.dtype[Any], size: int, arena: Arena) -> bytes:
    """Call the ufunc with arguments anywhere in the arena, and once more with contiguous copies; both must agree."""
    all_shapes, length = shapes(rng, ufunc, size)
    arguments = []
    for k, (shape, dtype) in enumerate(zip(all_shapes, dtypes(ufunc, storage), strict=True)):
        swapped = dtype.newbyteorder() if rng.random() < 0.1 else dtype
        alike = k > 0 and shape == all_shapes[0] and dtype == arguments[0].dtype and rng.random() < 0.4
        over = beside(rng, arena, arguments[0]) if alike else None
        arguments.append(place(rng, arena, shape, swapped, repeat=k < ufunc.nin) if over is None else over)
    inputs, outputs = arguments[: ufunc.nin], arguments[ufunc.nin :]
    arena.bytes[...] = rng.integers(0, 120, 64).repeat(arena.size // 64).astype(np.uint8)
    apart = not any(np.may_share_memory(a, b) for a, b in itertools.combinations(outputs, 2))
    for array in inputs:
        fill(rng, array, length, special=apart)
    masked = ufunc.signature is None and apart and rng.random() < 0.2
    where = rng.random(all_shapes[0]) < 0.5 if masked else np.True_

    copies = [np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).reshape(array.shape) for array in inputs]
    results = ufunc(*copies)
    results = tuple(np.array(result) for result in (results if isinstance(results, tuple) else (results,)))
    if not apart and any(np.isnan(result).any() for result in results):
        return b""  # a NaN that is made one would change what lies over it, in an order of rows that nothing prescribes
    before = arena.bytes.copy()
    assignments = list(zip(outputs, results, strict=True))
    possible = []  # which of the outputs stays where they lie over each other, NumPy does not say
    for order in (assignments[last + 1 :] + assignments[: last + 1] for last in range(len(assignments))):
        arena.bytes[...] = before
        for output, result in order:
            np.copyto(output, result, where=where)
        settle(*outputs if apart else ())
        possible.append(arena.bytes.copy())
    arena.bytes[...] = before
    ufunc(*inputs, out=tuple(outputs), **({"where": where} if masked else {}))
    settle(*outputs if apart else ())
    if not np.any([arena.bytes == one for one in possible], axis=0).all():
        layout = [(a.shape, a.strides, a.dtype.str, a.ctypes.data - arena.bytes.ctypes.data) for a in arguments]
        sys.exit(f"{ufunc.__name__}, {'masked, ' if masked else ''}arguments (shape, strides, dtype, offset): {layout}")
    settle(*results)
    return b"".join(np.ascontiguousarray(result).tobytes() for result in results)


def settle(*arrays: Array) -> None:
    """Make all NaN one: which of two comes out of an addition, its sign included, is the compiler's choice."""
    for array in arrays:
        np.copyto(array, np.nan, where=np.isnan(array))


def every_ufunc(kind: str) -> Iterator[Any]:
    for row in getattr(kernels, kind).values():
        yield from row.values() if isinstance(row, dict) else [row]


def main(kind: str, seed: int, trials: int) -> None:
    kernels.register_bfloat16(BFLOAT16)
    digest = hashlib.sha256()
    arenas = {100: Arena(60_000), max(SMALL): Arena(500_000), max(LARGE): Arena(5_000_000)}
    with np.errstate(all="ignore"):
        for number, ufunc in enumerate(every_ufunc(kind)):
            for storage in STORAGES:
                rng = np.random.default_rng([seed, number, storage.itemsize, storage.num])
                if storage.itemsize == 4 * (1 + number % 2) and ufunc.__name__ not in OF_PAIRS:
                    digest.update(trial(rng, ufunc, storage, int(rng.choice(LARGE)), arenas[max(LARGE)]))
                for size in rng.choice(SMALL, trials):
                    arena = next(arena for most, arena in arenas.items() if size <= most)
                    trial(rng, ufunc, storage, int(size), arena)
    print(digest.hexdigest())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
