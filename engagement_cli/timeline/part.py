"""The kept rows of one range of customers; and several parts of one range, from several segments, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engagement_cli.records import Record, replace
from engagement_cli.timeline.duplicates import first_of_each, met_again, of_rows_kept
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.lot import Codes, Hashes, Lot, in_order, no_rows
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.spread import bucket_of


class Sheet(Record):
    """Rows of customers and rows of nobody."""

    known: Lot
    nobody: Lot

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.known) + len(self.nobody)

    def each(self, change: Callable[[Lot], Lot]) -> Sheet:
        """Both, changed."""
        return Sheet(change(self.known), change(self.nobody))


class Part(Record):
    """The distinct customers' hashes (rising), their rows, and again, with numbers and things, those that have any.

    `duplicates` were left out. `valued` is None where no number or thing is wanted.
    """

    hashes: Hashes
    rows: Sheet
    valued: Sheet | None = None
    duplicates: int = 0

    def read_as(self, demand: Demand, kinds: Codes) -> Part:
        """With the final codes of kinds, and no more numbers and things than are wanted."""
        valued = None
        if self.valued is not None and (demand.numbers or demand.things):
            valued = self.valued.each(lambda lot: lot.of_columns(demand.numbers, demand.things).of_kinds(kinds))
        return replace(self, rows=self.rows.each(lambda lot: lot.of_kinds(kinds)), valued=valued)

    def share(self, index: int, shares: int, buckets: int) -> Part:
        """Share `index` of a bucket that was one of `buckets // shares`: the bucket that it would be among `buckets`.

        Rows of nobody are spread by their identity as far as that is there, else they are all in the first share.
        """
        if shares == 1:
            return self
        spot = bucket_of(self.hashes, buckets) % shares
        low, high = np.searchsorted(spot, [index, index + 1]).tolist()

        def mine(sheet: Sheet) -> Sheet:
            start, end = np.searchsorted(sheet.known.rows.customer, [low, high]).tolist()
            known = sheet.known.take(slice(start, end))
            known = known.of_customers(np.arange(-low, len(self.hashes) - low).astype(np.uint32))
            if sheet.nobody.identity is None:
                return Sheet(known, sheet.nobody.take(slice(0, None if index == 0 else 0)))
            return Sheet(known, sheet.nobody.take(bucket_of(sheet.nobody.identity, buckets) % shares == index))

        valued = None if self.valued is None else mine(self.valued)
        return Part(self.hashes[low:high], mine(self.rows), valued, self.duplicates if index == 0 else 0)


def nothing(layout: Layout) -> Part:
    """No rows at all."""
    demand = layout.demand
    none = Lot(no_rows((), ()))
    valued = Lot(no_rows(demand.numbers, demand.things))
    return Part(np.empty(0, np.uint64), Sheet(none, none), Sheet(valued, valued) if layout.has_values else None)


def merged(parts: Sequence[Part]) -> Part:
    """Several parts of one range of customers, of the same kinds and columns, as one without duplicates."""
    if len(parts) == 1:
        return parts[0]
    hashes = np.unique(np.concatenate([part.hashes for part in parts]))
    codes = [np.searchsorted(hashes, part.hashes).astype(np.uint32) for part in parts]
    known, known_valued = _together(
        [part.rows.known.of_customers(mine) for part, mine in zip(parts, codes, strict=True)],
        [
            part.valued.known.of_customers(mine)
            for part, mine in zip(parts, codes, strict=True)
            if part.valued is not None
        ],
    )
    nobody, nobody_valued = _together(
        [part.rows.nobody for part in parts], [part.valued.nobody for part in parts if part.valued is not None]
    )
    rows = Sheet(known, nobody)
    dropped = sum(len(part.rows) for part in parts) - len(rows)
    valued = Sheet(known_valued, nobody_valued) if known_valued is not None and nobody_valued is not None else None
    return Part(hashes, rows, valued, dropped + sum(part.duplicates for part in parts))


def _together(rows: Sequence[Lot], valued: Sequence[Lot]) -> tuple[Lot, Lot | None]:
    again = met_again(rows)
    kept = first_of_each(in_order(rows), again)
    return kept, of_rows_kept(in_order(valued), kept, again) if valued else None
