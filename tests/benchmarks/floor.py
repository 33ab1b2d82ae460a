"""The floor under the report: read its columns, spread them over buckets, number customers, sort one key. Nothing else.

python floor.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE

Polars reads and hashes, NumPy spreads and sorts; two buckets at a time. The key holds customer, time in milliseconds
and event, from above; rows with a number or a thing keep these beside it. Wrong answers are not checked for: a real
program must see to rows that cannot be read, coarser or finer times, and keys that do not fit.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = tuple[NDArray[np.generic], ...]
THREADS = 2
SLICE = 2_000_000  # rows read at a time
BUCKET = 1_000_000  # rows of a bucket, about
TIME_BITS, EVENT_BITS = 36, 7
NUMBERS = ("value", "sentiment")
THINGS = ("order_id", "ticket_id", "content_id", "feature")


def main(out: str, events: str, *tables: str) -> None:
    """Write to `out` how many rows and customers lie in each bucket."""
    for table in tables:
        pl.read_csv(table, infer_schema=False)
    exported = pl.scan_parquet(events)
    rows, begins = exported.select(pl.len(), begins=pl.col("occurred_at").min()).collect().row(0)
    names = exported.select(pl.col("event_name").drop_nulls().unique()).collect().to_series()
    buckets = 1 << max(1, (rows // BUCKET).bit_length())
    files = sorted(Path(events).parent.glob(Path(events).name))
    spread = ThreadPoolExecutor(THREADS).map
    parts = list(spread(lambda file: _read(file, pl.Enum(names), begins, buckets), files))
    held = [[bucket for part in parts for bucket in part[b]] for b in range(buckets)]
    del parts
    sizes = list(spread(_sorted, held))
    pl.DataFrame(sizes, schema=["rows", "customers"], orient="row").write_parquet(out)


def _read(file: Path, names: pl.Enum, begins: object, buckets: int) -> list[list[tuple[Rows, Rows]]]:
    """A file's rows in buckets: of each, slices of (hash, time and event) and of the same with numbers and a thing."""
    time = (pl.col("occurred_at") - pl.lit(begins)).dt.total_milliseconds().cast(pl.UInt64)
    event = pl.col("event_name").cast(names).to_physical().cast(pl.UInt64)
    valued = pl.any_horizontal(pl.col(*NUMBERS, *THINGS).is_not_null())
    wanted = pl.scan_parquet(file).filter(pl.col("occurred_at").is_not_null(), pl.col("user_id").is_not_null())
    wanted = wanted.select(
        pl.col("user_id").hash().alias("hash"),
        (time * (1 << EVENT_BITS) + event).alias("moment"),
        *NUMBERS,
        pl.coalesce(THINGS).hash().alias("thing"),
        valued=valued,
    )
    found: list[list[tuple[Rows, Rows]]] = [[] for _ in range(buckets)]
    for batch in wanted.collect_batches(chunk_size=SLICE, engine="streaming"):
        *columns, thing, has = (batch[name].to_numpy() for name in batch.columns)
        chosen = columns[0] >> np.uint64(65 - buckets.bit_length())
        order = np.argsort(chosen.astype(np.uint16), kind="stable")
        ends = np.cumsum(np.bincount(chosen.astype(np.int64), minlength=buckets))
        rich = order[has[order]]
        rich_ends = np.searchsorted(np.flatnonzero(has[order]), ends)
        base = [column[order] for column in columns[:2]]
        side = [column[rich] for column in (*columns, thing)]
        for b in range(buckets):
            first, rich_first = (ends[b - 1], rich_ends[b - 1]) if b else (0, 0)
            plain = tuple(column[first : ends[b]] for column in base)
            found[b].append((plain, tuple(column[rich_first : rich_ends[b]] for column in side)))
    return found


def _sorted(slices: list[tuple[Rows, Rows]]) -> tuple[int, int]:
    """Number the customers of a bucket, sort its keys, and its rows with values beside them; rows and customers."""
    plain, rich = (
        [np.concatenate(columns) for columns in zip(*part, strict=True)] for part in zip(*slices, strict=True)
    )
    slices.clear()
    codes = pl.Series(plain[0]).unique().sort()
    numbered = pl.DataFrame({"hash": codes}).with_row_index("code")
    key = _keys(plain, numbered)
    key.sort()
    side = _keys(rich, numbered, "left")
    order = np.argsort(side)
    for column in (side, *rich[2:]):
        column[order]
    return len(key), len(codes)


def _keys(
    rows: list[NDArray[np.generic]], numbered: pl.DataFrame, maintain_order: Literal["none", "left"] = "none"
) -> NDArray[np.uint64]:
    frame = pl.DataFrame({"hash": rows[0], "moment": rows[1]}).lazy()
    key = pl.col("code").cast(pl.UInt64) * (1 << TIME_BITS + EVENT_BITS) + pl.col("moment")
    joined = frame.join(numbered.lazy(), on="hash", how="left", maintain_order=maintain_order).select(key)
    return joined.collect(engine="streaming").to_series().to_numpy(writable=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
