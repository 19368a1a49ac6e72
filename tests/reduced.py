"""Prints what every loss gives for many terms, value and a digest of its gradient, for as many threads as the environment says."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import samples

from ogive import kernel
from ogive.term import Term

WORTH_A_THREAD = re.search(r"worth_a_thread = 1 << (\d+);", (Path(__file__).parents[1] / "kernels" / "table.hpp").read_text())
assert WORTH_A_THREAD
SHARED = 2 << int(WORTH_A_THREAD[1])
"""So many numbers are shared among threads, whatever is computed of them."""


def batches(term: Term) -> Iterator[list[Any]]:
    """Inputs for each kernel of the term that takes many at once, with class numbers for one of these; few where there is none."""

    def is_compiled(ending: str) -> bool:
        name = (term.elements or term).name + ending
        return any(kernel.compiled(kind, name) is not None for kind in ("sums", "rows", "sequences"))

    elements = math.prod(samples.SIZES[name] for name in term.cores[0])
    whole, numbered = is_compiled(""), is_compiled("_indices")
    arrays = samples.arguments(term, (SHARED // elements + 1 if whole or numbered else 1000,))
    if whole or not numbered:
        yield arrays
    if numbered:
        yield [arrays[0], arrays[1].argmax(axis=-1), *arrays[2:]]


def main() -> None:
    for entry, given in samples.TERMS:
        term, options = entry.forms[given], samples.named(entry, given)
        for inputs in batches(term):
            for dtype in (np.float32, np.float64):
                arrays = [array if array.dtype.kind == "i" else array.astype(dtype) for array in inputs]
                weights = np.random.default_rng(1).uniform(0, 2, (len(arrays[0]), *(1,) * len(term.core_out)))
                rules = options | {"sample_weight": weights, "mask": weights > 0.5}
                plain, weighed = (entry.value_and_gradient(*arrays, **each) for each in (options, rules))
                digest = hashlib.sha256()
                for _, gradient in (plain, weighed):
                    for part in gradient if isinstance(gradient, tuple) else (gradient,):
                        digest.update(part.tobytes())
                values = (float(value).hex() for value in (plain[0], weighed[0], entry(*arrays, **rules)))
                print(entry.name, given, len(arrays[0]), dtype.__name__, *values, digest.hexdigest())


if __name__ == "__main__":
    main()
