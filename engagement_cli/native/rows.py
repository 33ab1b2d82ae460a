"""Some of the rows: their positions by a mask, by kind or by time, and columns gathered at positions.

Positions are uint32: there are less than 2³² rows.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Positions = NDArray[np.uint32]
Flags = NDArray[np.bool_]
Int64s = NDArray[np.int64]
Kinds = NDArray[np.uint32]
S = TypeVar("S", bound=np.generic)
_where = function("rows_where", np.bool_, int, np.uint32)
_of_kinds = function("rows_of_kinds", np.uint32, int, np.bool_, np.uint32)
_of_listed_kinds = function("rows_of_listed_kinds", np.uint32, np.int64, np.bool_, int, np.uint32)
_within = function("rows_within", np.int64, int, int, int, np.uint32)
_count_kinds = function("rows_count_kinds", np.uint32, int, np.int64)
_tally = function("rows_tally", np.uint32, np.int32, int, int, int, np.int64)
_by_kind = function("rows_by_kind", np.uint32, int, np.int64, np.uint32)
_narrowed = function("rows_narrowed", np.int64, int, int, np.uint32)
_gather = {
    np.dtype(each): function(f"rows_gather{np.dtype(each).itemsize}", each, np.uint32, int, each)
    for each in (np.uint32, np.int32, np.uint64, np.int64, np.float64)
}
_runs = function("rows_runs", np.uint32, np.int32, np.uint32, int, int, np.uint32, np.int32, np.int64)
_ALL = np.zeros(0, np.uint32)


def where(mask: Flags) -> Positions:
    """The positions of the flags that are set."""
    places = np.empty(np.count_nonzero(mask) + 1, np.uint32)
    return places[: _where(np.ascontiguousarray(mask), len(mask), places)]


def within(time: Int64s, begins: int, ends: int) -> Positions:
    """The positions of the times in `[begins, ends)`, which both fit 64 bits."""
    places = np.empty(len(time) + 1, np.uint32)
    return places[: _within(np.ascontiguousarray(time), len(time), begins, ends, places)].copy()


def count_kinds(kind: Kinds) -> Int64s:
    """How many rows each kind has, up to the largest that occurs."""
    counts = np.zeros(int(kind.max(initial=0)) + 1, np.int64)
    _count_kinds(np.ascontiguousarray(kind), len(kind), counts)
    return counts


def tally(kind: Kinds, period: NDArray[np.int32], counts: Int64s) -> None:
    """Count rows in a table of kinds and periods. Raises IndexError for a row that is in none of its cells."""
    if _tally(np.ascontiguousarray(kind), np.ascontiguousarray(period), len(kind), *counts.shape, counts):
        raise IndexError(f"a row's kind or period is not among {counts.shape}")


def by_kind(kind: Kinds, counts: Int64s) -> Positions:
    """The positions by kind, in their order within each, where `counts` are those of `count_kinds`."""
    places = np.empty(len(kind), np.uint32)
    _by_kind(np.ascontiguousarray(kind), len(kind), np.cumsum(counts) - counts, places)
    return places


def of_kinds(kind: Kinds, counts: Int64s, wanted: Flags) -> Positions:
    """The positions of the wanted kinds, one flag for each of `counts`, which are those of `count_kinds`."""
    places = np.empty(int(counts[wanted].sum()) + 1, np.uint32)
    return places[: _of_kinds(np.ascontiguousarray(kind), len(kind), wanted, places)]


def of_listed_kinds(listed: Positions, counts: Int64s, wanted: Flags) -> Positions:
    """As `of_kinds`, from the positions by kind, which is faster for rare ones."""
    places = np.empty(int(counts @ wanted), np.uint32)
    if _of_listed_kinds(listed, counts, np.ascontiguousarray(wanted), len(counts), places) > 1:
        places.sort()
    return places


def narrowed(at: Int64s, rows: int) -> Positions:
    """Positions among so many rows. Raises IndexError where one is outside."""
    places = np.empty(len(at), np.uint32)
    if _narrowed(np.ascontiguousarray(at), len(at), rows, places):
        raise IndexError(f"a position is not among {rows} rows")
    return places


def gathered(column: NDArray[S], at: Positions) -> NDArray[S]:
    """A column's values (of 4 or 8 bytes) at positions, all of which it has."""
    found = np.empty(len(at), column.dtype)
    _gather[column.dtype](np.ascontiguousarray(column), at, len(at), found)
    return found


def runs(
    customer: NDArray[np.uint32], period: NDArray[np.int32], at: Positions | None
) -> tuple[NDArray[np.uint32], NDArray[np.int32], Int64s]:
    """The customer, the period and the length of each run of rows that agree in both; `at` None: of all rows."""
    count = len(customer) if at is None else len(at)
    customers, periods, lengths = np.empty(count, np.uint32), np.empty(count, np.int32), np.empty(count, np.int64)
    columns = np.ascontiguousarray(customer), np.ascontiguousarray(period), _ALL if at is None else at
    found = _runs(*columns, int(at is not None), count, customers, periods, lengths)
    return customers[:found].copy(), periods[:found].copy(), lengths[:found].copy()
