"""The results file: one SQLite database, one row for each finished network, whatever study it was trained for."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ogive.errors import InputError
from ogive.lab.results import Trained
from ogive.lab.seal import checksum_of, read, sealed, unsealed, written

APPLICATION_ID = 0x6F676976
"""Tells SQLite and everyone else whose file this is: "ogiv"."""

FORMAT = 2
"""Raised whenever the tables change."""

REMEDY = "name another folder by --out, or move that file away"

_TABLES = """
CREATE TABLE networks (key TEXT PRIMARY KEY, settings TEXT NOT NULL, results TEXT NOT NULL, checksum TEXT NOT NULL, finished TEXT NOT NULL);
CREATE TABLE studies (key TEXT PRIMARY KEY, settings TEXT NOT NULL, begun TEXT NOT NULL);
"""
_MEASUREMENTS = """
CREATE TABLE IF NOT EXISTS measurements (key TEXT PRIMARY KEY, settings TEXT NOT NULL, results TEXT NOT NULL, checksum TEXT NOT NULL)
"""
"""Made when it is first needed: files without it are of the same format."""

_FINISH = """
INSERT INTO studies VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET settings = excluded.settings WHERE settings IS NOT excluded.settings
"""
PATIENCE = 60.0
"""Seconds to wait for another process that writes."""

_AT_ONCE = 200
"""Keys in one question to SQLite, whose answers are in memory together."""


class Store:
    """Finished networks on disk, by the hash of everything that decided them. Use `open_store` to get one."""

    def __init__(self, connection: sqlite3.Connection, path: Path, remedy: str) -> None:
        self.path = path
        self._connection, self._remedy = connection, remedy

    def save(self, networks: Iterable[tuple[str, Mapping[str, Any], Trained]]) -> None:
        """Store finished networks, all or none; where another process was faster, its equal numbers stay."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = []
        for key, settings, trained in networks:
            results = written(trained)
            rows.append((key, sealed(key, settings), results, checksum_of(key, results), now))
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO networks VALUES (?, ?, ?, ?, ?)", rows)

    @property
    def is_empty(self) -> bool:
        """Whether no network is finished."""
        return self._connection.execute("SELECT 1 FROM networks LIMIT 1").fetchone() is None

    def held(self, keys: Iterable[str]) -> set[str]:
        """Those of the networks that are finished."""
        return {key for _, found in self._found(keys) for key in found}

    def load(self, keys: Iterable[str]) -> Iterator[Trained]:
        """Finished networks in the order of their names, one after another, so that not all are in memory."""
        for some, found in self._found(keys):
            for key in some:
                if key not in found:
                    raise InputError(f"{str(self.path)!r} lacks the network {key[:8]} of a finished study; run its command again")
                yield read(found[key])

    def _found(self, keys: Iterable[str]) -> Iterator[tuple[list[str], dict[str, str]]]:
        """Some names at a time, and what is stored of those that are there; nothing that is damaged."""
        remaining = iter(keys)
        while some := list(islice(remaining, _AT_ONCE)):
            marks = ",".join("?" * len(some))
            query = f"SELECT key, results, checksum FROM networks WHERE key IN ({marks})"  # noqa: S608 - the marks are ours
            found = {}
            for key, results, checksum in self._connection.execute(query, some):
                self._check_sum(key, results, checksum)
                found[key] = results
            yield some, found

    def begin(self, key: str, settings: Mapping[str, Any]) -> None:
        """Note a study; what is known of it from an earlier run stays."""
        self._note("INSERT OR IGNORE INTO studies VALUES (?, ?, ?)", key, settings)

    def finish(self, key: str, settings: Mapping[str, Any]) -> None:
        """Note what has become known of a study."""
        self._note(_FINISH, key, settings)

    def _note(self, statement: str, key: str, settings: Mapping[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._connection:
            self._connection.execute(statement, (key, sealed(key, settings), now))

    def measured(self, key: str) -> str | None:
        """What was kept of a measurement under that name."""
        if not self._has_measurements():
            return None
        row = self._connection.execute("SELECT results, checksum FROM measurements WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._check_sum(key, *row)
        return str(row[0])

    def keep(self, key: str, settings: Mapping[str, Any], results: str) -> None:
        """Store what a measurement gave; where another process was faster, its equal numbers stay."""
        with self._connection:
            self._connection.execute(_MEASUREMENTS)
            values = (key, json.dumps(settings, sort_keys=True), results, checksum_of(key, results))
            self._connection.execute("INSERT OR IGNORE INTO measurements VALUES (?, ?, ?, ?)", values)

    def _has_measurements(self) -> bool:
        found = self._connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'measurements'").fetchone()
        return bool(found[0])

    def studies(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Every study: its name, what was noted of it, and when it began."""
        for key, settings, begun in self._connection.execute("SELECT key, settings, begun FROM studies ORDER BY begun, rowid"):
            yield key, self._mapping(key, settings), begun

    def take_over(self, other: Store) -> None:
        """Store what another file holds; what both hold stays as it is here."""
        networks = other._connection.execute("SELECT key, settings, results, checksum, finished FROM networks").fetchall()
        for key, _, results, checksum, _ in networks:
            other._check_sum(key, results, checksum)
        studies = other._connection.execute("SELECT key, settings, begun FROM studies").fetchall()
        measurements = []
        if other._has_measurements():
            measurements = other._connection.execute("SELECT key, settings, results, checksum FROM measurements").fetchall()
        for key, _, results, checksum in measurements:
            other._check_sum(key, results, checksum)
        with self._connection:
            if measurements:
                self._connection.execute(_MEASUREMENTS)
                self._connection.executemany("INSERT OR IGNORE INTO measurements VALUES (?, ?, ?, ?)", measurements)
            self._connection.executemany("INSERT OR IGNORE INTO networks VALUES (?, ?, ?, ?, ?)", networks)
            self._connection.executemany("INSERT OR IGNORE INTO studies VALUES (?, ?, ?)", studies)

    def networks(self) -> Iterator[tuple[dict[str, Any], Trained, str]]:
        """Every finished network: its settings, what is known of it, and when it was finished."""
        for key, settings, results, checksum, finished in self._connection.execute("SELECT * FROM networks ORDER BY finished, key"):
            self._check_sum(key, results, checksum)
            yield self._mapping(key, settings), read(results), finished

    def _check_sum(self, key: str, results: str, checksum: str) -> None:
        if checksum != checksum_of(key, results):
            raise self._damage(key)

    def _mapping(self, key: str, text: str) -> dict[str, Any]:
        settings = unsealed(key, text)
        if settings is None:
            raise self._damage(key)
        return settings

    def _damage(self, key: str) -> InputError:
        return InputError(f"{str(self.path)!r} is damaged (what is named {key[:8]} is not what was written); {self._remedy}")


@contextmanager
def open_store(path: Path, remedy: str = REMEDY) -> Iterator[Store]:
    """Open a results file, or make it.

    Parameters
    ----------
    remedy
        What to do instead where the file cannot be used.

    Raises
    ------
    InputError
        Where the file is an older version's, or no results file at all (it is left as it is), or cannot be written.
    """
    with _errors_said(path, remedy), closing(_made(path, remedy)) as connection:
        _check(connection, path, remedy)
        yield Store(connection, path, remedy)


@contextmanager
def read_store(path: Path) -> Iterator[Store]:
    """Open a results file that is there, and write nothing to it, but for what a power cut left half-written.

    A file without a byte is what a run leaves that was killed before its tables were made: nothing is in it yet.
    """
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    uri, remedy = f"{path.absolute().as_uri()}?mode={'rw' if writable else 'ro'}", "leave that file out"
    with _errors_said(path, remedy), closing(sqlite3.connect(uri, timeout=PATIENCE, uri=True)) as connection:
        if connection.execute("PRAGMA page_count").fetchone()[0]:
            _check(connection, path, remedy)
            yield Store(connection, path, remedy)
        else:
            with closing(sqlite3.connect(":memory:")) as nothing:
                _create(nothing)
                yield Store(nothing, path, remedy)


@contextmanager
def _errors_said(path: Path, remedy: str) -> Iterator[None]:
    """What SQLite complains of in the block, in words."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise InputError(
                f"the disk of {str(path)!r} is full; what is in it is kept: make room, and the same command goes on from there"
            ) from error
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise InputError(
                f"{str(path)!r} is held by another process; what is in it is kept, and the same command goes on once that is done"
            ) from error
        if not path.exists():
            raise InputError(f"{str(path)!r} was deleted or moved while in use; put it back, or begin anew") from error
        raise InputError(f"{str(path)!r} cannot be used as a results file ({error}); what is in it is kept; {remedy}") from error


def _made(path: Path, remedy: str) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):  # says in the system's words why it cannot be written
            pass
    except OSError as error:
        raise InputError(f"cannot write to {str(path.parent)!r}: {error.strerror or error}; {remedy}") from error
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level="IMMEDIATE")
    try:
        _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables, if nothing is there. Of several processes that begin at once, one does."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            return
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in _TABLES.split(";"):
            connection.execute(statement)


def _check(connection: sqlite3.Connection, path: Path, remedy: str) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise InputError(f"{str(path)!r} is not a results file of ogive; {remedy}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != FORMAT:
        age = "an older" if version < FORMAT else "a newer"
        raise InputError(f"{str(path)!r} has the results format {version} of {age} ogive, this one writes {FORMAT}; {remedy}")
