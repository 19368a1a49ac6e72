"""The tables that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ogive.errors import MissingExtraError
from ogive.lab.dataset import Dataset
from ogive.lab.task import Task

TABLES = ("digits", "iris", "wine", "breast_cancer", "diabetes")


def load_builtin(name: str) -> Dataset:
    """One of ``TABLES``, as it was measured."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise MissingExtraError(f'the data {name!r} come with scikit-learn, which is not installed; pip install "ogive[lab]"')
    stored = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return _digits(stored) if name == "digits" and stored.is_file() else _table(name)


def _digits(stored: Path) -> Dataset:
    """The digits from scikit-learn's own file, for importing scikit-learn takes a second and they are what runs by default."""
    table = np.loadtxt(stored, np.uint8, delimiter=",")
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    return _dataset("digits", table[:, :-1], table[:, -1], range(10), names)


def _table(name: str) -> Dataset:
    from sklearn import datasets

    raw = {"scaled": False} if name == "diabetes" else {}
    table = getattr(datasets, f"load_{name}")(**raw)
    return _dataset(name, table.data, table.target, table.get("target_names", ()), table.feature_names)


def _dataset(name: str, numbers: Any, target: Any, classes: Sequence[Any], columns: Sequence[str]) -> Dataset:
    return Dataset(
        name=name,
        numeric=np.ascontiguousarray(numbers),
        categorical=np.empty((len(target), 0), object),
        target=target.astype(np.int64 if len(classes) else np.float64),
        task=Task(tuple(str(label) for label in classes)),
        columns=tuple(map(str, columns)),
        alike=name == "digits",
    )
