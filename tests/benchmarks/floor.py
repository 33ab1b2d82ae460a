"""The floor under the report: read its columns, spread them over buckets, number customers, sort one key. Nothing else.

python floor.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE

Polars reads and hashes, the program's own loops pack, spread and number, NumPy sorts; two buckets at a time. The key
holds customer, time in milliseconds and event, from above; rows with a number or a thing keep these beside it. Wrong
answers are not checked for: a real program must see to rows that cannot be read, coarser or finer times, and keys that
do not fit.
"""

from __future__ import annotations

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.hashes import HashTable, hash_table, numbered
from engagement_cli.native.partition import buckets_of
from engagement_cli.native.reading import span
from engagement_cli.native.records import Columns
from engagement_cli.timeline.block import Batch, Block, Values, packed, unpacked

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
    blocks = [
        block for part in spread(lambda file: _read(file, pl.Enum(names), begins, buckets), files) for block in part
    ]
    sizes = list(spread(lambda bucket: _sorted(blocks, bucket), range(buckets)))
    pl.DataFrame(sizes, schema=["rows", "customers"], orient="row").write_parquet(out)


def _read(file: Path, names: pl.Enum, begins: object, buckets: int) -> list[Block]:
    """A file's rows in buckets: customer's hash, time, event, and the numbers and the thing of those that have any."""
    time = (pl.col("occurred_at") - pl.lit(begins)).dt.total_milliseconds()
    wanted = pl.scan_parquet(file).filter(pl.col("occurred_at").is_not_null(), pl.col("user_id").is_not_null())
    wanted = wanted.select(
        pl.col("user_id").hash().alias("hash"),
        time.alias("time"),
        pl.col("event_name").cast(names).to_physical().cast(pl.UInt32).alias("event"),
        *(pl.col(name).fill_null(math.nan) for name in NUMBERS),
        pl.coalesce(THINGS).hash().alias("thing"),
        no_thing=pl.lit(None, pl.String).hash(),
    )
    blocks = []
    for batch in wanted.collect_batches(chunk_size=SLICE, engine="streaming"):
        *numbers, thing = (batch[name].to_numpy() for name in (*NUMBERS, "thing"))
        every, no_thing = np.arange(batch.height, dtype=np.uint32), np.repeat(batch["no_thing"][0], 3)
        values = [Values(number, every, np.full(3, math.nan)) for number in numbers] + [Values(thing, every, no_thing)]
        rows = Columns(*(batch[name].to_numpy() for name in ("hash", "time", "event")))
        fate, counts = np.zeros(len(rows), np.uint8), np.zeros(buckets, np.int64)
        bucket = np.empty(len(rows), np.uint16)
        buckets_of(rows.customer, rows.time, 1, fate, counts, bucket)
        blocks.append(packed(Batch([rows], fate, bucket, span(rows.time, fate), values), counts))
    return blocks


def _sorted(blocks: list[Block], bucket: int) -> tuple[int, int]:
    """Number the customers of a bucket, sort its keys, and its rows with values beside them; rows and customers."""
    runs = [block.index.run(bucket, block.data[block.index.span(bucket)]) for block in blocks]
    plain, cells = unpacked(runs, identified=False)
    known, *_ = numbered(plain[0])
    table = hash_table(np.sort(known), np.arange(len(known), dtype=np.uint32))
    key = _keys(plain, table)
    valued, values = cells.dense(np.arange(len(key), dtype=np.uint32), np.zeros(len(NUMBERS) + 1, np.uint64))
    side = key[valued]
    key.sort()
    order = np.argsort(side)
    for column in (side, *values):
        column[order]
    return len(key), len(known)


def _keys(rows: list[NDArray[np.generic]], table: HashTable) -> NDArray[np.uint64]:
    """The key of each row."""
    customer, time, event = rows[:3]
    codes, *_ = table.find(customer)
    moment = time.astype(np.uint64) << np.uint64(EVENT_BITS) | event
    return codes.astype(np.uint64) << np.uint64(TIME_BITS + EVENT_BITS) | moment


if __name__ == "__main__":
    main(*sys.argv[1:])
