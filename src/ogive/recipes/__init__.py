"""Recipes: comparisons and measurements that show what is said of activation and loss functions, each a TOML file that can be changed.

``ogive recipe`` lists them, ``ogive recipe NAME`` runs one, ``ogive recipe NAME --write my.toml`` writes its file, and
``ogive recipe my.toml`` runs what became of it; `ogive.recipe` is the same in Python. What is done is kept in a results file, so that a run
that was stopped goes on.

A recipe is a file here. It has the keys of a study (``ogive compare study.toml``) and of these as many as it needs:

``title``, ``why``, ``takes``
    What it is called in lists, what it shows, and how long it ran on two cores (AMD Zen 4): quiet ones, or as its results file recorded it.
``[published]``
    What others found: ``source``, ``results`` (of the first metric, by the name of the arm), ``runs`` behind each (1), and a ``note`` of
    what was different. They stand beside ours with a verdict.
``[quick]``
    Other values of keys, for a form that runs in seconds.
``look = "name"``
    ``ogive.recipes.measurements.name.look(comparison)``: what else the comparison shows, as a `Measured`; and ``admit(study)`` there, which
    refuses what it could not look at before anything is trained.
``measure = "name"``
    Instead of a comparison, ``ogive.recipes.measurements.name.measure(work, *, …)``. The other keys are its keyword arguments, all with
    defaults, which say their types: whole numbers, numbers, text, yes or no, tuples of them.

A measurement gives a `Measured`: tables (numbers or text), figures (panels of `ogive.panel` with a caption), and verdicts, a sentence
each. Its `work` has ``work.progress(what, share)``; ``work.remembered(settings, compute)``, which computes a part only where the results
file lacks it; and ``work.folder`` for a comparison of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ogive.recipes.result import Result


def recipe(
    name: str | Path,
    *,
    quick: bool = False,
    out: str | Path | None = None,
    progress: Callable[[str, float], None] | None = None,
    **changes: Any,
) -> Result:
    r"""Run a recipe: a comparison or a measurement that shows what is said of activation and loss functions.

    Parameters
    ----------
    name
        One of ``ogive recipe``'s list, or the path of a TOML file (which ``ogive recipe NAME --write my.toml`` makes to begin with).
    quick
        Whether to run the small form, in seconds, to see what it is.
    out
        Folder of the results; by default ``ogive-runs/<name>``. What is there is not computed again.
    progress
        Called as ``progress(what, share)`` with the share of the present work that is done.
    **changes
        Other values of the recipe's keys, such as ``seeds=5`` or ``data="digits"``.

    Returns
    -------
    Result
        With ``.verdicts``, ``.tables``, ``.figures``, ``.comparison`` (of recipes that compare) and ``.report()``.

    Raises
    ------
    InputError
        In one line: what cannot be used, and what to do. What is stored stays.

    Examples
    --------
    >>> import ogive
    >>> found = ogive.recipe("three-seeds", quick=True)  # doctest: +SKIP
    >>> print(*found.verdicts, sep="\n")  # doctest: +SKIP
    """
    from ogive.recipes.running import run

    return run(name, quick=quick, out=out, progress=progress, changes=changes)
