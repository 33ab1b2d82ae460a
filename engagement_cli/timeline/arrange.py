"""From a bucket's rows as they were read to a part: final kinds, distinct customers, one sort, no duplicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import polars as pl

from engagement_cli.timeline.duplicates import first_of_each, of_rows_kept, repeated
from engagement_cli.timeline.hash_index import hash_index
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Codes, Hashes, Lot, Ticks, in_order
from engagement_cli.timeline.part import Part, Sheet
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.spread import Layout
from engagement_cli.timeline.store import Array


def arrange(
    layout: Layout, kinds: Kinds, final_kind: Codes, rows: Sequence[Array], valued: Sequence[Array] | None
) -> Part:
    """The part of a bucket's stored columns, whose kinds are provisional: `final_kind` has the codes among `kinds`."""
    demand = layout.demand
    whose, known, nobody = _lots(layout, kinds, final_kind, rows, (), ())
    hashes = pl.Series(whose, dtype=pl.UInt64).unique().sort().to_numpy()
    place = _places(hashes)
    known = _of(known, place(whose))
    again = repeated(known), repeated(nobody)
    kept = Sheet(first_of_each(in_order([known]), again[0]), first_of_each(in_order([nobody]), again[1]))
    duplicates = len(known) + len(nobody) - len(kept)
    if valued is None:
        return Part(hashes, kept, None, duplicates)
    whose, known, nobody = _lots(layout, kinds, final_kind, valued, demand.numbers, demand.things)
    known = of_rows_kept(in_order([_of(known, place(whose))]), kept.known, again[0])
    return Part(hashes, kept, Sheet(known, of_rows_kept(in_order([nobody]), kept.nobody, again[1])), duplicates)


def _lots(
    layout: Layout,
    kinds: Kinds,
    final_kind: Codes,
    columns: Sequence[Array],
    numbers: Sequence[str],
    things: Sequence[str],
) -> tuple[Hashes, Lot, Lot]:
    """Hashes of customers' rows, these rows, and rows of nobody; nothing is in order, all customer codes are 0."""
    whose, time = cast("Hashes", columns[0]), cast("Ticks", columns[1])
    kind = final_kind[cast("Codes", columns[2])]
    values = columns[4:] if layout.dedupe else columns[3:]
    rows = Rows(
        np.zeros(len(time), np.uint32),
        time,
        kind,
        {name: cast("Ticks", column) for name, column in zip(numbers, values, strict=False)},
        {name: cast("Hashes", column) for name, column in zip(things, values[len(numbers) :], strict=False)},
    )
    lot = Lot(rows, cast("Hashes", columns[3]) if layout.dedupe else None)
    if not kinds.anonymous.any():
        return whose, lot, lot.take(slice(0))
    lost = kinds.anonymous[kind]
    return whose[~lost], lot.take(~lost), lot.take(lost)


def _of(lot: Lot, customers: Codes) -> Lot:
    return replace(lot, rows=lot.rows.replaced(customer=customers))


def _places(hashes: Hashes) -> Callable[[Hashes], Codes]:
    """From hashes to their places among the distinct ones of a bucket, which lie close together."""
    if not len(hashes):
        return lambda whose: np.empty(0, np.uint32)
    first = hashes[0]
    shift = np.uint64(64 - max(int(hashes[-1] - first).bit_length(), 1))
    index = hash_index((hashes - first) << shift)
    return lambda whose: index.find((whose - first) << shift)[0]
