"""The charts, by the view that they belong to. A view without one is shown as a plain table."""

from __future__ import annotations

from engagement_cli.render.charts import (
    abandonment,
    churn,
    csat,
    funnel,
    lifecycle,
    nps,
    paths,
    retention,
    stickiness,
    themes,
)
from engagement_cli.render.charts.chart import Chart

CHARTS: dict[str, Chart] = {
    "abandonment": abandonment.CHART,
    "churn": churn.CHART,
    "csat": csat.CHART,
    "funnel": funnel.CHART,
    "lifecycle": lifecycle.CHART,
    "nps": nps.CHART,
    "paths": paths.CHART,
    "retention": retention.CHART,
    "stickiness": stickiness.CHART,
    "themes": themes.CHART,
}
