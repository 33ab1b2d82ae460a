"""How errors and warnings look on stderr: what is wrong, where, and what to do. Plain where there is no terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from engagement_cli.errors import Problem, UserError
from engagement_cli.render.text import safe

MOST_PROBLEMS = 100


def _say(console: Console, *parts: tuple[str, str]) -> None:
    # One print a message: soft wrap leaves paths whole for copying; Text leaves brackets in names alone.
    console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)


def _problem(problem: Problem, console: Console) -> None:
    parts = [("error: ", "bold red"), (safe(problem.what), "")]
    if problem.where:
        parts += [("\n  where: ", "dim"), (safe(problem.where), "")]
    if problem.hint:
        parts += [("\n  hint: ", "dim"), (safe(problem.hint), "")]
    _say(console, *parts)


def print_error(error: UserError, console: Console) -> None:
    """One block a problem: what, where, hint; of very many, the first."""
    for problem in error.problems[:MOST_PROBLEMS]:
        _problem(problem, console)
    if (rest := len(error.problems) - MOST_PROBLEMS) > 0:
        _say(console, (f"and {rest:,} more", "dim"))


def print_warning(warning: str, console: Console) -> None:
    """One warning."""
    _say(console, ("warning: ", "bold yellow"), (safe(warning), ""))
