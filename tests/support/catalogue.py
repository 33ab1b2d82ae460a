"""The packaged catalogue on the sample exports, measured once for all tests that look at it."""

from __future__ import annotations

from functools import cache

import polars as pl

from engagement_cli.catalogue.behind import customers_behind
from engagement_cli.catalogue.matched import row_counts
from engagement_cli.commands.options import Choice, Inputs, Options, Output, Running, Time
from engagement_cli.commands.session import Session, open_session
from engagement_cli.pipeline import Outcome
from engagement_cli.timeline.bucket import Bucket


@cache
def sample_session() -> Session:
    """The sample exports under the packaged catalogue."""
    return open_session(Options(Inputs(sample=True), Time(), Choice(), Output(quiet=True), Running()))


@cache
def sample_outcome() -> Outcome:
    """Every metric of the catalogue on the sample, with the rows that each takes."""
    session = sample_session()
    metrics = session.settings.metrics
    return session.ask(metrics, lenient=True, customer_rows=row_counts(metrics))


@cache
def sample_behind() -> pl.DataFrame:
    """What each customer of the sample brings to each metric, by `metric`."""
    session = sample_session()
    metrics = session.settings.metrics
    parts = {name: customers_behind(name, metrics) for name in metrics}

    def rows(bucket: Bucket) -> pl.DataFrame:
        return pl.concat([part(bucket).with_columns(metric=pl.lit(name)) for name, part in parts.items()])

    kept = session.ask(metrics, lenient=True, customer_rows=rows, keep_ids=True).merged.customer_rows
    assert kept is not None
    return kept
