"""Findings about the rows of a source: cells that cannot be read, rows of nobody, repeated rows."""

from __future__ import annotations

from engagement_cli.checks.events import Duplicates, Events
from engagement_cli.checks.finding import Finding, Severity
from engagement_cli.checks.places import show_files
from engagement_cli.errors import ExitCode
from engagement_cli.results import Waterfall
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import show_path
from engagement_cli.sources.badcells import TOO_MANY, first_bad_cells
from engagement_cli.sources.events import NOTHING, Wanted
from engagement_cli.sources.export import Export, Exports

MANY_WITHOUT_CUSTOMER = 0.2
_CELLS = 5
_EVENTS_SHOWN = 8


def bad_cells(
    exports: Exports, waterfall: Waterfall, ticks_per_second: int, *, strict: bool, wanted: Wanted = NOTHING
) -> list[Finding]:
    """How many rows cannot be read, and the first of their cells by file and line.

    An error (exit 3) above 1 % of the rows, or any under `strict`; else a warning.
    """
    if not waterfall.unparseable:
        return []
    export = exports.sources[waterfall.source]
    share = waterfall.unparseable / waterfall.read
    bad = strict or share > TOO_MANY
    severity: Severity = "error" if bad else "warning"
    what = f"{waterfall.unparseable:,} of {waterfall.read:,} rows of {waterfall.source} cannot be read ({share:.2%})"
    hint = "correct the cells, or map the column that holds what is meant"
    hint += "" if bad else "; up to 1 % is left out and counted"
    found = [Finding(severity, "bad_cells", what, show_files(export.files), hint, ExitCode.INPUT)]
    for cell in first_bad_cells(exports, waterfall.source, wanted, ticks_per_second, limit=_CELLS):
        where = f"{show_path(cell.file)}:{cell.row}, column {cell.column}"
        found.append(Finding(severity, "bad_cell", cell.why, where, exit=ExitCode.INPUT))
    return found


def without_customer(waterfall: Waterfall, export: Export) -> list[Finding]:
    """Rows that no customer's numbers hold; a warning above a fifth of the rows."""
    if not waterfall.without_customer:
        return []
    share = waterfall.without_customer / max(1, waterfall.used + waterfall.duplicate)
    severity: Severity = "warning" if share > MANY_WITHOUT_CUSTOMER else "info"
    what = f"{waterfall.without_customer:,} rows of {waterfall.source} have no customer ({share:.1%})"
    hint = "they count as rows, not as people; map another column to `customer` if there is one"
    return [Finding(severity, "no_customer", what, show_files(export.files), hint)]


def repeated_rows(duplicates: Duplicates, export: Export) -> list[Finding]:
    """A warning where rows repeat another and the configuration leaves them in."""
    if not duplicates.rows or export.dedupe != "none":
        return []
    about = "about " if duplicates.guessed else ""
    alike = "repeat the event id of another row" if duplicates.by == "id" else "are equal to another row in every cell"
    what = f"{about}{duplicates.rows:,} rows of events {alike} of the same customer"
    hint = f"`dedupe: {duplicates.by}` under sources.events leaves them out"
    if duplicates.by == "row":
        hint += ", unless they are honest repeats (two of one product, say)"
    return [Finding("warning" if duplicates.by == "id" else "info", "duplicates", what, show_files(export.files), hint)]


def unweighted(events: Events, settings: Settings, export: Export) -> list[Finding]:
    """Events that no entry of the configuration speaks of, the most frequent first."""
    rest = events.names.filter(~events.names["configured"])
    if rest.is_empty():
        return []
    weight = settings.score.default_weight
    shown = [f"{name} ({rows:,})" for name, rows in rest.select("event", "rows").head(_EVENTS_SHOWN).iter_rows()]
    more = f" and {rest.height - _EVENTS_SHOWN} more" if rest.height > _EVENTS_SHOWN else ""
    one = rest.height == 1
    subject = "1 event of the export has" if one else f"{rest.height:,} events of the export have"
    what = f"{subject} no entry and {'weighs' if one else 'weigh'} {weight:g}: {', '.join(shown)}{more}"
    hint = f"give {'it' if one else 'them'} a weight under events:, or let `engagement init` propose one"
    return [Finding("info", "unweighted", what, show_files(export.files), hint)]
