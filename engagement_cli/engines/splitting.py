"""A bucket that turned out too large, as several smaller ones: by further bits of the customers' hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.spread import bucket_of

_MOST_BUCKETS = 65_535
Share = tuple[Part, dict[str, pl.DataFrame], pl.DataFrame | None]


def in_shares(
    part: Part, tables: Mapping[str, pl.DataFrame], ids: pl.DataFrame | None, buckets: int, most_rows: int | None
) -> Iterator[Share]:
    """One of `buckets` buckets in shares of about `most_rows` event rows at most, with their share of what is beside.

    Frames are in the order of their `HASH`; those without one belong to the first share. A customer is never divided.
    """
    shares = 1 if most_rows is None else -(-len(part.rows) // max(most_rows, 1))
    shares = max(min(shares, _MOST_BUCKETS // buckets), 1)
    for index in range(shares):
        yield (
            part.share(index, shares, buckets * shares),
            {name: _share(table, index, shares, buckets) for name, table in tables.items()},
            None if ids is None else _share(ids, index, shares, buckets),
        )


def _share(table: pl.DataFrame, index: int, shares: int, buckets: int) -> pl.DataFrame:
    if shares == 1:
        return table
    if HASH not in table.columns:
        return table if index == 0 else table.clear()
    spot = bucket_of(table[HASH].fill_null(0).to_numpy(), buckets * shares) % shares
    return table.filter(pl.Series(spot == index))
