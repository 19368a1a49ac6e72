"""The tests that optax installs with its losses, run with our functions in the place of theirs.

They pass, or stand below with the reason why they do not. What is compiled there is called as it is, for ours are of NumPy.
"""

from __future__ import annotations

import importlib
import re
import unittest
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ogive

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

PREFIX = "optax.losses."
FUNCTIONS = [name.removeprefix(PREFIX) for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith(PREFIX)]
MODULES = [f"{PREFIX}_{family}" for family in ("classification", "regression", "ranking", "segmentation", "self_supervised")]
SKIPPED = {
    r"grad|against_plain_implementation|alignment_and_paddings": "they differentiate through JAX, and by the target too",
    r"vmap": "they are traced by JAX",
    r"probability_validation": "the pixels of a region need not sum to 1 over the classes, each of which is a region of its own",
    r"deprecated_alias": "no loss of ours is deprecated",
}
TESTS = [
    (module, test)
    for module in MODULES
    for each in vars(importlib.import_module(f"{module}_test")).values()
    if isinstance(each, type) and issubclass(each, unittest.TestCase)
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(each)
]


@pytest.mark.parametrize(("module", "test"), TESTS, ids=lambda each: getattr(each, "_testMethodName", each))
def test_it_passes(module: str, test: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = next((why for part, why in SKIPPED.items() if re.search(part, test.id())), None)
    if reason:
        pytest.skip(reason)
    np.random.seed(0)  # noqa: NPY002  their tests draw from it
    theirs, suite = importlib.import_module(module), importlib.import_module(f"{module}_test")
    for name in FUNCTIONS:
        if hasattr(theirs, name):
            monkeypatch.setattr(theirs, name, ogive.peer(f"{PREFIX}{name}"))
    monkeypatch.setattr(suite, "jax", SimpleNamespace(**vars(jax) | {"jit": lambda function, **_: function}))
    result = unittest.TestResult()
    test.run(result)
    said = "".join(text for _, text in (*result.failures, *result.errors))
    assert not said, said
