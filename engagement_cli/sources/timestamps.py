"""Cells of a column → ticks since 1970 UTC.

Most cells of a column are written alike: they are read by position. What is left goes through one general pattern:
ISO 8601 in its variants, compact dates, days and months first where the column proves the order, numbers since 1970.
A time without an offset is read in the source's zone, a date alone is local midnight.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TypeGuard

import numpy as np
import polars as pl

from engagement_cli.native.instants import NO_INSTANT, instants
from engagement_cli.records import Record
from engagement_cli.sources.instants import Reading
from engagement_cli.sources.numbers import is_filled
from engagement_cli.sources.zones import localize

MICROSECONDS = 1_000_000
_INSTANT = {"micros": pl.Int64(), "finer": pl.Int64()}  # µs since 1970, and the nanoseconds below
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH).days * 86_400 * MICROSECONDS
LATEST = (datetime(2262, 4, 11, tzinfo=UTC) - _EPOCH).days * 86_400 * MICROSECONDS  # where nanoseconds end

# Digits are [0-9]: a pattern of all digits that Unicode knows takes long to compile, and no other is read.
_CLOCK = r"(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
_ZONE = r" ?(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_TIME = rf"(?:(?:[T ]|, ?){_CLOCK}{_ZONE})?\s*$"
_DASHED = r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})"
_COMPACT = r"(?P<cy>[0-9]{4})(?P<cm>[0-9]{2})(?P<cd>[0-9]{2})"
_ISO = rf"^\s*(?:{_DASHED}|{_COMPACT}){_TIME}"
_FIRST = r"^\s*(?P<a>[0-9]{1,2})[/.-](?P<b>[0-9]{1,2})[/.-](?P<y>[0-9]{4})" + _TIME
_DIGITS = r"^([0-9]{9,19})$"


class Zones(Record):
    """The zone of times without an offset, and that of dates alone."""

    times: str
    dates: str


def add_ticks(
    frame: pl.LazyFrame,
    cell: str,
    dtype: pl.DataType,
    out: str,
    bad: str,
    reading: Reading,
    zones: Zones,
    ticks_per_second: int,
) -> pl.LazyFrame:
    """Add `out` (Int64 ticks since 1970 UTC, null where empty or bad) and `bad` (Boolean) to the frame.

    Bad is a cell that no format reads, that lies before 1900 or after 2262-04-10, or is finer than a tick.
    """
    if (scale := _micros_of(dtype, zones)) is not None and ticks_per_second == MICROSECONDS:
        number = pl.col(cell).to_physical()
        valid = number.is_between(EARLIEST // scale, LATEST // scale, closed="left")
        frame = frame.with_columns(pl.when(valid).then(number * scale if scale > 1 else number).alias(out))
        return frame.with_columns((pl.col(cell).is_not_null() & pl.col(out).is_null()).alias(bad))
    micros, finer = f"{out} µs", f"{out} ns"
    if dtype == pl.String:
        frame = _read_text(frame, cell, micros, finer, reading, zones)
    else:
        whole, rest = _read_native(pl.col(cell), dtype, reading, zones)
        frame = frame.with_columns(whole.alias(micros), rest.alias(finer))
    valid = pl.col(micros).is_between(EARLIEST, LATEST, closed="left")
    if ticks_per_second == MICROSECONDS:
        ticks = pl.when(valid & (pl.col(finer) == 0)).then(pl.col(micros))
    else:
        ticks = pl.when(valid).then(pl.col(micros) * 1000 + pl.col(finer))
    unread = pl.when(pl.col(out).is_null()).then(pl.col(cell))  # few or none, and looking at texts takes its time
    return frame.with_columns(ticks.alias(out)).with_columns(is_filled(unread, dtype).alias(bad))


def are_instants(dtype: pl.DataType, zones: Zones) -> TypeGuard[pl.Datetime]:
    """Whether cells of a type are instants as they are stored, in whatever unit."""
    return isinstance(dtype, pl.Datetime) and (dtype.time_zone is not None or zones.times == "UTC")


def _micros_of(dtype: pl.DataType, zones: Zones) -> int | None:
    """Microseconds of a type's unit where its numbers need no more than that, being instants; else None."""
    return {"ms": 1000, "us": 1}.get(dtype.time_unit) if are_instants(dtype, zones) else None


def _read_native(cell: pl.Expr, dtype: pl.DataType, reading: Reading, zones: Zones) -> tuple[pl.Expr, pl.Expr]:
    zero = pl.lit(0, pl.Int64)
    if isinstance(dtype, pl.Datetime):
        unit = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[dtype.time_unit]
        physical = cell.to_physical()
        whole, rest = _from_epoch(physical, unit)
        if dtype.time_zone is None and zones.times != "UTC":
            whole = localize(whole.cast(pl.Datetime("us")), zones.times)
        return whole, rest
    if dtype == pl.Date:
        days = cell.to_physical().cast(pl.Int64)
        midnight = _in_range(days, 86_400 * MICROSECONDS)
        return localize((midnight * (86_400 * MICROSECONDS)).cast(pl.Datetime("us")), zones.dates), zero
    if reading.epoch_per_second is not None and dtype.is_integer():
        return _from_epoch(cell.cast(pl.Int64, strict=False), reading.epoch_per_second)
    if reading.epoch_per_second is not None and dtype.is_numeric():
        return _from_float(cell.cast(pl.Float64), reading.epoch_per_second), zero
    if dtype.is_integer():  # compact dates such as 20250630
        day = cell.cast(pl.String).str.to_date("%Y%m%d", strict=False, cache=False)
        return localize(day.cast(pl.Datetime("us")), zones.dates), zero
    return pl.lit(None, pl.Int64), zero


def _in_range(number: pl.Expr, micros_per_unit: int) -> pl.Expr:
    """The number where it lies within a day of the valid range, so that multiplying it cannot overflow."""
    margin = 86_400 * MICROSECONDS
    low, high = (EARLIEST - margin) // micros_per_unit, (LATEST + margin) // micros_per_unit
    return pl.when(number.is_between(low, high)).then(number)


def _from_epoch(number: pl.Expr, per_second: int) -> tuple[pl.Expr, pl.Expr]:
    if per_second > MICROSECONDS:
        return number // 1000, number % 1000
    scale = MICROSECONDS // per_second
    return _in_range(number, scale) * scale, pl.lit(0, pl.Int64)


def _from_float(number: pl.Expr, per_second: int) -> pl.Expr:
    micros = number * (MICROSECONDS / per_second)
    return pl.when(micros.is_between(EARLIEST, LATEST)).then(micros.round(0)).cast(pl.Int64)


def _read_text(frame: pl.LazyFrame, cell: str, micros: str, finer: str, reading: Reading, zones: Zones) -> pl.LazyFrame:
    read = partial(_read_cells, reading=reading, zones=zones)
    found = pl.col(cell).map_batches(read, return_dtype=pl.Struct(_INSTANT), is_elementwise=True)
    together = pl.col(f"{micros} read").struct
    return frame.with_columns(found.alias(f"{micros} read")).with_columns(
        together.field("micros").alias(micros), together.field("finer").alias(finer)
    )


def _read_cells(cells: pl.Series, reading: Reading, zones: Zones) -> pl.Series:
    """Fast path for the frequent writing, then the general patterns for the cells it left null; mostly there are none,
    and no pattern is made ready."""
    found = {name: column.alias(name) for name, column in _by_frequent_writing(cells, reading, zones).items()}
    if found["micros"].null_count() > cells.null_count():
        at = (found["micros"].is_null() & (cells != "")).arg_true()
        filled = _by_pattern(cells.gather(at), reading, zones)
        found = {name: column.scatter(at, filled[name]) for name, column in found.items()}
    return pl.DataFrame(found).to_struct()


def _by_frequent_writing(cells: pl.Series, reading: Reading, zones: Zones) -> dict[str, pl.Series]:
    """The instants of cells as `_INSTANT` names them, null where they are of another writing."""
    none, zero = (pl.Series([number], dtype=pl.Int64).new_from_index(0, len(cells)) for number in (None, 0))
    if reading.epoch_per_second is not None:
        text = pl.col("text")
        whole = text.cast(pl.Int64, strict=False)
        micros, finer = _from_epoch(whole, reading.epoch_per_second)
        decimal = pl.when(whole.is_null()).then(text).cast(pl.Float64, strict=False)
        micros = pl.coalesce(micros, _from_float(decimal, reading.epoch_per_second))
        read = pl.DataFrame({"text": cells}).with_columns(micros=micros, finer=finer.fill_null(0))
        return {name: read[name] for name in _INSTANT}
    if reading.layout is None:
        return {"micros": none, "finer": zero}
    layout = reading.layout
    offset = _offset_seconds(layout.suffix) * MICROSECONDS if layout.suffix else 0
    shown, below = instants(cells, layout.separator, layout.fraction, layout.suffix)
    instant = pl.Series(shown) - offset if offset else pl.Series(shown)
    if len(missing := np.flatnonzero(shown == NO_INSTANT)):
        instant = instant.scatter(missing, None)
    zone = zones.dates if layout.separator is None else zones.times
    if not layout.suffix and zone != "UTC":
        instant = (
            pl.DataFrame({"shown": instant.cast(pl.Datetime("us"))}).select(localize(pl.col("shown"), zone)).to_series()
        )
    return {"micros": instant, "finer": pl.Series(below) if layout.fraction > 6 else zero}


def _by_pattern(cells: pl.Series, reading: Reading, zones: Zones) -> pl.DataFrame:
    """The instants of cells: `micros`, and the nanoseconds below them as `finer`."""
    text = pl.col("text")
    frame = pl.LazyFrame({"text": cells}).with_columns(
        iso=text.str.extract_groups(_ISO), digits=text.str.extract(_DIGITS), first=text.str.extract_groups(_FIRST)
    )
    found = [_from_parts(pl.col("iso").struct, None, zones)]
    if reading.order is not None:
        found.append(_from_parts(pl.col("first").struct, reading.order, zones))
    if reading.epoch_per_second is None:
        found.append(_from_digits(pl.col("digits")))
    for i, (micros, finer) in enumerate(found):
        frame = frame.with_columns(micros.alias(f"micros {i}"), finer.alias(f"finer {i}"))
    read = [(pl.col(f"micros {i}"), pl.col(f"finer {i}")) for i in range(len(found))]  # the first that reads a cell
    return frame.select(
        micros=pl.coalesce(micros for micros, _ in read),
        finer=pl.coalesce(pl.when(micros.is_not_null()).then(finer) for micros, finer in read),
    ).collect()


def _from_digits(digits: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Whole numbers since 1970, in the unit that their length tells."""
    number, length = digits.cast(pl.Int64, strict=False), digits.str.len_bytes()
    units = [(11, 1), (14, 1_000), (17, 1_000_000), (20, 1_000_000_000)]
    choices = [
        pl.when(length.is_between(upto - 3 if upto > 11 else 9, upto, closed="left")).then(_from_epoch(number, unit)[0])
        for upto, unit in units
    ]
    return pl.coalesce(choices), pl.when(length >= 17).then(number % 1000).otherwise(0)


def _offset_seconds(suffix: str) -> int:
    suffix = suffix.strip()
    if suffix in ("Z", "UTC"):
        return 0
    seconds = int(suffix[1:3]) * 3600 + int(suffix[3:].lstrip(":") or 0) * 60
    return -seconds if suffix.startswith("-") else seconds


def _from_parts(parts: pl.expr.struct.ExprStructNameSpace, order: str | None, zones: Zones) -> tuple[pl.Expr, pl.Expr]:
    """µs and the nanoseconds below them from the groups of a pattern; null where a part is out of range."""

    def number(name: str) -> pl.Expr:
        return parts.field(name).cast(pl.Int64, strict=False)

    if order is None:
        year, month, day = (pl.coalesce(parts.field(p), parts.field(f"c{p}")) for p in "ymd")
    else:
        year, (day, month) = parts.field("y"), (parts.field(p) for p in ("ab" if order == "dmy" else "ba"))
    date = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
    midnight = date.str.to_date("%Y-%m-%d", strict=False, cache=False).cast(pl.Datetime("us"))
    half = parts.field("half").str.to_lowercase()
    hour = (
        pl.when(half.is_null())
        .then(number("hour"))
        .when(number("hour").is_between(1, 12))
        .then(number("hour") % 12 + pl.when(half == "pm").then(12).otherwise(0))
    )
    in_range = (hour < 24) & (number("minute") < 60) & (number("second").fill_null(0) < 61)
    seconds = pl.when(in_range).then(hour * 3600 + number("minute") * 60 + number("second").fill_null(0))
    nanos = parts.field("fraction").str.pad_end(9, "0").cast(pl.Int64).fill_null(0)
    moment = midnight + pl.duration(microseconds=seconds * MICROSECONDS + nanos // 1000)
    zone = parts.field("zone")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    offset_hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False)
    offset_minutes = zone.str.extract(r"^[+-][0-9]{2}:?([0-9]{2})$").cast(pl.Int64)
    offset = (sign * (offset_hours * 3600 + offset_minutes.fill_null(0) * 60)).fill_null(0)
    micros = (
        pl.when(parts.field("hour").is_null())
        .then(localize(midnight, zones.dates))
        .when(zone.is_not_null())
        .then(moment.to_physical() - offset * MICROSECONDS)
        .otherwise(localize(moment, zones.times))
    )
    return micros, nanos % 1000
