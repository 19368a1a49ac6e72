"""What a measurement works with: its progress, and a results file that keeps each part as it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ogive.lab.outcome import RESULTS_FILE
from ogive.lab.protocol import Progress
from ogive.lab.store import open_store
from ogive.lab.study import software

Record = TypeVar("Record")


@dataclass(frozen=True)
class Work:
    """Attributes: the measurement's name, the folder of its results file, and whom to tell of the progress."""

    name: str
    folder: Path
    progress: Progress

    def remembered(self, settings: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        """A part of the measurement: what the results file holds for these settings, else what `compute` gives, and holds from then on.

        Parameters
        ----------
        settings
            Everything that decides the numbers, as JSON takes it; the measurement's name and the software are added.
        compute
            Gives lists, mappings, numbers (infinities and NaN among them) and text: what JSON takes, and as JSON gives it back.
        """
        named = {"measurement": self.name, **settings, "software": software()}
        key = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
        with open_store(self.folder / RESULTS_FILE) as store:  # made with the first part: bad arguments leave no file
            text = store.measured(key)
            if text is None:
                text = json.dumps(compute())
                store.keep(key, named, text)
        return json.loads(text)

    def record(self, kind: type[Record], settings: Mapping[str, Any], compute: Callable[[], Record]) -> Record:
        """`remembered` for a dataclass of arrays and numbers."""
        fields = self.remembered(settings, lambda: {name: np.asarray(value).tolist() for name, value in vars(compute()).items()})
        return kind(**{name: np.array(value) if isinstance(value, list) else value for name, value in fields.items()})
