"""How large pieces, buckets and what waits may be, so that the work stays within `--memory`.

The figures are peaks measured on reports of everything, rounded up; the program itself (interpreter, Polars, its
threads' stacks) takes about a quarter of a gigabyte besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from engagement_cli.customers.pieces import ROWS_A_PIECE
from engagement_cli.engines.inputs import BATCH_ROWS
from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.kernels.bytes_in_words import bytes_in_words
from engagement_cli.records import Record, replace
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.block import Array
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.spill import has_room, refuse_small_disk

ROWS_A_BUCKET = 1_350_000  # at least, and up to three times as many of large exports: memory is touched once
_LARGER = 3
_MANY_BUCKETS = 8  # a thread: with as many, those of large exports get larger
MOST_BUCKETS = 16_384
_WORTH_A_THREAD = 150_000  # rows: a bucket of fewer costs as much by itself
_FEWEST_ROWS = 50_000  # of a bucket: below, what every bucket costs outweighs its rows
_FEWEST_READ = 50_000
_READ = 150  # bytes of a row that is being read and spread
_MEASURED = 500  # bytes of a row that is being sorted and measured
_WAITING = 16  # bytes of a row that waits
_IDENTITY = 8  # more where duplicates are sought
_VALUES = 8  # more where rows have numbers and things: a value takes 14, and most rows have none
_STATES = 3  # bytes of an event in what metrics keep of it until the end, as far as they cannot add it up before
_TEXT = 16  # bytes of a text's place
_COUNTED = 60  # bytes of a customer in the finished table as far as metrics read it, and in what compares customers
_SHOWN = 2.6  # times the rows of a customer table that is shown, while it is put together and sorted
_FINISHING = 3000  # bytes of a customer who is being finished
_PIECES = 8  # of the memory, one for those in work
_FEWEST_PIECE = 20_000
_MOST_PROFILES = 256 << 20
_SHARE_READ = 0.25  # of the memory, for batches that are being read
_SHARE_KEPT = 0.4  # of the memory, for rows that wait in it
_MOST_KEPT = 1 << 30  # bytes for them: a temporary file, which the system caches, costs little more
_MOST_WAITING = 64 << 20  # bytes of rows beside those in a file
_PROCESS = 100 << 20  # bytes of one that measures, besides what it measures
_NEGLIGIBLE = 32 << 20  # bytes that are never refused


class Sizes(Record):
    """Buckets, rows a batch that is read, bytes of rows that may wait in memory (None: all), buckets in work.

    A bucket of more than `most_rows` is measured in shares.
    """

    buckets: int
    batch_rows: int
    allowed: int | None
    threads: int
    most_rows: int | None = None


def of_processes(limits: Limits, count: int) -> Limits:
    """The limits of what so many processes do, each of which takes memory whatever it does."""
    memory = None if limits.memory is None else max(limits.memory - count * _PROCESS, limits.memory // 2)
    return replace(limits, threads=count, memory=memory)


def sizes(
    limits: Limits, layout: Layout, rows: int | None, tables: Mapping[str, pl.DataFrame], profiled: bool
) -> Sizes:
    """How to divide the work on about so many event rows beside these tables.

    Raises `UserError` for tables that alone do not fit, and a disk that is too small for what does not.
    """
    largest = max([rows or 0, *(table.height for table in tables.values())])
    if limits.memory is None:
        buckets = limits.buckets or _buckets(largest, _rows_a_bucket(largest, limits.threads), limits.threads)
        return Sizes(buckets, BATCH_ROWS, None, limits.threads)
    free = limits.memory - _refuse_large_tables(limits.memory, tables)
    if profiled:
        free -= pieces_of(limits)[1]
    free -= (rows or 0) * _STATES
    free = max(free, limits.memory // 4)
    stored = (rows or 0) * (_WAITING + _IDENTITY * layout.dedupe + _VALUES * layout.has_values)
    kept = min(fitting := int(free * _SHARE_KEPT), _MOST_KEPT)
    if kept < stored <= fitting and not has_room(stored):
        kept = fitting
    if stored > kept:
        refuse_small_disk(stored // 2)
        allowed = min(free // 20, _MOST_WAITING)
    else:
        free, allowed = free - stored, kept
    in_work = 3 * limits.threads + 1
    batch_rows = max(min(int(free * _SHARE_READ) // (in_work * _READ), BATCH_ROWS), _FEWEST_READ)
    measurable = free // (_MEASURED * limits.threads)
    threads = limits.threads if measurable >= _FEWEST_ROWS else 1
    rows_a_bucket = min(max(measurable, _FEWEST_ROWS), _rows_a_bucket(largest, threads))
    buckets = limits.buckets or _buckets(largest, rows_a_bucket, threads)
    return Sizes(buckets, batch_rows, allowed, threads, 3 * rows_a_bucket // 2)


def _rows_a_bucket(rows: int, threads: int) -> int:
    """How many rows a bucket should have at most: what it costs by itself weighs less where it has more."""
    return min(max(rows // (_MANY_BUCKETS * threads), ROWS_A_BUCKET), _LARGER * ROWS_A_BUCKET)


def _buckets(rows: int, most: int, threads: int) -> int:
    """Buckets of about so many rows at most, and as many as keep all threads busy to the end where rows are enough."""
    fewest = max(-(-rows // most), 1)
    in_rounds = -(-fewest // threads) * threads
    return min(max(fewest, min(in_rounds, rows // _WORTH_A_THREAD)), MOST_BUCKETS)


def pieces_of(limits: Limits) -> tuple[int, int]:
    """Customers a piece of the customer table, of which each thread finishes one, and bytes of its rows that wait in
    memory."""
    if limits.memory is None:
        return ROWS_A_PIECE, _MOST_PROFILES
    rows = limits.memory // (_FINISHING * _PIECES * limits.threads)
    return min(max(rows, _FEWEST_PIECE), ROWS_A_PIECE), min(limits.memory // 16, _MOST_PROFILES)


def buckets_of_tables(limits: Limits, tables: Mapping[str, pl.DataFrame]) -> int:
    """Buckets for a pass that reads no event rows, only these tables: one for as many rows as a piece has."""
    largest = max((table.height for table in tables.values()), default=0)
    return max(-(-largest // pieces_of(limits)[0]), 1)


def refuse_large_sources(limits: Limits, exports: Exports, sources: Iterable[str]) -> None:
    """Raise `UserError` where the files of the sources besides the events are so large that reading cannot fit."""
    if limits.memory is None:
        return
    files = {name: exports.sources[name].files for name in sorted(set(sources) - {"events"})}
    taken = {name: sum(file.stat().st_size * _unpacked(file) for file in each) for name, each in files.items()}
    whole = sum(taken.values())
    if whole > max(limits.memory, _NEGLIGIBLE):
        name = max(taken, key=lambda each: taken[each])
        raise UserError(
            f"{', '.join(taken)} are read as a whole, which takes about {bytes_in_words(whole)}, "
            f"more than the {bytes_in_words(limits.memory)} allowed; most of it is {name}",
            where=str(files[name][0]),
            hint=f"allow at least {bytes_in_words(1.5 * whole)} with --memory, or export {name} with fewer columns",
        )


def _unpacked(file: Path) -> int:
    """Bytes in memory while a table is read, for a byte of its file, at least: most columns are often not kept."""
    return 1 if file.name.lower().endswith(".csv") else 3


def _refuse_large_tables(memory: int, tables: Mapping[str, pl.DataFrame]) -> int:
    """The tables' bytes. Raises `UserError` where little else would fit beside them."""
    taken = {name: _size(table) for name, table in tables.items()}
    if (whole := sum(taken.values())) > max(0.8 * memory, _NEGLIGIBLE):
        name = max(taken, key=lambda each: taken[each])
        raise UserError(
            f"{name} have {tables[name].height:,} rows, which take {bytes_in_words(taken[name])}; "
            f"all sources beside the events take {bytes_in_words(whole)} of the {bytes_in_words(memory)} allowed",
            where="--memory",
            hint=f"allow at least {bytes_in_words(1.5 * whole)}, or export {name} without columns that nobody reads",
        )
    return whole


def _size(table: pl.DataFrame) -> int:
    """Bytes of a table; Polars counts texts without the places in which they are found."""
    texts = sum(dtype == pl.String for dtype in table.dtypes)
    return int(table.estimated_size()) + _TEXT * texts * table.height


def refuse_large_customer(limits: Limits, rows: list[Array]) -> None:
    """Raise `UserError` where a bucket does not fit because a single customer has that many rows."""
    fitting = (limits.memory or 0) // (_MEASURED // 2)
    if limits.memory is None or len(rows[0]) <= max(fitting, _FEWEST_ROWS):
        return
    hashes, counts = np.unique(rows[0], return_counts=True)
    most = int(counts[hashes != 0].max(initial=0))
    if most > fitting:
        raise UserError(
            f"one customer has {most:,} events, which do not fit into the {bytes_in_words(limits.memory)} allowed",
            where="events",
            hint="if this is a robot or a shared id, leave it out with `exclude:`; else allow more with --memory",
        )


def refuse_large_profiles(
    limits: Limits, customers: int, size: int | None, share: float, tables: Mapping[str, pl.DataFrame]
) -> None:
    """Raise `UserError` where the customer table cannot fit, of which a share of all customers was seen.

    `size` has the bytes of their rows where all of the table is to be shown; else what metrics read of it has to fit.
    The tables lie beside it.
    """
    if limits.memory is None:
        return
    whole = int((customers * _COUNTED if size is None else size * _SHOWN) / share)
    beside = sum(map(_size, tables.values()))
    if whole > max(limits.memory - beside, _NEGLIGIBLE):
        fewer = "metrics that need no scores and segments of customers" if size is None else "fewer columns"
        raise UserError(
            f"the customer table of about {customers / share:,.0f} customers takes {bytes_in_words(whole)}, "
            f"more than is left of the {bytes_in_words(limits.memory)} allowed",
            where="--memory",
            hint=f"allow {bytes_in_words(1.2 * (whole + beside))}, or ask for {fewer}",
        )
