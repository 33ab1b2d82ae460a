"""Weights of events, signals of the four I's, the engagement score, segments and signals."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.values import Duration, Instant, Number, Strict, as_tuple, parse_duration

FourI = Literal["involvement", "interaction", "intimacy", "influence"]
_FOUR_I_SCHEMA = {"enum": list(get_args(FourI))}
FourIs = Annotated[
    tuple[FourI, ...],
    BeforeValidator(as_tuple),
    WithJsonSchema({"anyOf": [_FOUR_I_SCHEMA, {"type": "array", "items": _FOUR_I_SCHEMA}]}),
]
Degree = Literal["low", "medium", "high", "very_high"]
RUNGS: tuple[str, ...] = get_args(Degree)  # from the lowest


class Event(Strict):
    """What one kind of event is worth. Without `where`, the entry's name is the event's name."""

    where: Predicate | None = None
    weight: Number = 0.0
    cap: Annotated[int, Field(gt=0)] | None = Field(None, description="at most so many count, per customer and window")
    dimensions: FourIs = ()
    degree: Degree | None = None
    benefit: str | None = None


# What a signal may be besides an event: columns of the customer table, counted or on a scale of their own.
COUNTED_SIGNALS = ("active_days", "active_events", "sessions", "renewals", "referrals")
SCALED_SIGNALS = ("nps", "csat", "sentiment")


class FourIDimension(Strict):
    """Signals of one of the four I's with their weights."""

    signals: dict[str, Number]


class Score(Strict):
    """The engagement score: window, decay, scale, bands."""

    window: Duration = parse_duration("28d")
    half_life: Duration | None = None
    count: Literal["events", "days"] = "events"
    scale: Literal["percentile", "max", "none"] = "percentile"
    reference: Instant | None = None
    bands: dict[str, Number] = Field(default_factory=lambda: {"low": 0.0, "medium": 40.0, "high": 75.0, "top": 90.0})
    default_weight: Number = Field(0.0, description="weight of events without an entry")

    @model_validator(mode="after")
    def _bands_rise(self) -> Score:
        bounds = list(self.bands.values())
        if not bounds or any(b <= a for a, b in pairwise(bounds)):
            raise ValueError("bands need at least one entry, with rising lower bounds")
        return self


class Segment(Strict):
    """A way to divide customers: a column, a column cut at points, or a rule over the customer table."""

    column: str | None = None
    cut: tuple[Number, ...] | None = None
    where: Predicate | None = None

    @model_validator(mode="after")
    def _column_or_rule(self) -> Segment:
        if (self.column is None) == (self.where is None):
            raise ValueError("a segment is either column: (with or without cut:) or where:")
        if self.cut is not None and (self.column is None or not self.cut or list(self.cut) != sorted(set(self.cut))):
            raise ValueError("cut: goes with column:, names at least one bound, and rises")
        return self


class Signal(Strict):
    """A rule over the customer table with its reason in words."""

    where: Predicate
    reason: str
