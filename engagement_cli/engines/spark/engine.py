"""The driver's part: what is asked of the cluster, and what its answers become."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.customers.rows import CustomerRows
from engagement_cli.engines.course import Prepared, Run, frame_of, ids_of, measure, prepare
from engagement_cli.engines.passes import Part, Pass, Totals
from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.engines.sizing import ROWS_A_BUCKET
from engagement_cli.engines.spark.cluster import Cluster, open_cluster
from engagement_cli.engines.spark.parcels import Parcel, in_parcels, unpacked
from engagement_cli.engines.spark.slices import Slice, cut
from engagement_cli.engines.spark.tasks import FACTS, IDS, KEPT, PROFILES, STATE, TOTALS, Measure, Scan, Scanned
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.kind_keys import Codes, joined
from engagement_cli.timeline.spread import Read, bucket_of
from engagement_cli.timeline.state import State

MOST_BUCKETS = 4096
LEAST_ROWS_A_TASK, MOST_ROWS_A_TASK = 100_000, 2_000_000
_TASKS_A_CORE = 2
_FATES = 256
_SPOT = "\x1fbucket"


def run(plan: Plan) -> Merged:
    """Measure every metric of the plan on a Spark cluster; equal to what the local engine gives.

    Raises `UserError` where Spark cannot be started or reached, and for exports that cannot be read, are empty, or
    have too many bad cells.
    """
    prepared = prepare(plan)
    with open_cluster(plan.limits.remote, plan.limits.master) as cluster:
        buckets, slices = _buckets(plan, prepared, cluster), _slices(plan, cluster)
        job = Scan(plan.exports, plan.settings, prepared.layout, buckets, prepared.ticks_per_second, slices)
        rows, found = cluster.scan(job, partial(plan.progress, "reading"))
        read, codes = _read(prepared, found)
        frame = frame_of(plan, prepared, read)
        ids = ids_of(read, prepared.tables) if plan.keep_ids else None

        def run_pass(asked: Run) -> Iterator[Part]:
            tables = {**asked.tables, **({} if ids is None else {IDS: ids})}
            shares = [p for name, table in tables.items() for p in _shares(name, table, buckets, asked)]
            work = Pass(asked.work.asks, asked.work.profiling, asked.work.customer_rows)
            job = Measure(work, frame, codes, {n: asked.read(n, table.clear()) for n, table in tables.items()})
            progress = partial(plan.progress, asked.stage)
            yield from _parts(cluster.measure(job, shares, rows if asked.rows else None, buckets, progress))

        return measure(plan, prepared, frame, read, run_pass)


def _slices(plan: Plan, cluster: Cluster) -> tuple[Slice, ...]:
    """The events cut for the cluster's tasks: two for each that runs at once, more of much, fewer of little."""
    events = plan.exports.sources.get("events")
    if events is None:
        return ()
    rows = (events.rows_hint or 0) // (_TASKS_A_CORE * cluster.parallelism)
    return tuple(cut(events.headers, min(max(rows, LEAST_ROWS_A_TASK), MOST_ROWS_A_TASK)))


def _buckets(plan: Plan, prepared: Prepared, cluster: Cluster) -> int:
    """About a million rows each, and enough to keep the cluster busy."""
    if plan.in_one_bucket:
        return 1
    events = plan.exports.sources.get("events")
    largest = max((events.rows_hint or 0) if events is not None else 0, prepared.largest_table)
    return plan.limits.buckets or min(max(largest // ROWS_A_BUCKET, _TASKS_A_CORE * cluster.parallelism), MOST_BUCKETS)


def _read(prepared: Prepared, parcels: Sequence[Parcel]) -> tuple[Read, list[Codes]]:
    """What was learned from all slices, and for each slice the table from its codes of kinds to the report's."""
    found: list[Scanned] = [pickle.loads(p.payload) for p in sorted(parcels, key=_order) if p.part == FACTS]
    kinds, codes = joined([scanned.kinds for scanned in found], prepared.layout.demand)
    facts = [scanned.facts for scanned in found if scanned.facts is not None]
    ids = [unpacked(parcel.payload) for parcel in parcels if parcel.part == IDS]
    read = Read(
        kinds=kinds,
        final_kind=np.arange(len(kinds), dtype=np.uint32),
        facts=Facts.joined(facts),
        fates=np.sum([np.zeros(_FATES, np.int64), *(scanned.fates for scanned in found)], axis=0),
        ids=pl.concat(ids).unique() if ids else None,
    )
    return read, codes


def _shares(name: str, table: pl.DataFrame, buckets: int, asked: Run) -> Iterator[Parcel]:
    """A table's rows by bucket, in their order; rows of nobody, and tables without customers, are in bucket 0."""
    spot = np.zeros(table.height, np.uint16)
    if HASH in table.columns:
        known = table[HASH].is_not_null().to_numpy()
        spot = np.where(known, bucket_of(table[HASH].fill_null(0).to_numpy(), buckets), spot)
    parts = table.with_columns(pl.Series(_SPOT, spot)).partition_by(
        _SPOT, maintain_order=True, include_key=False, as_dict=True
    )
    for (bucket,), rows in parts.items():
        yield from in_parcels(name, asked.read(name, rows), int(bucket))


def _parts(parcels: Sequence[Parcel]) -> Iterator[Part]:
    """What the tasks gave; rows of customers in the order of their buckets."""
    totals = Totals()
    states: dict[str, State] = {}  # of one task, as one part: parts are merged by their number
    for parcel in sorted(parcels, key=_order):
        if parcel.part == TOTALS:
            totals += pickle.loads(parcel.payload)
        elif parcel.part == PROFILES:
            yield Part(Totals(), {}, CustomerRows.of_frame(unpacked(parcel.payload)), None)
        elif parcel.part == KEPT:
            yield Part(Totals(), {}, None, unpacked(parcel.payload))
        else:
            if (name := parcel.part.removeprefix(STATE)) in states:
                yield Part(Totals(), states, None, None)
                states = {}
            states[name] = pickle.loads(parcel.payload)
    yield Part(totals, states, None, None)


def _order(parcel: Parcel) -> tuple[int, int]:
    return parcel.bucket, parcel.task
