"""`engagement segments`: how customers are divided, or metrics side by side by a segment."""

from __future__ import annotations

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="segments")(segments)


@shared
def segments(options: Options) -> None:
    """Sizes of bands, ladder, RFM and the value × influence matrix; with --by, metrics side by side by that segment."""
    from engagement_cli.commands.dividing import show_divisions, show_segments

    if options.choice.by:
        show_segments(options)
    else:
        show_divisions(options)
