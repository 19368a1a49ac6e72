"""What the catalogue's entries have in common: names, terms, references, and a docstring made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import Signature, cleandoc, signature
from types import MappingProxyType
from typing import Any

from ogive import catalogue
from ogive.parameter import Parameter, bind
from ogive.term import Term

_FRAMEWORKS = {"torch": "in PyTorch", "jax": "in JAX", "keras": "in Keras", "scipy": "in SciPy"}
_DIFFERS = ", where the default is another"

Expression = float | str
"""A number, or a formula in the entry's parameters."""


def written(expression: Expression) -> str:
    """A claim in six digits, or as its formula."""
    return expression if isinstance(expression, str) else f"{expression:.6g}"


@dataclass(eq=False, kw_only=True, repr=False)
class Entry:
    """One function of the catalogue, under all its names: a term, or one for each way of giving its input.

    Its docstring ends with the mathematics, so that the two cannot disagree. ``peers`` holds the functions that take and mean what other
    libraries' functions of this kind do, by the full names these have there. ``native`` is its name in the frameworks, called with what
    has to be given there because the default is another: "nn.gelu(approximate=False)".
    """

    name: str
    description: str
    terms: Mapping[str, Term]
    aliases: tuple[str, ...] = ()
    native: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...]

    kind = "function"

    def __post_init__(self) -> None:
        self.description = cleandoc(self.description)
        self._peers: dict[str, Callable[..., Any]] = {}
        self.peers: Mapping[str, Callable[..., Any]] = MappingProxyType(self._peers)
        self.document()
        catalogue.register(self)

    @property
    def __signature__(self) -> Signature:
        raise NotImplementedError  # each kind is called in its own way

    @property
    def term(self) -> Term:
        """The term, or the first where there are several."""
        return next(iter(self.terms.values()))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What its terms take beside their arrays."""
        return self.term.parameters

    @property
    def formula(self) -> str:
        """The formula; where there are several terms a line for each, under its name."""
        written = {name: term.formula or f"an algorithm: {term.signature}" for name, term in self.terms.items()}
        return "\n".join(f"{name}: {text}" if len(written) > 1 else text for name, text in written.items())

    @property
    def latex(self) -> str:
        """The formula in LaTeX, a line for each term that has one."""
        return "\n".join(term.latex for term in self.terms.values() if term.latex)

    @property
    def summary(self) -> str:
        """What it is, in a line."""
        return self.description.split("\n", 1)[0]

    def __repr__(self) -> str:
        return f"<{self.kind} '{self.name}'>"

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return catalogue.get, (self.name,)

    def add_peer(self, name: str, function: Callable[..., Any]) -> None:
        """Another library's form of this function, under its full name there; `document` writes it down."""
        self._peers[name] = function

    def document(self) -> None:
        """Make the docstring of what is known by now."""
        self.__doc__ = self._docstring()

    def bind(self, positional: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters in order, defaults filled in, each inside its domain."""
        return bind(self.name, self.parameters, positional, named)

    @property
    def properties(self) -> dict[str, bool]:
        """Its facts that are either so or not, where they have a meaning: what ``ogive list --property`` looks for."""
        return {}

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, each with a heading: docstrings, cards in terminals and in notebooks all show these."""
        return [(_FRAMEWORKS[framework], f"{name}{_DIFFERS if '(' in name else ''}") for framework, name in self.native.items()]

    def _repr_html_(self) -> str:
        from ogive.pictures.page import card

        return card(self)

    def _arguments(self) -> str:
        """The lines of the docstring for what comes before the parameters."""
        return ""

    def _options(self) -> str:
        """The lines of the docstring for what comes after the parameters."""
        return ""

    def _details(self) -> list[tuple[str, str]]:
        """Heading and text of what only this kind of entry has to say."""
        return []

    @property
    def elsewhere(self) -> list[str]:
        """The calls of other libraries' forms of it, with the defaults that they have there; `ogive.peer` gives these functions."""
        return [f"{name}{_bare(signature(function))}" for name, function in self._peers.items()]

    def _as_elsewhere(self) -> str:
        calls = "\n".join(f"* {call}" for call in self.elsewhere)
        return f"ogive.peer(name) gives these, over NumPy arrays:\n\n{calls}" if calls else ""

    def _docstring(self) -> str:
        parameters = "".join(f"{each.name} : {each.meaning}\n" for each in self.parameters)
        sections = [
            ("Parameters", (self._arguments() + parameters + self._options()).rstrip()),
            *self._details(),
            ("Properties", "\n".join(f"* {heading}: {text}" for heading, text in self.facts)),
            ("Formula", self.formula),
            ("Also known as", ", ".join(self.aliases)),
            ("As in other libraries", self._as_elsewhere()),
            ("References", "\n".join(f"* {reference}" for reference in self.references)),
        ]
        parts = [f"{heading}\n{'-' * len(heading)}\n{text}" for heading, text in sections if text]
        call = f"{self.name}{_bare(self.__signature__)}"  # help() of an object does not show it
        return "\n\n".join([call, self.description, *parts]) + "\n"


class _Named(str):
    """A name that is written without quotes: that of a function, whose own representation is a place in memory."""

    __repr__ = str.__str__


def _bare(shape: Signature) -> Signature:
    """The signature without its annotations, and with functions by their names."""
    arguments = []
    for each in shape.parameters.values():
        function = callable(each.default) and each.default is not each.empty
        default = _Named(f"{each.default.__module__}.{each.default.__qualname__}") if function else each.default
        arguments.append(each.replace(annotation=each.empty, default=default))
    return Signature(arguments)
