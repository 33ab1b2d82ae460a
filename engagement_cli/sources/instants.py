"""How the timestamps of a column are written, decided from a sample of its cells."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

import polars as pl

from engagement_cli.records import Record

Order = Literal["dmy", "mdy"]

_LAYOUT = re.compile(r"\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z| ?UTC|[+-]\d\d:?\d\d|[+-]\d\d)?)?")
_DAY_OR_MONTH = r"^\s*([0-9]{1,2})([/.-])([0-9]{1,2})[/.-][0-9]{4}"
_COMPACT_DATE = r"^(?:19|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"
_DATE = r"^\s*(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{8}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4})\s*$"
_YEAR_FIRST = r"^[0-9]{4}-"
_BELOW_MICROSECOND = r":[0-9]{2}[.,][0-9]{6}[0-9]{0,2}[1-9]"
_EPOCH = r"^-?[0-9]{1,19}(?:\.[0-9]+)?$"


class AmbiguousOrderError(Exception):
    """Day and month cannot be told apart; carries an example."""


class Layout(Record):
    """One fixed layout of ISO 8601 text, read by position: separator, digits of the fraction, suffix."""

    separator: str | None  # None: a date alone
    fraction: int
    suffix: str


class Reading(Record):
    """How a column's instants are read.

    `layout` is the most frequent text layout, tried first; `epoch_per_second` is set where cells are numbers since
    1970; `order` where days and months stand before the year. `date_only`: no sampled cell has a time of day.
    `finer`: some sampled cell has a part below the microsecond.
    """

    layout: Layout | None = None
    epoch_per_second: int | None = None
    order: Order | None = None
    date_only: bool = False
    finer: bool = False


def told_by_type(dtype: pl.DataType) -> bool:
    """Whether the type of a column alone says how its instants are read, whatever its cells."""
    if isinstance(dtype, pl.Datetime):
        return dtype.time_unit != "ns"
    return dtype != pl.String and not dtype.is_numeric()


def decide(sample: pl.Series) -> Reading:
    """The reading of a column from some of its cells. Raises `AmbiguousOrderError` for dates such as 03/04/2025."""
    if sample.dtype == pl.Date:
        return Reading(date_only=True)
    if isinstance(sample.dtype, pl.Datetime):
        finer = sample.dtype.time_unit == "ns" and bool((sample.to_physical() % 1000 != 0).any())
        return Reading(finer=finer)
    if sample.dtype.is_numeric():
        if sample.dtype.is_integer() and _all(sample.cast(pl.String), _COMPACT_DATE):
            return Reading(date_only=True)
        return Reading(epoch_per_second=_epoch_unit(sample.cast(pl.Float64)))
    if sample.dtype != pl.String:
        return Reading()
    order = None
    cells = sample.filter((sample != "") & sample.is_not_null())
    if not _mostly(cells, _YEAR_FIRST):  # then neither numbers nor days and months first are more than strays
        numbers = cells.filter(cells.str.contains(_EPOCH))
        if 2 * len(numbers) > len(cells) and not _all(numbers, _COMPACT_DATE):
            return Reading(epoch_per_second=_epoch_unit(numbers.cast(pl.Float64)))
        order = _order(cells)
    return Reading(
        layout=_frequent_layout(cells),
        order=order,
        date_only=_all(cells, _DATE),
        finer=bool(cells.str.contains(_BELOW_MICROSECOND).any()),
    )


def _mostly(cells: pl.Series, pattern: str) -> bool:
    return 2 * int(cells.str.contains(pattern).sum()) >= len(cells)


def _all(cells: pl.Series, pattern: str) -> bool:
    cells = cells.drop_nulls()
    return len(cells) > 0 and bool(cells.str.contains(pattern).all())


def _epoch_unit(cells: pl.Series) -> int:
    """Seconds, milliseconds, microseconds or nanoseconds, by the magnitude of the median cell."""
    median = cells.filter(cells.is_finite()).abs().median()
    size = float(median) if isinstance(median, int | float) else 0.0
    return 1 if size < 1e11 else 1_000 if size < 1e14 else 1_000_000 if size < 1e17 else 1_000_000_000


def _frequent_layout(cells: pl.Series) -> Layout | None:
    peek = (_LAYOUT.fullmatch(cell) for cell in cells.head(200).to_list())  # at the writing, not a pass over rows
    layouts = Counter((match[1], len(match[2] or ""), match[3] or "") for match in peek if match)
    return Layout(*layouts.most_common(1)[0][0]) if layouts else None


def _order(cells: pl.Series) -> Order | None:
    """Which of day and month stands first, where the cells prove it; dots are always day.month.year."""
    parts = pl.select(pl.lit(cells).str.extract_groups(_DAY_OR_MONTH).alias("parts")).unnest("parts")
    parts = parts.select(
        first=pl.nth(0).cast(pl.Int32), dot=pl.nth(1) == ".", second=pl.nth(2).cast(pl.Int32)
    ).drop_nulls()
    if 2 * parts.height <= len(cells):  # strays in a column of another writing are bad cells
        return None
    day_first = bool((parts["dot"] | (parts["first"] > 12)).any())
    month_first = bool((~parts["dot"] & (parts["second"] > 12)).any())
    if day_first == month_first:
        raise AmbiguousOrderError(str(cells.filter(cells.str.contains(_DAY_OR_MONTH)).first()))
    return "dmy" if day_first else "mdy"
