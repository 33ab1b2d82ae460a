"""Stocks that are recorded now and then, such as followers: what each owner is known to have at a period's end."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock


def last_known(clock: Clock, every: Grain, stocks: pl.DataFrame, *, at_start: bool) -> pl.DataFrame:
    """Rows `period`, `group`, `value`, `new`: the last value before each shown period's end, or start, a row an owner.

    `stocks` has `time` (ticks), `owner`, `group` and `value`. Values carry over from period to period, also from before
    the range, with their group: `new` says that one is of the period itself. Of several at one instant the largest
    counts. Rows without an owner are of one owner, and before an owner's first value nothing is known.
    """
    table = clock.periods(every)
    shown = np.array(clock.shown(table), dtype=np.int32)
    begins = np.maximum(table.bounds[shown], clock.since)
    edges = begins if at_start else np.minimum(table.bounds[shown + 1], clock.until)
    asked = pl.DataFrame({"period": shown, "begins": begins, "time": edges - 1})
    values = stocks.with_columns(pl.col("owner").cast(pl.String).fill_null(""), seen=pl.col("time"))
    values = values.sort("owner", "time", "value", "group").unique(["owner", "time"], keep="last", maintain_order=True)
    asked = values.select("owner").unique().join(asked, how="cross").sort("owner", "time")
    known = asked.join_asof(values, on="time", by="owner", strategy="backward", check_sortedness=False)
    known = known.filter(pl.col("value").is_not_null()).sort("period", "group", "value", "seen")
    return known.select("period", "group", "value", new=pl.col("seen") >= pl.col("begins"))
