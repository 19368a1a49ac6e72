"""The tests that Keras installs with its losses, run with our functions in the place of theirs.

They pass, or stand below with the reason why they do not.
"""

from __future__ import annotations

import re
import unittest
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import ogive

pytest.importorskip("keras")
theirs = pytest.importorskip("keras.src.losses.losses")
suite = pytest.importorskip("keras.src.losses.losses_test")

PREFIX = "keras.losses."
FUNCTIONS = [name.removeprefix(PREFIX) for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith(PREFIX)]
SKIPPED = {
    r"CircleTest\.test_(correctness|mean)": "Keras hangs on its tensor a mask of what has no positive; ours is an array",
}
REFUSED = {r"CTCTest\.test_(correctness|dtype)": "among the classes that are not the blank"}  # a blank in the middle of the labels
TESTS = [
    test
    for each in vars(suite).values()
    if isinstance(each, type) and issubclass(each, unittest.TestCase)
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(each)
]


def in_place_of(name: str) -> Callable[..., Any]:
    """Our function of that name over tensors of PyTorch's, which is what Keras computes with here."""

    def plain(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        return value.detach().to(torch.float32 if value.dtype == torch.bfloat16 else value.dtype).numpy()

    def call(y_true: Any, y_pred: Any, *rest: Any, **options: Any) -> Any:
        found = ogive.peer(f"{PREFIX}{name}")(plain(y_true), plain(y_pred), *rest, **options)
        return torch.as_tensor(np.asarray(found)).to(torch.as_tensor(y_pred).dtype)

    return call


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras reads tensors so
@pytest.mark.parametrize("test", TESTS, ids=lambda test: ".".join(test.id().split(".")[-2:]))
def test_it_passes(test: unittest.TestCase, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = next((why for part, why in SKIPPED.items() if re.search(part, test.id())), None)
    if reason:
        pytest.skip(reason)
    for name in FUNCTIONS:
        if callable(getattr(theirs, name, None)) and not isinstance(getattr(theirs, name), type):
            monkeypatch.setattr(theirs, name, in_place_of(name))
    result = unittest.TestResult()
    test.run(result)
    said = "".join(text for _, text in (*result.failures, *result.errors))
    refusal = next((words for part, words in REFUSED.items() if re.search(part, test.id())), None)
    assert refusal in said if refusal else not said, said
