"""Every command by name, with the module of this package that has it. One addition is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

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


def outline(app: typer.Typer) -> None:
    """Leave of each command what a list of them shows, its name and its words: the options of all take long to make."""
    for command in app.registered_commands:
        command.callback = _without_options(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            outline(group.typer_instance)


def _without_options(command: Callable[..., Any] | None) -> Callable[[], None]:
    def shown() -> None:
        raise RuntimeError("a command that is only listed cannot run")

    shown.__doc__ = None if command is None else command.__doc__
    return shown
