"""The errors that ogive raises on purpose.

Each is also the built-in error that users of NumPy would catch (``ValueError`` or ``TypeError``), and its message names
the argument, what was expected, what came, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable


class OgiveError(Exception):
    """Anything that ogive reports as the caller's to mend; the command line prints it as one line."""


class InputError(OgiveError, ValueError):
    """An argument has a value that the function cannot take."""


class InputTypeError(OgiveError, TypeError):
    """An argument has a type that the function cannot take."""


class UnknownNameError(InputError):
    """A name that nothing in the catalogue answers to."""


class OutputError(OgiveError):
    """What was asked for cannot be written where it should go."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"cannot write the output: {reason}")


class MissingExtraError(OgiveError, ImportError):
    """An optional dependency is not installed."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The end of a message about an unknown name: a suggestion where one is near, the choices otherwise.

    >>> did_you_mean("sillu", ["silu", "relu"])
    "; did you mean 'silu'?"
    """
    choices = list(candidates)
    near = closest(word, choices)
    if near is not None:
        return f"; did you mean {near!r}?"
    return f"; choose from {', '.join(choices)}" if choices else ""


def closest(word: str, candidates: Iterable[str], likeness: float = 0.6) -> str | None:
    """The candidate that is spelled most like the word, if one is near: 1 is the same, 0 has no letter in common.

    >>> closest("sillu", ["silu", "relu"])
    'silu'
    """
    from difflib import get_close_matches  # only needed once something has gone wrong

    return next(iter(get_close_matches(word, list(candidates), n=1, cutoff=likeness)), None)
