"""What executors do: scan a slice of the export into buckets, or measure the buckets of a part."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.engines.inputs import event_batches
from engagement_cli.engines.passes import Pass
from engagement_cli.engines.plan import Plan
from engagement_cli.engines.spark.parcels import (
    BUG,
    ERROR,
    Parcel,
    from_batch,
    in_parcels,
    packed,
    to_batches,
    unpacked,
)
from engagement_cli.engines.spark.slices import Slice
from engagement_cli.errors import UserError, input_error
from engagement_cli.records import Record, replace
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.block import Run, in_turn
from engagement_cli.timeline.block import unpacked as rows_of
from engagement_cli.timeline.build import Built, Frame, build
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Codes
from engagement_cli.timeline.spread import spread
from engagement_cli.timeline.store import BlockStore

if TYPE_CHECKING:
    import pyarrow as pa


ROWS, FACTS, IDS = "rows", "facts", "ids"  # what a scan gives; rows are of a bucket each, as they lie in a block
STATE, TOTALS, PROFILES, KEPT = "state of ", "totals", "profiles", "customer rows"  # what a pass gives


class Scan(Record):
    """The first job: every slice of the events spread over buckets."""

    exports: Exports
    settings: Settings
    layout: Layout
    buckets: int
    ticks_per_second: int
    slices: tuple[Slice, ...]


class Scanned(Record):
    """What a scan found besides rows. `kinds` are those of the slice, in their own order."""

    kinds: Kinds
    facts: Facts | None
    fates: NDArray[np.int64]


class Measure(Record):
    """A pass over the buckets. `final_kinds` has, for each slice, the report's kind by the slice's kind."""

    work: Pass
    frame: Frame
    final_kinds: Sequence[Codes]
    empty: Mapping[str, pl.DataFrame]  # of each table, and of the ids if they are kept, for buckets without a row of it


def run_task(job: bytes, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a pickled `Scan` or `Measure` gives, as record batches; instead of what went wrong, a parcel that tells."""
    yield from to_batches(_guarded(pickle.loads(job), batches))


def _guarded(job: Scan | Measure, batches: Iterator[pa.RecordBatch]) -> Iterator[Parcel]:
    try:
        yield from _scan(job, batches) if isinstance(job, Scan) else _measure(job, batches)
    except UserError as error:
        yield Parcel(ERROR, pickle.dumps((error.problems, error.code)))
    except Exception:
        yield Parcel(BUG, traceback.format_exc().encode())


def _scan(job: Scan, batches: Iterator[pa.RecordBatch]) -> Iterator[Parcel]:
    for batch in batches:
        for task in batch.column("id").to_pylist():
            yield from scan_slice(job, task)


def scan_slice(job: Scan, task: int) -> Iterator[Parcel]:
    """One slice's rows by bucket, then its facts. Its kinds are in sorted order: equal if it is scanned again."""
    plan = _plan_of(job, job.slices[task])

    batches = event_batches(plan, job.layout, job.ticks_per_second)
    store = BlockStore(job.buckets)
    found = spread(batches, job.layout, job.buckets, store, ticks_per_second=job.ticks_per_second, threads=1)
    for bucket in range(job.buckets):
        for run in store.take(bucket):
            if len(run):
                yield Parcel(ROWS, pickle.dumps((run, found.read.final_kind)), task, bucket)
    if found.read.ids is not None:
        yield Parcel(IDS, packed(found.read.ids), task)
    yield Parcel(FACTS, pickle.dumps(Scanned(found.read.kinds, found.read.facts, found.read.fates)), task)


def _plan_of(job: Scan, headers: Slice) -> Plan:
    """A plan with nothing to read but the slice; raises UserError where this machine has not got its files."""
    for header in headers:
        if not header.file.is_file():
            raise input_error(
                f"a machine of the cluster has no file {header.file}",
                where="--engine spark",
                hint="put the exports on storage that all of its machines mount under the same path",
            )
    events = replace(job.exports.sources["events"], headers=headers)
    return Plan(replace(job.exports, sources={"events": events}), job.settings, asks={}, segments={})


def _measure(job: Measure, batches: Iterator[pa.RecordBatch]) -> Iterator[Parcel]:
    parcels = (parcel for batch in batches for parcel in from_batch(batch))
    work = job.work
    for bucket, group in groupby(parcels, key=lambda parcel: parcel.bucket):
        part = work.measure(_built(job, group))
        work.add(replace(part, profiles=None, kept=None))
        if part.profiles is not None:
            yield from in_parcels(PROFILES, part.profiles.frame(), bucket)
        if part.kept is not None:
            yield from in_parcels(KEPT, part.kept, bucket)
    yield Parcel(TOTALS, pickle.dumps(work.totals))
    for name, state in work.states().items():
        yield Parcel(STATE + name, pickle.dumps(state))


def _built(job: Measure, parcels: Iterable[Parcel]) -> Built:
    """A bucket of all that came for it."""
    runs: list[Run] = []
    kinds: list[Codes] = []  # of each run, the report's kind by the run's
    found: dict[str, list[pl.DataFrame]] = {name: [empty] for name, empty in job.empty.items()}
    for parcel in parcels:
        if parcel.part == ROWS:
            run, codes = pickle.loads(parcel.payload)
            runs.append(run)
            kinds.append(job.final_kinds[parcel.task][codes])
        elif parcel.payload:
            found.setdefault(parcel.part, []).append(unpacked(parcel.payload))
    rows, cells = rows_of(runs, identified=job.frame.layout.dedupe)
    for codes, (_, which) in zip(kinds, in_turn(runs), strict=True):
        rows[2][which] = codes[rows[2][which]]
    tables = {name: pl.concat(frames) for name, frames in found.items()}
    return build(job.frame, rows, cells, tables, tables.pop(IDS, None))
