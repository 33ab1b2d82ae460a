"""User errors and exit codes: the ground floor, known by every room.

A mistake in the input raises `UserError` with what is wrong, where, and what to do. The one error boundary
in `app` prints it on stderr and exits with the documented code; everything else is a bug of ours (70).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import IntEnum

from engagement_cli.records import Record


class ExitCode(IntEnum):
    """What the process says to cron and CI. Never renumbered."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INPUT = 3
    INCONCLUSIVE = 4
    STALE = 5
    EMPTY = 6
    GAP = 7
    BUG = 70


class Problem(Record):
    """One thing that is wrong: what, where (file:line, column, row) and what to do about it."""

    what: str
    where: str | None = None
    hint: str | None = None


class UserError(Exception):
    """One or several problems of the user's making, shown together, with the exit code they lead to."""

    def __init__(
        self,
        what: str | Sequence[Problem],
        *,
        where: str | None = None,
        hint: str | None = None,
        code: ExitCode = ExitCode.USAGE,
    ) -> None:
        self.problems: tuple[Problem, ...] = (Problem(what, where, hint),) if isinstance(what, str) else tuple(what)
        self.code = code
        super().__init__("; ".join(p.what for p in self.problems))


def input_error(what: str, *, where: str | None = None, hint: str | None = None) -> UserError:
    """A `UserError` about an export that is missing or unreadable (exit code 3)."""
    return UserError(what, where=where, hint=hint, code=ExitCode.INPUT)


_MANY = 2000


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest known words, or, where none is close, a few of them; None if nothing is known."""
    words = sorted(set(known))
    if len(words) > _MANY:  # comparing with each would take seconds
        start = name[:1].lower()
        words = [w for w in words if w[:1].lower() == start and abs(len(w) - len(name)) <= 2][:_MANY] or words[:_MANY]
    close = get_close_matches(name, words, n=3, cutoff=0.6)
    if name and not close:
        close = [w for w in words if name.lower() in w.lower() or (len(w) > 2 and w.lower() in name.lower())][:3]
    if close:
        return f"did you mean {' or '.join(repr(w) for w in close)}?"
    if not words:
        return None
    return f"known: {', '.join(words[:12])}{' …' if len(words) > 12 else ''}"
