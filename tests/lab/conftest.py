"""The lab's tests need the lab's dependencies, and run on one thread beside whatever else the machine does."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

torch.set_num_threads(1)
