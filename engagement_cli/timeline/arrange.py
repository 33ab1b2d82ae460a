"""From a bucket's rows as they were read to a part: final kinds, distinct customers, one sort, no duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from engagement_cli.native.hashes import numbered
from engagement_cli.records import replace
from engagement_cli.timeline.block import Array
from engagement_cli.timeline.duplicates import first_of_each, of_rows_kept, repeated
from engagement_cli.timeline.lot import Codes, Hashes, Lot, Ticks, in_order
from engagement_cli.timeline.part import Part, Sheet
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.spread import Layout


def arrange(layout: Layout, final_kind: Codes, rows: Sequence[Array], valued: Sequence[Array] | None) -> Part:
    """The part of a bucket's stored columns, whose kinds are provisional: `final_kind` has the final codes.

    A row's customer is a hash, 0 for nobody.
    """
    demand = layout.demand
    met, table, codes = numbered(cast("Hashes", rows[0]))
    hashes, places = _sorted(met)
    whole = _sheet(layout, final_kind, rows, codes, (places, len(hashes)))
    again = repeated(whole.known), repeated(whole.nobody)
    kept = Sheet(first_of_each(whole.known, again[0]), first_of_each(whole.nobody, again[1]))
    duplicates = len(whole) - len(kept)
    if valued is None:
        return Part(hashes, kept, None, duplicates)
    codes, _ = table.find(cast("Hashes", valued[0]))
    whole = _sheet(layout, final_kind, valued, codes, (places, len(hashes)), demand.numbers, demand.things)
    known, nobody = of_rows_kept(whole.known, kept.known, again[0]), of_rows_kept(whole.nobody, kept.nobody, again[1])
    return Part(hashes, kept, Sheet(known, nobody), duplicates)


def _sorted(met: Hashes) -> tuple[Hashes, Codes]:
    """Distinct hashes of customers in rising order, and for each that was met its place there; nobody's is behind."""
    order = np.argsort(met)
    if len(met) and met[order[0]] == 0:
        order = np.roll(order, -1)
    places = np.empty(len(met), np.uint32)
    places[order] = np.arange(len(met), dtype=np.uint32)
    hashes = met[order]
    return hashes[: np.count_nonzero(hashes)], places


def _sheet(
    layout: Layout,
    final_kind: Codes,
    columns: Sequence[Array],
    codes: Codes,
    customers: tuple[Codes, int],
    numbers: Sequence[str] = (),
    things: Sequence[str] = (),
) -> Sheet:
    """Stored columns as sorted rows; of which customer each code is, and how many there are: nobody is behind them."""
    values = columns[4:] if layout.dedupe else columns[3:]
    rows = Rows(
        codes,
        cast("Ticks", columns[1]),
        cast("Codes", columns[2]),
        {name: cast("Ticks", column) for name, column in zip(numbers, values, strict=False)},
        {name: cast("Hashes", column) for name, column in zip(things, values[len(numbers) :], strict=False)},
    )
    lot = in_order([Lot(rows, cast("Hashes", columns[3]) if layout.dedupe else None)], customers[0], final_kind)
    end = int(np.searchsorted(lot.rows.customer, np.uint32(customers[1])))
    nobody = lot.take(slice(end, None))
    nobody = replace(nobody, rows=nobody.rows.replaced(customer=np.zeros(len(nobody), np.uint32)))
    return Sheet(lot.take(slice(0, end)), nobody)
