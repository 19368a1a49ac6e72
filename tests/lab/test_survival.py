"""What is finished stays: killed runs and workers, full disks, two runs on one file, files that are not what was written."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from compared import numbers
from lab_samples import TINY

from ogive.errors import InputError
from ogive.lab import compare
from ogive.lab.store import open_store
from ogive.lab.workers import Worker, WorkerError

SETTINGS = TINY | {"epochs": 40, "hidden": "24-16", "activations": ["relu", "gelu"]}
PROGRAM = f"""
import os, sys
from ogive.lab import compare
compare(**{SETTINGS!r}, out=sys.argv[1], workers=int(sys.argv[2]), memory=6_000_000)
print("done")
"""
"""As many write it: with no guard against being run again by the processes that it starts."""


def start(tmp_path: Path, folder: str, workers: int) -> subprocess.Popen[str]:
    script = tmp_path / "run.py"
    if not script.exists():  # a process that has started may not have read it yet
        script.write_text(PROGRAM)
    return subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / folder), str(workers)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def stored(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM networks").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def wait_for_networks(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 100
    while not stored(path) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return compare(**SETTINGS, out=tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_where_it_was(tmp_path, whole, workers):
    process = start(tmp_path, "cut", workers)
    results = tmp_path / "cut" / "results.sqlite"
    wait_for_networks(results, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = stored(results)
    assert 0 < kept < 50
    resumed = compare(**SETTINGS, out=tmp_path / "cut")
    assert stored(results) == 50, "nothing is counted twice"
    assert numbers(resumed) == numbers(whole)


def children(pid: int) -> list[int]:
    """Processes that it spawned to train, by the system's own list."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")
def test_a_killed_worker_is_replaced(tmp_path, whole):
    process = start(tmp_path, "cut", 2)
    wait_for_networks(tmp_path / "cut" / "results.sqlite", process)
    victim = children(process.pid)[0]
    os.kill(victim, signal.SIGKILL)
    said, complained = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "done\n"), complained
    assert numbers(compare(**SETTINGS, out=tmp_path / "cut")) == numbers(whole)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")
def test_workers_end_with_the_run_that_began_them(tmp_path):
    process = start(tmp_path, "cut", 2)
    wait_for_networks(tmp_path / "cut" / "results.sqlite", process)
    workers = children(process.pid)
    assert len(workers) == 2
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{worker}").exists() and "Z" not in Path(f"/proc/{worker}/stat").read_text().split()[2] for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def end_at_once(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_each_time_is_given_up_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("ogive.lab.workers._serve", end_at_once)
    with pytest.raises(WorkerError, match=r"2 times.*memory ran out.*same command goes on"):
        compare(**TINY, out=tmp_path, workers=2)


class DeadlyToRead:
    """Ends the process that it is sent to before that has read what follows."""

    def __reduce__(self):
        return end_at_once, ()


def test_a_worker_that_dies_before_it_has_its_data_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("ogive.lab.workers._serve", DeadlyToRead())
    with pytest.raises(WorkerError, match=r"2 times.*memory ran out"):
        compare(**TINY | {"data": "digits"}, out=tmp_path, workers=2)


def test_a_worker_that_is_ended_while_it_is_told_its_data_leaves_nothing_behind():
    before = set(threading.enumerate())
    for _ in range(5):  # the sender is at another place each time
        worker = Worker()
        worker.brief(bytes(1 << 26))
        worker.end()
        assert set(threading.enumerate()) <= before
        assert not worker.process.is_alive()


def test_two_runs_at_once_share_one_file(tmp_path, whole):
    runs = [start(tmp_path, "shared", 1) for _ in range(3)]
    for process in runs:
        said, complained = process.communicate(timeout=300)
        assert (process.returncode, said) == (0, "done\n"), complained
    assert stored(tmp_path / "shared" / "results.sqlite") == 50
    assert numbers(compare(**SETTINGS, out=tmp_path / "shared")) == numbers(whole)


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def small(path, **options):
        connection = connect(path, **options)
        connection.execute("PRAGMA max_page_count = 20")
        return connection

    monkeypatch.setattr("ogive.lab.store.sqlite3.connect", small)
    with pytest.raises(InputError, match=r"disk of .* is full; what is in it is kept: make room, and the same command goes on"):
        compare(**TINY, memory=1_500_000, out=tmp_path)
    monkeypatch.undo()
    kept = stored(tmp_path / "results.sqlite")
    assert kept > 0
    compare(**TINY, out=tmp_path)
    assert stored(tmp_path / "results.sqlite") == 75


def changed(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"my thesis, the only copy" * 50), "cannot be used as a results file"),
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), "cannot be used as a results file"),
        (lambda path: changed(path, "PRAGMA user_version = 1"), "format 1 of an older ogive"),
        (lambda path: changed(path, "PRAGMA user_version = 99"), "format 99 of a newer ogive"),
        (lambda path: changed(path, "PRAGMA application_id = 7"), "is not a results file of ogive"),
        (lambda path: changed(path, "UPDATE networks SET results = replace(results, '0.1', '0.9')"), "is damaged"),
        (lambda path: changed(path, "UPDATE networks SET results = '[]'"), "is damaged"),
        (lambda path: changed(path, "DROP TABLE networks"), "cannot be used as a results file"),
    ],
)
def test_a_file_that_does_not_fit_is_left_alone(tmp_path, tiny, spoil, words):
    path = tmp_path / "results.sqlite"
    path.write_bytes(tiny.results_path.read_bytes())
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=words) as caught:
        compare(**TINY, out=tmp_path)
    assert "--out" in str(caught.value)
    assert path.read_bytes() == before


def test_a_file_that_another_process_holds_is_said_to_be_so(tmp_path, monkeypatch):
    monkeypatch.setattr("ogive.lab.store.PATIENCE", 0.05)
    path = tmp_path / "results.sqlite"
    with open_store(path), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError, match=r"held by another process.*same command goes on"):
            compare(**TINY, out=tmp_path)


def test_a_file_that_was_deleted_while_it_was_in_use_is_said_to_be(tmp_path):
    def delete(what: str, _share: float) -> None:
        if what == "training to compare":
            (tmp_path / "results.sqlite").unlink(missing_ok=True)

    with pytest.raises(InputError, match=r"was deleted or moved"):
        compare(**TINY, out=tmp_path, progress=delete)


def test_a_write_that_the_power_cut_is_taken_back(tmp_path, tiny):
    """A child writes half a transaction and dies without a word; the file is as it was before."""
    path = tmp_path / "results.sqlite"
    path.write_bytes(tiny.results_path.read_bytes())
    program = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('PRAGMA cache_size = 1')\n"  # so that half of it is in the file already
        "connection.execute('BEGIN IMMEDIATE')\n"
        "connection.execute(\"UPDATE networks SET results = results || 'x'\")\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert path.read_bytes() != tiny.results_path.read_bytes(), "the cut came after the file was touched"
    assert numbers(compare(**TINY, out=tmp_path)) == numbers(tiny)


def test_many_that_make_one_file_at_once_succeed(tmp_path):
    program = "import sys; from pathlib import Path; from ogive.lab.store import open_store\nwith open_store(Path(sys.argv[1])): pass"
    command = [sys.executable, "-c", program, str(tmp_path / "a.sqlite")]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    assert [(process.communicate()[1], process.returncode) for process in runs] == [("", 0)] * 8
    with open_store(tmp_path / "a.sqlite") as store:
        assert list(store.networks()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the system's administrator may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot write to .*--out"):
        compare(**TINY, out=tmp_path / "new")


def test_a_file_in_the_way_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"cannot write to .*--out"):
        compare(**TINY, out=tmp_path / "file" / "new")


def test_a_program_from_standard_input_may_have_workers(tmp_path, whole):
    command = [sys.executable, "-", str(tmp_path), "2"]
    ended = subprocess.run(command, input=PROGRAM, capture_output=True, text=True, check=False, timeout=100)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
    assert numbers(compare(**SETTINGS, out=tmp_path)) == numbers(whole)
