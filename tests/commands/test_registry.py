"""The registry of commands: every command of a module is in it, and one command starts without the other modules."""

from __future__ import annotations

import typer.main

from engagement_cli.app import program
from engagement_cli.commands.registry import MODULES


def names(app: typer.Typer) -> list[str]:
    return list(vars(typer.main.get_command(app))["commands"])


def test_the_registry_names_every_command_of_its_modules() -> None:
    assert sorted(names(program())) == sorted(MODULES)


def test_a_command_starts_without_those_of_other_modules() -> None:
    assert names(program("report")) == ["report"]
    assert set(names(program("support"))) == {name for name, module in MODULES.items() if module == "boards"}


def test_what_is_no_command_has_all_of_them_for_suggestions() -> None:
    assert len(names(program("repotr"))) == len(MODULES)


def test_help_lists_the_commands_in_the_words_of_those_that_run_and_makes_no_options() -> None:
    listed, whole = (vars(typer.main.get_command(program(asked)))["commands"] for asked in ("--help", None))
    assert {name: command.get_short_help_str() for name, command in listed.items()} == {
        name: command.get_short_help_str() for name, command in whole.items()
    }
    assert [param.name for param in listed["report"].params] == []
    assert [param.name for param in listed["metrics"].commands["show"].params] == []
