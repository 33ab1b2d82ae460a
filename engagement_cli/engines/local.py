"""The local engine: scan, bucket, build, measure, merge, on this machine's cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engagement_cli.engines.caching import Look, Opened, open_events, undamaged
from engagement_cli.engines.course import Prepared, Run, frame_of, ids_of, measure, prepare
from engagement_cli.engines.heap import give_all_back, give_back, hold_freed
from engagement_cli.engines.inputs import event_batches
from engagement_cli.engines.measuring import Measuring, Order
from engagement_cli.engines.passes import Part, in_turn
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.engines.sizing import (
    Sizes,
    buckets_of_tables,
    of_processes,
    refuse_large_customer,
    refuse_large_profiles,
    refuse_large_sources,
    sizes,
)
from engagement_cli.records import replace
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.build import Frame
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.events import JustRead
from engagement_cli.timeline.incoming import Incoming
from engagement_cli.timeline.spread import bucket_of, spread
from engagement_cli.timeline.store import BlockStore

if TYPE_CHECKING:
    from engagement_cli.engines.crew.crew import Crew


def run(plan: Plan) -> Merged:
    """Measure every metric of the plan.

    Raises `UserError` for exports that cannot be read, are empty, have too many bad cells, or do not fit into what
    memory and disk are allowed.
    """
    refuse_large_sources(plan.limits, plan.exports, plan.sources)
    hold_freed()
    prepared = prepare(plan)
    return undamaged(plan.cache, lambda terms: _run(plan, prepared, terms))


def _run(plan: Plan, prepared: Prepared, terms: Terms | None) -> Merged:
    events = plan.exports.sources.get("events")
    hint = events.rows_hint if events is not None else None
    tables = {name: table.frame for name, table in prepared.tables.items()}
    limits = of_processes(plan.limits, len(plan.crew)) if plan.crew else plan.limits
    size = sizes(limits, prepared.layout, hint, tables, plan.profiling is not None)
    if plan.in_one_bucket:
        size = replace(size, buckets=1, most_rows=None)
        terms = None  # what is kept has its own buckets

    def read(exports: Exports, buckets: int, look: Look) -> JustRead:
        return _read(replace(plan, exports=exports), prepared, replace(size, buckets=buckets), look)

    opened = open_events(terms, plan.exports, prepared.layout, prepared.ticks_per_second, size.buckets, read)
    rows = opened.events
    try:
        frame = frame_of(plan, prepared, rows.read)
        ids = _shares(ids_of(rows.read, prepared.tables), opened.buckets) if plan.keep_ids else None
        return measure(plan, prepared, frame, rows.read, lambda asked: _parts(plan, frame, opened, ids, asked, size))
    finally:
        rows.close()


def _read(plan: Plan, prepared: Prepared, size: Sizes, look: Look) -> JustRead:
    """Read the events of the plan's exports; `look` sees every batch."""
    events = plan.exports.sources.get("events")
    hint = events.rows_hint if events is not None else None
    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        plan.progress("reading", done, hint)

    ticks = prepared.ticks_per_second
    batches: Iterable[Incoming] = ()
    if events is not None:
        batches = event_batches(plan, prepared.layout, ticks, size.batch_rows)
    rows = spread(
        map(look, batches),
        prepared.layout,
        size.buckets,
        BlockStore(size.buckets, size.allowed, shared=bool(plan.crew)),
        ticks_per_second=ticks,
        threads=plan.limits.threads,
        progress=progress,
    )
    give_back(plan.limits.memory)
    return JustRead(rows, partial(refuse_large_customer, plan.limits))


def _parts(
    plan: Plan, frame: Frame, rows: Opened, ids: Callable[[int], pl.DataFrame] | None, asked: Run, size: Sizes
) -> Iterator[Part]:
    """What each bucket gives in one pass, in the buckets' order; one that is too large is measured in shares."""
    buckets = rows.buckets if asked.rows else min(buckets_of_tables(plan.limits, asked.tables), rows.buckets)
    shares = {name: _shares(table, buckets) for name, table in asked.tables.items()}
    work = Measuring(replace(asked, tables={}), frame, rows.events, buckets, size.most_rows, plan.limits.memory)
    crew = plan.crew if asked.rows and buckets > 1 else None

    def order(bucket: int) -> Order:
        tables = {name: share(bucket) for name, share in shares.items()}
        return Order(bucket, tables, None if ids is None else ids(bucket))

    customers, taken = 0, 0 if asked.work.profiling is not None and asked.work.profiling.shown else None
    for index, parts in enumerate(_measured(work, order, crew, size.threads)):
        if profiles := [part.profiles for part in parts if part.profiles is not None]:
            customers += sum(map(len, profiles))
            taken = None if taken is None else taken + sum(rows.size for rows in profiles)
            refuse_large_profiles(plan.limits, customers, taken, (index + 1) / buckets, asked.tables)
        yield from parts
        plan.progress(asked.stage, min(index + 1, buckets), buckets)
    if asked.rows and not asked.keep:  # nobody reads them any more
        rows.keep()
        rows.events.close()


def _measured(work: Measuring, order: Callable[[int], Order], crew: Crew | None, threads: int) -> Iterator[list[Part]]:
    """What the buckets give, in their order: measured by the crew if there is one, else by threads."""
    if crew:
        give_all_back()
        memory = None if work.memory is None else work.memory // len(crew)
        yield from crew.measure(replace(work, memory=memory), order)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from in_turn(pool, lambda bucket: work.measure(order(bucket)), work.buckets, threads + 2)


def _shares(table: pl.DataFrame, buckets: int) -> Callable[[int], pl.DataFrame]:
    """A function from bucket to that bucket's rows; rows of nobody, and tables without customers, are in bucket 0."""
    if HASH not in table.columns:
        return lambda index: table if index == 0 else table.clear()
    ordered = table if table[HASH].flags["SORTED_ASC"] else table.sort(HASH, maintain_order=True)
    spot = bucket_of(ordered[HASH].fill_null(0).to_numpy(), buckets)
    ends = np.searchsorted(spot, np.arange(buckets + 1))
    return lambda index: ordered.slice(int(ends[index]), int(ends[index + 1] - ends[index]))
