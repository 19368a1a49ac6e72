"""What networks take while they train: the bytes that a step touches, and what a machine has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ogive.errors import InputError
from ogive.lab.arms import Arm
from ogive.lab.dataset import Dataset
from ogive.lab.member import Setup
from ogive.lab.training import ROWS_AT_ONCE


@dataclass(frozen=True)
class Limits:
    """What the work may use: processes, and bytes for the networks that train at once in all of them."""

    workers: int
    memory: int


def products(sizes: Sequence[int]) -> int:
    """Products of numbers for each row that goes through a network."""
    return sum(below * above for below, above in pairwise(sizes))


def step_bytes(sizes: Sequence[int], setup: Setup) -> int:
    """The bytes that one network reads and writes in a step: weights, steps, and what the rows of a batch leave in each layer."""
    weights = products(sizes) + sum(sizes[1:])
    copies = 5 if setup.optimizer == "adam" else 2
    return 4 * (copies * weights + _each_row(sizes) * setup.batch_size)


def network_bytes(sizes: Sequence[int], setup: Setup) -> int:
    """The bytes that one network takes at most: those of a step, and what the rows of two evaluations leave in each layer."""
    return step_bytes(sizes, setup) + 4 * _each_row(sizes) * 2 * ROWS_AT_ONCE


def _each_row(sizes: Sequence[int]) -> int:
    """Numbers that a row leaves: sums, outputs and slopes of every layer."""
    return 3 * sum(sizes[1:])


def default_memory() -> int:
    """A quarter of the machine's memory, or two GiB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return 2 << 30


def check_memory(arms: Sequence[Arm], dataset: Dataset, limits: Limits) -> None:
    """Refuse networks that cannot be trained before any is."""
    for arm in arms:
        needed = network_bytes((dataset.features, *arm.setup.hidden, dataset.task.outputs), arm.setup)
        if needed * limits.workers > limits.memory:
            raise InputError(
                f"a network of hidden {arm.level('hidden')} takes {_readable(needed)} to train, and {limits.workers} train side by side,"
                f" but memory is limited to {_readable(limits.memory)}; give smaller layers, fewer --workers or a bigger --memory"
            )


def _readable(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} TiB"
