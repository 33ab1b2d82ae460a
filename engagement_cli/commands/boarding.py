"""How a board is measured, whichever it is."""

from __future__ import annotations

from engagement_cli.catalogue.findings import findings
from engagement_cli.catalogue.reading import with_those_read
from engagement_cli.commands.given import parsed
from engagement_cli.commands.session import Session
from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.planning import at_grain, refuse
from engagement_cli.records import replace
from engagement_cli.render.documents import BoardPage
from engagement_cli.results import Answer
from engagement_cli.settings.boards import Board
from engagement_cli.settings.values import Grain, parse_grain


def board_page(session: Session, name: str) -> BoardPage:
    """The board `name` of the configuration, with the breakdown and the period that the options ask for.

    Metrics that the exports cannot feed are left out; they are named in the answer's `unavailable`. Raises `UserError`
    where there is no such board, where it has no metric that can be measured, and for a segment that is no column.
    """
    board = known_board(session, name)
    by = session.by or board.by
    every = parsed("--every", session.options.time.every, parse_grain) or board.every
    names = tuple(metric for metric in board.metrics if metric in session.settings.metrics)
    answer = _answer(session, name, names, by, every)
    parameters = {"by": list(by), "every": None if every is None else str(every), "metrics": list(names)}
    page = BoardPage(
        name=name,
        title=board.title or name.replace("_", " ").capitalize(),
        by=by,
        parameters={**parameters, "where": session.options.choice.where},
        answer=answer,
        left_out=tuple(session.settings.metrics[metric].label or metric for metric in answer.unavailable),
        notes=board.notes,
    )
    return replace(page, findings=findings(page, board.findings))


def known_board(session: Session, name: str) -> Board:
    """A board of the configuration. Raises `UserError` that suggests the closest names and lists all."""
    if name not in session.settings.views:
        known = f"known: {', '.join(sorted(session.settings.views))}"
        close = did_you_mean(name, session.settings.views)
        hint = f"{close} {known}" if close and close != known else known
        raise UserError(f"there is no board {name!r}", where="views:", hint=hint)
    return session.settings.views[name]


def _answer(session: Session, board: str, names: tuple[str, ...], by: tuple[str, ...], every: Grain | None) -> Answer:
    configured = session.settings.metrics
    metrics = {name: configured[name] for name in names}
    if every is not None:  # what a metric computes with must have its period
        metrics = {name: at_grain(p, every) for name, p in with_those_read(metrics, configured).items()}
    try:
        answer = session.ask(metrics, by=by, lenient=True).answer
    except UserError as error:
        if session.by:
            raise
        raise UserError([_with_board(problem, board) for problem in error.problems], code=error.code) from None
    shown = [found for found in answer.metrics if found.name in names]
    missing = {name: why for name, why in answer.unavailable.items() if name in names}
    if not shown:
        refuse(missing, "`engagement metrics list --available` shows what can be measured")
    return replace(answer, metrics=shown, unavailable=missing)


def _with_board(problem: Problem, board: str) -> Problem:
    """A segment that is no column is the board's."""
    if not (problem.where or "").startswith("by: "):
        return problem
    hint = f"{problem.hint}; " if problem.hint else ""
    hint += f"--by divides by another column, --map gives one of yours the name that views.{board} expects"
    return Problem(problem.what, problem.where, hint)
