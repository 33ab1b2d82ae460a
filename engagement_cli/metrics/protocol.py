"""What a metric type is: a module with these names. There is no class tree; `registry` is one explicit dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import polars as pl

from engagement_cli.records import Record, field
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable

T = TypeVar("T")


class Context(Record):
    """What finishing may know besides the state: the clock, the settings, other metrics' views (for `derived`)."""

    clock: Clock
    settings: Settings
    views: Mapping[str, View]
    _shared: dict[object, tuple[Sequence[Cells], object]] = field(default_factory=dict)

    @property
    def money(self) -> str:
        """The unit of money: the configured currency, or plain numbers."""
        return self.settings.currency or "number"

    def shared(self, of: Sequence[Cells], key: object, make: Callable[[], T]) -> T:
        """What follows from tables that several metrics have in common, and from a key, computed once."""
        known = (*map(id, of), key)
        if known not in self._shared:
            self._shared[known] = (of, make())  # as long as it holds them, no other tables have their ids
        return cast(T, self._shared[known][1])


class MetricType(Protocol):
    """A metric type module.

    `STATE` declares the state's tables and how they merge. `needs` says what is read, `measure` maps one bucket to a
    partial state, `finish` maps the whole state to the view that people see. Each `p` is the module's `Parameters`.
    """

    @property
    def Parameters(self) -> type[MetricParameters]:
        """The model of an entry of this type."""

    @property
    def STATE(self) -> Mapping[str, StateTable]:
        """The state's tables by name."""

    def needs(self, p: Any, settings: Settings) -> Needs:
        """What the metric reads."""

    def measure(self, p: Any, bucket: Bucket) -> State:
        """The partial state of one bucket of customers."""

    def finish(self, p: Any, state: State, context: Context) -> View:
        """The whole state as a view: a table of natural rows and its measures."""


SEGMENT_AND_PERIOD: dict[str, pl.DataType | type[pl.DataType]] = {"segments": pl.String, "period": pl.Int32}
