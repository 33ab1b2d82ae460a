"""A metric without data: finished over no rows, for its unit, its definition in words and its goals."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.catalogue.rows import finished
from engagement_cli.metrics.protocol import Context, MetricType
from engagement_cli.results import Finished, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.clock import undated


def outlines(
    metrics: Mapping[str, MetricParameters], types: Mapping[str, MetricType], settings: Settings
) -> dict[str, Finished]:
    """Each metric as no customer leaves it, by name."""
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
    context = Context(clock, settings, views)
    return {name: finished(name, p, views[name], context) for name, p in metrics.items()}
