"""All metric types, by the word that `type:` takes. One addition is one file and one line here."""

from __future__ import annotations

from engagement_cli.metrics import active, aggregate, ratio
from engagement_cli.metrics.protocol import MetricType

METRIC_TYPES: dict[str, MetricType] = {
    "active": active,
    "aggregate": aggregate,
    "ratio": ratio,
}
