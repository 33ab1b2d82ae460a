"""A configuration of the default report's metrics that a peer covers, so that both sides do the same."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
import yaml


def only(metrics: Collection[str], whole: pl.DataFrame, path: Path) -> Path:
    """Write the configuration that shows these metrics of the default report's rows `whole`, and no others."""
    left_out = sorted(set(whole["metric"]) - set(metrics))
    path.write_text(yaml.safe_dump({"version": 1, "metrics": {name: {"report": False} for name in left_out}}))
    return path


def coverage(whole: pl.DataFrame, by_hand: pl.DataFrame) -> str:
    """How many metrics and rows of the default report a peer has, and which metrics are missing."""
    metrics, theirs = set(whole["metric"]), set(by_hand["metric"])
    rows = whole.filter(pl.col("metric").is_in(sorted(theirs))).height
    missing = ", ".join(sorted(metrics - theirs)) or "none"
    return (
        f"{len(metrics & theirs)} of {len(metrics)} metrics, {rows / whole.height:.1%} of the rows; without {missing}"
    )
