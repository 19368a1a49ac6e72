"""Who does the work: this process, or several beside it. The numbers are the same, for each item draws from its own seed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from ogive.lab.plan import Item, Plan
from ogive.lab.results import Run
from ogive.lab.splits import Split
from ogive.lab.training import train_item

Report = Callable[[Item, float], None]
"""Called with an item and the share of it that is done."""

WORTH_PROCESSES = 200_000
"""Training steps, each counted once for every network of its population, below which starting processes costs more than it saves."""

_POLL_SECONDS = 0.2


def usable_processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def work(plan: Plan, data: Split, items: Sequence[Item], processes: int, report: Report) -> Iterator[tuple[Item, list[Run]]]:
    """Train the items' populations; yield each item with its runs as soon as it is done."""
    if processes > 1 and len(items) > 1 and _network_steps(plan, data, items) >= WORTH_PROCESSES:
        yield from _beside(plan, data, items, min(processes, len(items)), report)
        return
    for item in items:

        def report_item(share: float, item: Item = item) -> None:
            report(item, share)

        yield item, train_item(plan, data, item, report_item)


def _network_steps(plan: Plan, data: Split, items: Sequence[Item]) -> int:
    return plan.epochs * (len(data.inputs) // plan.batch_size) * sum(len(item.members) for item in items)


def _beside(plan: Plan, data: Split, items: Sequence[Item], processes: int, report: Report) -> Iterator[tuple[Item, list[Run]]]:
    """Let other processes train; leaving early, as an interrupt does, ends them."""
    context = multiprocessing.get_context("spawn")  # a fork would take over this process's threads and locks half-way
    shares = context.Array("d", len(items), lock=False)
    with _interrupts_ignored():  # the processes inherit that: Ctrl-C is for this one to answer
        pool = context.Pool(processes, _start, (plan, data, shares))
    with pool:
        done = pool.imap_unordered(_train, list(enumerate(items)))
        for _ in items:
            while True:
                try:
                    index, runs = done.next(_POLL_SECONDS)
                    break
                except multiprocessing.TimeoutError:
                    for item, share in zip(items, shares, strict=True):
                        report(item, share)
            shares[index] = 1.0
            yield items[index], runs


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started in the block ignore Ctrl-C; only a main thread can arrange it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_shared: dict[str, Any] = {}
"""What a worker process was started with."""


def _start(plan: Plan, data: Split, shares: Any) -> None:
    torch.set_num_threads(1)  # the processes share the processors between them
    _shared.update(plan=plan, data=data, shares=shares)


def _train(numbered: tuple[int, Item]) -> tuple[int, list[Run]]:
    index, item = numbered

    def report(share: float) -> None:
        _shared["shares"][index] = share

    return index, train_item(_shared["plan"], _shared["data"], item, report)
