"""`engagement report`: the main job, every metric that the exports can feed, in sections."""

from __future__ import annotations

import typer

from engagement_cli.commands.options import Options, Stage
from engagement_cli.commands.sharing import shared


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="report")(report)


@shared
def report(options: Options, stage: Stage = None) -> None:
    """Every metric the exports can feed: involvement, interaction, intimacy, influence, value."""
    from engagement_cli.commands.choosing import of_stage
    from engagement_cli.commands.session import open_session
    from engagement_cli.render.documents import Report

    session = open_session(options)
    metrics = of_stage(session.reported(), stage)
    outcome = session.ask(metrics, lenient=True)
    session.show(Report(outcome.answer, customers=outcome.merged.customers), outcome.answer)
