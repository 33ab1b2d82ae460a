"""What an engine is asked to run: metrics on exports, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from engagement_cli.metrics.protocol import MetricType
from engagement_cli.results import Waterfall
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock, Range
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Demand, Needs
from engagement_cli.timeline.segments import Segments
from engagement_cli.timeline.state import State


@dataclass(frozen=True)
class Ask:
    """One metric to measure: its type's module and its parameters."""

    type: MetricType
    parameters: MetricParameters


@dataclass(frozen=True)
class Limits:
    """How the work is divided. None of it changes a byte of the result.

    `buckets` None: about a million rows each. `memory` in bytes: above it, buckets wait in temporary files.
    """

    buckets: int | None = None
    memory: int | None = None
    threads: int = 2


@dataclass(frozen=True)
class Plan:
    """Metrics by name on opened exports; `customer_rows` maps a bucket to rows that are kept one by one."""

    exports: Exports
    settings: Settings
    asks: Mapping[str, Ask]
    segments: Segments
    range: Range = field(default_factory=Range)
    extra_needs: tuple[Needs, ...] = ()
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    keep_ids: bool = False
    limits: Limits = field(default_factory=Limits)
    progress: Callable[[str, int, int | None], None] = lambda stage, done, total: None


@dataclass(frozen=True)
class Merged:
    """What the engines return, equal whatever the engine, the buckets and the memory."""

    clock: Clock
    kinds: Kinds
    states: Mapping[str, State]
    waterfalls: tuple[Waterfall, ...]
    demand: Demand
    customers: int
    customer_rows: pl.DataFrame | None = None
    warnings: tuple[str, ...] = field(default=())
