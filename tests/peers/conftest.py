"""Every test draws the same arrays, whichever ran before it."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import RNG

START = np.random.default_rng(7).bit_generator.state


@pytest.fixture(autouse=True)
def _same_draws() -> None:
    RNG.bit_generator.state = START
