"""All metric types, by the word that `type:` takes. One addition is one file and one line here."""

from __future__ import annotations

from engagement_cli.metrics import (
    abandonment,
    active,
    adoption,
    aggregate,
    clv,
    cost,
    derived,
    distribution,
    elapsed,
    frequency,
    funnel,
    inactivity,
    lifecycle,
    new_content,
    paths,
    ratio,
    referrals,
    regular,
    retention,
    score,
    sessions,
    stickiness,
    subscription,
    survey,
    themes,
    time_spent,
    velocity,
)
from engagement_cli.metrics.protocol import MetricType
from engagement_cli.settings.metric import MetricParameters

METRIC_TYPES: dict[str, MetricType] = {
    "abandonment": abandonment,
    "active": active,
    "adoption": adoption,
    "aggregate": aggregate,
    "clv": clv,
    "cost": cost,
    "derived": derived,
    "distribution": distribution,
    "elapsed": elapsed,
    "frequency": frequency,
    "funnel": funnel,
    "inactivity": inactivity,
    "lifecycle": lifecycle,
    "new_content": new_content,
    "paths": paths,
    "ratio": ratio,
    "referrals": referrals,
    "regular": regular,
    "retention": retention,
    "score": score,
    "sessions": sessions,
    "stickiness": stickiness,
    "subscription": subscription,
    "survey": survey,
    "time_spent": time_spent,
    "themes": themes,
    "velocity": velocity,
}

PARAMETERS: dict[str, type[MetricParameters]] = {name: module.Parameters for name, module in METRIC_TYPES.items()}
