"""One customer's own events, for his profile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.weights import report_end

EVENTS = {"time": pl.Int64, "event": pl.String}


def events_of(customer: str) -> Callable[[Bucket], pl.DataFrame]:
    """The customer's events before the report's end, as a function from bucket to `EVENTS` (ticks, the export's names).

    The bucket must have ids.
    """
    return partial(_events, customer)


def _events(customer: str, bucket: Bucket) -> pl.DataFrame:
    if bucket.ids is None:
        raise ValueError("the bucket was built without ids")
    code = bucket.ids.eq_missing(customer).arg_true()
    if not len(code):
        return pl.DataFrame(schema=EVENTS)
    low, high = np.searchsorted(bucket.rows.customer, [code[0], code[0] + 1])
    rows = bucket.rows.take(slice(int(low), int(high)))
    rows = rows.take(rows.time < report_end(bucket.clock))
    names = pl.Series(bucket.kinds.events, dtype=pl.String).gather(rows.kind)
    return pl.DataFrame({"time": rows.time, "event": names}, schema=EVENTS)
