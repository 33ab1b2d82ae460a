"""Which metrics of the catalogue a command is about."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.errors import UserError
from engagement_cli.settings.metric import MetricParameters


def of_stage(metrics: Mapping[str, MetricParameters], stage: str | None) -> dict[str, MetricParameters]:
    """The metrics of one stage of the customer's journey; all without one. Raises UserError where there are none."""
    found = {name: p for name, p in metrics.items() if stage in (None, p.stage)}
    if metrics and not found:
        raise UserError(f"no metric is of the stage {stage}", where="--stage", hint="an entry says it with stage:")
    return found
