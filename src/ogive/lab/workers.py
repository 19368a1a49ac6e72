"""Who does the work: this process, or several beside it. The numbers are the same, for each item draws from its own seed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Self

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


class Team:
    """Trains a plan's items, here or in processes that start with the first big piece of work; leaving the block ends them."""

    def __init__(self, plan: Plan, data: Split, processes: int, most_items: int) -> None:
        self._plan, self._data, self._processes = plan, data, processes
        self._pool: Any = None
        self._context = multiprocessing.get_context("spawn")  # a fork would take over this process's threads and locks half-way
        self._shares = self._context.Array("d", most_items, lock=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()

    def work(self, items: Sequence[Item], report: Report) -> Iterator[tuple[Item, list[Run]]]:
        """Train the items' populations; yield each item with its runs as soon as it is done."""
        if self._processes > 1 and len(items) > 1 and (self._pool is not None or self._network_steps(items) >= WORTH_PROCESSES):
            yield from self._work_beside(items, report)
            return
        for item in items:

            def report_item(share: float, item: Item = item) -> None:
                report(item, share)

            yield item, train_item(self._plan, self._data, item, report_item)

    def _network_steps(self, items: Sequence[Item]) -> int:
        return self._plan.epochs * (len(self._data.inputs) // self._plan.batch_size) * sum(len(item.members) for item in items)

    def _work_beside(self, items: Sequence[Item], report: Report) -> Iterator[tuple[Item, list[Run]]]:
        if self._pool is None:
            with _interrupts_held():  # Ctrl-C is for this process to answer
                self._pool = self._context.Pool(self._processes, _start, (self._plan, self._data, self._shares))
        self._shares[:] = [0.0] * len(self._shares)
        done = self._pool.imap_unordered(_train, list(enumerate(items)))
        for _ in items:
            while True:
                try:
                    index, runs = done.next(_POLL_SECONDS)
                    break
                except multiprocessing.TimeoutError:
                    for item, share in zip(items, self._shares, strict=False):
                        report(item, share)
            yield items[index], runs


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A Ctrl-C in the block waits for its end; processes started in it never see one. Windows has no such mask."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its start, which the first process would bring, lifts the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
