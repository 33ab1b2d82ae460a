"""The README does not lie: its console blocks are run and compared; `--renew-golden` writes them anew."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ (?P<command>engagement [^\n]+)\n(?P<output>.*?)```\n", re.DOTALL)


def run(line: str) -> str:
    """A command's output, without the talk; `| head -N` at its end cuts it."""
    command, _, head = line.partition(" | head -")
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "engagement_cli", *shlex.split(command)[1:], "--quiet"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [text.rstrip() for text in done.stdout.strip("\n").splitlines()]
    return "\n".join(lines[: int(head)] if head else lines) + "\n"


def test_outputs_in_the_readme_are_what_the_program_prints(request: pytest.FixtureRequest) -> None:
    text = README.read_text()
    assert BLOCK.search(text)
    actual = BLOCK.sub(lambda m: f"```console\n$ {m['command']}\n{run(m['command'])}```\n", text)
    if request.config.getoption("--renew-golden"):
        README.write_text(actual)
    assert actual == README.read_text()


def test_every_command_is_in_the_readme() -> None:
    from engagement_cli.app import program

    app = program()
    names = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    missing = [name for name in sorted(filter(None, names)) if f"`{name}" not in README.read_text()]
    assert missing == []
