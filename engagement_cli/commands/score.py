"""`engagement score`: one row a customer, or how much each weight matters."""

from __future__ import annotations

from typing import Annotated

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared

_PANEL = "Score"
_LINES = 50  # customers in a table when nothing is said


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="score")(score)


@shared
def score(
    options: Options,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N.", rich_help_panel=_PANEL)
    ] = None,
    band: Annotated[
        str | None, typer.Option(metavar="BAND", help="Only this band: low, medium …", rich_help_panel=_PANEL)
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="What ±20 % of each weight changes.", rich_help_panel=_PANEL)
    ] = False,
) -> None:
    """The engagement score of every customer: score, band, raw, change, contribution of each event."""
    from engagement_cli.commands.scoring import sensitivity_page, show_scores
    from engagement_cli.render.formats import choose_format

    if sensitivity:
        sensitivity_page(options)
        return
    is_table = choose_format(options.output.format, options.output.out) == "table"
    show_scores(options, band=band, top=top if top is not None or not is_table else _LINES)
