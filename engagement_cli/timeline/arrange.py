"""From a bucket's rows as they were read to a part: final kinds, distinct customers, one sort, no duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from engagement_cli.native.hashes import numbered
from engagement_cli.native.sorting import Places, sorted_rows
from engagement_cli.records import replace
from engagement_cli.timeline.block import Array, Cells
from engagement_cli.timeline.duplicates import first_of_each, of_rows_kept, repeated
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.lot import Codes, Hashes, Lot, Ticks, by_values
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part, Sheet
from engagement_cli.timeline.rows import NO_NUMBER, NO_THING, Rows


def arrange(layout: Layout, final_kind: Codes, rows: Sequence[Array], cells: Cells) -> Part:
    """The part of a bucket's stored columns, whose kinds are provisional: `final_kind` has the final codes.

    A row's customer is a hash, 0 for nobody; `cells` are the values that some rows have.
    """
    met, codes = numbered(cast("Hashes", rows[0]))
    hashes, ranks = _sorted(met)
    placed = layout.dedupe or layout.has_values
    time, kind = cast("Ticks", rows[1]), cast("Codes", rows[2])
    columns, places = sorted_rows(codes, time, kind, ranks, final_kind, placed=placed)
    lot = Lot(Rows(*columns), cast("Hashes", rows[3])[places] if layout.dedupe else None)
    whole = _sheet(lot, len(hashes))
    again = repeated(whole.known), repeated(whole.nobody)
    kept = Sheet(first_of_each(whole.known, again[0]), first_of_each(whole.nobody, again[1]))
    duplicates = len(whole) - len(kept)
    if not layout.has_values:
        return Part(hashes, kept, None, duplicates)
    valued = _sheet(_valued(layout.demand, lot, places, cells), len(hashes))
    known, nobody = of_rows_kept(valued.known, kept.known, again[0]), of_rows_kept(valued.nobody, kept.nobody, again[1])
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


def _valued(demand: Demand, lot: Lot, places: Places, cells: Cells) -> Lot:
    """The rows of a lot that have a value, in order; `places` are the lot's rows among those that `cells` know."""
    missing = np.array([NO_NUMBER] * len(demand.numbers) + [NO_THING] * len(demand.things), np.int64)
    at, columns = cells.dense(places, missing.view(np.uint64))
    rows = lot.rows.take(at)
    numbers = {name: column.view(np.int64) for name, column in zip(demand.numbers, columns, strict=False)}
    things = dict(zip(demand.things, columns[len(numbers) :], strict=True))
    identity = None if lot.identity is None else lot.identity[at]
    return by_values(Lot(Rows(rows.customer, rows.time, rows.kind, numbers, things), identity))


def _sheet(lot: Lot, customers: int) -> Sheet:
    """Sorted rows of customers and those of nobody, who is behind them all."""
    end = int(np.searchsorted(lot.rows.customer, np.uint32(customers)))
    nobody = lot.take(slice(end, None))
    nobody = replace(nobody, rows=nobody.rows.replaced(customer=np.zeros(len(nobody), np.uint32)))
    return Sheet(lot.take(slice(0, end)), nobody)
