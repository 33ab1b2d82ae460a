"""Funnel conversion: the counted attempt of every customer who enters, period by period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s, Integers, saturating_add
from engagement_cli.kernels.funnel_any import best_any
from engagement_cli.kernels.funnel_attempts import Attempts, new_times
from engagement_cli.kernels.funnel_strict import best_strict
from engagement_cli.kernels.funnel_ties import moments
from engagement_cli.kernels.pairs import index_pairs, positions
from engagement_cli.kernels.runs import expand, starts
from engagement_cli.native.funnel import MOST_STEPS, sequential
from engagement_cli.native.periods import period_index
from engagement_cli.records import Record

Order = Literal["sequential", "strict", "any"]
Reentry = Literal["any", "first"]

__all__ = ["MOST_STEPS", "Chosen", "Exclusion", "Order", "Reentry", "convert"]


class Exclusion(Record):
    """Rows that must not lie strictly between two steps, counted from 1, of the counted attempt."""

    rows: Flags
    after_step: int
    before_step: int


class Chosen(Record):
    """The counted attempts, one a customer and period of the entry, less those dropped, sorted by these.

    `entry_row`: the first row of the entry's time that matches step 1 (in any order: a step). `depth`: steps reached,
    from 1. `times`: shape (steps, attempts), in ticks, `NOT_REACHED` past the depth; in any order, when that many
    steps were filled. `dropped`: the periods of attempts that an exclusion took out, one value an attempt.
    """

    customer: Integers
    period: NDArray[np.int32]
    entry_row: Int64s
    depth: NDArray[np.int8]
    times: Int64s
    dropped: NDArray[np.int32]


class _Line(Record):
    """Rows sorted by (entity, time), where an entity is a customer, or a customer with one held value."""

    row: Int64s | None
    entity: Integers
    time: Int64s
    mask: Integers

    def take(self, which: Int64s) -> _Line:
        row = which if self.row is None else self.row[which]
        return _Line(row, self.entity[which], self.time[which], self.mask[which])


class _Counted(Record):
    """Counted attempts, sorted by (entity, period), as `Chosen` has them."""

    entity: Integers
    row: Int64s
    period: NDArray[np.int32]
    depth: NDArray[np.int8]
    times: Int64s

    def take(self, which: Int64s) -> _Counted:
        return _Counted(
            self.entity[which], self.row[which], self.period[which], self.depth[which], self.times[:, which]
        )


def convert(
    customer: Integers,
    time: Int64s,
    mask: Integers,
    steps: int,
    window: int,
    bounds: Int64s,
    *,
    order: Order = "sequential",
    reentry: Reentry = "any",
    held: Integers | None = None,
    exclusions: Sequence[Exclusion] = (),
) -> Chosen:
    """Find how far each customer gets through the steps, within `window` ticks (inclusive) of the entry.

    Rows are all that pass the metric's filter, sorted by (customer, time); bit i of `mask` says that a row matches step
    i + 1. Others may lie between the steps (`sequential`), or none (`strict`), or the steps come in any order and the
    entry is the earliest of them (`any`). One event fills one step; equal times count in either order. Entries lie in
    the periods `[bounds[i], bounds[i + 1])`, and of each period a customer counts with the deepest attempt, the
    earliest of equals, or with `reentry="first"` the first. With `held` (a code a row, below 0 for null), all is asked
    within the customer's rows of one value: steps, what lies between, exclusions; attempts that tie are told apart by
    earlier times, then by the lower code.

    Times are below the largest int64, which is `NOT_REACHED`. Raises ValueError for arguments out of range.
    """
    _validate(len(time), mask, steps, window, exclusions)
    line = _Line(None, customer, time, mask)
    if held is not None:
        line = _hold(line, held, keep_all=order == "strict", also=[exclusion.rows for exclusion in exclusions])
    forbidden = [_rows_of(line, exclusion.rows) for exclusion in exclusions]
    counted = _best(line, steps, window, bounds, order, first_only=reentry == "first")
    if held is not None:
        counted = counted.take(_over_customers(customer[counted.row], counted, first_only=reentry == "first"))
    kept = np.ones(len(counted.row), np.bool_)
    for exclusion, rows in zip(exclusions, forbidden, strict=True):
        kept &= ~_is_between(counted, line.entity[rows], line.time[rows], exclusion, window)
    dropped = counted.period[~kept]
    chosen = counted.take(np.flatnonzero(kept)) if len(dropped) else counted
    return Chosen(customer[chosen.row], chosen.period, chosen.row, chosen.depth, chosen.times, dropped)


def _ones(steps: int) -> int:
    return (1 << steps) - 1


def _validate(rows: int, mask: Integers, steps: int, window: int, exclusions: Sequence[Exclusion]) -> None:
    if not 1 <= steps <= MOST_STEPS or window < 0:
        raise ValueError(f"steps must be 1 to {MOST_STEPS} and window >= 0, got steps={steps}, window={window}")
    if rows and (int(mask.min()) < 0 or int(mask.max()) > _ones(steps)):
        raise ValueError(f"mask has bits beyond the {steps} steps")
    for exclusion in exclusions:
        if not 1 <= exclusion.after_step < exclusion.before_step <= steps:
            raise ValueError(f"exclusion between steps {exclusion.after_step} and {exclusion.before_step} of {steps}")


def _hold(line: _Line, held: Integers, *, keep_all: bool, also: Sequence[Flags]) -> _Line:
    """Sort by (customer, held value, time), leaving out null and, unless all are kept, rows that can play no part."""
    wanted: Flags = held >= 0
    if not keep_all:
        plays: Flags = line.mask != 0
        for excluding in also:
            plays |= excluding
        wanted = wanted & plays
    rows = np.flatnonzero(wanted)
    customer, value = line.entity[rows], held[rows]
    rows_sorted = rows[np.lexsort((value, customer))]
    customer, value = line.entity[rows_sorted], held[rows_sorted]
    opens = np.zeros(len(rows), np.bool_)
    opens[starts(customer, value)] = True
    entity = np.cumsum(opens) - 1
    return _Line(rows_sorted, entity, line.time[rows_sorted], line.mask[rows_sorted])


def _rows_of(line: _Line, flags: Flags) -> Int64s:
    return np.flatnonzero(flags if line.row is None else flags[line.row])


def _best(line: _Line, steps: int, window: int, bounds: Int64s, order: Order, *, first_only: bool) -> _Counted:
    """The counted attempts of every entity and period."""
    if order == "sequential":
        entity, mask = line.entity.astype(np.uint32, copy=False), line.mask.astype(np.uint32, copy=False)
        at, period, depth, times = sequential(entity, line.time, mask, steps, window, bounds, first_only=first_only)
        return _Counted(line.entity[at], at if line.row is None else line.row[at], period, depth, times)
    if np.iinfo(line.mask.dtype).max < _ones(steps):
        line = _Line(line.row, line.entity, line.time, line.mask.astype(np.int64))
    if order == "any":
        line = line.take(np.flatnonzero(line.mask != 0))
    parts: list[_Counted] = []
    enters = line.mask & line.mask.dtype.type(1 if order == "strict" else _ones(steps)) != 0
    opened = period_index(line.time[enters], bounds)
    for period in np.unique(opened[(opened >= 0) & (opened < len(bounds) - 1)]).tolist():
        begin, end = int(bounds[period]), int(bounds[period + 1])
        inside = line.take(np.flatnonzero((line.time >= begin) & (line.time <= min(end + window, LARGEST))))
        attempts, row = _of_period(inside, steps, window, order, inside.time < end, first_only=first_only)
        same = np.full(len(row), period, np.int32)
        parts.append(_Counted(attempts.entity, row, same, attempts.depth, attempts.times))
    if not parts:
        nothing = np.zeros(0, np.int64)
        return _Counted(
            line.entity[:0], nothing, nothing.astype(np.int32), nothing.astype(np.int8), new_times(steps, nothing)
        )
    columns = ("entity", "row", "period", "depth", "times")
    whole = _Counted(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in columns))
    return whole.take(np.lexsort((whole.period, whole.entity)))


def _of_period(
    line: _Line, steps: int, window: int, order: Order, entry: Flags, *, first_only: bool
) -> tuple[Attempts, Int64s]:
    """Each entity's counted attempt, of those that begin with a row of `entry`, and the row with which it begins."""
    if order == "any":
        attempts = best_any(line.entity, line.time, line.mask, steps, window, may_enter=entry, first_only=first_only)
        row = attempts.entry
    else:
        mask = np.where(entry, line.mask, line.mask & line.mask.dtype.type(~1 & _ones(steps)))
        grouped = moments(line.entity, line.time, mask, steps)
        attempts = best_strict(grouped, steps, window, first_only=first_only)
        size = grouped.size[attempts.entry]
        candidate = expand(grouped.first_row[attempts.entry], size)
        fits = np.flatnonzero(mask[candidate] & 1)
        number = np.repeat(np.arange(len(size)), size)[fits]
        row = candidate[fits[starts(number)]]
    return attempts, row if line.row is None else line.row[row]


def _over_customers(customer: Integers, counted: _Counted, *, first_only: bool) -> Int64s:
    """Of a customer's held values in a period: the deepest attempt, the earliest of equals; or the first."""
    entry_time, depth = counted.times[0], -counted.depth
    rank = [depth, entry_time] if first_only else [entry_time, depth]
    # The sort is stable, and attempts come by held value: of those equal in all times the lowest stays first.
    ordered = np.lexsort([*counted.times[:0:-1], *rank, counted.period, customer])
    return ordered[starts(customer[ordered], counted.period[ordered])]


def _is_between(counted: _Counted, entity: Integers, time: Int64s, exclusion: Exclusion, window: int) -> Flags:
    """Does a forbidden row lie strictly between the steps, or up to the window's end where the later is not reached?"""
    if len(time) == 0:
        return np.zeros(len(counted.depth), np.bool_)
    begin = saturating_add(counted.times[exclusion.after_step - 1], 1)
    past_window = saturating_add(saturating_add(counted.times[0], window), 1)
    end = np.where(
        counted.depth >= exclusion.before_step, counted.times[exclusion.before_step - 1], past_window
    ).astype(np.int64)
    index = index_pairs(entity, time, 1 + max(int(entity[-1]), int(counted.entity.max(initial=0))))
    found = positions(index, counted.entity, end) > positions(index, counted.entity, begin)
    return np.asarray(found & (counted.depth >= exclusion.after_step), np.bool_)
