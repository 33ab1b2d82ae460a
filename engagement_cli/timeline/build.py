"""From a bucket's stored rows to what metrics read: everyone whom any source knows, and what each source says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.arrange import arrange
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Codes, Hashes
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.segments import Segments
from engagement_cli.timeline.spread import Layout
from engagement_cli.timeline.store import Array


@dataclass(frozen=True)
class Frame:
    """What all buckets of a report share."""

    clock: Clock
    settings: Settings
    kinds: Kinds
    final_kind: Codes
    segments: Segments
    layout: Layout
    selections: tuple[Selection, ...]
    uncounted: frozenset[str] = frozenset()  # sources whose customers are not known by them alone


@dataclass(frozen=True)
class Built:
    """A bucket with the number of duplicate rows that were left out, and of rows outside `[since, until)`."""

    bucket: Bucket
    duplicates: int
    outside: int
    anonymous: int  # rows inside the range without a customer
    inside: int


def build(
    frame: Frame,
    rows: Sequence[Array],
    valued: Sequence[Array] | None,
    tables: Mapping[str, pl.DataFrame],
    ids: pl.DataFrame | None,
) -> Built:
    """Make one bucket of its stored columns and its share of the other sources (with a `HASH` column)."""
    part = arrange(frame.layout, frame.final_kind, rows, valued)
    return assemble(frame, part, tables, ids)


def assemble(frame: Frame, part: Part, tables: Mapping[str, pl.DataFrame], ids: pl.DataFrame | None) -> Built:
    """The bucket of a part and of its share of the other sources (with a `HASH` column)."""
    hashes = _everyone(frame, part, tables)
    places = None if len(hashes) == len(part.hashes) else np.searchsorted(hashes, part.hashes).astype(np.uint32)
    rows, nobody = _of(part.rows.known.rows, places), part.rows.nobody.rows
    codes = pl.DataFrame({HASH: hashes, CODE: np.arange(len(hashes), dtype=np.uint32)})
    bucket = Bucket(
        clock=frame.clock,
        settings=frame.settings,
        kinds=frame.kinds,
        segments=frame.segments,
        hashes=hashes,
        rows=rows,
        anonymous=nobody,
        valued=rows if part.valued is None else _of(part.valued.known.rows, places),
        anonymous_valued=nobody if part.valued is None else part.valued.nobody.rows,
        tables={
            name: table.join(codes, on=HASH, how="left", maintain_order="left") if HASH in table.columns else table
            for name, table in tables.items()
        },
        selections=frame.selections,
        ids=None if ids is None else codes.join(ids, on=HASH, how="left", maintain_order="left")["id"],
    )
    anonymous = len(bucket.in_range(nobody))
    inside = len(bucket.in_range(rows)) + anonymous
    return Built(bucket, part.duplicates, len(part.rows) - inside, anonymous, inside)


def _everyone(frame: Frame, part: Part, tables: Mapping[str, pl.DataFrame]) -> Hashes:
    """The sorted hashes of everyone known from any source."""
    counted = [t for name, t in tables.items() if HASH in t.columns and name not in frame.uncounted]
    others = [table[HASH].drop_nulls().to_numpy() for table in counted]
    return np.unique(np.concatenate([part.hashes, *others])) if others else part.hashes


def _of(rows: Rows, places: Codes | None) -> Rows:
    return rows if places is None else rows.replaced(customer=places[rows.customer])
