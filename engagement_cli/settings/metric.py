"""What every metric entry may say, whatever its type; and the aggregate, the word that several types share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.values import Every, Grain, Instant, Names, Number, Selection, Strict

if TYPE_CHECKING:
    from engagement_cli.settings.model import Settings

Dimension = Literal["involvement", "interaction", "intimacy", "influence", "value", "signals"]
Stage = Literal["awareness", "acquisition", "use", "purchase", "support", "loyalty"]
SourceName = Literal["events", "surveys", "subscriptions", "customers", "audience", "profiles"]


class Target(Strict):
    """A goal: an absolute bound, or a change within a time from a date."""

    at_least: Number | None = None
    at_most: Number | None = None
    increase: Number | None = None
    decrease: Number | None = None
    within: Literal["week", "month", "quarter", "year"] | None = None
    start: Instant | None = Field(None, alias="from")

    @model_validator(mode="after")
    def _one_goal(self) -> Target:
        goals = [self.at_least, self.at_most, self.increase, self.decrease]
        if sum(g is not None for g in goals) != 1:
            raise ValueError("a target has exactly one of at_least, at_most, increase, decrease")
        change = self.increase is not None or self.decrease is not None
        if change and (self.within is None or self.start is None):
            raise ValueError("increase and decrease need within: and from:")
        if not change and (self.within is not None or self.start is not None):
            raise ValueError("within: and from: go with increase or decrease")
        return self


class Benchmark(Strict):
    """A value, or bands, to compare with; it must say where it comes from."""

    value: Number | None = None
    strong: Number | None = None
    concern: Number | None = None
    source: str
    period: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Benchmark:
        if self.value is None and self.strong is None and self.concern is None:
            raise ValueError("a benchmark needs value:, or strong: and concern:")
        return self


class MetricParameters(Strict):
    """The fields that every metric entry may carry; each type adds its own."""

    type: str
    label: str | None = None
    description: str | None = None
    dimension: Dimension | None = None
    stage: Stage | None = None
    every: Every = Grain("month")
    by: Names = ()
    where: Predicate | None = Field(None, description="SQL predicate on the rows that this metric reads")
    better: Literal["higher", "lower"] | None = None
    target: Target | None = None
    benchmark: Benchmark | None = None
    action: str | None = None
    report: bool = Field(True, description="whether `report` and `run` show it")

    def metrics_read(self) -> tuple[str, ...]:
        """Names of the other metrics whose values this one computes with; for types that do, to override."""
        return ()

    def unabridged(self) -> Mapping[str, object]:
        """What to change so that no row is left out; for types that show only their largest, to override."""
        return {}

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """What holds for parameters that are left out and have no fixed default; for types with such, to override."""
        return {}


_OPERATIONS = ("count", "sum", "mean", "median", "max", "distinct", "last")


class Aggregate(Strict):
    """One number over rows: a count of rows, events, customers, sessions or orders; distinct values or a
    sum, mean, median or maximum of a column; filtered by event names and/or a SQL predicate. Of a stock that is
    recorded now and then, such as followers: the last known value of each account, added up."""

    count: Literal["rows", "events", "customers", "sessions", "orders"] | None = None
    sum: str | None = None
    mean: str | None = None
    median: str | None = None
    max: str | None = None
    distinct: str | None = None
    last: str | None = Field(None, description="a stock, such as followers: each account's last known value, added up")
    of: str | None = Field(None, description="whose last known values add up, with last; default: account")
    at: Literal["start", "end"] | None = Field(None, description="of which instant of the period, with last: end")
    absolute: bool = Field(False, description="amounts without their sign; with sum, mean, median, max")
    events: Names | None = None
    where: Predicate | None = None
    source: SourceName = "events"

    @model_validator(mode="after")
    def _one_operation(self) -> Aggregate:
        given = [name for name in _OPERATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(_OPERATIONS)} is needed, not {len(given)}")
        if self.absolute and given[0] in ("count", "distinct", "last"):
            raise ValueError(f"absolute: goes with sum, mean, median or max, not with {given[0]}")
        if given[0] == "last" and self.source != "audience":
            raise ValueError(
                f"last: is of a source with dates and accounts; it takes source: audience, not {self.source}"
            )
        if given[0] != "last" and (self.of is not None or self.at is not None):
            raise ValueError(f"of: and at: go with last, not with {given[0]}")
        if self.source != "events" and (self.events is not None or self.count in ("events", "sessions", "orders")):
            raise ValueError(f"events and sessions come from the events source, not from {self.source}: count rows")
        return self

    @cached_property
    def operation(self) -> str:
        """Which of count, sum, mean, median, max, distinct, last it is."""
        return next(name for name in _OPERATIONS if getattr(self, name) is not None)

    @cached_property
    def column(self) -> str | None:
        """The column that sum, mean, median, max, distinct or last reads; None for counts."""
        return None if self.operation == "count" else str(getattr(self, self.operation))

    @property
    def owner(self) -> str:
        """The column that says whose last known values add up."""
        return self.of or "account"

    @property
    def words(self) -> str:
        """What it counts or calculates: `sessions`, `sum of value`."""
        if self.operation == "count":
            return str(self.count)
        if self.operation == "last":
            before = " before the period" if self.at == "start" else ""
            return f"each {self.owner}'s last known {self.column}{before}"
        return f"{self.operation} of {self.column}{' without its sign' if self.absolute else ''}"

    @cached_property
    def selection(self) -> Selection:
        """The rows it reads."""
        return Selection(events=self.events, where=self.where)
