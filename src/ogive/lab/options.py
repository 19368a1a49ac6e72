"""What `compare` is asked for, as it is written on the command line and in a TOML study: the same keys, the same words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ogive.errors import InputError, InputTypeError, UnknownNameError, did_you_mean
from ogive.lab.factors import FACTORS

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
"""Of memory."""

Reader = Callable[[str, str], Any]
"""Turns what was written, and the option's name for messages, into what `compare` takes."""


@dataclass(frozen=True)
class Option:
    """One thing that can be asked for; ``key`` in TOML and Python, ``--key`` with hyphens on the command line."""

    key: str
    metavar: str
    meaning: str
    read: Reader

    @property
    def flag(self) -> str:
        """How it is written on the command line."""
        return "--" + self.key.replace("_", "-")


def _text(text: str, _name: str) -> str:
    return text


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{name} must be a whole number, got {text!r}") from None


def _listed(text: str, name: str) -> list[str]:
    """What stands between commas; those within parentheses belong to a name, as in normal(0, 0.1)."""
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", text)]
    if not all(parts):
        raise InputError(f"{name} must be names with commas between them, such as relu,silu; got {text!r}")
    return parts


def _numbers(text: str, name: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{name} must be numbers with commas between them, such as 0.01,0.1; got {text!r}") from None


def _size(text: str, name: str) -> float:
    """A difference of the first metric: 0.5pp, or in its own unit."""
    number, points = (text[:-2].strip(), 100) if text.endswith("pp") else (text, 1)
    try:
        return float(number) / points
    except ValueError:
        raise InputError(f"{name} must be a number such as 0.01, or percentage points such as 0.5pp; got {text!r}") from None


def _memory(text: str, name: str) -> int:
    """Bytes: 4GB, 512 MiB."""
    found = re.fullmatch(r"([\d.]+)\s*([A-Za-z]*)", text.strip())
    unit = UNITS.get(found[2].upper()) if found else None
    try:
        if found is None or unit is None:
            raise ValueError
        return int(float(found[1]) * unit)
    except ValueError:
        raise InputError(f"{name} must be a size such as 4GB or 512MB, got {text!r}") from None


OPTIONS = (
    Option("data", "NAME|FILE", "Built-in data such as digits or mnist, or a .csv, .parquet or .npz file.  [default: digits]", _text),
    Option("target", "COLUMN", "Column that is to be learned.  [default: the last]", _text),
    Option("task", "KIND", "classification or regression.  [default: found from the target]", _text),
    Option("data_dir", "DIR", "Folder of the files of mnist or fashion_mnist.  [default: a download]", _text),
    *(Option(factor.option, "A,B,…", factor.meaning, _listed) for factor in FACTORS),
    Option("layers", "A,B,…", "Compare every pair of activations in hidden layer 1 × hidden layer 2.", _listed),
    Option("seeds", "N", "Networks that are compared for each arm.  [default: 10]", _whole),
    Option("until", "SIZE", "Add seeds until every difference is known to ± this, such as 0.5pp.", _size),
    Option("epochs", "N", "Passes over the training rows.  [default: 30, fewer for big data]", _whole),
    Option("steps", "N", "Instead of epochs: batches that each network trains on.", _whole),
    Option("try_rates", "R,R,…", "Learning rates that every tuned arm tries.  [default: a search]", _numbers),
    Option("margin", "SIZE", "A difference that does not matter, such as 0.5pp.  [default: 0.5pp; 0.01 of R²]", _size),
    Option("workers", "N", "Processes that train side by side.  [default: all usable processors]", _whole),
    Option("memory", "SIZE", "Memory for the networks that train at once, such as 4GB.  [default: a quarter of the machine's]", _memory),
    Option("out", "DIR", "Folder of the results.  [default: ogive-runs/DATA]", _text),
)
_BY_KEY = {option.key: option for option in OPTIONS}


def from_command_line(given: Mapping[str, str | None]) -> dict[str, Any]:
    """The arguments of `compare`, from the text of each option that was given."""
    return {key: _read(_BY_KEY[key], text, _BY_KEY[key].flag) for key, text in given.items() if text is not None}


def from_toml(path: Path) -> dict[str, Any]:
    """The arguments of `compare`, from a study's file: text as on the command line, or TOML's own lists and numbers.

    Raises
    ------
    InputError
        In one line: where the file is wrong, or which key is unknown.
    """
    remedy = "give data by --data"
    return from_keys(parsed(_text_of(path, remedy), str(path), remedy), str(path))


def _text_of(path: Path, remedy: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the study {str(path)!r}: {error.strerror or error}; check the path, or {remedy}") from error


def parsed(text: bytes, source: str, remedy: str) -> dict[str, Any]:
    """What a TOML file says; `remedy` is what else its reader can do where it is wrong."""
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8-sig"))  # Windows' editors begin files with a mark
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the study {source!r} is not valid TOML: {error}; mend it, or {remedy}") from error


def from_keys(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The arguments of `compare`, from the keys and values of a TOML file."""
    found = {}
    for written, value in content.items():
        option = _BY_KEY.get(written.replace("-", "_"))
        if option is None:
            raise UnknownNameError(f"unknown key {written!r} in {source!r}{did_you_mean(written, _BY_KEY)}")
        if option.read is _text and not isinstance(value, str):
            raise InputTypeError(f"{written} in {source!r} must be text, got {value!r}")
        found[option.key] = _read(option, value, written) if isinstance(value, str) else value
    return found


def _read(option: Option, text: str, name: str) -> Any:
    if not text.strip():
        raise InputError(f"{name} is empty; leave it out, or give {option.metavar}")
    return option.read(text, name)
