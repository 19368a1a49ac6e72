"""Tiny comparisons, small tables in text files, and small files in MNIST's format."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from ogive.lab.dataset import Dataset

TINY = {"activations": ["relu", "sigmoid", "tanh"], "hidden": "8-6", "seeds": 5, "epochs": 2, "try_rates": [0.01, 0.1]}
"""Arguments of a comparison that takes about a second."""

TABLE_ROWS = [f"{index / 2:g},{index * index % 7},{'red' if index % 3 else 'blue'}" for index in range(20)]
"""Lines of a table with two columns of numbers and one of classes."""


def write_table(folder: Path, text: str | bytes | list[str], name: str = "flowers.csv") -> Path:
    """A file of text, given whole or by its lines."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else "\n".join([text] if isinstance(text, str) else text).encode())
    return path


def said(dataset: Dataset) -> str:
    """All that a data set says of itself."""
    return " ".join(dataset.notes)


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in the IDX format."""
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path, *, rows: int = 60, compressed: bool = True) -> Path:
    """A folder of four small files in MNIST's format: bright and dark images of all ten classes."""
    rng = np.random.default_rng(0)
    for part, count in (("train", rows), ("t10k", 20)):
        labels = np.arange(count) % 10
        images = rng.integers(0, 50, (count, 4, 4)) + 20 * labels[:, None, None]
        for name, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            content = idx(array)
            path = folder / (f"{name}.gz" if compressed else name)
            path.write_bytes(gzip.compress(content) if compressed else content)
    return folder
