"""Stocks that are recorded now and then, such as followers: what each owner is known to have at a period's end."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock


def last_known(
    clock: Clock, every: Grain, time: pl.Series, owner: pl.Series, value: pl.Series, *, at_start: bool
) -> pl.DataFrame:
    """Rows `period`, `value`: the last value before the end (or start) of each shown period, one row an owner.

    Values carry over from period to period, also from before the range; of several at one instant the largest counts.
    Rows without an owner are of one owner. Nothing is said of an owner before the first value.
    """
    table = clock.periods(every)
    shown = np.array(clock.shown(table), dtype=np.int32)
    edges = (
        np.maximum(table.bounds[shown], clock.since) if at_start else np.minimum(table.bounds[shown + 1], clock.until)
    )
    asked = pl.DataFrame({"period": shown, "time": edges - 1})
    values = pl.DataFrame({"owner": owner.cast(pl.String).fill_null(""), "time": time, "value": value})
    values = values.group_by("owner", "time").agg(pl.col("value").max()).sort("owner", "time")
    asked = values.select("owner").unique().join(asked, how="cross").sort("owner", "time")
    known = asked.join_asof(values, on="time", by="owner", strategy="backward", check_sortedness=False)
    return known.filter(pl.col("value").is_not_null()).select("period", "value").sort("period", "value")
