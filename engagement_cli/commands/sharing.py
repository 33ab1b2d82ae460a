"""Commands take the shared options besides their own: Typer sees one signature, the command one record."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, cached_property, update_wrapper
from typing import Any, get_type_hints

from engagement_cli.commands.options import Choice, Inputs, Options, Output, Running, Time
from engagement_cli.records import Record, items

_GROUPS: dict[str, type[Record]] = {
    "inputs": Inputs,
    "time": Time,
    "choice": Choice,
    "output": Output,
    "running": Running,
}


@cache
def _hints(group: str) -> dict[str, Any]:
    """A group's options; asked for by every command at every start."""
    return get_type_hints(_GROUPS[group], include_extras=True)


class Shared:
    """A command, whose first parameter is `options: Options`, with the shared options besides its own.

    Typer reads them from the signature, which is made when it asks: a list of commands does not.
    """

    def __init__(self, command: Callable[..., None]) -> None:
        update_wrapper(self, command)
        self.__annotations__ = {}
        self._command = command

    @cached_property
    def _own(self) -> dict[str, Any]:
        return get_type_hints(self._command, include_extras=True)

    @cached_property
    def __signature__(self) -> inspect.Signature:
        _, *own = inspect.signature(self._command).parameters.values()
        parameters = [p.replace(annotation=self._own[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        for group, kind in _GROUPS.items():
            hints, defaults = _hints(group), kind()
            parameters += [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
                for name, default in items(defaults)
                if name not in self._own
            ]
        return inspect.Signature(parameters)

    def __call__(self, **given: Any) -> None:
        """Run the command with the options of each group put together."""
        groups: dict[str, Any] = {
            group: kind(**{name: given.pop(name) for name in kind._fields if name in given and name not in self._own})
            for group, kind in _GROUPS.items()
        }
        self._command(Options(**groups), **given)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the shared options besides its own."""
    return Shared(command)
