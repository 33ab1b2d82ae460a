"""`engagement explain`: where one number comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="explain")(explain)


@shared
def explain(
    options: Options,
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="A metric's name.")],
    ids: Annotated[bool, typer.Option("--ids", help="List the customers behind the number instead.")] = False,
) -> None:
    """One number: its definition, filters, the rows it read, numerator and denominator, interval."""
    from engagement_cli.commands.definition import known_metric
    from engagement_cli.commands.explained_number import answered, behind_rows
    from engagement_cli.commands.explanation import explanation
    from engagement_cli.commands.session import open_session
    from engagement_cli.render.documents import Facts, Rows

    session = open_session(options)
    known_metric(session.settings, metric)
    number = answered(session, metric, ids=ids)
    title = f"{number.finished.label}, {number.headline.period}".removesuffix(", ")
    parameters = {"metric": metric}
    if ids:
        notes = ["amount: what the customer's own rows give"]
        rows = Rows(f"Behind {title}", behind_rows(number), name="explain", parameters=parameters, notes=notes)
        session.show(rows, number.outcome.answer)
        return
    facts = Facts(title, explanation(session, number), "explain", parameters, number.outcome.answer)
    session.show(facts, number.outcome.answer)
