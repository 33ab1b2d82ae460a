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
from engagement_cli.timeline.block import Array
from engagement_cli.timeline.build import Built, Frame, build
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.spread import Layout, spread
from engagement_cli.timeline.store import BlockStore

if TYPE_CHECKING:
    import pyarrow as pa


ROWS, VALUED, FACTS, IDS = "rows", "valued", "facts", "ids"  # what a scan gives
STATE, TOTALS, PROFILES, KEPT = "state of ", "totals", "profiles", "customer rows"  # what a pass gives
OF_BUCKETS = (ROWS, VALUED)


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
    final_kinds: tuple[NDArray[np.uint32], ...]
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
        for part, columns in zip(OF_BUCKETS, found.take(bucket), strict=True):
            if columns is not None and len(columns[0]):
                columns[2] = found.read.final_kind[columns[2]]
                yield from in_parcels(part, _as_frame(columns), bucket, task, compressed=False)  # hashes do not shrink
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
    layout = job.frame.layout
    found: dict[str, list[pl.DataFrame]] = {name: [empty] for name, empty in job.empty.items()}
    for parcel in parcels:
        if parcel.payload:
            found.setdefault(parcel.part, []).append(_with_final_kinds(job, parcel))
    rows = _columns(found.pop(ROWS, []), layout.row_dtypes)
    valued = _columns(found.pop(VALUED, []), layout.valued_dtypes) if layout.has_values else None
    tables = {name: pl.concat(frames) for name, frames in found.items()}
    return build(job.frame, rows, valued, tables, tables.pop(IDS, None))


def _with_final_kinds(job: Measure, parcel: Parcel) -> pl.DataFrame:
    frame = unpacked(parcel.payload)
    if parcel.part not in OF_BUCKETS:
        return frame
    return frame.with_columns(pl.Series("2", job.final_kinds[parcel.task][frame["2"].to_numpy()]))


def _as_frame(columns: Sequence[Array]) -> pl.DataFrame:
    """A bucket's columns, named by their place."""
    return pl.DataFrame({str(place): column for place, column in enumerate(columns)})


def _columns(frames: Sequence[pl.DataFrame], dtypes: Sequence[np.dtype[np.generic]]) -> list[Array]:
    if not frames:
        return [np.empty(0, dtype) for dtype in dtypes]
    return [column.to_numpy() for column in pl.concat(frames).iter_columns()]
