"""What metric types over surveys share: the answers of a kind in range, and the scales that kinds have."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.labels import Labels

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "effort": (1.0, 7.0), "rating": (1.0, 5.0)}
NOBODY = -1

KIND = pl.col("survey").str.strip_chars().str.to_lowercase()
PROMOTER, PASSIVE = 9 * MICRO, 7 * MICRO  # the lowest answers of each, in millionths


def answers_in_range(
    bucket: Bucket, where: str | None, every: Grain, kind: str | None, *, unnamed: bool
) -> pl.DataFrame:
    """The surveys' rows of a kind (None: of all) in `[since, until)`; one without a time only where `every` is total.

    `customer` (Int64, `NOBODY` for none) and `score` (Int64 × 10⁶) replace the export's; with `unnamed`, rows that name
    no kind belong to each.
    """
    clock = bucket.clock
    inside = pl.col("time").is_between(clock.since, clock.until, "left").fill_null(value=every.unit == "total")
    of_kind = pl.lit(value=True) if kind is None else (kind.strip().lower() == KIND) | (KIND.is_null() & unnamed)
    return (
        rows_of(bucket, "surveys", where)
        .filter(of_kind.fill_null(value=False), inside)
        .with_columns(
            customer=pl.col(CODE).cast(pl.Int64).fill_null(NOBODY),
            # In millionths: what a float holds of 7 need not be at or above 7.
            score=(pl.col("score") * MICRO).round(mode="half_to_even").cast(pl.Int64),
        )
    )


def periods_of(bucket: Bucket, every: Grain, answers: pl.DataFrame) -> pl.Series:
    """The period of each answer; one without a time is the range's first."""
    index = bucket.clock.periods(every).index(answers["time"].fill_null(bucket.clock.since).to_numpy())
    return pl.Series("period", index, dtype=pl.Int32)


def on_scale(score: pl.Expr, bounds: tuple[float, float], *, whole: bool) -> pl.Expr:
    """Whether a score in millionths lies on a scale; of `whole` answers, only those without a fraction do."""
    fits = score.is_between(round(bounds[0] * MICRO), round(bounds[1] * MICRO))
    return fits & (score % MICRO == 0) if whole else fits


def segment_labels(bucket: Bucket, every: Grain, grouping: Grouping, answers: pl.DataFrame) -> Labels:
    """The segment of each answer, as of its period's start; answers of nobody are in the missing one."""
    customer, period = answers["customer"].to_numpy(), answers["period"].to_numpy()
    known = np.where(customer == NOBODY, 0, customer).astype(np.uint32)
    if bucket.customers == 0:
        return grouping.labels(np.zeros(len(customer), np.int64))
    group = grouping.customers(known, bucket.clock.periods(every).bounds[period])
    return grouping.labels(np.where(customer == NOBODY, 0, group))
