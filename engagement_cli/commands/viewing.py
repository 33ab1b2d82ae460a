"""How a view is measured and shown, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engagement_cli.commands.options import Options
from engagement_cli.commands.session import Session, open_session
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.render.documents import ViewPage
from engagement_cli.results import Finished
from engagement_cli.settings.metric import MetricParameters


_HEADLINE = "headline"  # the name of the metric beside a view


def show_view(
    options: Options, view: str, kind: str, name: str | None, given: Mapping[str, Any], beside: str | None
) -> None:
    """One metric of type `kind`, from a configured entry or from options, as the view `view`.

    `beside` names a type whose headline is shown in the totals of the view.
    """
    session = open_session(options)
    entry = _entry(session, kind, name, given)
    metrics = {name or view: entry}
    if beside is not None:
        metrics[_HEADLINE] = session.view(beside, {**given, "by": entry.by}) if name is None else session.view(beside, {})
    answer = session.ask(metrics).answer
    finished = answer.metrics[0]
    if beside is not None:
        finished = _with_headline(finished, answer.metrics[1])
    session.show(ViewPage(view, _parameters(entry), finished, answer), answer)


def _entry(session: Session, kind: str, name: str | None, given: Mapping[str, Any]) -> MetricParameters:
    if name is None:
        return session.view(kind, given)
    entry = session.settings.metrics.get(name)
    if entry is None or entry.type != kind:
        known = [n for n, p in session.settings.metrics.items() if p.type == kind]
        raise UserError(f"there is no {kind} metric {name!r}", hint=did_you_mean(name, known))
    changed = {key: value for key, value in given.items() if value is not None}
    if not changed and session.options.time.every is None:
        return entry
    return session.view(kind, {**entry.model_dump(mode="json", by_alias=True, exclude_unset=True), **changed})


def _parameters(entry: MetricParameters) -> dict[str, Any]:
    """What the view ran with, as YAML would say it; the fields that only describe are left out."""
    talk = {"type", "label", "description", "dimension", "stage", "better", "target", "benchmark", "action", "report"}
    return {k: v for k, v in entry.model_dump(mode="json", by_alias=True).items() if k not in talk and v is not None}


def _with_headline(finished: Finished, other: Finished) -> Finished:
    """The view with the other metric's latest complete value in its totals."""
    measure = other.view.measures[0]
    table = other.view.table
    rows = table.filter(table["complete"] & (table["segments"] == "")).tail(1) if table.height else table
    columns = [c for c in (measure.column, measure.numerator, measure.denominator) if c is not None]
    headline = dict(zip(columns, rows.select(columns).row(0), strict=True)) if rows.height else {measure.column: None}
    return replace(finished, view=replace(finished.view, totals={**finished.view.totals, **headline}))
