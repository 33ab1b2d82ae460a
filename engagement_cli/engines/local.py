"""The local engine: scan, bucket, build, measure, merge, on this machine's cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import polars as pl

from engagement_cli.engines.course import Run, frame_of, ids_of, measure, prepare
from engagement_cli.engines.inputs import event_batches
from engagement_cli.engines.passes import Part, in_turn
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.engines.sizing import give_back, refuse_large_customer, refuse_large_profiles, sizes
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.build import Frame, build
from engagement_cli.timeline.spread import Spread, bucket_of, spread
from engagement_cli.timeline.store import Array, BucketStore, Store


def run(plan: Plan) -> Merged:
    """Measure every metric of the plan.

    Raises `UserError` for exports that cannot be read, are empty, have too many bad cells, or do not fit into what
    memory and disk are allowed.
    """
    prepared = prepare(plan)
    events = plan.exports.sources.get("events")
    hint = events.rows_hint if events is not None else None
    tables = {name: table.frame for name, table in prepared.tables.items()}
    size = sizes(plan.limits, prepared.layout, hint, tables, plan.profiling is not None)
    if plan.keep_ids and plan.customer_rows is not None and any(need.across for need in plan.needs):
        size = replace(size, buckets=1)  # rows of customers are made by bucket, and here they rest on those of others

    def new_store(dtypes: list[np.dtype[np.generic]]) -> Store:
        return BucketStore(size.buckets, dtypes, size.allowed)

    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        plan.progress("reading", done, hint)

    ticks = prepared.ticks_per_second
    batches: Iterable[pl.DataFrame] = ()
    if events is not None:
        batches = event_batches(plan, prepared.layout.demand, ticks, size.batch_rows)
    rows = spread(
        batches,
        prepared.layout,
        size.buckets,
        new_store,
        ticks_per_second=ticks,
        threads=plan.limits.threads,
        progress=progress,
    )
    give_back()
    try:
        frame = frame_of(plan, prepared, rows.read)
        with_ids = rows.read.ids is not None or plan.keep_ids
        ids = _shares(ids_of(rows.read, prepared.tables), size.buckets) if with_ids else None
        return measure(
            plan, prepared, frame, rows.read, lambda asked: _parts(plan, frame, rows, ids, asked, size.threads)
        )
    finally:
        rows.close()


def _parts(
    plan: Plan, frame: Frame, rows: Spread, ids: Callable[[int], pl.DataFrame] | None, asked: Run, threads: int
) -> Iterator[Part]:
    """What each bucket gives in one pass, in the buckets' order."""
    shares = {name: _shares(table, rows.buckets) for name, table in asked.tables.items()}

    def one(index: int) -> Part:
        taken = rows.rows.take(index, keep=asked.keep) if asked.rows else _nothing(rows.layout.row_dtypes)
        refuse_large_customer(plan.limits, taken)
        valued = None
        if rows.valued is not None:
            valued = rows.valued.take(index, keep=asked.keep) if asked.rows else _nothing(rows.layout.valued_dtypes)
        tables = {name: share(index) for name, share in shares.items()}
        part = asked.work.measure(build(frame, taken, valued, tables, None if ids is None else ids(index)))
        give_back()
        return part

    seen: list[pl.DataFrame] = []
    with ThreadPoolExecutor(threads) as pool:
        for index, part in enumerate(in_turn(pool, one, rows.buckets, threads)):
            if part.profiles is not None:
                seen.append(part.profiles)
                refuse_large_profiles(plan.limits, seen, (index + 1) / rows.buckets)
            yield part
            plan.progress(asked.stage, index + 1, rows.buckets)


def _nothing(dtypes: list[np.dtype[np.generic]]) -> list[Array]:
    return [np.empty(0, dtype) for dtype in dtypes]


def _shares(table: pl.DataFrame, buckets: int) -> Callable[[int], pl.DataFrame]:
    """A function from bucket to that bucket's rows; rows of nobody, and tables without customers, are in bucket 0."""
    if HASH not in table.columns:
        return lambda index: table if index == 0 else table.clear()
    ordered = table if table[HASH].flags["SORTED_ASC"] else table.sort(HASH, maintain_order=True)
    spot = bucket_of(ordered[HASH].fill_null(0).to_numpy(), buckets)
    ends = np.searchsorted(spot, np.arange(buckets + 1))
    return lambda index: ordered.slice(int(ends[index]), int(ends[index + 1] - ends[index]))
