"""The lab's tests need the lab's dependencies, and run on one thread beside whatever else the machine does."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A finished comparison, which tests may add studies to but no networks."""
    from lab_samples import TINY

    from ogive.lab import compare

    return compare(**TINY, out=tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    """Two results files that no test changes: one with digits, one with digits and iris."""
    from outcomes import of_data, outcome, store_outcome

    folder = tmp_path_factory.mktemp("runs")
    digits = outcome(gaps={"sigmoid": 0.03})
    store_outcome(folder / "b", of_data("iris", activations=["relu", "tanh", "gelu"]))
    return [store_outcome(folder / "a", digits), store_outcome(folder / "b", digits)]
