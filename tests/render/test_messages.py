from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from engagement_cli.errors import Problem, UserError
from engagement_cli.render.messages import MOST_PROBLEMS, print_error, print_warning


def plain() -> Console:
    return Console(file=io.StringIO(), width=40)


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_an_error_says_what_where_and_what_to_do() -> None:
    console = plain()
    print_error(UserError("no column 'usr'", where="a.yaml:3", hint="did you mean 'user'?"), console)
    assert text_of(console) == "error: no column 'usr'\n  where: a.yaml:3\n  hint: did you mean 'user'?\n"


def test_every_problem_has_a_block() -> None:
    console = plain()
    print_error(UserError([Problem("one"), Problem("two", "b.csv")]), console)
    assert text_of(console) == "error: one\nerror: two\n  where: b.csv\n"


def test_brackets_long_paths_and_escapes_come_out_as_they_are() -> None:
    console = plain()
    path = "/exports/" + "x" * 60 + "/[bold]events[/bold].csv"
    print_warning(f"{path}\x1b[2J: bad\nrow", console)
    assert text_of(console) == f"warning: {path}\ufffd[2J: bad row\n"


def test_a_terminal_shows_styles() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", no_color=False)
    print_error(UserError("bad"), console)
    assert "\x1b[1;31m" in text_of(console)


def test_messages_do_not_load_polars() -> None:
    code = "import sys, engagement_cli.render.messages; sys.exit('polars' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_of_very_many_problems_the_first_are_shown() -> None:
    console = plain()
    print_error(UserError([Problem(f"problem {n}") for n in range(1234)]), console)
    assert text_of(console).count("error: ") == MOST_PROBLEMS
    assert text_of(console).endswith("and 1,134 more\n")
