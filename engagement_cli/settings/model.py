"""The whole configuration as one frozen model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SerializeAsAny, model_validator

from engagement_cli.settings.boards import Board, once
from engagement_cli.settings.costs import Costs
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.profile import Profile
from engagement_cli.settings.scoring import Event, FourIDimension, Score, Segment, Signal
from engagement_cli.settings.sources import Exclusion, Sources
from engagement_cli.settings.units import Currency, Zone
from engagement_cli.settings.values import Duration, Instant, Names, Number, Select, Selection, Strict


class Gate(Strict):
    """A threshold that a metric's interval must not breach; also used for alerts."""

    metric: str
    measure: str | None = None
    step: str | int | None = None
    segments: str | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    min_n: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _a_threshold(self) -> Gate:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a gate or alert needs at_least: or at_most:")
        return self


class Annotation(Strict):
    """A dated note that marks charts."""

    date: Instant
    text: str


class Settings(Strict):
    """Everything a configuration says, resolved: presets merged, names checked."""

    version: Literal[1] = 1
    extends: str | None = None
    timezone: Zone = "UTC"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    currency: Currency | None = None
    rates: dict[Currency, Number] = Field(
        default_factory=dict, description="one unit of a currency in the report's currency"
    )
    sources: Sources = Sources.model_construct()
    exclude: dict[str, Exclusion] = Field(default_factory=dict, max_length=250)  # a row's fate is one byte
    active: Select | None = Field(None, description="what counts as being active; default: events of weight > 0")
    key_features: Annotated[Names, AfterValidator(once)] = ()
    inactive_days: Annotated[int, Field(gt=0)] = 30
    session_gap: Duration = Field("30m", validate_default=True)
    events: dict[str, Event] = Field(default_factory=dict)
    dimensions: dict[Literal["involvement", "interaction", "intimacy", "influence"], FourIDimension] = Field(
        default_factory=dict
    )
    score: Score = Score.model_construct()
    profile: Profile = Profile.model_construct()
    segments: dict[str, Segment] = Field(default_factory=dict)
    signals: dict[str, Signal] = Field(default_factory=dict)
    metrics: dict[str, SerializeAsAny[MetricParameters]] = Field(default_factory=dict)
    views: dict[str, Board] = Field(
        default_factory=dict, description="boards of many metrics: `campaigns`, `social`, `support`, `features`"
    )
    costs: Costs = Field(
        default_factory=dict,
        description="what was spent by campaign, channel …; instead of a cost column. Each heading is a full account",
    )
    gates: tuple[Gate, ...] = ()
    alerts: tuple[Gate, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    def active_selection(self) -> Selection:
        """What counts as being active: the reserved name `active`, else every event of weight > 0."""
        return self.active if self.active is not None else Selection(events=("active",))
