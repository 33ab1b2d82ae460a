"""From a bucket's stored rows to its timeline: dense codes, one packed key, one sort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import CODE, HASH, Bucket, Rows
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.segments import Segments
from engagement_cli.timeline.spread import NO_IDENTITY, Layout
from engagement_cli.timeline.store import Array

_UNITS_IN_SECONDS = (86_400, 3600, 60, 1)


@dataclass(frozen=True)
class Frame:
    """What all buckets of a report share."""

    clock: Clock
    settings: Settings
    kinds: Kinds
    final_kind: NDArray[np.uint32]
    segments: Segments
    layout: Layout
    selections: tuple[Selection, ...]
    uncounted: frozenset[str] = frozenset()  # sources whose customers are not known by them alone


@dataclass(frozen=True)
class Built:
    """A bucket with the number of duplicate rows that were left out, and of rows outside `[since, until)`."""

    bucket: Bucket
    duplicates: int
    outside: int
    anonymous: int  # rows inside the range without a customer
    inside: int


def build(
    frame: Frame,
    rows: list[Array],
    valued: list[Array] | None,
    tables: Mapping[str, pl.DataFrame],
    ids: pl.DataFrame | None,
) -> Built:
    """Make one bucket of its stored columns and its share of the other sources (with a `HASH` column)."""
    hashes = _population(rows, frame, tables)
    main = _sorted(frame, hashes, rows, (), ())
    before = sum(len(part) for part in main)
    identity: pl.DataFrame | None = None
    if frame.layout.dedupe:
        identity = _first_of_each(frame, rows)
        main = _sorted(frame, hashes, [identity[c].to_numpy() for c in ("hash", "time", "kind")], (), (), final=True)
    demand = frame.layout.demand
    values = main
    if valued is not None:
        values = _sorted(frame, hashes, _without_duplicates(frame, valued, identity), demand.numbers, demand.things)
    codes = pl.DataFrame({HASH: hashes, CODE: np.arange(len(hashes), dtype=np.uint32)})
    bucket = Bucket(
        clock=frame.clock,
        settings=frame.settings,
        kinds=frame.kinds,
        segments=frame.segments,
        hashes=hashes,
        rows=main[0],
        anonymous=main[1],
        valued=values[0],
        anonymous_valued=values[1],
        tables={
            name: table.join(codes, on=HASH, how="left", maintain_order="left") if HASH in table.columns else table
            for name, table in tables.items()
        },
        selections=frame.selections,
        ids=None if ids is None else codes.join(ids, on=HASH, how="left", maintain_order="left")["id"],
    )
    kept = sum(len(part) for part in main)
    inside = len(bucket.in_range(main[0])) + len(bucket.in_range(main[1]))
    return Built(bucket, before - kept, kept - inside, len(bucket.in_range(main[1])), inside)


def _population(rows: list[Array], frame: Frame, tables: Mapping[str, pl.DataFrame]) -> NDArray[np.uint64]:
    """The sorted hashes of everyone known from any source."""
    events = pl.DataFrame({"hash": rows[0], "kind": rows[2]})
    if frame.kinds.anonymous.any():
        lost = frame.kinds.anonymous[frame.final_kind]
        events = events.filter(~pl.Series(lost[rows[2]]))
    parts = [events.lazy().select("hash").unique()]
    counted = [t for name, t in tables.items() if HASH in t.columns and name not in frame.uncounted]
    parts += [table.lazy().select(hash=HASH).drop_nulls().unique() for table in counted]
    everyone = pl.concat(parts).unique() if len(parts) > 1 else parts[0]
    return everyone.sort("hash").collect(engine="streaming")["hash"].to_numpy()


def _sorted(
    frame: Frame,
    hashes: NDArray[np.uint64],
    columns: list[Array],
    numbers: tuple[str, ...],
    things: tuple[str, ...],
    *,
    final: bool = False,
) -> tuple[Rows, Rows]:
    """Rows of customers and rows of nobody, each sorted by (customer, time, kind, values)."""
    if not len(columns[0]):
        empty = Rows(
            np.empty(0, np.uint32),
            np.empty(0, np.int64),
            np.empty(0, np.uint32),
            {n: np.empty(0, np.int64) for n in numbers},
            {t: np.empty(0, np.uint64) for t in things},
        )
        return empty, empty
    raw_kind = np.asarray(columns[2], dtype=np.uint32)
    kind = raw_kind if final else frame.final_kind[raw_kind]
    codes = pl.DataFrame({"hash": hashes, "code": np.arange(len(hashes), dtype=np.uint32)})
    extra = columns[-(len(numbers) + len(things)) :] if numbers or things else []
    names = [f"v{i}" for i in range(len(extra))]
    table = (
        pl.DataFrame({"hash": columns[0], "time": columns[1], "kind": kind, **dict(zip(names, extra, strict=True))})
        .lazy()
        .join(codes.lazy(), on="hash", how="left", maintain_order="none")
        .select(pl.col("code").fill_null(0), "time", "kind", *names)
        .collect(engine="streaming")
    )
    lost = frame.kinds.anonymous[table["kind"].to_numpy()] if frame.kinds.anonymous.any() else None
    parts = (table, table.clear()) if lost is None else (table.filter(~pl.Series(lost)), table.filter(pl.Series(lost)))
    of_customers, of_nobody = (_sort(part, frame.clock.ticks_per_second, names, numbers, things) for part in parts)
    nobody = Rows(
        np.zeros(len(of_nobody), np.uint32), of_nobody.time, of_nobody.kind, of_nobody.numbers, of_nobody.things
    )
    return of_customers, nobody


def _sort(
    table: pl.DataFrame, ticks_per_second: int, names: list[str], numbers: tuple[str, ...], things: tuple[str, ...]
) -> Rows:
    if not names and (packed := _packed_sort(table, ticks_per_second)) is not None:
        return packed
    table = table.sort("code", "time", "kind", *names)
    values = [table[name].to_numpy() for name in names]
    return Rows(
        table["code"].to_numpy(),
        table["time"].to_numpy(),
        table["kind"].to_numpy(),
        dict(zip(numbers, values, strict=False)),
        dict(zip(things, values[len(numbers) :], strict=False)),
    )


def _packed_sort(table: pl.DataFrame, ticks_per_second: int) -> Rows | None:
    """Sort by one key of customer, time and kind packed in 64 bits; None where they do not fit."""
    if not table.height:
        return None
    code, time, kind = (table[name].to_numpy() for name in ("code", "time", "kind"))
    first = int(time.min())
    offset = time - first
    unit = _coarsest_unit(offset, ticks_per_second)
    offset //= unit
    kind_bits, time_bits = int(kind.max()).bit_length(), int(offset.max()).bit_length()
    if int(code.max()).bit_length() + time_bits + kind_bits > 64:
        return None
    shift = np.uint64(kind_bits + time_bits)
    key = code.astype(np.uint64) << shift
    key |= offset.astype(np.uint64) << np.uint64(kind_bits)
    key |= kind
    key.sort()
    time = ((key >> np.uint64(kind_bits)) & np.uint64((1 << time_bits) - 1)).astype(np.int64)
    time *= unit
    time += first
    return Rows((key >> shift).astype(np.uint32), time, (key & np.uint64((1 << kind_bits) - 1)).astype(np.uint32))


def _coarsest_unit(offset: NDArray[np.int64], ticks_per_second: int) -> int:
    """The longest of day, hour, minute, second, milli-, microsecond and tick that divides every offset."""
    units = [seconds * ticks_per_second for seconds in _UNITS_IN_SECONDS]
    units += [ticks_per_second // parts for parts in (1000, 1_000_000) if ticks_per_second >= parts]
    for unit in units:
        if not (offset[:1000] % unit).any() and not (offset % unit).any():
            return unit
    return 1


def _first_of_each(frame: Frame, rows: list[Array]) -> pl.DataFrame:
    """One row for each (customer, identity): the earliest, of equals the one of the first kind in sorted order."""
    raw_kind = np.asarray(rows[2], dtype=np.uint32)
    kind = frame.final_kind[raw_kind]
    lost = frame.kinds.anonymous[kind]
    table = pl.DataFrame({"hash": rows[0], "time": rows[1], "kind": kind, "identity": rows[3], "lost": lost})
    unknown = pl.col("identity") == NO_IDENTITY
    known = table.filter(~unknown).sort("time", "kind")
    once = known.unique(["hash", "lost", "identity"], keep="first", maintain_order=True)
    return pl.concat([once, table.filter(unknown)])


def _without_duplicates(frame: Frame, valued: list[Array], kept: pl.DataFrame | None) -> list[Array]:
    """Valued rows of the rows kept, one of each; kinds stay provisional."""
    if kept is None:
        return valued
    names = ["hash", "time", "raw", "identity", *(f"v{i}" for i in range(len(valued) - 4))]
    table = pl.DataFrame(dict(zip(names, valued, strict=True)))
    table = table.with_columns(kind=frame.final_kind[table["raw"].to_numpy()])
    keys = ["hash", "time", "kind", "identity"]
    unknown = table.filter(pl.col("identity") == NO_IDENTITY)
    known = table.filter(pl.col("identity") != NO_IDENTITY)
    known = known.join(kept.select(keys), on=keys, how="semi").sort(names)
    table = pl.concat([known.unique(keys, keep="first", maintain_order=True), unknown])
    return [table[name].to_numpy() for name in names]
