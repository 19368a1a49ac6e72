"""What a results file holds as text: JSON that has words for what is no number, and checksums of it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from ogive.lab.results import Trained


def checksum_of(key: str, text: str) -> str:
    """The checksum of what is stored under a name."""
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()[:16]


def sealed(key: str, settings: Mapping[str, Any]) -> str:
    """Settings as text, with their checksum among them."""
    return json.dumps({**settings, "checksum": checksum_of(key, _ordered(settings))}, sort_keys=True)


def unsealed(key: str, text: str) -> dict[str, Any] | None:
    """Settings as they were; ``None`` where the text is not what was written. Files of before have no checksum of them."""
    try:
        settings: dict[str, Any] = json.loads(text)
        checksum = settings.pop("checksum", None)
    except (ValueError, AttributeError, TypeError):
        return None
    whole = "data_sha256" in settings if checksum is None else checksum == checksum_of(key, _ordered(settings))
    return settings if whole else None


def _ordered(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)


def written(trained: Trained) -> str:
    """What is known of a network, as text."""
    return json.dumps(_plain(vars(trained)), allow_nan=False)


def read(text: str) -> Trained:
    """What is known of a network, as it was."""
    return Trained(**_restored(json.loads(text)))


def _plain(value: Any) -> Any:
    """JSON has no words for what is no number: they become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return float(value)
    if isinstance(value, dict):
        return {key: _restored(item) for key, item in value.items()}
    return tuple(_restored(item) for item in value) if isinstance(value, list) else value
