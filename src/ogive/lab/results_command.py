"""``ogive results``: what results files hold, as a list, as data, as a picture, or joined in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ogive.errors import InputError, did_you_mean

FORMATS = ("table", "json", "csv", "md")
DEFAULT = Path("ogive-runs")


def results(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Results files, or folders with some.  [default: ogive-runs]")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(metavar="FORMAT", help=f"table: the studies; {', '.join(FORMATS[1:])}: every network.")
    ] = "table",
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Draw the studies, and the ranks of their arms over several data sets.")
    ] = None,
    join: Annotated[Path | None, typer.Option(metavar="FILE", help="Store what all of them hold in one results file.")] = None,
) -> None:
    """List the studies and networks of results files, join, export and draw them."""
    if format not in FORMATS:
        raise InputError(f"unknown format {format!r}{did_you_mean(format, FORMATS)}")
    if plot is not None and plot.suffix.lower() != ".html":
        raise InputError(f"--plot must end in .html, for the picture is a page, got {str(plot)!r}; name it so")
    from ogive.lab import archive
    from ogive.lab.store import open_store
    from ogive.terminal import Terminal, write_out

    files = archive.results_files(paths or [DEFAULT])
    with archive.opened(files) as stores:
        if join is not None:
            with open_store(join, "name another file by --join") as together:
                for store in stores:
                    together.take_over(store)
        if plot is not None or format != "table":
            _say_what_lacks(stores)
        if plot is not None:
            _draw(archive.finished(stores), plot)
        if format == "table":
            terminal = Terminal()
            for store in stores:
                _list(terminal, store)
            for what, path in (("joined", join), ("picture", plot)):
                if path is not None:
                    terminal.say(f"{what:8} {path}")
        else:
            from ogive.lab import export

            write_out(export.RECORD_FORMATS[format](archive.network_records(stores)))


def _list(terminal: Any, store: Any) -> None:
    """One file: its studies, each with the command that shows it again, and how many networks it holds."""
    from ogive.lab import archive, wording

    stages, studies = [settings["stage"] for settings, _, _ in store.networks()], list(store.studies())
    tuned = stages.count("tune")
    nothing = "" if stages or studies else "; nothing is in it yet"
    terminal.say(f"{store.path}: {wording.counted(len(stages), 'network')}, of them {tuned:,} to choose learning rates{nothing}")
    for key, settings, begun in studies:
        title, gap = settings.get("title", f"{settings['data']}: unfinished"), archive.lacks(store, settings)
        terminal.say(f"  {key[:8]}  {begun[:16].replace('T', ' ')}  {title}{gap and f'; {gap}'}")
        if "command" in settings:
            terminal.say(f"            {settings['command']}")


def _say_what_lacks(stores: Any) -> None:
    """Beside data and pictures, which do not show it."""
    from ogive.lab import archive
    from ogive.terminal import Terminal

    for store in stores:
        for key, settings, _ in store.studies():
            if gap := archive.lacks(store, settings):
                Terminal(stderr=True).say(f"ogive: {store.path}: the study {key[:8]}, {settings['title']}, {gap}")


def _draw(found: Any, path: Path) -> None:
    from ogive.files import write_whole
    from ogive.lab import archive_figures
    from ogive.lab.report import render_page

    if not found:
        raise InputError("no study of these files is finished, so there is nothing to draw; run its command again")
    title = f"{len(found)} studies of {len({study.data_sha256 for study in found})} data sets"
    studies, ranks = archive_figures.studies(found), archive_figures.ranks(found)
    write_whole(render_page("archive.html.j2", title=title, found=found, studies=studies, ranks=ranks), path, "picture")
