"""How a view is measured and shown, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engagement_cli.commands.session import Session
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.render.documents import ViewPage
from engagement_cli.settings.metric import MetricParameters


def show_view(session: Session, view: str, kind: str, name: str | None, given: Mapping[str, Any]) -> None:
    """One metric of type `kind`, from the configured entry `name` or from options, as the view `view`."""
    entry = _entry(session, kind, name, given)
    answer = session.ask({name or view: entry}).answer
    session.show(ViewPage(view, _parameters(entry), answer.metrics[0], answer), answer)


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
