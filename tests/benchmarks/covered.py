"""A configuration of the default report's metrics that a peer covers, so that both sides do the same."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
import yaml

FEW = 12


def only(metrics: Collection[str], whole: pl.DataFrame, path: Path) -> Path:
    """Write the configuration that shows these metrics of the default report's rows `whole`, and no others.

    A signal has no entry among the metrics; it is taken away.
    """
    left_out = whole.filter(~pl.col("metric").is_in(sorted(metrics)))
    signals = left_out.filter(pl.col("dimension") == "signals")["metric"].unique().sort().to_list()
    others = left_out.filter(pl.col("dimension") != "signals")["metric"].unique().sort().to_list()
    shown = {"version": 1, "metrics": {name: {"report": False} for name in others}}
    path.write_text(yaml.safe_dump(shown | {"signals": dict.fromkeys(signals)}))
    return path


def coverage(whole: pl.DataFrame, by_hand: pl.DataFrame) -> str:
    """How many metrics and rows of the default report a peer has, and which are missing, if these are few."""
    metrics, theirs = set(whole["metric"]), set(by_hand["metric"])
    rows = whole.filter(pl.col("metric").is_in(sorted(theirs))).height
    told = f"{len(metrics & theirs)} of {len(metrics)} metrics, {rows / whole.height:.1%} of the rows"
    missing = sorted(metrics - theirs)
    return f"{told}; without {', '.join(missing)}" if 0 < len(missing) <= FEW else told
