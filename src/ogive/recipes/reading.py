"""A recipe as its file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ogive.errors import InputError, InputTypeError, UnknownNameError, did_you_mean
from ogive.lab.data import IMAGES
from ogive.lab.mnist import SOURCES
from ogive.lab.options import from_keys, parsed
from ogive.recipes import measurements
from ogive.recipes.published import Published

SUFFIX = ".toml"
OWN_KEYS = ("title", "why", "takes", "measure", "look", "published", "quick")
"""Those that a study lacks."""


@dataclass(frozen=True)
class Recipe:
    """What is run, what for, and what others found.

    Attributes
    ----------
    name
        Its file's.
    text
        Its file, to be shown and written.
    measure, look
        Names of measurements: instead of a comparison, or of one.
    arguments, quick
        Of `ogive.lab.compare` or of the measurement; those of the quick form where they differ.
    """

    name: str
    text: str
    title: str
    why: str
    takes: str
    measure: str | None
    look: str | None
    published: Published | None
    arguments: Mapping[str, Any]
    quick: Mapping[str, Any]

    @property
    def data(self) -> Any:
        """The data that it names, or its measurement by default."""
        known = measurements.defaults(measurements.function(self.measure, "measure", self.name)) if self.measure else {"data": "digits"}
        return self.arguments.get("data", known.get("data"))

    @property
    def needs(self) -> str:
        """What has to be there before it can run."""
        if self.data not in IMAGES:
            return "nothing"
        source = SOURCES[self.data]
        return f"{source.title} ({source.folder_variable}, or a download)"

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments for it from keys and values, checked as far as they can be before it runs."""
        return _arguments(self.measure, given, self.name)


def names() -> list[str]:
    """The recipes that come with ogive."""
    return sorted(each.name.removesuffix(SUFFIX) for each in files("ogive.recipes").iterdir() if each.name.endswith(SUFFIX))


def read(name: str | Path) -> Recipe:
    """The recipe of that name, or in that file.

    Raises
    ------
    InputError
        In one line: there is no such recipe, or what is wrong in the file.
    """
    if str(name).endswith(SUFFIX):
        path = Path(name)
        try:
            return parse(path.stem, path.read_bytes(), str(path))
        except OSError as error:
            raise InputError(
                f"cannot read the recipe {str(path)!r}: {error.strerror or error}; check the path, or choose one by its name: ogive recipe"
            ) from error
    if name not in names():
        raise UnknownNameError(f"unknown recipe {str(name)!r}; a file of your own ends in {SUFFIX}{did_you_mean(str(name), names())}")
    return parse(str(name), (files("ogive.recipes") / f"{name}{SUFFIX}").read_bytes(), str(name))


def parse(name: str, text: bytes, source: str) -> Recipe:
    """The recipe that a TOML file says."""
    remedy = "begin anew from ogive recipe NAME --write"
    content = parsed(text, source, remedy)
    if not content:
        raise InputError(f"the recipe {source!r} is empty; {remedy}")
    own = {key: content.pop(key) for key in OWN_KEYS if key in content}
    words = {key: _text(own, key, source) for key in ("title", "why", "takes", "measure", "look")}
    measure, look = words["measure"] or None, words["look"] or None
    if measure and look:
        raise InputError(f"{source!r} has measure and look; a look is at a comparison, so leave one of them out")
    if look:
        measurements.function(look, "look", source)
    published = _table(own, "published", source)
    return Recipe(
        name=name,
        text=text.decode("utf-8-sig"),
        title=words["title"] or name,
        why=words["why"],
        takes=words["takes"],
        measure=measure,
        look=look,
        published=Published.read(published, source) if published else None,
        arguments=_arguments(measure, content, source),
        quick=_arguments(measure, _table(own, "quick", source), source),
    )


def _arguments(measure: str | None, given: Mapping[str, Any], source: str) -> dict[str, Any]:
    if measure is None:
        return from_keys(given, source)
    return measurements.checked(measurements.function(measure, "measure", source), given, source)


def _text(content: Mapping[str, Any], key: str, source: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise InputTypeError(f"{key} in {source!r} must be text, got {value!r}")
    return " ".join(value.split())


def _table(content: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise InputTypeError(f"{key} in {source!r} must be a table, [{key}] with keys below, got {value!r}")
    return value
