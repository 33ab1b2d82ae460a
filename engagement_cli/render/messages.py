"""How errors and warnings look on stderr: what is wrong, where, and what to do. Plain where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from engagement_cli.errors import Problem, UserError
from engagement_cli.render.layout import is_plain
from engagement_cli.render.piece import Styled
from engagement_cli.render.text import safe

MOST_PROBLEMS = 100


def _say(messages: Iterable[Styled]) -> None:
    if is_plain(sys.stderr):
        sys.stderr.writelines("".join(text for text, _ in parts) + "\n" for parts in messages)
        sys.stderr.flush()
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    for parts in messages:
        # One print a message: soft wrap leaves paths whole for copying; Text leaves brackets in names alone.
        console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)


def _problem(problem: Problem) -> Styled:
    parts = [("error: ", "bold red"), (safe(problem.what), "")]
    if problem.where:
        parts += [("\n  where: ", "dim"), (safe(problem.where), "")]
    if problem.hint:
        parts += [("\n  hint: ", "dim"), (safe(problem.hint), "")]
    return parts


def print_error(error: UserError) -> None:
    """One block a problem: what, where, hint; of very many, the first."""
    said = [_problem(problem) for problem in error.problems[:MOST_PROBLEMS]]
    rest = len(error.problems) - MOST_PROBLEMS
    _say([*said, [(f"and {rest:,} more", "dim")]] if rest > 0 else said)


def print_warnings(warnings: Iterable[str]) -> None:
    """One line a warning."""
    _say([[("warning: ", "bold yellow"), (safe(warning), "")] for warning in warnings])
