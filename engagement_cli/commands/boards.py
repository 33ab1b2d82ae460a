"""The boards: many metrics side by side, as `views:` in the configuration lists them. One function a board."""

from __future__ import annotations

from typing import Annotated

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared


def register(app: typer.Typer) -> None:
    """Add the boards."""
    for command in (campaigns, social, support, features, board):
        app.command(name=command.__name__)(command)


@shared
def campaigns(options: Options) -> None:
    """Campaigns side by side: reach, clicks, conversion, cost and return; `--by channel` or another column."""
    _show(options, "campaigns")


@shared
def social(options: Options) -> None:
    """Social media over time: followers, engagement rates by their denominator, shares, referrals."""
    _show(options, "social")


@shared
def support(options: Options) -> None:
    """Support over time: tickets, response and resolution times, contact rate, satisfaction."""
    _show(options, "support")


@shared
def features(options: Options) -> None:
    """Features side by side: who uses them, how often, for how long."""
    _show(options, "features")


@shared
def board(
    options: Options, name: Annotated[str, typer.Argument(metavar="NAME", help="A name under `views:`.")]
) -> None:
    """Any board that the configuration defines under `views:`."""
    _show(options, name)


def _show(options: Options, name: str) -> None:
    from engagement_cli.commands.boarding import board_page
    from engagement_cli.commands.session import open_session

    session = open_session(options)
    page = board_page(session, name)
    session.show(page, page.answer)
