"""Funnel conversion: the counted attempt of every customer who enters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s, Integers, saturating_add
from engagement_cli.kernels.funnel_any import best_any
from engagement_cli.kernels.funnel_attempts import Attempts
from engagement_cli.kernels.funnel_sequential import best_sequential
from engagement_cli.kernels.funnel_strict import best_strict
from engagement_cli.kernels.funnel_ties import moments
from engagement_cli.kernels.pairs import index_pairs, positions
from engagement_cli.kernels.runs import expand, starts

Order = Literal["sequential", "strict", "any"]
Reentry = Literal["any", "first"]

MOST_STEPS = 30


@dataclass(frozen=True)
class Exclusion:
    """Rows that must not lie strictly between two steps, counted from 1, of the counted attempt."""

    rows: Flags
    after_step: int
    before_step: int


@dataclass(frozen=True)
class Chosen:
    """The counted attempts, one a customer who entered and was not dropped, sorted by customer.

    `entry_row`: the first row of the entry's time that matches step 1 (in any order: a step). `depth`: steps reached,
    from 1. `times`: shape (steps, customers), in ticks, `NOT_REACHED` past the depth; in any order, when that many
    steps were filled. `dropped`: customers that an exclusion took out.
    """

    customer: Integers
    entry_row: Int64s
    depth: NDArray[np.int8]
    times: Int64s
    dropped: int


@dataclass(frozen=True)
class _Line:
    """Rows sorted by (entity, time), where an entity is a customer, or a customer with one held value."""

    row: Int64s | None
    entity: Integers
    time: Int64s
    mask: Integers

    def take(self, which: Int64s) -> _Line:
        row = which if self.row is None else self.row[which]
        return _Line(row, self.entity[which], self.time[which], self.mask[which])


def convert(
    customer: Integers,
    time: Int64s,
    mask: Integers,
    steps: int,
    window: int,
    *,
    order: Order = "sequential",
    reentry: Reentry = "any",
    entry: Flags | None = None,
    held: Integers | None = None,
    exclusions: Sequence[Exclusion] = (),
) -> Chosen:
    """Find how far each customer gets through the steps, within `window` ticks (inclusive) of the entry.

    Rows are all that pass the metric's filter, sorted by (customer, time); bit i of `mask` says that a row matches step
    i + 1. Others may lie between the steps (`sequential`), or none (`strict`), or the steps come in any order and the
    entry is the earliest of them (`any`). One event fills one step; equal times count in either order. A customer
    counts with the deepest attempt, the earliest of equals, or with `reentry="first"` the first. `entry` says which
    rows may be one: those whose time lies in `[since, until)`. With `held` (a code a row, below 0 for null), all is
    asked within the customer's rows of one value: steps, what lies between, exclusions; attempts that tie are told
    apart by earlier times, then by the lower code.

    Times are below the largest int64, which is `NOT_REACHED`. Raises ValueError for arguments out of range.
    """
    _validate(len(time), mask, steps, window, exclusions)
    if np.iinfo(mask.dtype).max < _ones(steps):
        mask = mask.astype(np.int64)
    if entry is not None and order != "any":
        mask = np.where(entry, mask, mask & mask.dtype.type(~1 & _ones(steps)))
    line = _Line(None, customer, time, mask)
    if held is not None:
        line = _hold(line, held, keep_all=order == "strict", also=[exclusion.rows for exclusion in exclusions])
    forbidden = [_rows_of(line, exclusion.rows) for exclusion in exclusions]
    full = line
    if order != "strict":
        line = line.take(np.flatnonzero(line.mask != 0))
    attempts, row = _best(line, steps, window, order, first_only=reentry == "first", entry=entry)
    if held is not None:
        pick = _over_customers(customer[row], attempts, first_only=reentry == "first")
        attempts, row = attempts.take(pick), row[pick]
    kept = np.ones(len(row), np.bool_)
    for exclusion, rows in zip(exclusions, forbidden, strict=True):
        kept &= ~_is_between(attempts, full.entity[rows], full.time[rows], exclusion, window)
    chosen = attempts.take(np.flatnonzero(kept))
    return Chosen(customer[row[kept]], row[kept], chosen.depth, chosen.times, int((~kept).sum()))


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


def _best(
    line: _Line, steps: int, window: int, order: Order, *, first_only: bool, entry: Flags | None
) -> tuple[Attempts, Int64s]:
    """The counted attempt of every entity, and the row of its entry."""
    if order == "any":
        may_enter = None if entry is None else entry if line.row is None else entry[line.row]
        attempts = best_any(
            line.entity, line.time, line.mask, steps, window, may_enter=may_enter, first_only=first_only
        )
        row = attempts.entry
    else:
        grouped = moments(line.entity, line.time, line.mask, steps)
        best = best_sequential if order == "sequential" else best_strict
        attempts = best(grouped, steps, window, first_only=first_only)
        size = grouped.size[attempts.entry]
        candidate = expand(grouped.first_row[attempts.entry], size)
        fits = np.flatnonzero(line.mask[candidate] & 1)
        number = np.repeat(np.arange(len(size)), size)[fits]
        row = candidate[fits[starts(number)]]
    return attempts, row if line.row is None else line.row[row]


def _over_customers(customer: Integers, attempts: Attempts, *, first_only: bool) -> Int64s:
    """Among the attempts of a customer's held values: the deepest, the earliest of equals; or the first."""
    entry_time, depth = attempts.times[0], -attempts.depth
    rank = [depth, entry_time] if first_only else [entry_time, depth]
    # The sort is stable, and attempts come by held value: of those equal in all times the lowest stays first.
    ordered = np.lexsort([*attempts.times[:0:-1], *rank, customer])
    return ordered[starts(customer[ordered])]


def _is_between(attempts: Attempts, entity: Integers, time: Int64s, exclusion: Exclusion, window: int) -> Flags:
    """Does a forbidden row lie strictly between the steps, or up to the window's end where the later is not reached?"""
    if len(time) == 0:
        return np.zeros(len(attempts.depth), np.bool_)
    begin = saturating_add(attempts.times[exclusion.after_step - 1], 1)
    past_window = saturating_add(saturating_add(attempts.times[0], window), 1)
    end = np.where(
        attempts.depth >= exclusion.before_step, attempts.times[exclusion.before_step - 1], past_window
    ).astype(np.int64)
    index = index_pairs(entity, time, 1 + max(int(entity[-1]), int(attempts.entity.max(initial=0))))
    found = positions(index, attempts.entity, end) > positions(index, attempts.entity, begin)
    return np.asarray(found & (attempts.depth >= exclusion.after_step), np.bool_)
