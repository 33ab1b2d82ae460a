"""Commands run inside the test's process, with what they would print and the code they would exit with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from engagement_cli.app import program
from engagement_cli.errors import UserError


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def run(*arguments: object) -> Ran:
    """Run `engagement` with arguments. What is neither an exit nor a user's mistake is raised."""
    result = CliRunner().invoke(program(), [str(argument) for argument in arguments])
    if isinstance(result.exception, UserError):
        said = "\n".join(f"{p.what}\n{p.where}\n{p.hint}" for p in result.exception.problems)
        return Ran(int(result.exception.code), result.stdout, result.stderr + said)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
