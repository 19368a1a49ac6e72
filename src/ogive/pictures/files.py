"""Pictures in files: the format is that of the suffix, and a file is written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ogive.errors import InputError, did_you_mean
from ogive.files import write_whole

FORMATS = {".svg": {"Date": None}, ".png": {"Software": None}, ".pdf": {"CreationDate": None, "Creator": None, "Producer": None}}
"""The suffixes, each with what is left out of the file so that equal pictures are equal files."""


def checked(out: str | Path) -> Path:
    """The path, whose suffix says a format."""
    path = Path(out)
    if path.suffix.lower() not in FORMATS:
        wrong = f"{path.suffix!r}" if path.suffix else "none"
        raise InputError(
            f"the suffix of a picture's file must be one of {', '.join(FORMATS)}, got {wrong} in {str(path)!r}"
            f"{did_you_mean(path.suffix, FORMATS) if path.suffix else ''}"
        )
    return path


def save(picture: Any, path: Path) -> None:
    """Write a figure of matplotlib."""
    suffix = checked(path).suffix.lower()
    drawn = io.BytesIO()
    picture.savefig(drawn, format=suffix[1:], metadata=FORMATS[suffix])
    write_whole(drawn.getvalue(), path, "picture")
