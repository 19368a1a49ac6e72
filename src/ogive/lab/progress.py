"""What is being done, how much of it is done, and how long the rest of it will take, while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ogive.lab.wording import duration
from ogive.terminal import Terminal

QUIET_STEP = 0.25
"""Where nobody watches a terminal, a line for each quarter of a part of the work."""


class Bar:
    """A progress bar with the time left on a terminal; plain lines elsewhere. Call it with what is being done and the share of it."""

    def __init__(self) -> None:
        self.what, self.share = "starting", 0.0
        self._begun, self._first_share, self._said = monotonic(), 0.0, 0.0
        terminal = Terminal(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=terminal,
            transient=True,
            disable=not terminal.is_terminal,
        )
        self._task = self._bar.add_task(self.what, total=1.0)
        self._bar.start()

    def __call__(self, what: str, share: float) -> None:
        if what != self.what:  # what an earlier part took tells nothing of this one
            self._bar.reset(self._task, description=what)
            self._begun, self._first_share, self._said = monotonic(), share, share
        self.what, self.share = what, share
        self._bar.update(self._task, completed=share)
        if self._bar.disable and self._said + QUIET_STEP <= share < 1:
            self._said = share
            left = (monotonic() - self._begun) * (1 - share) / (share - self._first_share)
            print(f"{what}: {share:.0%}, about {duration(left)} left", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()


@contextmanager
def shown_progress() -> Iterator[Bar]:
    """A progress bar for the time of the block; where Ctrl-C ends it, what becomes of the work."""
    bar = Bar()
    try:
        yield bar
    except KeyboardInterrupt:
        bar.stop()
        where = f"{bar.what}, {bar.share:.0%}"
        print(f"ogive: stopped ({where}); what is done is kept, and the same command goes on from there", file=sys.stderr)
        raise
    finally:
        bar.stop()
