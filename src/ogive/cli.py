"""The command line: ``ogive compare`` and whatever else is added to the app."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from ogive import __version__
from ogive.errors import OgiveError, OutputError

BAD_INPUT = 2
INTERRUPTED = 130
"""The exit code of shells for a program that Ctrl-C stopped."""

RUNS = ("compare", "recipe")
"""The commands that store results before they print."""

EXTRA = 'pip install "ogive[lab]"'


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; what the user can mend is one line on stderr and exit code 2."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        import typer
    except ImportError:
        return _refuse(f"the command line needs typer; install with: {EXTRA}")
    except KeyboardInterrupt:
        return INTERRUPTED
    usage_error: Any = typer.BadParameter.__mro__[1]
    try:
        code = int(_app()(args=given or ["--help"], prog_name="ogive", standalone_mode=False) or 0)
        sys.stdout.flush()
        return code
    except OSError as error:
        if error.filename is not None:  # then it is no matter of the output
            raise
        _discard_output()
        return _refuse(f"{OutputError(error.strerror or str(error))}{_kept(given)}")
    except OgiveError as error:
        if isinstance(error, OutputError):
            _discard_output()
            return _refuse(f"{error}{_kept(given)}")
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        return _refuse(f"{error.name} is not installed; install with: {EXTRA}")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except usage_error as error:
        command = error.ctx.command_path if error.ctx else "ogive"
        return _refuse(f"{error.format_message().rstrip('.')}; see {command} --help")


def _app() -> Any:
    import typer

    from ogive.compute_command import compute
    from ogive.lab.command import compare
    from ogive.lab.results_command import results
    from ogive.lab.suggest_command import suggest
    from ogive.pictures.commands import list_functions, plot, show
    from ogive.recipes.command import recipe

    app = typer.Typer(
        name="ogive",
        help="Activation and loss functions: see them, compare them on your data, and find where to start.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=False)
    def options(
        version: bool = typer.Option(False, "--version", help="Print the version.", callback=_print_version, is_eager=True),
    ) -> None:
        """Hold the options that stand before a command."""

    app.command()(compare)
    app.command()(results)
    app.command("list")(list_functions)
    app.command()(show)
    app.command()(plot)
    app.command(context_settings={"ignore_unknown_options": True})(compute)  # -1 is a number
    app.command()(suggest)
    app.command()(recipe)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        import typer

        print(f"ogive {__version__}")
        raise typer.Exit


def _discard_output() -> None:
    """Where standard output takes nothing, what waits for it would fail once more at the end."""
    with contextlib.suppress(OSError, ValueError):  # it may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _kept(arguments: list[str]) -> str:
    """What a run's output that cannot be written is not the end of."""
    return "; results that were finished are kept" if arguments[:1] and arguments[0] in RUNS else ""


def _refuse(message: str) -> int:
    line = " ".join(message.split())
    print(f"ogive: {line}", file=sys.stderr)
    return BAD_INPUT
