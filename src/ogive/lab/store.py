"""The results file: one SQLite database for one comparison, filled as the work is done."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ogive.errors import InputError
from ogive.lab.plan import RESULTS_FORMAT, Plan
from ogive.lab.results import Run

APPLICATION_ID = 0x6F676976
"""Tells SQLite and everyone else whose file this is: "ogiv"."""

_TABLES = """
CREATE TABLE plan (sha256 TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE items (key TEXT PRIMARY KEY);
CREATE TABLE runs (
    item TEXT NOT NULL REFERENCES items (key), stage TEXT NOT NULL, seed INTEGER NOT NULL, fold INTEGER NOT NULL,
    arm TEXT NOT NULL, rate REAL NOT NULL, training_losses TEXT NOT NULL, validation_accuracies TEXT NOT NULL,
    validation_loss REAL, seconds REAL NOT NULL, test_loss REAL, test_accuracy REAL, dead REAL, saturated REAL,
    gradient_ratio REAL, histograms TEXT NOT NULL
);
"""
_LISTS = ("training_losses", "validation_accuracies", "histograms")
_INSERT = """
INSERT INTO runs VALUES (
    :item, :stage, :seed, :fold, :arm, :rate, :training_losses, :validation_accuracies,
    :validation_loss, :seconds, :test_loss, :test_accuracy, :dead, :saturated,
    :gradient_ratio, :histograms
)
"""


REMEDY = "name another folder by --out, or move that file away"


class Store:
    """The results of one plan, on disk.

    Each piece of work is one transaction: after a crash or an interrupt the file holds it whole or not at all.
    Use `open_store` to get one.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection

    def done(self) -> dict[str, int]:
        """The keys of the work items that are stored, and how many runs each has."""
        query = "SELECT items.key, COUNT(runs.item) FROM items LEFT JOIN runs ON runs.item = items.key GROUP BY items.key"
        return dict(self._connection.execute(query).fetchall())

    def damaged(self, what: str) -> InputError:
        """The error for a file that holds what no run of ogive writes."""
        return InputError(f"{str(self.path)!r} is damaged ({what}); {REMEDY}")

    def save(self, key: str, runs: Sequence[Run]) -> None:
        """Store a work item's runs; where another process was faster, its equal results stay."""
        with self._connection:
            added = self._connection.execute("INSERT OR IGNORE INTO items VALUES (?)", (key,)).rowcount
            if added:
                self._connection.executemany(_INSERT, [{"item": key, **_encoded(run)} for run in runs])

    def runs(self, stage: str) -> list[Run]:
        """All stored runs of a stage, in the order of seeds and of the plan's arms."""
        rows = self._connection.execute("SELECT * FROM runs WHERE stage = ? ORDER BY seed, item, rowid", (stage,))
        try:
            return [_decoded(row) for row in rows]
        except (ValueError, TypeError, KeyError) as error:
            raise self.damaged(f"a run cannot be read: {error}") from error


@contextmanager
def open_store(path: Path, plan: Plan) -> Iterator[Store]:
    """Open the results file of a plan, or make it.

    Raises
    ------
    InputError
        Where the file is another run's, an older version's, or no results file at all; it is left as it is.
    """
    try:
        with closing(_connect(path, plan)) as connection:
            yield Store(connection, path)
    except sqlite3.Error as error:
        raise InputError(f"{str(path)!r} cannot be used as a results file ({error}); {REMEDY}") from error


def _connect(path: Path, plan: Plan) -> sqlite3.Connection:
    """A connection to the plan's results file, made if it is not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size == 0
        if fresh:
            path.touch()  # says in the system's words why it cannot be written
    except OSError as error:
        raise InputError(f"cannot write to {str(path.parent)!r}: {error.strerror or error}; name another folder by --out") from error
    connection = sqlite3.connect(path, timeout=30)
    connection.row_factory = sqlite3.Row
    try:
        if fresh:
            _create(connection, plan)
        _check(connection, path, plan)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection, plan: Plan) -> None:
    with connection:
        connection.execute("BEGIN")  # Python would leave the statements that define tables out of the transaction
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {RESULTS_FORMAT}")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO plan VALUES (?, ?)", (plan.sha256, json.dumps(plan.settings)))


def _check(connection: sqlite3.Connection, path: Path, plan: Plan) -> None:
    """Refuse a file that holds anything but this plan's results."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise InputError(f"{str(path)!r} is not a results file of ogive; {REMEDY}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != RESULTS_FORMAT:
        age = "an older" if version < RESULTS_FORMAT else "a newer"
        raise InputError(f"{str(path)!r} has the results format {version} of {age} ogive, this one writes {RESULTS_FORMAT}; {REMEDY}")
    sha256, settings = connection.execute("SELECT sha256, settings FROM plan").fetchone() or ("", "{}")
    if sha256 != plan.sha256:
        held = _mapping(settings)
        different = [name.replace("_", " ") for name, value in plan.settings.items() if held.get(name) != value]
        raise InputError(f"{str(path)!r} holds the results of another run (other {', '.join(different) or 'settings'}); {REMEDY}")


def _mapping(text: str) -> dict[str, Any]:
    """A JSON object; an empty one where the text is none."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def _encoded(run: Run) -> dict[str, Any]:
    """A run as a row. SQLite turns NaN into NULL; `_decoded` turns it back."""
    values = dict(vars(run))
    for name in _LISTS:
        values[name] = json.dumps(values[name])
    return values


def _decoded(row: sqlite3.Row) -> Run:
    values = dict(row)
    del values["item"]
    for name in _LISTS:
        values[name] = _tuples(json.loads(values[name]))
    numbers = ["validation_loss", *(["test_loss", "gradient_ratio"] if values["stage"] == "final" else [])]
    for name in numbers:
        values[name] = float("nan") if values[name] is None else values[name]
    return Run(**values)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
