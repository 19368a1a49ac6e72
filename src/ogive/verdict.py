"""A sentence that says what came out, as data: its words and what stands in them, so that it can be said in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Verdict(str):
    """The sentence in English.

    Attributes
    ----------
    template
        Its words, with names in braces.
    values
        What stands there: text, verdicts, or lists of these, which commas separate, or semicolons where a part has commas itself.

    Examples
    --------
    >>> found = Verdict("{name} learns {how}.", name="relu", how="well")
    >>> found, found.said_in({"{name} learns {how}.": "{name}: {how}."})
    ('relu learns well.', 'relu: well.')
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> Verdict:
        """The sentence that they make."""
        found = super().__new__(cls, template.format_map({name: _written(part, str) for name, part in values.items()}))
        found.template, found.values = template, values
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.template, self.values)

    def said_in(self, templates: Mapping[str, str]) -> str:
        """The sentence in another language, from the words there of each template."""

        def say(part: str) -> str:
            return part.said_in(templates) if isinstance(part, Verdict) else part

        return templates[self.template].format_map({name: _written(part, say) for name, part in self.values.items()})

    def as_json(self) -> dict[str, Any]:
        """As JSON takes it; `from_json` gives it back."""
        return {"says": self.template, **({"values": {name: _plain(part) for name, part in self.values.items()}} if self.values else {})}

    @property
    def templates(self) -> set[str]:
        """Its own and those of its parts."""
        parts = [each for part in self.values.values() for each in (part if isinstance(part, list) else [part])]
        return {self.template}.union(*(part.templates for part in parts if isinstance(part, Verdict)))


def from_json(content: Any) -> Any:
    """What `Verdict.as_json` made, or a part of it."""
    if isinstance(content, dict):
        return Verdict(content["says"], **{name: from_json(part) for name, part in content.get("values", {}).items()})
    return [from_json(part) for part in content] if isinstance(content, list) else content


def _made(template: str, values: Mapping[str, Any]) -> Verdict:
    return Verdict(template, **values)


def _written(part: Any, say: Any) -> str:
    if not isinstance(part, list):
        return str(say(part))
    said = [say(each) for each in part]
    return ("; " if any("," in each for each in said) else ", ").join(said)


def _plain(part: Any) -> Any:
    if isinstance(part, list):
        return [_plain(each) for each in part]
    return part.as_json() if isinstance(part, Verdict) else part
