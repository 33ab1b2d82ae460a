"""Every command by name, with the module of this package that has it. One addition is one file and one line here."""

from __future__ import annotations

from importlib import import_module

import typer

MODULES = {
    "init": "init",
    "report": "report",
    "retention": "views",
    "funnel": "views",
    "abandonment": "views",
    "paths": "views",
    "stickiness": "views",
    "lifecycle": "views",
    "sessions": "views",
    "churn": "views",
    "clv": "views",
    "nps": "views",
    "csat": "views",
    "campaigns": "boards",
    "social": "boards",
    "support": "boards",
    "features": "boards",
    "board": "boards",
    "metrics": "metrics",
    "explain": "explain",
    "score": "score",
    "customers": "customers",
    "customer": "customers",
    "segments": "segments",
    "check": "check",
    "sample": "sample",
    "schema": "schema",
    "cache": "caching",
}


def register(app: typer.Typer, asked: str | None = None) -> None:
    """Add the commands: those of the module that has the one asked for, which starts sooner; else all, in order."""
    modules = [MODULES[asked]] if asked in MODULES else dict.fromkeys(MODULES.values())
    for module in modules:
        import_module(f"engagement_cli.commands.{module}").register(app)
