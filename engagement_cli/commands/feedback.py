"""What customers said besides their score: themes of their comments, and whom to follow up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from engagement_cli.commands.options import Options
from engagement_cli.commands.session import Session, open_session
from engagement_cli.commands.viewing import parameters_of, show_view, view_entry
from engagement_cli.errors import UserError
from engagement_cli.metrics.parts.follow_up import follow_up_rows, newest_first
from engagement_cli.metrics.survey import Parameters
from engagement_cli.render.documents import Rows
from engagement_cli.render.formats import choose_format
from engagement_cli.render.text import plural

_ENTRY = "feedback_themes"
_LINES = 50  # answers in a table


def show_themes(options: Options, name: str | None, survey: str) -> None:
    """The themes of one survey's comments, as the entry `feedback_themes` (or another of the type) has them."""
    session = open_session(options)
    asked = name if name is not None else _ENTRY if _ENTRY in session.settings.metrics else None
    show_view(session, "themes", "themes", asked, {"survey": survey})


def show_follow_up(options: Options, name: str | None, given: Mapping[str, Any]) -> None:
    """Detractors and passives with what they wrote, the newest first."""
    session = open_session(options)
    entry = view_entry(session, "survey", name or "nps", given, named=name is not None)
    if not isinstance(entry, Parameters) or entry.measure != "nps":
        raise UserError(f"{name} has no detractors: it is no net promoter score", hint="name one of `measure: nps`")
    entry = entry.model_copy(update={"by": tuple(options.choice.by or ()) or _plan(session)})
    outcome = session.ask({"nps": entry}, customer_rows=follow_up_rows(entry), keep_ids=True)
    kept = outcome.merged.customer_rows
    if kept is None:
        raise ValueError("the engine kept no customer rows")
    rows = newest_first(kept.filter(pl.col("customer").is_not_null()))
    nobody = kept.height - rows.height
    counts = {kind: rows.filter(pl.col("class") == kind).height for kind in ("detractor", "passive")}
    notes = [f"{plural(nobody, 'answer')} of nobody known left out"] if nobody else []
    shape = choose_format(options.output.format, options.output.out)
    if shape == "table" and rows.height > _LINES:
        notes.append(f"the first {_LINES} of {rows.height:,}; --format csv has them all, --last 30d the latest")
        rows = rows.head(_LINES)
    if shape in ("table", "md"):
        rows = rows.with_columns(pl.col("answered").dt.strftime("%Y-%m-%d"))
        rows = rows.select(*(c for c in rows.columns if c != "comment"), "comment")
    said = ", ".join(plural(count, kind) for kind, count in counts.items())
    which = "every answer" if entry.answers == "all" else "the latest answer of each customer"
    document = Rows(
        title="To follow up: detractors and passives",
        table=rows,
        units={"score": "count"},
        name="follow_up",
        semantics=f"{which} in the range, detractors 0 to 6, passives 7 and 8; {said}; the newest first",
        parameters=parameters_of(entry),
        notes=notes,
        answer=outcome.answer,
    )
    session.show(document, outcome.answer)


def _plan(session: Session) -> tuple[str, ...]:
    """What a customer pays for, where the exports know."""
    names = session.exports.names()
    return ("plan",) if any("plan" in names.get(source, ()) for source in ("customers", "subscriptions")) else ()
