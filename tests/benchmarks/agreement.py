"""Do the report and a peer say the same? Counts exactly, other numbers to nine digits."""

from __future__ import annotations

import polars as pl

KEYS = ("metric", "measure", "period_start", "cohort_start", "index", "step", "segments")
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def disagreements(report: pl.DataFrame, peer: pl.DataFrame) -> pl.DataFrame:
    """Where metric rows of `report` and a peer's `result` differ, of the peer's metrics; no rows if they agree.

    A metric that the peer gives for the whole range has no period there, and needs none here. The report lists
    periods, cells and segments without rows, too: what it lists alone must be zero or unknown. A step that has an
    index needs no name.
    """
    whole = peer.group_by("metric").agg(whole=pl.col("period_start").is_null().all())
    mine = report.join(whole, on="metric").with_columns(
        pl.when("whole").then(None).otherwise("period_start").alias("period_start"),
        pl.when(pl.col("index").is_null()).then("step").alias("step"),
    )
    if "step" not in peer.columns:
        peer = peer.with_columns(step=pl.lit(None, pl.String))
    both = _side(mine, "report", "unit").join(_side(peer, "peer"), on=KEYS, how="full", coalesce=True, nulls_equal=True)
    both = both.with_columns(pl.col("in_report", "in_peer").fill_null(value=False))
    one, other = pl.col("value_report"), pl.col("value_peer")
    tolerance = pl.when(pl.col("unit") == "count").then(0.0).otherwise(RELATIVE)
    near = (one - other).abs() <= ABSOLUTE + tolerance * pl.max_horizontal(one.abs(), other.abs())
    same = (one.is_null() & other.is_null()) | near.fill_null(value=False)
    nothing = ~pl.col("in_peer") & one.fill_null(0).eq(0)
    return both.filter(~pl.col("in_report") | ~(same | nothing)).sort(KEYS)


def _side(rows: pl.DataFrame, name: str, *others: str) -> pl.DataFrame:
    return rows.select(
        *(pl.col(key).cast(pl.Int64 if key == "index" else pl.String) for key in KEYS),
        *others,
        pl.col("value").cast(pl.Float64).alias(f"value_{name}"),
        pl.lit(value=True).alias(f"in_{name}"),
    )
