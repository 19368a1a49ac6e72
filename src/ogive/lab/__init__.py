"""Comparing activation functions by training networks with them.

`compare` is the whole of it; ``ogive compare`` is the same from the command line. Needs ``pip install "ogive[lab]"``.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Comparison", "compare"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # loaded on first use: it needs PyTorch
        from ogive.lab import comparison

        return getattr(comparison, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
