"""What a metric type is: a module with these names. There is no class tree; `registry` is one explicit dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import polars as pl

from engagement_cli.records import Record
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable


class Context(Record):
    """What finishing may know besides the state: the clock, the settings, other metrics' views (for `derived`)."""

    clock: Clock
    settings: Settings
    views: Mapping[str, View]

    @property
    def money(self) -> str:
        """The unit of money: the configured currency, or plain numbers."""
        return self.settings.currency or "number"


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
