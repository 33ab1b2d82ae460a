"""From a bucket's stored rows to what metrics read: everyone whom any source knows, and what each source says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.rising import places, union
from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.arrange import arrange
from engagement_cli.timeline.block import Array, Cells
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Codes, Hashes
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.segments import Segments
from engagement_cli.timeline.selected import Selected
from engagement_cli.timeline.series import known


class Frame(Record):
    """What all buckets of a report share."""

    clock: Clock
    settings: Settings
    kinds: Kinds
    final_kind: Codes
    segments: Segments
    layout: Layout
    selected: Selected
    uncounted: frozenset[str] = frozenset()  # sources whose customers are not known by them alone


class Built(Record):
    """A bucket with the number of duplicate rows that were left out, and of rows outside `[since, until)`."""

    bucket: Bucket
    duplicates: int
    outside: int
    anonymous: int  # rows inside the range without a customer
    inside: int


def build(
    frame: Frame,
    rows: Sequence[Array],
    cells: Cells,
    tables: Mapping[str, pl.DataFrame],
    ids: pl.DataFrame | None,
) -> Built:
    """Make one bucket of its stored rows and their values, and its share of other sources (with a `HASH` column)."""
    part = arrange(frame.layout, frame.final_kind, rows, cells)
    return assemble(frame, part, tables, ids)


def assemble(frame: Frame, part: Part, tables: Mapping[str, pl.DataFrame], ids: pl.DataFrame | None) -> Built:
    """The bucket of a part and of its share of the other sources (with a `HASH` column)."""
    own = {name: table[HASH] for name, table in tables.items() if HASH in table.columns}
    hashes = _everyone(part, [column for name, column in own.items() if name not in frame.uncounted])
    moved = None if len(hashes) == len(part.hashes) else places(hashes, part.hashes).astype(np.uint32)
    rows, nobody = _of(part.rows.known.rows, moved), part.rows.nobody.rows
    bucket = Bucket(
        clock=frame.clock,
        settings=frame.settings,
        kinds=frame.kinds,
        segments=frame.segments,
        hashes=hashes,
        rows=rows,
        anonymous=nobody,
        valued=rows if part.valued is None else _of(part.valued.known.rows, moved),
        anonymous_valued=nobody if part.valued is None else part.valued.nobody.rows,
        tables={
            name: table.hstack([_codes(hashes, own[name])]) if name in own else table for name, table in tables.items()
        },
        selected=frame.selected,
        ids=None
        if ids is None
        else pl.DataFrame({HASH: hashes}).join(ids, on=HASH, how="left", maintain_order="left")["id"],
    )
    anonymous = len(bucket.in_range(nobody))
    inside = len(bucket.in_range(rows)) + anonymous
    return Built(bucket, part.duplicates, len(part.rows) - inside, anonymous, inside)


def _everyone(part: Part, own: Sequence[pl.Series]) -> Hashes:
    """The sorted hashes of everyone known from any source."""
    return reduce(union, (_rising(known(column))[0] for column in own), part.hashes)


def _rising(hashes: pl.Series) -> tuple[Hashes, NDArray[np.int64] | None]:
    """Hashes in rising order, as tables come, and that order where they do not."""
    found = hashes.to_numpy()
    if (found[1:] >= found[:-1]).all():
        return found, None
    order = np.argsort(found, kind="stable")
    return found[order], order


def _codes(hashes: Hashes, own: pl.Series) -> pl.Series:
    """The code of each row of a table; null for nobody, and for customers who are not known."""
    rising, order = _rising(known(own))
    found = places(hashes, rising)
    if order is not None:
        found[order] = found.copy()
    whole = found
    if own.null_count():
        whole = np.full(len(own), -1, np.int64)
        whole[own.is_not_null().to_numpy()] = found
    codes = pl.Series(CODE, whole.astype(np.uint32))
    return codes.set(pl.Series(whole < 0), None) if (whole < 0).any() else codes


def _of(rows: Rows, places: Codes | None) -> Rows:
    return rows if places is None else rows.replaced(customer=places[rows.customer])
