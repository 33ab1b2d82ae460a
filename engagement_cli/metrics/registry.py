"""All metric types, by the word that `type:` takes. One addition is one file and one line here."""

from __future__ import annotations

from engagement_cli.metrics import active, aggregate, ratio, sessions
from engagement_cli.metrics.protocol import MetricType
from engagement_cli.settings.metric import MetricParameters

METRIC_TYPES: dict[str, MetricType] = {
    "active": active,
    "aggregate": aggregate,
    "ratio": ratio,
    "sessions": sessions,
}

PARAMETERS: dict[str, type[MetricParameters]] = {name: module.Parameters for name, module in METRIC_TYPES.items()}
