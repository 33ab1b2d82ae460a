"""Metrics without data: finished over no rows, for their units, their definitions in words and their goals."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.catalogue.rows import finished
from engagement_cli.metrics.protocol import Context, MetricType
from engagement_cli.results import Finished, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.clock import undated

Metrics = Mapping[str, MetricParameters]


def empty_views(metrics: Metrics, types: Mapping[str, MetricType], settings: Settings) -> dict[str, View]:
    """The view of each metric, and of those that it reads, as no customer leaves it."""
    clock = undated(settings.timezone)
    views: dict[str, View] = {}

    def add(name: str) -> None:
        p = metrics.get(name) or settings.metrics[name]
        for read in p.metrics_read():  # what a metric computes with comes before it
            if read not in views:
                add(read)
        type_ = types[p.type]
        state = {table: kind.empty() for table, kind in type_.STATE.items()}
        views[name] = type_.finish(p, state, Context(clock, settings, views))

    for name in metrics:
        if name not in views:
            add(name)
    return views


def outline(name: str, p: MetricParameters, types: Mapping[str, MetricType], settings: Settings) -> Finished:
    """A metric as no customer leaves it."""
    views = empty_views({name: p}, types, settings)
    return finished(name, p, views[name], Context(undated(settings.timezone), settings, views))
