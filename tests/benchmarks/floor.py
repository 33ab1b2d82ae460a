"""The floor under the report: read its columns, spread them over buckets, number customers, sort one key. Nothing else.

python floor.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE

Polars reads and hashes, the program's own loops spread and number, NumPy sorts; two buckets at a time. The key holds
customer, time in milliseconds and event, from above; rows with a number or a thing keep these beside it. Wrong answers
are not checked for: a real program must see to rows that cannot be read, coarser or finer times, and keys that do not
fit.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.hashes import HashTable, hash_table, numbered
from engagement_cli.native.partition import Partition, buckets_of, gathered, partition

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
        valued=valued.cast(pl.UInt8),
    )
    found: list[list[tuple[Rows, Rows]]] = [[] for _ in range(buckets)]
    for batch in wanted.collect_batches(chunk_size=SLICE, engine="streaming"):
        whose, moment, *values, has = (batch[name].to_numpy() for name in batch.columns)
        kept = partition(buckets_of(whose, buckets, moment, 1), np.zeros(len(whose), np.uint8), buckets)
        plain = _apart(kept, [whose, moment])
        for b, both in enumerate(zip(plain, _apart(kept.marked(has), [whose, moment, *values]), strict=True)):
            found[b].append(both)
    return found


def _apart(rows: Partition, columns: list[NDArray[np.generic]]) -> list[Rows]:
    """The rows' columns bucket by bucket."""
    ends, taken = gathered([rows], [[column] for column in columns])
    return [tuple(column[a:b] for column in taken) for a, b in pairwise([0, *ends.tolist()])]


def _sorted(slices: list[tuple[Rows, Rows]]) -> tuple[int, int]:
    """Number the customers of a bucket, sort its keys, and its rows with values beside them; rows and customers."""
    plain, rich = (
        [np.concatenate(columns) for columns in zip(*part, strict=True)] for part in zip(*slices, strict=True)
    )
    slices.clear()
    known, *_ = numbered(plain[0])
    table = hash_table(np.sort(known), np.arange(len(known), dtype=np.uint32))
    key = _keys(plain, table)
    key.sort()
    side = _keys(rich, table)
    order = np.argsort(side)
    for column in (side, *rich[2:]):
        column[order]
    return len(key), len(known)


def _keys(rows: list[NDArray[np.generic]], table: HashTable) -> NDArray[np.uint64]:
    codes, *_ = table.find(rows[0])
    return (codes.astype(np.uint64) << np.uint64(TIME_BITS + EVENT_BITS)) | rows[1]


if __name__ == "__main__":
    main(*sys.argv[1:])
