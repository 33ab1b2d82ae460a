"""The charts, by the view that they belong to. A view without one is shown as a plain table."""

from __future__ import annotations

from engagement_cli.render.charts import funnel, lifecycle, paths, retention, stickiness
from engagement_cli.render.charts.chart import Chart

CHARTS: dict[str, Chart] = {
    "funnel": funnel.CHART,
    "lifecycle": lifecycle.CHART,
    "paths": paths.CHART,
    "retention": retention.CHART,
    "stickiness": stickiness.CHART,
}
