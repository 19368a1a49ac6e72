"""What a measurement works with: its progress, and a results file that keeps each part as it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ogive.lab.protocol import Progress
from ogive.lab.store import Store
from ogive.lab.study import software


@dataclass(frozen=True)
class Work:
    """Attributes: the measurement's name, its folder, whom to tell of the progress, and its results file."""

    name: str
    folder: Path
    progress: Progress
    store: Store

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
        text = self.store.measured(key)
        if text is None:
            text = json.dumps(compute())
            self.store.keep(key, named, text)
        return json.loads(text)
