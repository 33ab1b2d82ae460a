"""How often each path was taken, by how many customers, out of how many, and how long it took: the state of `paths`.

A path is the text of its nodes in order of time, joined by `JOIN`, so that it means the same in every bucket.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.paths import BEYOND
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.records import Record
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import State, StateTable

JOIN, ENDED = "\x1f", "\x1e"  # no event of an export is called so
_OF_EVENT = {**SEGMENT_AND_PERIOD, "event": pl.String}
_OF_PATH = {**_OF_EVENT, "path": pl.String}
STATE = {
    "paths": StateTable(_OF_PATH, {"count": "sum", "customers": "sum", "squares": "sum", "product": "sum"}),
    "occurrences": StateTable(_OF_EVENT, {"count": "sum", "customers": "sum", "squares": "sum", "open": "sum"}),
    "durations": StateTable({**SEGMENT_AND_PERIOD, "path": pl.String, "value": pl.Int64}, {"count": "sum"}),
}


class Taken(Record):
    """One value a path taken: whose, in which period, from (or to) which node, along which nodes (shape (depth, paths),
    the nearest first), how long to the furthest of them (in ticks), whether there is any, and may it still go on."""

    customer: Int64s
    period: NDArray[np.int32]
    node: Int64s
    nodes: Int64s
    ticks: Int64s
    somewhere: Flags
    open: Flags


def path_counts(taken: Taken, group: Int64s, labels: Labels, names: Sequence[str], *, back: bool) -> State:
    """The state of paths in groups (a code and a label each), their nodes being positions in `names`."""
    columns = [f"n{number}" for number in range(len(taken.nodes))]
    rows = pl.DataFrame(
        {
            "group": group,
            "period": taken.period,
            "customer": taken.customer,
            "node": taken.node,
            **dict(zip(columns, taken.nodes, strict=True)),
            "open": taken.open.astype(np.int64),
            "value": taken.ticks,
            "somewhere": taken.somewhere,
        }
    )
    keys = ["group", "period", "node"]
    each = rows.group_by(*keys, "customer").agg(pl.len().cast(pl.Int128).alias("count"), pl.col("open").sum())
    of_event = each.group_by(keys).agg(
        pl.col("count").sum(),
        pl.len().alias("customers"),
        (pl.col("count") * pl.col("count")).sum().alias("squares"),
        pl.col("open").sum(),
    )
    by_path = rows.group_by(*keys, *columns, "customer").agg(pl.len().cast(pl.Int128).alias("count"))
    by_path = by_path.join(each.select(*keys, "customer", out_of="count"), on=[*keys, "customer"])
    of_path = by_path.group_by(*keys, *columns).agg(
        pl.col("count").sum(),
        pl.len().alias("customers"),
        (pl.col("count") * pl.col("count")).sum().alias("squares"),
        (pl.col("count") * pl.col("out_of")).sum().alias("product"),
    )
    lasting = rows.filter("somewhere").group_by(*keys, *columns, "value").agg(pl.len().alias("count"))
    known = pl.DataFrame({"group": group, "segments": labels.series()}).unique()
    texts = pl.Series([None, ENDED, *names], dtype=pl.String)  # of BEYOND, of END, of every node

    def told(table: pl.DataFrame) -> pl.DataFrame:
        named = table.join(known, on="group")
        named = named.with_columns(event=texts.gather(named["node"] - BEYOND))
        if columns[0] not in table.columns:
            return named
        order = [*reversed(columns), "node"] if back else ["node", *columns]
        parts = [texts.gather(named[column] - BEYOND).alias(column) for column in order]
        return named.with_columns(pl.select(pl.concat_str(parts, separator=JOIN, ignore_nulls=True).alias("path")))

    frames = {"paths": of_path, "occurrences": of_event, "durations": lasting}
    return {name: STATE[name].of(told(frame)) for name, frame in frames.items()}
