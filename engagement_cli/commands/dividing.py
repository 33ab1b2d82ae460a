"""How segments are measured and shown."""

from __future__ import annotations

from engagement_cli.commands.boarding import board_page
from engagement_cli.commands.options import Options
from engagement_cli.commands.session import open_session
from engagement_cli.errors import UserError
from engagement_cli.planning import refuse
from engagement_cli.records import replace
from engagement_cli.render.documents import Divisions

_DIVIDES = "distribution"


def show_divisions(options: Options) -> None:
    """Every metric of the catalogue that divides the customers of the table."""
    session = open_session(options)
    implied = set(session.settings.signals)
    metrics = {n: p for n, p in session.settings.metrics.items() if p.type == _DIVIDES and n not in implied}
    if not metrics:
        raise UserError(
            "the configuration has no metric of type distribution, so there is nothing to divide customers by",
            hint="name a segment with --by, or extend the packaged catalogue",
        )
    answer = session.ask(metrics, lenient=True).answer
    if not answer.metrics:
        refuse(answer.unavailable, "`engagement customers --describe` says what the exports lack")
    session.show(Divisions("Segments", answer), answer)


def show_segments(options: Options) -> None:
    """The board `segments`, divided as the options ask."""
    session = open_session(options)
    page = board_page(session, "segments")
    session.show(replace(page, title=f"Segments by {', '.join(page.by)}"), page.answer)
