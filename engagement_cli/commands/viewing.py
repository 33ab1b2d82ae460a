"""How a view is measured and shown, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engagement_cli.commands.session import Session
from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.render.documents import ViewPage
from engagement_cli.settings.metric import MetricParameters


def show_view(session: Session, view: str, kind: str, name: str | None, given: Mapping[str, Any]) -> None:
    """One metric of type `kind` as the view `view`: the entry `name`, else the one called like the view, with options.

    The view and the report so count the same thing, unless an option says otherwise.
    """
    entry = view_entry(session, kind, name or view, given, named=name is not None)
    answer = session.ask({name or view: entry}).answer
    ran_with = parameters_of(entry) | ({"by": list(session.by)} if session.by else {})
    session.show(ViewPage(view, ran_with, answer.metrics[0], answer), answer)


def entry_with(session: Session, kind: str, field: str, value: str | None) -> str | None:
    """The catalogue's first entry of a type with a value of a field, so that view and report count the same thing."""
    entries = session.settings.metrics.items()
    return next((name for name, p in entries if p.type == kind and getattr(p, field, None) == value), None)


def view_entry(session: Session, kind: str, name: str, given: Mapping[str, Any], *, named: bool) -> MetricParameters:
    """The entry `name` with options over it; where it is not `named`, the options alone if there is none."""
    known = {n: p for n, p in session.settings.metrics.items() if p.type == kind}
    if named and name not in known:
        raise UserError(f"there is no {kind} metric {name!r}", hint=did_you_mean(name, known))
    base = known[name].model_dump(mode="json", by_alias=True, exclude_unset=True) if name in known else {}
    changed = {key: value for key, value in given.items() if value is not None}
    try:
        return session.view(kind, {**base, **changed})
    except UserError as error:
        raise UserError([_with_entries(problem, known) for problem in error.problems]) from None


def _with_entries(problem: Problem, known: Mapping[str, MetricParameters]) -> Problem:
    """What is missing may be configured already: say which entries there are."""
    if problem.hint is not None or "missing" not in problem.what or not known:
        return problem
    return Problem(problem.what, problem.where, f"say it, or name a configured metric: {', '.join(list(known)[:5])}")


def parameters_of(entry: MetricParameters) -> dict[str, Any]:
    """What the view ran with, as YAML would say it; the fields that only describe are left out."""
    talk = {"type", "label", "description", "dimension", "stage", "better", "target", "benchmark", "action", "report"}
    return {k: v for k, v in entry.model_dump(mode="json", by_alias=True).items() if k not in talk and v is not None}
