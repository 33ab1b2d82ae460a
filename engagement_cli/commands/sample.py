"""`engagement sample`: a realistic export of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="sample")(sample)


def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    customers: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many customers.")] = 1000,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days of history.")] = 365,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 1,
    sector: Annotated[
        str,
        typer.Option(
            metavar="SECTOR",
            help="What kind of business: saas, ecommerce, streaming, messaging, social, fitness, elearning or news.",
        ),
    ] = "saas",
    file_format: Annotated[
        Literal["csv", "parquet"] | None,
        typer.Option("--format", help="csv or parquet; default: csv up to 20,000 customers."),
    ] = None,
) -> None:
    """Write events, surveys, subscriptions, customers, audience and identities that hang together."""
    from engagement_cli.render.progress import progress_bar
    from engagement_cli.samples.generator import generate

    chosen = file_format or ("csv" if customers <= 20_000 else "parquet")
    with progress_bar(unit="customers") as progress:
        files = generate(
            directory,
            customers=customers,
            days=days,
            seed=seed,
            sector=sector,
            file_format=chosen,
            progress=progress,
        )
    for file in files:
        typer.echo(str(file))
