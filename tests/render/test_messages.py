from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engagement_cli.errors import Problem, UserError
from engagement_cli.render.messages import MOST_PROBLEMS, print_error, print_warnings


def test_an_error_says_what_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(UserError("no column 'usr'", where="a.yaml:3", hint="did you mean 'user'?"))
    assert capsys.readouterr().err == "error: no column 'usr'\n  where: a.yaml:3\n  hint: did you mean 'user'?\n"


def test_every_problem_has_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(UserError([Problem("one"), Problem("two", "b.csv")]))
    assert capsys.readouterr().err == "error: one\nerror: two\n  where: b.csv\n"


def test_brackets_long_paths_and_escapes_come_out_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/exports/" + "x" * 60 + "/[bold]events[/bold].csv"
    print_warnings([f"{path}\x1b[2J: bad\nrow"])
    assert capsys.readouterr().err == f"warning: {path}\ufffd[2J: bad row\n"


def test_a_terminal_shows_styles_and_the_same_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLORTERM", ""), ("COLUMNS", "40")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    error = UserError("bad " * 30, where="[a]:3", hint="b")
    print_error(error)
    styled = capsys.readouterr().err
    assert "\x1b[1;31m" in styled
    monkeypatch.delenv("FORCE_COLOR")
    print_error(error)
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == capsys.readouterr().err


def test_messages_load_no_more_than_they_need() -> None:
    code = "import sys, engagement_cli.render.messages; sys.exit(bool({'polars', 'rich.console'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_of_very_many_problems_the_first_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(UserError([Problem(f"problem {n}") for n in range(1234)]))
    said = capsys.readouterr().err
    assert said.count("error: ") == MOST_PROBLEMS
    assert said.endswith("and 1,134 more\n")
