"""Stocks that are recorded now and then, such as followers: what each owner is known to have at a period's end."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock


def last_known(
    clock: Clock, every: Grain, time: pl.Series, owner: pl.Series, value: pl.Series, *, at_start: bool
) -> pl.DataFrame:
    """Rows `period`, `value`, `new`: the last value before the end (or start) of each shown period, one row an owner.

    Values carry over from period to period, also from before the range: `new` says that it is of the period itself. Of
    several at one instant the largest counts. Rows without an owner are of one owner, and before an owner's first value
    nothing is known.
    """
    table = clock.periods(every)
    shown = np.array(clock.shown(table), dtype=np.int32)
    edges = (
        np.maximum(table.bounds[shown], clock.since) if at_start else np.minimum(table.bounds[shown + 1], clock.until)
    )
    asked = pl.DataFrame({"period": shown, "begins": np.maximum(table.bounds[shown], clock.since), "time": edges - 1})
    values = pl.DataFrame({"owner": owner.cast(pl.String).fill_null(""), "time": time, "value": value})
    values = values.group_by("owner", "time").agg(pl.col("value").max(), seen=pl.col("time").first())
    values = values.sort("owner", "time")
    asked = values.select("owner").unique().join(asked, how="cross").sort("owner", "time")
    known = asked.join_asof(values, on="time", by="owner", strategy="backward", check_sortedness=False)
    known = known.filter(pl.col("value").is_not_null()).sort("period", "value", "seen")
    return known.select("period", "value", new=pl.col("seen") >= pl.col("begins"))
