"""What an entry may say of what ends a session, for all types that read sessions."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Select, Selection, format_duration
from engagement_cli.timeline.visits import SessionRule

_FEW = 3  # events that are named one by one


class SessionParameters(MetricParameters):
    """What ends a session, and what is in none."""

    exclude: Select | None = None
    gap: Duration | None = None
    split_midnight: bool = False
    cap: Duration | None = None
    session: str | None = Field(None, min_length=1, description="a column that holds an exported session id")

    @model_validator(mode="after")
    def _one_way_to_end(self) -> SessionParameters:
        cuts = self.gap is not None or self.cap is not None or self.split_midnight
        if self.session is not None and cuts:
            raise ValueError("session: an exported session goes without gap:, cap: and split_midnight:")
        return self

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """The gap of the configuration, where sessions are not the export's own."""
        return {} if self.session is not None else {"gap": format_duration(settings.session_gap)}


def session_rule(p: SessionParameters, settings: Settings) -> SessionRule:
    """What ends a session."""
    gap = p.gap if p.gap is not None else settings.session_gap
    return SessionRule(gap, p.split_midnight, p.cap, p.exclude, p.session)


def without_words(excluded: Selection | None) -> str:
    """What is left out in words, many events by their number: ` without heartbeat`."""
    if excluded is None:
        return ""
    few = excluded.events is None or len(excluded.events) <= _FEW
    return f" without {excluded if few else f'the {len(excluded.events or ())} events excluded'}"


def rule_words(rule: SessionRule) -> str:
    """The rule in words: ` without heartbeat, ended by a gap of more than 30m`, to follow what the rows are."""
    without = without_words(rule.excluded)
    if rule.exported is not None:
        return f"{without}, a distinct {rule.exported} of a customer"
    ends = f"ended by a gap of more than {format_duration(rule.gap)}"
    ends += ", or by midnight" if rule.split_midnight else ""
    ends += f", or after {format_duration(rule.cap)}" if rule.cap is not None else ""
    return f"{without}, {ends}"
