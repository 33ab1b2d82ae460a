"""The program: registers the commands, and is the one place that turns errors into messages and exit codes."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

from engagement_cli import __version__
from engagement_cli.commands.registry import outline, register
from engagement_cli.errors import ExitCode, UserError

# A small report makes a hundred thousand objects that stay: to seek garbage among them is work for nothing.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000
# Libraries prepare at start what is not used here: threads of linear algebra, a search for plug-ins in every package.
_LIBRARIES = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
_HELP = ("-h", "--help")
_NO_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EBADF, errno.EIO, errno.EFBIG)


def program(asked: str | None = None) -> typer.Typer:
    """The program with every command; or with less, which starts sooner.

    Where `asked`, the first word of the call, is a command, with those beside it alone; where it asks for help, with
    commands to list, not to run.
    """
    app = typer.Typer(
        name="engagement",
        help="How engaged are your customers? Reports from exports of events, surveys and subscriptions.",
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": [*_HELP], "max_content_width": 120},
    )
    app.callback(invoke_without_command=True)(engagement)
    register(app, asked)
    if asked in _HELP:
        outline(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"engagement {__version__}")
        raise typer.Exit


def engagement(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """How engaged are your customers? Reports from exports of events, surveys and subscriptions.

    Try `engagement report --sample`, then `engagement report --events YOUR.csv`.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the program and exit with the documented code."""
    leaving = _Leaving()
    atexit.register(leaving)  # the first to be registered is the last to run
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()
    for name, value in _LIBRARIES.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, _terminated)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # `nohup` has it ignored
        signal.signal(signal.SIGHUP, _terminated)
    _occupy_closed_streams()
    try:
        leaving.code = _run()
    except SystemExit as exit_:
        leaving.code = exit_.code
    sys.exit(leaving.code)


class _Leaving:
    """The end of the process: what is left goes with it, and the interpreter need not take it apart piece by piece."""

    code: int | str | None = None

    def __call__(self) -> None:
        """Leave with the code, where it is a number; the interpreter says what is not."""
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(self.code, int):
            os._exit(self.code)


def _occupy_closed_streams() -> None:
    """Streams that the caller closed must not become the first files opened; writing data to a closed one fails."""
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, mode), number)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _run() -> int:
    try:
        code = program(*sys.argv[1:2])(prog_name="engagement", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except UserError as error:
        _say(error)
        return int(error.code)
    except TyperException as error:
        said = error.format_message().replace("Value error, ", "")
        if not said.strip():  # a group of commands without one: its help has been shown
            return int(ExitCode.USAGE)
        _say(UserError(said, hint="`--help` behind a command shows what it takes"))
        return int(ExitCode.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        return 128 + signal.SIGINT
    except SystemExit as exit_:
        if not isinstance(exit_.__context__, BrokenPipeError):  # what Typer makes of one
            raise
        _discard_output()
        return int(ExitCode.DONE)
    except OSError as error:
        if error.errno not in _NO_PLACE:
            return _bug(error)
        _discard_output()
        place = error.filename if error.filename is not None else "the output, or a temporary file"
        hint = "make room, or set TMPDIR to where there is some" if error.errno == errno.ENOSPC else None
        _say(UserError(f"cannot write {place}: {error.strerror}", hint=hint))
        return int(ExitCode.USAGE)
    except Exception as error:
        return _bug(error)


def _discard_output() -> None:
    """What is still buffered has nowhere to go, and must not fail once more when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug(error: Exception) -> int:
    from engagement_cli.crash import write_report

    typer.echo(write_report(error), err=True)
    return int(ExitCode.BUG)


def _say(error: UserError) -> None:
    from engagement_cli.render.messages import print_error

    print_error(error)
