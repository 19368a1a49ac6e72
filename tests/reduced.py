"""Prints what every loss gives for many terms, value and a digest of its gradient, for as many threads as the environment says."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import samples


def main() -> None:
    for entry, given in samples.TERMS:
        term = entry.forms[given]
        count = 150_001 // math.prod(samples.SIZES[name] for name in term.cores[0])
        for dtype in (np.float32, np.float64):
            arrays = samples.arguments(term, (count,), dtype)
            weights = np.random.default_rng(1).uniform(0, 2, (count, *(1,) * len(term.core_out)))
            options = {"sample_weight": weights, "mask": weights > 0.5} | samples.named(entry, given)
            value, gradient = entry.value_and_gradient(*arrays, **options)
            alone = entry(*arrays, **options)
            parts = gradient if isinstance(gradient, tuple) else (gradient,)
            digest = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
            print(entry.name, given, dtype.__name__, float(value).hex(), float(alone).hex(), digest)


if __name__ == "__main__":
    main()
