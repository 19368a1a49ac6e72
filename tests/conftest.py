"""What all tests share: doctests see `ogive` and `np` as the README's reader does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ogive


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace.update(ogive=ogive, np=np)
