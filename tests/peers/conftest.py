"""Every test draws the same arrays, whichever ran before it; Keras computes with PyTorch, and reads and writes no settings at home."""

from __future__ import annotations

import os

import numpy as np
import pytest
from agreement import RNG

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["KERAS_HOME"] = os.devnull

START = np.random.default_rng(7).bit_generator.state


@pytest.fixture(autouse=True)
def _same_draws() -> None:
    RNG.bit_generator.state = START
