"""The time of the customer table: it ends with the report and looks back over the score's window."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from engagement_cli.customers.family import KNOWN, Scene
from engagement_cli.customers.piece import Piece
from engagement_cli.kernels.arrays import Flags, Int64s, Integers
from engagement_cli.native.tallies import Interval
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.rows import NO_NUMBER, Rows
from engagement_cli.timeline.weights import Window, report_end, window_before

_BEGINNING = int(np.iinfo(np.int64).min)


def moments_of(bucket: Bucket) -> dict[str, Window]:
    """`moments`, found once a bucket."""
    return bucket.shared("moments", lambda: moments(bucket.clock, bucket.settings))


def moments(clock: Clock, settings: Settings) -> dict[str, Window]:
    """The score's windows by the ending of the columns that look at them.

    `""`: the window that ends with the report; `_before`: the one before it; `_reference`: the one that ends with the
    score's reference date, where there is one.
    """
    length = settings.score.window
    now = window_before(clock, report_end(clock), length)
    found = {"": now, "_before": window_before(clock, now.begins, length)}
    if settings.score.reference is not None:
        found["_reference"] = window_before(clock, clock.instant(settings.score.reference), length)
    return found


def history(bucket: Bucket, selection: Selection, *, valued: bool = False) -> Rows:
    """The customers' selected rows before the report's end, those before `since` too."""
    rows = bucket.select(bucket.valued if valued else bucket.rows, selection)
    return rows.within(*before(report_end(bucket.clock)))


def before(end: int) -> Interval:
    """All time before an instant."""
    return _BEGINNING, end


def known_within(bucket: Bucket, window: Window) -> Interval:
    """A window as far as the report looks."""
    return window.begins, min(window.ends, report_end(bucket.clock))


def unknown_before(table: Piece, scene: Scene) -> pl.Series:
    """Who was not known yet when the window began."""
    return table[KNOWN] >= moments(scene.clock, scene.settings)["_before"].ends


def count_by_customer(bucket: Bucket, customer: Integers, amount: Int64s | None = None) -> Int64s:
    """How many rows, or what sum of an amount, each customer of the bucket has."""
    if amount is None:
        return np.bincount(customer, minlength=bucket.customers).astype(np.int64, copy=False)
    total = np.zeros(bucket.customers, np.int64)
    np.add.at(total, customer, amount)
    return total


def spread(bucket: Bucket, customer: Integers, values: Integers) -> Int64s:
    """Whole numbers of some customers, each once, as one for every customer of the bucket; of others `NO_NUMBER`."""
    whole = np.full(bucket.customers, NO_NUMBER, np.int64)
    whole[customer] = values
    return whole


def known_values(values: Integers, known: Flags) -> Int64s:
    """Whole numbers of which some are not known: those are `NO_NUMBER`."""
    return np.where(known, values, np.int64(NO_NUMBER))


def nothing(bucket: Bucket, names: Iterable[str]) -> dict[str, Int64s]:
    """Columns of which nothing is known of anybody."""
    return {name: np.full(bucket.customers, NO_NUMBER, np.int64) for name in names}


def local_date(ticks: pl.Series, clock: Clock) -> pl.Series:
    """Ticks as the local day they lie in."""
    seconds = (ticks // clock.ticks_per_second * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return seconds.dt.convert_time_zone(clock.zone_name).dt.date()
