"""Running a recipe: its comparison or its measurement, and what was published beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from ogive.errors import InputError
from ogive.lab.arguments import require_lab
from ogive.lab.comparison import Comparison, compare
from ogive.lab.data import IMAGES, load
from ogive.lab.protocol import Progress
from ogive.recipes import measurements
from ogive.recipes.measured import Measured
from ogive.recipes.reading import Recipe, read
from ogive.recipes.result import Result
from ogive.recipes.work import Work


def run(
    name: str | Path, *, quick: bool = False, out: str | Path | None = None, progress: Progress | None = None, changes: Mapping[str, Any]
) -> Result:
    """Run the recipe of that name, or in that file, with other values of some of its keys."""
    require_lab()
    recipe = read(name)
    form = recipe.quick if quick else {}
    if quick and not form:
        raise InputError(f"the recipe {recipe.name!r} has no quick form; leave quick out")
    arguments = {**recipe.arguments, **form, **recipe.read(changes)}
    own = arguments.pop("out", None)
    folder = Path(out or own or Path("ogive-runs") / (recipe.name + ("-quick" if quick else "")))
    told = progress or _silent
    if recipe.measure is not None:
        return Result(recipe, folder, _measured(recipe.measure, arguments, folder, told))
    admit, look = (measurements.function(recipe.look, what, recipe.name) if recipe.look else None for what in ("admit", "look"))
    comparison = _compared(recipe, arguments, folder, told, admit)
    seen = look(comparison) if look is not None else Measured()
    of_this = not quick and arguments.get("data") == recipe.arguments.get("data")  # published results are of the recipe's own data
    return Result(recipe, folder, _with_published(recipe, seen, comparison) if of_this else seen, comparison)


def _measured(name: str, arguments: Mapping[str, Any], folder: Path, progress: Progress) -> Measured:
    with threadpool_limits(1):  # small products gain nothing from several
        try:
            made: Measured = measurements.function(name, "measure", name)(Work(name, folder, progress), **arguments)
        except MemoryError:
            raise InputError("there is not enough memory for this; give smaller networks, fewer seeds or fewer rows") from None
    return made


def _compared(recipe: Recipe, arguments: Mapping[str, Any], folder: Path, progress: Progress, admit: Any) -> Comparison:
    given = dict(arguments)
    if given.get("data") in IMAGES:
        try:
            given["data"] = load(given["data"], data_dir=given.pop("data_dir", None))
        except InputError as error:
            small = ", or run the recipe on small data: --quick" if recipe.quick else ", or run the recipe on small data: --data digits"
            raise InputError(f"{error}{small}") from error
    return compare(**given, out=folder, progress=progress, admit=admit)


def _with_published(recipe: Recipe, seen: Measured, comparison: Comparison) -> Measured:
    if recipe.published is None:
        return seen
    table, verdicts = recipe.published.beside(comparison)
    return Measured((table, *seen.tables), seen.figures, (*verdicts, *seen.verdicts))


def _silent(_what: str, _share: float) -> None:
    """Progress that nobody watches."""
