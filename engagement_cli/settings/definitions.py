"""A hash of what a metric's number depends on, so that a series shows where its definition changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from engagement_cli.records import Record
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.names import ACTIVE
from engagement_cli.settings.said import fields_said, said
from engagement_cli.settings.sources import Sql
from engagement_cli.settings.table_values import rule_of, says_of_customers
from engagement_cli.settings.values import Selection
from engagement_cli.settings.walk import selections

# Said about the number, not part of it.
_TALK = {"label", "description", "dimension", "stage", "better", "target", "benchmark", "action", "report"}
_ABOUT_ACTIVITY = {"active", "stickiness", "frequency", "lifecycle", "inactivity", "score"}
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def definition_hash(parameters: MetricParameters, settings: Settings) -> str:
    """12 hexadecimal digits of a metric's resolved entry and of the settings that can change its number.

    These are time zone and first day of the week, exclusions, computed columns and rates; and, where the metric reads
    them, named events, what counts as active, segments, the score, the customer table, session gap, inactive days and
    other metrics.
    """
    return definition_hashes({"": parameters}, settings)[""]


def definition_hashes(metrics: Mapping[str, MetricParameters], settings: Settings) -> dict[str, str]:
    """The same of many metrics by name; what they share of the settings is gathered once."""
    shared = _Shared(settings)
    texts = {name: _definition(p, shared, ()) for name, p in metrics.items()}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}


class _Shared(Record):
    """Parts of settings that many definitions have, as JSON: some take longer to write than all the rest."""

    settings: Settings

    @cached_property
    def always(self) -> dict[str, str]:
        """What every definition has."""
        settings = self.settings
        sources = {name: getattr(settings.sources, name) for name in type(settings.sources).model_fields}
        computed = {
            f"{name}.{column}": expression.sql
            for name, source in sources.items()
            for column, expression in (source.columns if source is not None else {}).items()
            if isinstance(expression, Sql)
        }
        content: dict[str, Any] = {"timezone": settings.timezone, "week_start": settings.week_start}
        content |= {"computed": computed, "exclude": said(settings.exclude)}
        if settings.rates:
            content["money"] = [settings.currency, settings.rates]
        return {name: _json(value) for name, value in content.items()}

    @cached_property
    def active(self) -> str:
        """What counts as being active: the selection, or by default the events of positive weight."""
        settings = self.settings
        if settings.active is not None:
            return _json(said(settings.active))
        # Predicates may overlap; then weights are added, and their sizes matter.
        overlapping = any(event.where is not None for event in settings.events.values())
        default = settings.score.default_weight > 0
        counted = {
            name: [event.weight if overlapping else event.weight > 0, event.where]
            for name, event in settings.events.items()
            if overlapping or (event.weight > 0) != default
        }
        return _json([default, counted])

    @cached_property
    def scoring(self) -> str:
        """The score and the weights of events."""
        return _json({"score": said(self.settings.score), "events": said(self.settings.events)})

    @cached_property
    def table(self) -> str:
        """What can change the customer table besides the score: rules without their words, entries that it reads."""
        settings, read = self.settings, ("dimensions", "key_features", "profile")
        rules = {name: rule for name in (*settings.segments, *settings.signals) if (rule := rule_of(name, settings))}
        entries = [p for name, p in settings.metrics.items() if name == "sessions" or p.type == "survey"]
        return _json(
            [
                {name: said(getattr(settings, name)) for name in read},
                rules,
                [fields_said(entry, without=_TALK) for entry in entries],
            ]
        )


def _object(parts: Mapping[str, str]) -> str:
    """A JSON object of values that are JSON already."""
    return "{" + ",".join(f"{_json(name)}:{parts[name]}" for name in sorted(parts)) + "}"


def _definition(parameters: MetricParameters, shared: _Shared, within: tuple[str, ...]) -> str:
    settings = shared.settings
    parts = [part for _, part in selections(parameters)]
    names = {name for part in parts for name in part.events or ()}
    of_table = _reads_table(parameters, parts, settings)
    scored = parameters.type == "score" or of_table
    content: dict[str, Any] = {
        "entry": fields_said(parameters, without=_TALK),
        "segments": {n: said(settings.segments[n]) for n in _divided_by(parameters) if n in settings.segments},
    }
    written = dict(shared.always)
    if ACTIVE in names or scored or parameters.type in _ABOUT_ACTIVITY:
        written["active"] = shared.active
        names |= set(settings.active.events or ()) if settings.active else set()
    content["events"] = {
        n: settings.events[n].where for n in names if n in settings.events and settings.events[n].where
    }
    if scored:
        written["scoring"] = shared.scoring
    if of_table:
        written["table"] = shared.table
    if scored or _counts_sessions(parameters, parts):
        content["session_gap"] = settings.session_gap.total_seconds()
    if parameters.type == "cost":
        content["costs"] = said(settings.costs)
    if parameters.type == "adoption" and getattr(parameters, "events", None) is None:
        content["key_features"] = [settings.key_features, settings.profile.features, settings.profile.feature]
    if parameters.type == "inactivity":
        content["inactive_days"] = settings.inactive_days
    reads = {
        name: _definition(settings.metrics[name], shared, (*within, name))
        for name in parameters.metrics_read()
        if name in settings.metrics and name not in within
    }
    return _object({**written, "reads": _object(reads), **{name: _json(value) for name, value in content.items()}})


def _divided_by(parameters: MetricParameters) -> tuple[str, ...]:
    """The segments of a metric's breakdown, and those of which it compares the values."""
    return (*parameters.by, *getattr(parameters, "properties", ()))


def _reads_table(parameters: MetricParameters, parts: Sequence[Selection | Aggregate], settings: Settings) -> bool:
    """Whether a metric counts, or is divided by, the one-row-a-customer table."""
    counted = any(isinstance(part, Aggregate) and part.source == "profiles" for part in parts)
    return counted or parameters.type == "distribution" or any(_is_computed(name, settings) for name in parameters.by)


def _is_computed(name: str, settings: Settings) -> bool:
    """Whether a segment reads the customer table rather than a column of an export."""
    if name in settings.segments:
        return "." not in (settings.segments[name].column or "")
    return says_of_customers(name, settings)


def _counts_sessions(parameters: MetricParameters, parts: Sequence[Selection | Aggregate]) -> bool:
    return parameters.type in ("sessions", "paths", "time_spent") or any(
        isinstance(p, Aggregate) and p.count == "sessions" for p in parts
    )
