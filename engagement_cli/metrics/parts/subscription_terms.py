"""Terms of subscriptions: when a week, month, quarter or year paid for ends, on the report's local calendar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.billing import TERMS, term_of
from engagement_cli.metrics.parts.subscription_rows import Subscriptions, subscriptions
from engagement_cli.metrics.parts.text_codes import text_codes
from engagement_cli.metrics.parts.zone_offsets import local_seconds, offsets_between
from engagement_cli.native.terms import Anchors, terms_due
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock

_NAMES = tuple(TERMS)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"week": 7}
_LEAST_DAYS = {"week": 7, "month": 28, "quarter": 89, "year": 365}
_MOST_DAYS = {"week": 7, "month": 31, "quarter": 92, "year": 366}


class Terms(Record):
    """Ends of terms: whose, and when (ticks); in the order of customers."""

    customer: Int64s
    ends: Int64s


class Termed(Record):
    """Rows that have a term (its number in `_NAMES`): whose they are, when they are paid from and end (ticks), and the
    wall clock's seconds of that."""

    customer: Int64s
    anchor: Int64s
    ended: Int64s
    term: Int64s
    local: Int64s


def terms_of(bucket: Bucket, where: str | None, default: str | None) -> Termed:
    """The bucket's subscriptions under a filter that have a term; `default` is that of rows whose `billing` says
    nothing."""
    return bucket.shared(
        ("terms", where, default), lambda: _termed(subscriptions(bucket, where), bucket.clock, default)
    )


def _termed(rows: Subscriptions, clock: Clock, default: str | None) -> Termed:
    term = _numbers(rows.table["billing"], default)[rows.row]
    there = term >= 0
    anchor = rows.paid_from[there]
    local = local_seconds(anchor // clock.ticks_per_second, clock.zone_name)
    return Termed(rows.customer[there], anchor, rows.ended[there], term[there], local)


def terms_between(rows: Termed, clock: Clock, first: int, last: int) -> Terms:
    """The terms that end in `[first, last)` on rows that run until then.

    A term ends on the 1st, 2nd, … anniversary of the day the row is paid from, at the same local time; the 31st falls
    on the last day of shorter months.
    """
    there = (rows.anchor < last) & (rows.ended >= first)
    anchor, ended, term = rows.anchor[there], rows.ended[there], rows.term[there]
    # Guess which anniversaries can fall into the range: these are then worked out on the calendar.
    low = np.maximum((first - anchor) // (_of_each(_MOST_DAYS)[term] * clock.day) - 1, 1)
    high = (np.minimum(ended, last) - anchor) // (_of_each(_LEAST_DAYS)[term] * clock.day) + 1
    tps = clock.ticks_per_second
    anchors = Anchors(rows.local[there], anchor % tps, ended, _of_each(_MONTHS)[term], _of_each(_DAYS)[term])
    offsets = offsets_between(clock, first, last)
    row, ends = terms_due(anchors, low, np.maximum(high - low + 1, 0), offsets, tps, first, last)
    return Terms(rows.customer[there][row], ends)


def _of_each(values: Mapping[str, int]) -> Int64s:
    return np.array([values.get(name, 0) for name in _NAMES], np.int64)


def _numbers(billing: pl.Series, default: str | None) -> Int64s:
    """The number of each row's term, −1 for none."""
    codes, words = text_codes(billing)
    return np.array(_numbers_of_words(tuple(words.to_list()), default), np.int64)[codes]


@lru_cache  # most buckets have the same
def _numbers_of_words(words: tuple[str | None, ...], default: str | None) -> tuple[int, ...]:
    said = pl.DataFrame({"word": pl.Series(words, dtype=pl.String)}).select(
        pl.when(pl.col("word").is_null()).then(pl.lit(default, pl.String)).otherwise(term_of(pl.col("word")))
    )
    return tuple(-1 if name is None else _NAMES.index(name) for name in said.to_series().to_list())
