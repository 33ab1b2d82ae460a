"""`engagement customers` and `engagement customer ID`: the one-row-a-customer table, and one customer's profile."""

from __future__ import annotations

from typing import Annotated

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared

_PANEL = "Customers"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="customers")(customers)
    app.command(name="customer")(customer)


@shared
def customers(
    options: Options,
    having: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Only rows that fit: 'at_risk AND mrr > 50'.", rich_help_panel=_PANEL),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="COLUMN", help="Only these columns, in this order.", rich_help_panel=_PANEL),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Sort by a column; -COLUMN the largest first.", rich_help_panel=_PANEL),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N.", rich_help_panel=_PANEL)
    ] = None,
    describe: Annotated[
        bool,
        typer.Option("--describe", help="What each column says, and no customers.", rich_help_panel=_PANEL),
    ] = False,
) -> None:
    """One row a customer: score, four I's, ladder, RFM, value, subscription, feedback, signals with their reasons."""
    from engagement_cli.commands.listing import Choice, describe_columns, show_customers

    if describe:
        describe_columns(options)
    else:
        show_customers(options, Choice(having, tuple(columns or ()), sort, top))


@shared
def customer(
    options: Options,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The customer's id, as in the exports.", show_default=False)],
) -> None:
    """One customer on one screen: who it is, what they do, what changed, and why a signal marks them."""
    from engagement_cli.commands.person import show_customer

    show_customer(options, id_)
