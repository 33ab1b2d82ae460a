"""`engagement check`: what is wrong with the configuration and the exports, before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared
from engagement_cli.errors import ExitCode, UserError

if TYPE_CHECKING:
    from engagement_cli.checks.inspect import Checked
    from engagement_cli.render.documents import Rows


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="check")(check)


@shared
def check(options: Options) -> None:
    """Findings about configuration and exports: structure, quality, freshness. Exit 1 to 7 where one is an error.

    Whole files are checked, whatever --since, --until and --where say. The gravest finding gives the exit code:
    2 configuration or mapping, 3 unreadable input, 6 no rows, 1 another error, 5 older than max_age, 7 days without
    rows. With --strict, any bad cell is an error, and a warning is a failure.
    """
    from engagement_cli.checks.finding import exit_code
    from engagement_cli.render.output import write

    checked = _checked(options)
    write(_document(checked, options), options.output.format, options.output.out)
    if (code := exit_code(checked.findings, strict=options.running.strict)) != ExitCode.DONE:
        raise typer.Exit(int(code))


def _checked(options: Options) -> Checked:
    from datetime import UTC, datetime

    from engagement_cli.checks.finding import of_error
    from engagement_cli.checks.inspect import Checked, inspect
    from engagement_cli.commands.given import load, parse_range, resolve
    from engagement_cli.timeline.clock import Range

    asked = Range(as_of=parse_range(options).as_of)
    try:
        loaded = load(options)
    except UserError as error:
        return Checked(tuple(of_error(error, "configuration")))
    given = resolve(options, loaded, whole_files=True)
    strict = options.running.strict
    return inspect(given.loaded, given.settings, given.overrides, asked, datetime.now(UTC), strict=strict)


def _document(checked: Checked, options: Options) -> Rows:
    import sys

    from engagement_cli.checks.finding import findings_table
    from engagement_cli.checks.folding import folded, summary
    from engagement_cli.render.documents import Rows
    from engagement_cli.render.formats import choose_format
    from engagement_cli.render.layout import layout_of, plain_layout
    from engagement_cli.results import Answer

    out = None if options.output.out is None or str(options.output.out) == "-" else options.output.out
    answer = Answer(checked.as_of, checked.through, (), checked.waterfalls, ())
    notes = (summary(checked.findings),)
    if choose_format(options.output.format, out) != "table":
        return Rows("Check", findings_table(checked.findings), name="check", answer=answer, notes=notes)
    width = (layout_of(sys.stdout) if out is None else plain_layout()).width
    known = checked.as_of is not None or all(w.source == "customers" for w in checked.waterfalls)
    shown = answer if known and checked.waterfalls else None
    return Rows("Check", folded(checked.findings, width), name="check", answer=shown, notes=notes)
