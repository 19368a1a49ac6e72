"""How much of the work is done and how long the rest will take, while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ogive.lab.table import Terminal

QUIET_STEP = 0.1
"""Where nobody watches a terminal, a line for each tenth of the work."""


class Bar:
    """A progress bar with the time left on a terminal; plain lines elsewhere. Call it with what is being done and the share."""

    def __init__(self) -> None:
        self.share = 0.0
        self._started = monotonic()
        self._first_share: float | None = None
        self._said = 0.0
        console = Terminal(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description:22}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=1.0)
        self._bar.start()

    def __call__(self, what: str, share: float) -> None:
        self.share = share
        if not self._bar.disable:
            self._bar.update(self._task, description=what, completed=share)
        elif share < 1:
            self._say(what, share)

    def _say(self, what: str, share: float) -> None:
        """A line, where a tenth more is done than at the last; what an earlier run did tells nothing of the speed."""
        if self._first_share is None:
            self._first_share, self._started, self._said = share, monotonic(), share
        if share >= self._said + QUIET_STEP:
            self._said = share
            left = (monotonic() - self._started) * (1 - share) / (share - self._first_share)
            print(f"{what}: {share:.0%}, about {left:.0f} s left", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()


@contextmanager
def shown_progress() -> Iterator[Bar]:
    """A progress bar for the time of the block."""
    bar = Bar()
    try:
        yield bar
    finally:
        bar.stop()
