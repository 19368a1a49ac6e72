"""Who does the work: this process, or several beside it. The numbers are the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection, resource_tracker
from multiprocessing.reduction import ForkingPickler
from threading import Thread
from types import ModuleType
from typing import Any, Self

from ogive.errors import OgiveError
from ogive.lab.member import Piece
from ogive.lab.problem import Problem
from ogive.lab.results import Trained
from ogive.lab.training import train

Report = Callable[[Piece, float], None]
"""Called with a piece and the share of it that is done."""

TRIES = 2
"""How often a piece is begun whose worker the system ends."""


class WorkerError(OgiveError):
    """The system ends every worker that trains a piece."""


def usable_processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Worker:
    """A process that trains one piece at a time, and this end of the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would take over this process's threads and locks half-way
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._briefing: Thread | None = None
        self.piece: Piece | None = None
        with _interrupts_held(), _script_hidden():  # Ctrl-C is for this process to answer
            self.process.start()
        theirs.close()

    def brief(self, problem: Any) -> None:
        """Hand over a pickled problem, beside what this process does meanwhile: big data take long, and a pipe holds little."""
        self._briefing = Thread(target=self._send, args=(problem,))
        self._briefing.start()

    def begin(self, piece: Piece) -> None:
        """Hand over a piece."""
        self.piece = piece
        if self._briefing is not None:
            self._briefing.join()
        self._send(ForkingPickler.dumps(piece))

    def _send(self, pickled: Any) -> None:
        """A worker that has died is noticed when its answer is awaited."""
        with suppress(OSError):
            self.pipe.send_bytes(pickled)

    def end(self) -> None:
        """Stop it, whatever it does."""
        self.process.kill()
        self.process.join()
        if self._briefing is not None:
            self._briefing.join()  # nobody reads what it sends now, so that it ends; before, it would write to a closed pipe
        self.pipe.close()


class Team:
    """Trains pieces, here or in processes: those start when there is work, or is sure to be, and end with the block."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers: list[Worker] = []
        self._problem: Problem
        self._pickled: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in self._workers:
            worker.end()

    def start(self) -> None:
        """Start the processes, if there are to be several."""
        if self._processes > 1:
            self._workers += [Worker() for _ in range(self._processes)]

    def brief(self, problem: Problem) -> None:
        """Say what the pieces are of, before the first."""
        self._problem = problem
        if self._workers:
            self._brief_all()

    def _brief_all(self) -> None:
        self._pickled = ForkingPickler.dumps(self._problem)
        for worker in self._workers:
            worker.brief(self._pickled)

    def work(self, pieces: Sequence[Piece], report: Report) -> Iterator[tuple[Piece, list[Trained]]]:
        """Train the pieces; yield each with its results as soon as it is done."""
        if pieces and not self._workers:
            self.start()
            self._brief_all()
        if self._workers:
            yield from self._work_beside(pieces, report)
            return
        for piece in pieces:

            def report_piece(share: float, piece: Piece = piece) -> None:
                report(piece, share)

            yield piece, train(self._problem, piece, report_piece)

    def _work_beside(self, pieces: Sequence[Piece], report: Report) -> Iterator[tuple[Piece, list[Trained]]]:
        waiting = list(reversed(pieces))
        begun: dict[Piece, int] = {}

        def hand_over(worker: Worker) -> None:
            if waiting:
                piece = waiting.pop()
                begun[piece] = begun.get(piece, 0) + 1
                worker.begin(piece)

        for worker in self._workers:
            hand_over(worker)
        while busy := [worker for worker in self._workers if worker.piece is not None]:
            ready = connection.wait([worker.pipe for worker in busy])
            for worker in (worker for worker in busy if worker.pipe in ready):
                answer = self._answer(worker)
                if isinstance(answer, float) and worker.piece is not None:
                    report(worker.piece, answer)
                    continue
                piece, worker.piece = worker.piece, None
                if piece is None:
                    continue
                if answer is None:
                    worker = self._replaced(worker)
                    if begun[piece] >= TRIES:
                        raise WorkerError(_ended(piece))
                    waiting.append(piece)
                elif isinstance(answer, BaseException):
                    raise answer
                hand_over(worker)  # which need not wait until the answer is stored
                if answer is not None:
                    yield piece, answer

    def _answer(self, worker: Worker) -> Any:
        """A share of the piece, its results, or what went wrong; ``None`` where the worker has died."""
        try:
            return worker.pipe.recv()
        except (EOFError, OSError):
            return None

    def _replaced(self, worker: Worker) -> Worker:
        worker.end()
        fresh = Worker()
        fresh.brief(self._pickled)
        self._workers[self._workers.index(worker)] = fresh
        return fresh


def _ended(piece: Piece) -> str:
    return (
        f"the system ended the process that trained {len(piece)} networks, {TRIES} times: most likely memory ran out; give a smaller"
        " --memory, fewer --workers or smaller layers. What is done is kept, and the same command goes on from there"
    )


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


@contextmanager
def _script_hidden() -> Iterator[None]:
    """Processes started in the block do not run the user's script again, which may have no guard for that; workers need nothing of it."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _serve(pipe: Any) -> None:
    """Train what comes through the pipe, after the problem, until it closes, as it does when the other end dies."""
    try:
        problem: Problem = pipe.recv()
        while True:
            piece = pipe.recv()
            try:
                answer: Any = train(problem, piece, pipe.send)
            except Exception as error:  # noqa: BLE001 - the other end raises it
                answer = error
            pipe.send(answer)
    except (EOFError, OSError):
        return
