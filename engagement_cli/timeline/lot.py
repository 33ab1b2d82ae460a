"""Sorted event rows as they are kept: of customers or of nobody, with identities where duplicates are sought."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.sorting import sorted_rows, tied
from engagement_cli.records import Record, replace
from engagement_cli.timeline.block import Array
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.rows import NO_NUMBER, Positions, Rows

Hashes = NDArray[np.uint64]
Codes = NDArray[np.uint32]
Ticks = NDArray[np.int64]


class Lot(Record):
    """Rows sorted by (customer, time, kind, values), and each one's identity (uint64), where there are any.

    Customer codes are places in a list of hashes that stands beside; in rows of nobody they are 0 and mean nothing.
    """

    rows: Rows
    identity: Hashes | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def take(self, which: Mask | Positions | slice) -> Lot:
        """Some of the rows, in the order in which they are asked for."""
        return Lot(self.rows.take(which), None if self.identity is None else self.identity[which])

    def of_customers(self, codes: Codes) -> Lot:
        """With customers' codes in another list of hashes, which is in the same order."""
        return replace(self, rows=self.rows.replaced(customer=codes[self.rows.customer]))

    def of_kinds(self, codes: Codes) -> Lot:
        """With kinds' codes in another list of kinds, in whatever order that is."""
        if (codes == np.arange(len(codes))).all():
            return self
        lot = replace(self, rows=self.rows.replaced(kind=codes[self.rows.kind]))
        rising = (codes[1:] > codes[:-1]).all()
        if not rising and not lot.rows.numbers and not lot.rows.things:
            rising = (codes[1:] >= codes[:-1]).all()  # kinds that become one have no values to be sorted by
        return lot if rising else in_order([lot])

    def of_columns(self, numbers: Sequence[str], things: Sequence[str]) -> Lot:
        """The rows that have one of these numbers or things, without the others."""
        rows = self.rows
        if [*rows.numbers] == [*numbers] and [*rows.things] == [*things]:
            return self
        has = np.zeros(len(rows), dtype=bool)
        for name in numbers:
            has |= rows.numbers[name] != NO_NUMBER
        for name in things:
            has |= rows.things[name] != 0
        fewer = {name: rows.numbers[name] for name in numbers}, {name: rows.things[name] for name in things}
        return in_order([Lot(rows.replaced(numbers=fewer[0], things=fewer[1]), self.identity).take(has)])


def no_rows(numbers: Sequence[str], things: Sequence[str]) -> Rows:
    """Rows of these columns of which there are none."""
    return Rows(
        np.empty(0, np.uint32),
        np.empty(0, np.int64),
        np.empty(0, np.uint32),
        {name: np.empty(0, np.int64) for name in numbers},
        {name: np.empty(0, np.uint64) for name in things},
    )


def in_order(lots: Sequence[Lot]) -> Lot:
    """All rows of lots of the same columns, in the order that rows have, where they are not in that order yet."""
    whole = lots[0] if len(lots) == 1 else _end_to_end(lots)
    rows = whole.rows
    placed = bool(rows.numbers or rows.things) or whole.identity is not None
    tables = _same(rows.customer), _same(rows.kind)
    columns, places = sorted_rows(rows.customer, rows.time, rows.kind, *tables, placed=placed)
    if not placed:
        return Lot(Rows(*columns))
    taken = rows.take(places)
    identity = None if whole.identity is None else whole.identity[places]
    return by_values(Lot(Rows(*columns, dict(taken.numbers), dict(taken.things)), identity))


def by_values(lot: Lot) -> Lot:
    """A lot whose rows are in order but for their values; of equals, the columns of values and identities change."""
    rows = lot.rows
    columns: list[Array] = [*rows.numbers.values(), *rows.things.values()]
    if not columns:
        return lot
    doubtful, run = tied(rows.customer, rows.time, rows.kind)
    places = doubtful[np.lexsort([*(column[doubtful] for column in columns[::-1]), run])]
    for column in columns if lot.identity is None else [*columns, lot.identity]:
        column[doubtful] = column[places]
    return lot


def _same(codes: Codes) -> Codes:
    return np.arange(int(codes.max(initial=0)) + 1, dtype=np.uint32)


def _end_to_end(lots: Sequence[Lot]) -> Lot:
    each = [lot.rows for lot in lots]
    identities = [lot.identity for lot in lots if lot.identity is not None]
    return Lot(
        Rows(
            np.concatenate([rows.customer for rows in each]),
            np.concatenate([rows.time for rows in each]),
            np.concatenate([rows.kind for rows in each]),
            {name: np.concatenate([rows.numbers[name] for rows in each]) for name in each[0].numbers},
            {name: np.concatenate([rows.things[name] for rows in each]) for name in each[0].things},
        ),
        np.concatenate(identities) if identities else None,
    )
