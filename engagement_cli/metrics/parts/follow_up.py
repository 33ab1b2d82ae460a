"""Who answered that they would not recommend: detractors and passives, one row an answer, to be followed up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import decimals
from engagement_cli.metrics.parts.survey_answers import NOBODY, PASSIVE, PROMOTER
from engagement_cli.metrics.survey import Parameters, answers_to
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.breakdown import MISSING, groupings
from engagement_cli.timeline.bucket import Bucket

_DETRACTOR, _PASSIVE = "detractor", "passive"


def follow_up_rows(p: Parameters) -> Callable[[Bucket], pl.DataFrame]:
    """What a bucket's customers to follow up answered, as a function from bucket to rows.

    `customer` (id, null for nobody), `answered` (local time, null without one), `class` (detractor, passive), `score`,
    `comment`, and each segment of `by` as of the report's end. Of each customer the latest answer of the whole range,
    so that who has become a promoter is not among them; with `answers: all`, every one. The bucket must have ids.
    """
    return partial(_rows, p.model_copy(update={"every": Grain("total")}))


def _rows(p: Parameters, bucket: Bucket) -> pl.DataFrame:
    if bucket.ids is None:
        raise ValueError("the bucket was built without ids")
    clock, asked = bucket.clock, answers_to(p, bucket)
    answers = asked.answers.take(np.flatnonzero(asked.taken & (asked.answers.score < PROMOTER)))
    nobody = pl.Series(answers.customer == NOBODY)
    customer = pl.Series(np.where(answers.customer == NOBODY, 0, answers.customer).astype(np.uint32)).set(nobody, None)
    tps = clock.ticks_per_second
    microseconds = pl.col("time") // tps * 1_000_000 + pl.col("time") % tps * 1_000_000 // tps
    told = pl.DataFrame([answers.column("time"), pl.Series("score", answers.score), answers.column("comment")])
    table = told.select(
        bucket.ids.gather(customer).alias("customer"),
        microseconds.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(clock.zone_name).alias("answered"),
        pl.when(pl.col("score") < PASSIVE).then(pl.lit(_DETRACTOR)).otherwise(pl.lit(_PASSIVE)).alias("class"),
        decimals(told["score"]).cast(pl.Int64),
        pl.col("comment").str.strip_chars().replace("", None),
    )
    codes = customer.fill_null(0).to_numpy()
    at = np.full(len(codes), clock.as_of, np.int64)
    columns = groupings(bucket, p.by)[-1].columns if bucket.customers else ()
    for column in columns:
        labels = pl.Series(column.column.name, column.labels, dtype=pl.String).gather(column.customers(codes, at))
        table = table.with_columns(labels.set(customer.is_null(), None).replace(MISSING, None))
    missing = [pl.lit(None, pl.String).alias(name) for name in p.by if name not in table.columns]
    return table.with_columns(missing)


def newest_first(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of all buckets in one order: by time, then by customer, score and comment."""
    return rows.sort(
        "answered", "customer", "score", "comment", descending=[True, False, False, False], nulls_last=True
    )
