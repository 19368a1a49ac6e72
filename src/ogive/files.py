"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ogive.errors import InputError


def write_whole(content: str | bytes, path: Path, what: str) -> Path:
    """Write a file beside its place and move it there when it is whole; text in UTF-8. `what` it is, for the message where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        remedy = "make room there" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "name another place, or mend that one"
        why = f"{error.strerror or error}; {remedy}, then run the command again"
        raise InputError(f"cannot write the {what} {str(path)!r}: {why}") from error
    return path
