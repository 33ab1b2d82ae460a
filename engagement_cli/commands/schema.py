"""`engagement schema`: the configuration's JSON Schema, for editors."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="schema")(schema)


def schema() -> None:
    """Print the JSON Schema of engagement.yaml; editors complete and check with it."""
    import json

    from engagement_cli.metrics.registry import PARAMETERS
    from engagement_cli.settings.schema import json_schema

    typer.echo(json.dumps(json_schema(PARAMETERS), indent=2, ensure_ascii=False))
