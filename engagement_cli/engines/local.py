"""The local engine: scan, bucket, build, measure, merge, on this machine's cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from engagement_cli.engines.course import Run, frame_of, ids_of, measure, prepare
from engagement_cli.engines.inputs import event_batches
from engagement_cli.engines.passes import Part, in_turn
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.build import Frame, build
from engagement_cli.timeline.spread import Spread, bucket_of, spread
from engagement_cli.timeline.store import Array, BucketStore, Store

ROWS_A_BUCKET = 1_000_000
BYTES_A_ROW = 24
_SPOT = "\x1fbucket"


def run(plan: Plan) -> Merged:
    """Measure every metric of the plan.

    Raises `UserError` for exports that cannot be read, are empty, or have too many bad cells.
    """
    prepared = prepare(plan)
    events = plan.exports.sources.get("events")
    hint = events.rows_hint if events is not None else None
    largest = max(hint or 0, prepared.largest_table)
    buckets = plan.limits.buckets or min(max(largest // ROWS_A_BUCKET, 1), 4096)
    if plan.keep_ids and plan.customer_rows is not None and any(need.across for need in plan.needs):
        buckets = 1  # rows of customers are made bucket by bucket, and here they rest on those of others
    on_disk = plan.limits.memory is not None and largest * BYTES_A_ROW * 2 > plan.limits.memory

    def new_store(dtypes: list[np.dtype[np.generic]]) -> Store:
        return BucketStore(buckets, dtypes, 0 if on_disk else None)

    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        plan.progress("reading", done, hint)

    ticks = prepared.ticks_per_second
    batches: Iterable[pl.DataFrame] = event_batches(plan, prepared.layout.demand, ticks) if events is not None else ()
    rows = spread(
        batches,
        prepared.layout,
        buckets,
        new_store,
        ticks_per_second=ticks,
        threads=plan.limits.threads,
        progress=progress,
    )
    try:
        frame = frame_of(plan, prepared, rows.read)
        with_ids = rows.read.ids is not None or plan.keep_ids
        ids = _shares(ids_of(rows.read, prepared.tables), buckets) if with_ids else None
        return measure(plan, prepared, frame, rows.read, lambda asked: _parts(plan, frame, rows, ids, asked))
    finally:
        rows.close()


def _parts(
    plan: Plan, frame: Frame, rows: Spread, ids: Callable[[int], pl.DataFrame] | None, asked: Run
) -> Iterator[Part]:
    """What each bucket gives in one pass, in the buckets' order."""
    shares = {name: _shares(table, rows.buckets) for name, table in asked.tables.items()}

    def one(index: int) -> Part:
        taken = rows.rows.take(index, keep=asked.keep) if asked.rows else _nothing(rows.layout.row_dtypes)
        valued = None
        if rows.valued is not None:
            valued = rows.valued.take(index, keep=asked.keep) if asked.rows else _nothing(rows.layout.valued_dtypes)
        tables = {name: share(index) for name, share in shares.items()}
        return asked.work.measure(build(frame, taken, valued, tables, None if ids is None else ids(index)))

    with ThreadPoolExecutor(plan.limits.threads) as pool:
        for index, part in enumerate(in_turn(pool, one, rows.buckets, plan.limits.threads)):
            yield part
            plan.progress(asked.stage, index + 1, rows.buckets)


def _nothing(dtypes: list[np.dtype[np.generic]]) -> list[Array]:
    return [np.empty(0, dtype) for dtype in dtypes]


def _shares(table: pl.DataFrame, buckets: int) -> Callable[[int], pl.DataFrame]:
    """A function from bucket to that bucket's rows; rows of nobody, and tables without customers, are in bucket 0."""
    if HASH not in table.columns:
        return lambda index: table if index == 0 else table.clear()
    spot = np.where(
        table[HASH].is_null().to_numpy(), 0, bucket_of(table[HASH].fill_null(0).to_numpy(), buckets)
    ).astype(np.uint32)
    ordered = table.with_columns(pl.Series(_SPOT, spot)).sort(_SPOT, maintain_order=True)
    ends = np.searchsorted(ordered[_SPOT].to_numpy(), np.arange(buckets + 1))
    ordered = ordered.drop(_SPOT)
    return lambda index: ordered.slice(int(ends[index]), int(ends[index + 1] - ends[index]))
